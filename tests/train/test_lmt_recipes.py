"""LMT's two trainings at debug size: losses in stages, the guard, averages, resuming, and what the result can do."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lmt_tasks import prior_task, some, vqgan_task
from small_clips import GLOSSES, RULES, store

from sign_models.errors import SignError
from sign_models.lmt import bundle
from sign_models.lmt.pipeline import LmtPipeline
from train import lmt_prior, lmt_vqgan
from train import settings as settings_io
from train.data.video_choice import Choice, chosen_clips, chosen_glosses, parts
from train.data.video_store import VideoStore
from train.engine.average import Average
from train.engine.state import GOOD_FILE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("clips"))


def train_vqgan(data: Path, out: Path, *more: str) -> Path:
    lmt_vqgan.main(["--settings", "debug", "--data", str(data), "--out", str(out), *more])
    return out


@pytest.fixture(scope="module")
def first(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_vqgan(data, tmp_path_factory.mktemp("runs") / "vqgan")


def train_prior(data: Path, first: Path, out: Path, *more: str) -> Path:
    lmt_prior.main(["--settings", "debug", "--data", str(data), "--vqgan", str(first), "--out", str(out), *more])
    return out


@pytest.fixture(scope="module")
def second(data: Path, first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_prior(data, first, tmp_path_factory.mktemp("runs") / "prior")


def logged(run: Path, kind: str) -> list[dict[str, float]]:
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["kind"] == kind]


def state(run: Path) -> dict[str, Any]:
    made: dict[str, Any] = torch.load(run / "state.pt", weights_only=True)
    return made


def test_the_paper_is_vq_prefix_and_all_losses_and_best_is_not() -> None:
    paper, best = (settings_io.read_section(name, "lmt_prior") for name in ("paper", "best"))
    assert (paper["model"]["label"], paper["model"]["mask"]) == ("prefix", "seq2seq")
    assert min(paper["decoded"][name] for name in ("reconstruction", "perceptual")) > 0
    assert best["model"]["label"] == "everywhere"
    stage = settings_io.read_section("paper", "lmt_vqgan")
    assert stage["vqgan"]["quantizer"] == {"kind": "vq", "codes": 1024, "width": 256}
    assert stage["losses"]["adversarial"] > 0


def test_glosses_and_signers_are_chosen(data: Path) -> None:
    clips = VideoStore(data)
    assert chosen_glosses(clips, Choice()) == GLOSSES
    assert chosen_glosses(clips, Choice(signs=1)) == ("ase:RIGHT", "gsg:RECHTS")
    assert chosen_glosses(clips, Choice(glosses=("gsg:RECHTS", "ase:DOWN"))) == ("ase:DOWN", "gsg:RECHTS")
    ben = chosen_clips(clips, Choice(signers=("Ben",)), "train")
    assert {clips.clips[i].signer for i in ben} == {"Ben"}
    assert len(parts(clips, Choice(validate=("val", "train")))["val"]) == 8
    with pytest.raises(SignError, match="no glosses ase:UP; choose"):
        chosen_glosses(clips, Choice(glosses=("ase:UP",)))
    with pytest.raises(SignError, match="no signers Eve"):
        chosen_clips(clips, Choice(signers=("Eve",)), "train")


def test_the_whole_way_from_clips_to_a_video_of_glosses(second: Path) -> None:
    pipeline = LmtPipeline(bundle.read(second))
    assert pipeline.glosses == GLOSSES
    assert set(pipeline.signers) == {"Ada", "Ben"}
    assert pipeline.rules == RULES
    result = pipeline.generate(["ase:DOWN", "gsg:RECHTS"], signer="Ben")
    assert result.video.frames.shape[1:] == (32, 32, 3)
    assert pipeline.lmt.about.fps == (12.0, 13.0, 14.0)
    assert pipeline.lmt.about.losses == ("cross-entropy", "reconstruction", "perceptual: multi-scale gradients")
    assert bundle.read_vqgan(second / "vqgan")[1].perceptual == "multi-scale gradients"


def test_both_runs_leave_pictures_and_tell_their_figures(first: Path, second: Path) -> None:
    for run in (first, second):
        assert (run / "pictures" / "000009.png").stat().st_size > 500
        assert (run / "pictures" / "000009.mp4").stat().st_size > 500
        assert logged(run, "estimate")[0]["bytes"] > 0
    assert {"psnr", "hand psnr", "judges", "matching"} < logged(first, "val")[0].keys()
    epochs = logged(first, "epoch")
    assert [line["step"] for line in epochs] == [3, 6, 9]
    assert all(0 < line["codes used"] <= 16 and 1 <= line["perplexity"] <= 16 for line in epochs)
    assert {"code", "frame", "code, wrong gloss", "right", "reconstruction"} < logged(second, "val")[0].keys()
    assert not logged(second, "epoch")


def test_losses_begin_when_they_are_told_to(first: Path, second: Path) -> None:
    lines = logged(first, "train")
    assert [line["judges"] > 0 for line in lines] == [step / 9 >= 0.2 for step in range(9)]
    lines = logged(second, "train")
    assert [line["reconstruction"] > 0 for line in lines] == [step / 9 >= 0.5 for step in range(9)]


def test_the_adversarial_weight_rises_and_a_vqvae_has_no_judges(data: Path) -> None:
    task = vqgan_task(data)
    batch = some(task)
    weights = []
    for step in (0, 30, 50, 70, 100):
        task.at(step, 100)
        terms = task.terms(task.model.train(), batch)
        weights.append(dict(zip(terms.names, terms.weights, strict=True))["adversarial"])
    assert weights == pytest.approx([0, 0, 0.025, 0.05, 0.05])
    plain = vqgan_task(data, losses=replace(task.settings.losses, adversarial=0.0))
    assert plain.model.judges is None
    assert "judges" not in plain.terms(plain.model, batch).names
    assert len(plain.groups()) == 1
    assert task.groups()[1]["share"] == task.settings.losses.judges_lr


@pytest.mark.parametrize("name", ["hands", "moving"])
def test_hands_and_moving_pixels_weigh_more(data: Path, name: str) -> None:
    base = replace(vqgan_task(data).settings.losses, hands=0.0, moving=0.0)
    task = vqgan_task(data, losses=replace(base, **{name: 9.0}))
    frames, boxes = some(task)
    clips, hands = lmt_vqgan.as_input(frames), lmt_vqgan.box_mask(boxes, 32, 32)
    weight = task.model._weight(clips, hands)
    assert float(weight.mean()) == pytest.approx(1)
    assert float(weight[hands == 1].mean()) > 3 * float(weight[hands == 0].mean())
    flat = vqgan_task(data, losses=base).model._weight(clips, hands)
    assert torch.equal(flat, torch.ones_like(flat))


@pytest.mark.parametrize("name", ["l1", "motion", "perceptual", "commitment", "matching"])
def test_every_weight_counts(data: Path, name: str) -> None:
    task = vqgan_task(data)
    losses = task.settings.losses
    batch = some(task)
    totals = []
    for weight in (0.0, 1.0):
        one = vqgan_task(data, losses=replace(losses, **{name: weight}))
        terms = one.terms(one.model.train(), batch)
        totals.append(float(terms.loss(terms.counts)))
    assert totals[0] < totals[1]


def test_the_guard_keeps_what_is_good_and_goes_back(data: Path) -> None:
    task = vqgan_task(data)
    task.at(10, 100)  # before the ramp every state is good
    assert [task.judge({"psnr": psnr}) for psnr in (20.0, 18.0)] == ["good", "good"]
    task.at(50, 100)
    assert [task.judge({"psnr": psnr}) for psnr in (18.5, 18.0, 17.4)] == ["good", "", "back"]
    before = task._ramp()
    task.gone_back()
    assert task._ramp() == pytest.approx(before / 2)
    never = vqgan_task(data, losses=replace(task.settings.losses, adversarial=0.0))
    assert never.judge({"psnr": 1.0}) == ""


def test_a_run_that_gets_worse_goes_back(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    psnr = iter([30.0, 29.8, 12.0])
    judge = lmt_vqgan.VqGanTask.judge
    monkeypatch.setattr(lmt_vqgan.VqGanTask, "judge", lambda task, figures: judge(task, {"psnr": next(psnr)}))
    out = train_vqgan(data, tmp_path / "run", "--training.validate_every", "2", "--training.stop_after", "7")
    good = torch.load(out / GOOD_FILE, weights_only=True)
    assert logged(out, "guard") == [{"step": 6, "kind": "guard", "back to": 2}]
    assert float(state(out)["model"]["trust"]) == 0.5
    assert good["step"] == 2


def test_a_stopped_and_resumed_run_is_the_same_to_the_bit(
    data: Path, first: Path, second: Path, tmp_path: Path
) -> None:
    def prior(out: Path, *more: str) -> Path:
        return train_prior(data, first, out, *more)

    def vqgan(out: Path, *more: str) -> Path:
        return train_vqgan(data, out, *more)

    for train, whole in ((vqgan, first), (prior, second)):
        out = tmp_path / whole.name
        train(out, "--training.stop_after", "4")
        train(out, "--resume", "true")
        one, other = state(out), state(whole)
        for part in (lambda s: s["model"], lambda s: s["average"]["values"]):
            assert all(torch.equal(value, part(other)[name]) for name, value in part(one).items())
        assert [line["loss"] for line in logged(out, "train")] == [line["loss"] for line in logged(whole, "train")]


def test_what_is_shipped_is_the_average(first: Path) -> None:
    made = state(first)
    shipped, _ = bundle.read_vqgan(first / "vqgan")
    name = "decoder.0.weight"
    assert torch.equal(shipped.state_dict()[name], made["average"]["values"][f"vqgan.{name}"])
    assert not torch.equal(shipped.state_dict()[name], made["model"][f"vqgan.{name}"])


def test_an_average_forgets_the_start_and_leaves_counts_alone() -> None:
    model = torch.nn.BatchNorm1d(2)
    average = Average(model, 0.5)
    for value in (1.0, 2.0, 4.0):
        with torch.no_grad():
            model.weight.fill_(value)
        model.num_batches_tracked.add_(1)
        average.update(model)
    # the share of the new weights is 1 - step / (10 + step), at least a half
    assert average.values["weight"][0] == pytest.approx(1 + (10 / 12) * 1 + (10 / 13) * (4 - (1 + 10 / 12)))
    assert int(average.values["num_batches_tracked"]) == 3
    with average.used(model):
        assert model.weight[0] != 4
    assert model.weight[0] == 4


def test_bf16_and_fp16_shipping_work(data: Path, first: Path, tmp_path: Path) -> None:
    one = train_vqgan(data, tmp_path / "one", "--training.precision", "bf16")
    assert logged(one, "train")[0]["l1"] == pytest.approx(logged(first, "train")[0]["l1"], rel=0.05)
    two = train_prior(data, one, tmp_path / "two", "--training.precision", "bf16", "--ship", "fp16")
    pipeline = LmtPipeline(bundle.read(two))
    assert pipeline.generate(["ase:DOWN"]).video.frames.shape == (8, 32, 32, 3)


def test_gumbel_gradients_reach_the_transformer_through_the_frozen_decoder(data: Path, first: Path) -> None:
    task = prior_task(data, first)
    task.at(99, 100)
    terms = task.terms(task.model.train(), some(task))
    names = list(terms.names)
    for name in ("reconstruction", "perceptual"):
        task.model.zero_grad()
        terms.sums[names.index(name)].backward(retain_graph=True)
        grads = [p.grad for p in task.model.prior.parameters() if p.grad is not None]
        assert sum(float(grad.abs().sum()) for grad in grads) > 0
        assert all(p.grad is None for p in task.vqgan.parameters())


def test_the_temperature_falls(data: Path, first: Path) -> None:
    task = prior_task(data, first)
    made = []
    for step in (0, 50, 75, 100):
        task.at(step, 100)
        made.append(task._temperature())
    assert made == pytest.approx([1.0, 1.0, 0.3**0.5, 0.3])


def test_what_is_hidden_in_training_is_hidden_and_only_then(data: Path, first: Path) -> None:
    task = prior_task(data, first)
    labels, still, latent, _ = some(task, 6)
    hidden, no_gloss = task.model.prior.config.hidden, task.model.prior.config.no_gloss

    def shares(**changes: float) -> list[float]:
        own = prior_task(data, first, hiding=lmt_prior.Hiding(**{"label": 0.0, **changes}))
        torch.manual_seed(0)
        seen = [own.model._hide(labels, still, latent) for _ in range(30)]
        return [float(torch.stack([(part == what).float().mean() for part in column]).mean())
                for column, what in zip(zip(*seen, strict=True), (no_gloss, hidden, hidden), strict=True)]  # fmt: skip

    assert shares() == [0, 0, 0]
    assert shares(label=0.5)[0] == pytest.approx(0.5, abs=0.1)
    assert shares(still=1.0)[1] == pytest.approx(0.5, abs=0.1)
    assert shares(past=0.6)[2] == pytest.approx(0.3, abs=0.1)
    own = prior_task(data, first, hiding=lmt_prior.Hiding(label=0.0, wrong=0.5))
    assert float((own.model._hide(labels, still, latent)[2] != latent).float().mean()) == pytest.approx(0.47, abs=0.1)
    batch = some(task)
    task.model.eval()
    one, other = (task.terms(task.model, batch) for _ in range(2))
    code = one.names.index("code")
    assert torch.equal(one.sums[code], other.sums[code])


def test_frames_smoothing_and_weight_are_used(data: Path, first: Path) -> None:
    plain = prior_task(data, first, frames=0)
    assert "frame" not in plain.terms(plain.model.train(), some(plain)).names
    task = prior_task(data, first, frames_weight=0.25)
    terms = task.terms(task.model.train(), some(task))
    assert dict(zip(terms.names, terms.weights, strict=True))["frame"] == 0.25

    def code(**changes: Any) -> float:
        own = prior_task(data, first, hiding=lmt_prior.Hiding(label=0.0), **changes)
        torch.manual_seed(0)
        made = own.terms(own.model.train(), some(own))
        return float(made.sums[made.names.index("code")].detach())

    assert code(label_smoothing=0.3) != code()
    two = replace(task.settings.model, layers=2)  # in one layer the prefix is only read
    assert code(model=replace(two, mask="causal")) != code(model=two)
    assert code(model=replace(task.settings.model, label="prefix")) != code()


def test_a_wrong_gloss_is_never_the_right_one(data: Path, first: Path) -> None:
    task = prior_task(data, first)
    seen: list[torch.Tensor] = []
    task.model.prior.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    labels = torch.arange(3).repeat(4)
    _, still, latent, _ = some(task, 1)
    task.model._under_wrong_gloss(labels, still.expand(12, -1, -1), latent.expand(12, -1, -1, -1))
    assert not (seen[0] == labels).any()
    assert len(seen[0].unique()) == 3


def test_a_gloss_that_is_learned_makes_a_gap(data: Path, first: Path) -> None:
    task = prior_task(data, first, decoded=lmt_prior.Decoded(), hiding=lmt_prior.Hiding(label=0.0))
    labels = torch.arange(3).repeat(2)
    still = torch.zeros(6, 4, 4, dtype=torch.long)
    batch = (labels, still, labels.view(-1, 1, 1, 1).expand(-1, 2, 4, 4) + 3, torch.zeros(6))
    optimizer = torch.optim.Adam(task.model.parameters(), 0.01)

    def gap() -> float:
        terms = task.terms(task.model.eval(), batch)
        each = dict(zip(terms.names, (terms.sums / terms.counts).tolist(), strict=True))
        return float(each["code, wrong gloss"] - each["code"])

    assert gap() == pytest.approx(0, abs=0.1)
    for _ in range(40):
        terms = task.terms(task.model.train(), batch)
        optimizer.zero_grad()
        terms.loss(terms.counts).backward()
        optimizer.step()
    # the first code tells the others, so the gap is that of one code in 32
    assert gap() > 0.1


def test_clips_of_other_rules_are_refused(first: Path, tmp_path: Path) -> None:
    other = store(tmp_path / "clips")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"crop": "whole"}))
    with pytest.raises(SignError, match=r"crop whole \(needed: signing space\)"):
        train_prior(other, first, tmp_path / "run")
    frames = np.load(other / "frames.npy")
    np.save(other / "frames.npy", frames[:, :, :20])
    (other / "config.json").write_text(json.dumps(config | {"height": 20}))
    with pytest.raises(SignError, match=r"height 20 \(a multiple of 8\)"):
        train_vqgan(other, tmp_path / "vqgan")


@pytest.mark.slow
def test_two_processes_train_both_stages(data: Path, first: Path, tmp_path: Path) -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    for recipe, more in (("lmt_vqgan", []), ("lmt_prior", ["--vqgan", str(first)])):
        out = tmp_path / recipe
        given = ["--settings", "debug", "--data", str(data), "--out", str(out), *more]
        subprocess.run([*launch, f"train.{recipe}", *given], cwd=ROOT, check=True, capture_output=True, timeout=200)
        assert len(logged(out, "train")) == 9
        assert all(np.isfinite(line["loss"]) for line in logged(out, "train"))
