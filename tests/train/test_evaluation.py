"""Evaluation at debug size: what is measured of a trained model, going on after a stop, and the two files."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_corpus import Words, corpus, sign_of

from sign_models.errors import SignError
from sign_models.measure import joints
from sign_models.measure.points import measurer
from sign_models.registry import load_body
from sign_models.soke import generator
from sign_models.soke.pipeline import SokePipeline
from sign_models.types import Motion
from train import back_translation, evaluate, soke_encode, soke_lm, soke_tokenizer
from train import settings as settings_io
from train.data.store import Store
from train.evaluation import soke, tokenizer
from train.evaluation.clips import cases
from train.evaluation.journal import JOURNAL_FILE
from train.evaluation.summary import ALL
from train.evaluation.translator import load

FEW = ["--training.epochs", "2"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus"), train=6, val=5)


@pytest.fixture(scope="module")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("runs")
    debug = ["--settings", "debug"]
    soke_tokenizer.main([*debug, "--data", f"[{data}]", "--out", str(runs / "tokenizer"), *FEW])
    values = settings_io.read_section("debug", "soke_encode")
    values |= {"data": [str(data)], "tokenizer": str(runs / "tokenizer"), "out": str(runs / "tokens")}
    soke_encode.encode(settings_io.build(soke_encode.Settings, values, "soke_encode"), Words, sign_of)
    soke_lm.main([*debug, "--data", str(runs / "tokens"), "--out", str(runs / "lm"), *FEW])
    return runs / "lm"


@pytest.fixture(scope="module")
def translator(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "reader"
    back_translation.main(["--settings", "debug", "--data", f"[{data}]", "--out", str(out), *FEW])
    return out


Make = Callable[..., soke.Settings]


@pytest.fixture
def settings(data: Path, model: Path, tmp_path: Path) -> Make:
    def make(out: str = "evaluation", **more: Any) -> soke.Settings:
        values = settings_io.read_section("debug", soke.SECTION) | {"split": "val", "clips": 1, **more}
        values |= {"model": str(model), "data": [str(data)], "out": str(tmp_path / out)}
        return settings_io.build(soke.Settings, values, soke.SECTION)

    return make


@pytest.fixture(scope="module")
def pipeline(model: Path) -> SokePipeline:
    return SokePipeline(generator.read(model), Words)


def journal(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / JOURNAL_FILE).read_text(encoding="utf-8").splitlines()]


def test_figures_are_those_of_the_generated_motion(settings: Make, pipeline: SokePipeline, data: Path) -> None:
    chosen = settings()
    summaries = soke.evaluate(chosen, pipeline)
    assert set(summaries) == {"ase", "csl", "gsg", ALL}
    assert summaries[ALL]["clips"] == 3
    row = next(row for row in journal(chosen.out) if row["language"] == "ase")
    case = next(case for case in cases([data], "val", 1) if case.clip.language == "ase")
    assert row["text"] == case.clip.text
    motion = pipeline.generate(case.clip.text, "ase", soke.Sampling(max_steps=8)).motion
    frames = len(case.store.rows(case.clip)) // 4 * 4
    assert row["frames"] == [len(motion), frames]
    start = (case.clip.length - frames) // 2
    wanted = Motion(torch.from_numpy(case.store.rows(case.clip)[start : start + frames]).float())
    points = [measurer().points_of(one) for one in (motion, wanted)]
    for name, warp in (("DTW-JPE", joints.dtw_jpe), ("DTW-PA-JPE", joints.dtw_pa_jpe)):
        warped = warp(joints.MEASURES, *points)
        figures = row["figures"][name]
        assert figures["body"] == pytest.approx(warped["body"].total)
        assert figures["hand"] == pytest.approx((warped["left_hand"].total + warped["right_hand"].total) / 2)
        assert figures["average"] == pytest.approx((12 * figures["body"] + 42 * figures["hand"]) / 54)
        assert row["figures"][f"{name} per step"]["body"] == pytest.approx(warped["body"].mean)
    assert summaries["ase"]["DTW-JPE"] == pytest.approx(row["figures"]["DTW-JPE"])
    assert row["likeness"][0] != row["likeness"][1]


def test_results_tell_what_was_measured_and_on_what(settings: Make, pipeline: SokePipeline) -> None:
    chosen = settings(label="tiny")
    summaries = soke.evaluate(chosen, pipeline)
    whole = json.loads((chosen.out / "results.json").read_text(encoding="utf-8"))
    assert whole["settings"]["seeds"] == [0]
    assert whole["settings"]["model"] == "lm"  # and not where it lies on this machine
    assert whole["hardware"]["cores"] >= 1
    assert whole["commit"]
    assert whole["body"] == "open body"
    assert whole["summaries"][ALL]["DTW-JPE"]["body"] == pytest.approx(summaries[ALL]["DTW-JPE"]["body"], rel=1e-5)
    shown = (chosen.out / "results.md").read_text(encoding="utf-8")
    pair = summaries["csl"]["DTW-PA-JPE"]
    assert f"| {pair['body']:.2f}/{pair['hand']:.2f} |" in shown
    assert "Table 1" in shown
    assert "Table 2" in shown
    assert str(chosen.out.parent) not in shown


def test_a_stopped_evaluation_goes_on(settings: Make, pipeline: SokePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings()
    whole = pipeline.generate
    texts: list[str] = []

    def generate(text: str, *more: Any, **named: Any) -> Any:
        if more[1].max_steps > 1:  # one step only warms the dictionary
            if len(texts) == 2:
                raise KeyboardInterrupt
            texts.append(text)
        return whole(text, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "generate", generate)
        with pytest.raises(KeyboardInterrupt):
            soke.evaluate(chosen, pipeline)
    before = journal(chosen.out)
    assert [row["text"] for row in before] == texts
    assert not (chosen.out / "results.json").exists()
    with (chosen.out / JOURNAL_FILE).open("a") as file:
        file.write('{"key": "half a li')
    soke.evaluate(chosen, pipeline)
    assert len(journal(chosen.out)) == 3
    assert journal(chosen.out)[:2] == before
    with pytest.raises(SignError, match="other settings"):
        soke.evaluate(replace(chosen, coverage=0.5), pipeline)


def tokens(folder: Path) -> list[Any]:
    return [row["tokens"] for row in journal(folder)]


def test_settings_change_what_is_generated(settings: Make, pipeline: SokePipeline) -> None:
    kinds = {
        "plain": {},
        "alone": {"coverage": 0.0},
        "drawn": {"temperature": 2.0},
        "few": {"temperature": 2.0, "top_k": 1},
        "seeds": {"temperature": 2.0, "seeds": [5, 0]},
        "short": {"max_steps": 2},
    }
    made = {name: settings(name, **more) for name, more in kinds.items()}
    summaries = {name: soke.evaluate(one, pipeline) for name, one in made.items()}
    seen = {name: tokens(one.out) for name, one in made.items()}
    assert seen["drawn"] != seen["plain"] == seen["few"]
    assert seen["seeds"][3:] == seen["drawn"] != seen["seeds"][:3]
    assert max(len(codes[0]) for codes in seen["short"]) == 2 < max(len(codes[0]) for codes in seen["drawn"])
    assert summaries["plain"][ALL]["retrieval"]["share"] == 1
    assert summaries["alone"][ALL]["retrieval"]["known"] == 0
    assert summaries["seeds"][ALL]["clips"] == 6
    with pytest.raises(SignError, match="greedy"):
        settings("no", seeds=[1, 2])
    with pytest.raises(SignError, match="between 0 and 1"):
        settings("no", coverage=2.0)


def test_a_text_that_cannot_be_signed_is_counted(settings: Make, pipeline: SokePipeline) -> None:
    class Strict(Words):
        def read(self, text: str, reorder: bool = True) -> list[Any]:
            if self.language == "csl":
                raise SignError("Nothing to sign.")
            return super().read(text)

    chosen = settings()
    summaries = soke.evaluate(chosen, SokePipeline(pipeline.generator, Strict))
    assert summaries["csl"] == {"clips": 0, "failed": 1}
    assert (summaries[ALL]["clips"], summaries[ALL]["failed"]) == (2, 1)
    assert "Table 1" in (chosen.out / "results.md").read_text(encoding="utf-8")


def test_the_same_clips_are_chosen_however_many(data: Path) -> None:
    few, all_ = cases([data], "val", 1), cases([data], "val", 0)
    assert len(all_) == 5
    by_name = {case.clip.name: case for case in all_}
    for case in few:
        same = by_name[case.clip.name]
        assert (case.other and case.other.clip) == (same.other and same.other.clip)
        assert case.other is None or case.other.clip.text != case.clip.text
    with pytest.raises(SignError, match='no clip of the split "pairs"'):
        cases([data], "pairs", 0)


def test_a_tokenizer_alone(data: Path, model: Path, tmp_path: Path) -> None:
    values = settings_io.read_section("debug", tokenizer.SECTION) | {"split": "val", "clips": 1}
    values |= {"model": str(model), "data": [str(data)], "out": str(tmp_path / "tok")}
    chosen = settings_io.build(tokenizer.Settings, values, tokenizer.SECTION)
    summaries = tokenizer.evaluate(chosen)
    case = cases([data], "val", 1)[0]
    parts = generator.read_tokenizer(model / "tokenizer")
    frames = case.clip.length // 4 * 4
    start = (case.clip.length - frames) // 2
    wanted = Motion(torch.from_numpy(case.store.rows(case.clip)[start : start + frames]).float())
    made = parts.motion_of(parts.tokens_of(wanted))
    body = load_body()
    away = (body.pose(made).vertices - body.pose(wanted).vertices).norm(dim=-1).mean()
    summary = summaries[case.clip.language]
    assert summary["MPVPE"] == pytest.approx(1000 * float(away), rel=1e-4)
    codes = [codes for row in journal(chosen.out) for codes in row["tokens"][0]]
    assert summaries[ALL]["codebook"]["body"]["share"] == len(set(codes)) / 6
    assert "PA-MPJPE" in (chosen.out / "results.md").read_text(encoding="utf-8")


def test_a_reader_of_signs_scores_what_is_generated(settings: Make, pipeline: SokePipeline, translator: Path) -> None:
    chosen = settings(translator=str(translator), clips=0)
    summaries = soke.evaluate(chosen, pipeline)
    scored = summaries["csl"]["back-translation"]
    assert "tok:zh" in scored["signature"]
    assert 0 <= scored["BLEU-4"] <= 100
    rows = [row for row in journal(chosen.out) if row["language"] == "csl"]
    same = soke._read_back([row | {"read": [row["text"], row["text"]]} for row in rows])
    assert same["ROUGE-L"] == same["ROUGE-L of the clips"] == pytest.approx(100)
    reader = load(translator)
    row = rows[0]
    case = next(case for case in cases(chosen.data, "val", 0) if case.clip.text == row["text"])
    assert reader.read(soke.reference(case, pipeline.generator.tokenizer, 4, 80), "csl") == row["read"][1]


def test_the_reader_learns_two_texts(data: Path, tmp_path: Path) -> None:
    """A tiny one reads its own training clips after enough steps, and without their poses it cannot."""
    out = tmp_path / "reader"
    more = ["--training.epochs", "40", "--training.lr", "1e-2", "--model.width", "32", "--model.dropout", "0",
            "--smoothing", "0", "--training.log_every", "60",
            "--training.save_every", "0"]  # fmt: skip
    back_translation.main(["--settings", "debug", "--data", f"[{data}]", "--out", str(out), *more])
    reader, store = load(out), Store(data)
    clips = [clip for clip in store.clips if clip.split == "train"]
    right = [reader.read(Motion(torch.from_numpy(store.rows(clip)).float()), clip.language) for clip in clips]
    assert sum(a == clip.text for a, clip in zip(right, clips, strict=True)) >= 5
    still = [reader.read(Motion(torch.zeros(clip.length, 133)), clip.language) for clip in clips]
    assert sum(a == clip.text for a, clip in zip(still, clips, strict=True)) <= 3


def test_the_command_line(data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, model: Path) -> None:
    arguments = ["tokenizer", "--settings", "debug", "--model", str(model), "--data", f"[{data}]", "--split", "val"]
    assert evaluate.main([*arguments, "--out", str(tmp_path / "out")]) == 0
    assert "PA-MPJPE" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        evaluate.main(["nothing"])


def test_jerk_of_a_known_movement() -> None:
    """x = t^3 has third differences of 6 steps cubed."""
    from train.metrics.motion import jerk

    time = np.arange(10) / 25
    points = {name: np.zeros((10, count, 3)) for name, count in (("body", 127), ("left_hand", 21), ("right_hand", 21))}
    for value in points.values():
        value[..., 1] = time[:, None] ** 3
    assert jerk(points, 25.0) == pytest.approx(6)
    assert jerk({name: value[:3] for name, value in points.items()}, 25.0) == 0
