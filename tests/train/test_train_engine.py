"""Settings, batches, schedule, losses put together, and two processes against one."""

import dataclasses
import json
import subprocess
import sys
import types
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from small_corpus import Words, corpus, sign_of

from sign_models.errors import SignError
from train import lmt_prior, lmt_vqgan, prepare, prepare_videos, settings, soke_encode, soke_lm, soke_tokenizer
from train.engine.batches import epoch_batches, fixed_batches, share
from train.engine.estimate import estimate
from train.engine.log import Log
from train.engine.options import Training
from train.engine.schedule import learning_rate, seed_step
from train.engine.task import Terms

ROOT = Path(__file__).resolve().parents[2]
RECIPES = {
    "prepare": (prepare.Settings, {"out": "x"}),
    "soke_tokenizer": (soke_tokenizer.Settings, {"out": "x", "data": ["y"]}),
    "soke_encode": (soke_encode.Settings, {"out": "x", "data": ["y"], "tokenizer": "z"}),
    "soke_lm": (soke_lm.Settings, {"out": "x", "data": "y"}),
    "prepare_videos": (prepare_videos.Settings, {"out": "x"}),
    "lmt_vqgan": (lmt_vqgan.Settings, {"out": "x", "data": "y"}),
    "lmt_prior": (lmt_prior.Settings, {"out": "x", "data": "y", "vqgan": "z"}),
}
LMT = ("lmt_vqgan", "lmt_prior")


@dataclass(frozen=True)
class Inner:
    size: int = 1
    rate: float = 0.5


@dataclass(frozen=True)
class Outer:
    where: Path
    mode: Literal["a", "b"] = "a"
    inner: Inner = dataclasses.field(default_factory=Inner)
    many: tuple[int, ...] = ()
    maybe: Path | None = None


def file(folder: Path, text: str) -> str:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_command_line_comes_after_the_file(tmp_path: Path) -> None:
    name = file(tmp_path, "outer: {where: here, inner: {size: 3, rate: 2e-4}, many: [1, 2]}")
    made = settings.from_command_line(Outer, "outer", "", ["--settings", name, "--inner.size", "5", "--mode", "b"])
    assert made == Outer(Path("here"), "b", Inner(5, 2e-4), (1, 2))
    settings.save(tmp_path, "outer", made)
    again = settings.from_command_line(Outer, "outer", "", ["--settings", str(tmp_path / settings.SAVED)])
    assert again == made


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{where: x, inner: {sise: 3}}", 'outer.inner has no setting "sise"; it has size, rate'),
        ("{mode: a}", 'needs the setting "where"'),
        ("{where: x, mode: c}", "outer.mode is 'c'; one of a, b is needed"),
        ("{where: x, inner: {size: 1.5}}", "outer.inner.size is 1.5; a whole number"),
        ("{where: x, inner: {size: true}}", "a whole number is needed"),
        ("{where: x, many: [1, two]}", "outer.many is 'two'"),
        ("{where: 3}", "outer.where is 3; a path"),
    ],
)
def test_wrong_settings_are_told_by_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SignError, match=told):
        settings.from_command_line(Outer, "outer", "", ["--settings", file(tmp_path, f"outer: {text}")])


def test_unknown_files_sections_and_options_are_told(tmp_path: Path) -> None:
    with pytest.raises(SignError, match="debug, paper, starter"):
        settings.read_section("nothing", "outer")
    with pytest.raises(SignError, match="no section outer"):
        settings.read_section(file(tmp_path, "inner: {}"), "outer")
    with pytest.raises(SignError, match="neither YAML nor JSON"):
        settings.read_section(file(tmp_path, "a: [1"), "outer")
    with pytest.raises(SystemExit):
        settings.from_command_line(Outer, "outer", "", ["--settings", "x", "--inner.sise", "1"])


SPECIAL = {"best": {"prepare_videos", *LMT}, "starter_gpu": {"prepare_videos", *LMT}}
"""Ready settings of some recipes only."""


@pytest.mark.parametrize("name", settings.ready_names())
@pytest.mark.parametrize("section", RECIPES)
def test_ready_settings_fit_their_recipes(name: str, section: str) -> None:
    if section not in SPECIAL.get(name, RECIPES):
        with pytest.raises(SignError, match=f"no section {section}"):
            settings.read_section(name, section)
        return
    kind, places = RECIPES[section]
    settings.build(kind, settings.read_section(name, section) | places, section)


def test_paper_settings_are_the_published_ones() -> None:
    kind, places = RECIPES["soke_tokenizer"]
    made = settings.build(kind, settings.read_section("paper", "soke_tokenizer") | places, "")
    assert (made.codes, made.autoencoder.width, made.training.epochs) == ((96, 192, 192), 512, 500)
    kind, places = RECIPES["soke_lm"]
    lm = settings.build(kind, settings.read_section("paper", "soke_lm") | places, "")
    assert (lm.model.width, lm.model.encoder_layers, lm.training.epochs) == (1024, 12, 150)
    assert lm.model.vocabulary.rows == pytest.approx(19_505, abs=20)


def test_an_epoch_shows_every_clip_at_most_once_in_another_order() -> None:
    lengths = list(np.random.default_rng(0).integers(10, 99, 23))
    first, second = (epoch_batches(lengths, 4, 1, 7, epoch) for epoch in (0, 1))
    assert first == epoch_batches(lengths, 4, 1, 7, 0) != second
    assert len(first) == 5
    assert len({i for batch in first for i in batch}) == 20
    assert epoch_batches(lengths, 4, 1, 8, 0) != first
    spread = [np.ptp([lengths[i] for i in batch]) for batch in epoch_batches(lengths, 4, 5, 7, 0)]
    assert np.mean(spread) < np.mean([np.ptp([lengths[i] for i in batch]) for batch in first]) / 2


def test_shares_in_order_are_the_batch() -> None:
    batch = list(range(7))
    assert [i for process in range(3) for i in share(batch, process, 3)] == batch
    assert fixed_batches(5, 2) == [[0, 1], [2, 3], [4]]


def test_the_rate_rises_and_falls_along_a_cosine() -> None:
    training = Training(1, 1, lr=1.0, last_lr=0.1, warmup=4)
    rates = [learning_rate(training, step, 104) for step in range(105)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[54] == pytest.approx(0.55)
    assert rates[104] == pytest.approx(0.1)
    assert rates[4:] == sorted(rates[4:], reverse=True)


def test_dropout_of_a_step_depends_on_seed_step_and_process_alone() -> None:
    def drawn(step: int, process: int, seed: int = 1) -> float:
        seed_step(Training(1, 1, seed=seed), step, process)
        return float(torch.rand(()))

    torch.rand(9)
    assert drawn(3, 0) == drawn(3, 0)
    assert len({drawn(3, 0), drawn(4, 0), drawn(3, 1), drawn(3, 0, seed=2)}) == 4


def test_shares_of_a_loss_add_up_to_the_loss() -> None:
    errors = torch.rand(10)
    parts = [Terms(("a",), errors[part].sum()[None], torch.tensor([len(errors[part])]), (0.5,))
             for part in (slice(0, 3), slice(3, 10))]  # fmt: skip
    whole = sum(part.loss(torch.tensor([10])) for part in parts)
    assert torch.isclose(whole, 0.5 * errors.mean())


def test_settings_that_cannot_be_are_refused() -> None:
    for wrong in ({"epochs": 0}, {"batch": 0}, {"last_lr": 1.0}, {"betas": (0.9,)}):
        with pytest.raises(ValueError, match="must be"):
            Training(**({"epochs": 1, "batch": 1} | wrong))


def test_an_estimate_grows_with_the_batch_and_refuses_what_does_not_fit() -> None:
    model = torch.nn.Linear(8, 8)

    def terms(trial: torch.nn.Module, batch: torch.Tensor) -> Terms:
        return Terms(("a",), trial(batch).square().sum()[None], torch.tensor([len(batch)]), (1.0,))

    before = {name: value.clone() for name, value in model.state_dict().items()}
    small, large = (estimate(model, terms, torch.ones(2, 8), torch.ones(n, 8), 10) for n in (2, 2000))
    assert small.parameters == 72
    assert large.memory - small.memory == 4 * 8 * (2000 - 2) * 2  # the input, and the output that is squared
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.weight.grad is None
    with pytest.raises(SignError, match=r"needs about 2\.0 GB, 1\.0 GB are free"):
        replace(large, memory=2_000_000_000, available=1_000_000_000).check()


def test_figures_go_to_tensorboard_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, float, int]] = []

    class Writer:
        def __init__(self, folder: str) -> None:
            assert folder == str(tmp_path / "tensorboard")

        def add_scalar(self, name: str, value: float, step: int) -> None:
            shown.append((name, value, step))

        def flush(self) -> None:
            pass

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", types.SimpleNamespace(SummaryWriter=Writer))
    log = Log(tmp_path, 0, tensorboard=True)
    log.write(3, "train", {"loss": 0.5})
    assert shown == [("train/loss", 0.5, 3)]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(SignError, match="pip install tensorboard"):
        Log(tmp_path, 0, tensorboard=True)


def test_a_log_that_goes_on_forgets_the_steps_that_come_again(tmp_path: Path) -> None:
    first = Log(tmp_path, 0, tensorboard=False)
    for step in (1, 2, 3):
        first.write(step, "train", {"loss": float(step)})
    Log(tmp_path, 2, tensorboard=False).write(3, "train", {"loss": 9.0})
    assert [(line["step"], line["loss"]) for line in log(tmp_path)] == [(1, 1.0), (2, 2.0), (3, 9.0)]


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "pieces"), [("soke_tokenizer", 1), ("soke_lm", 1), ("soke_lm", 2)])
def test_two_processes_give_what_one_gives(recipe: str, pieces: int, tmp_path: Path) -> None:
    data = corpus(tmp_path / "data")
    arguments = ["--settings", "debug", "--data", f"[{data}]", "--training.epochs", "2"]
    soke_tokenizer.main([*arguments, "--out", str(tmp_path / "one")])
    if recipe == "soke_lm":
        tokens = tmp_path / "tokens"
        encode = soke_encode.Settings(tmp_path / "one", (data,), tokens, shortest=4, longest=80)
        soke_encode.encode(encode, Words, sign_of)
        arguments = ["--settings", "debug", "--data", str(tokens), "--model.dropout", "0", "--training.batch", "4"]
        soke_lm.main([*arguments, "--out", str(tmp_path / "lm")])
    one = tmp_path / ("lm" if recipe == "soke_lm" else "one")
    two = tmp_path / "two"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    run = [*command, f"train.{recipe}", *arguments, "--training.accumulate", str(pieces), "--out", str(two)]
    subprocess.run(run, cwd=ROOT, check=True, capture_output=True, timeout=200)
    expected, have = (torch.load(run / "state.pt", weights_only=True)["model"] for run in (one, two))
    for name, value in expected.items():
        assert torch.allclose(value.float(), have[name].float(), atol=1e-4), name
    for mine, theirs in zip(log(one), log(two), strict=True):
        assert mine["step"] == theirs["step"]
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-4)


def log(run: Path) -> list[dict[str, float]]:
    lines = map(json.loads, (run / "log.jsonl").read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line["kind"] != "estimate"]
