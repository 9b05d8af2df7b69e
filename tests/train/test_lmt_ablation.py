"""Ablations of LMT at debug size: what each row trains, that stages are shared, and that rows differ as they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_clips import store

from sign_models.lmt import bundle
from train import ablate, lmt_recogniser
from train import settings as settings_io
from train.ablation import lmt, rows


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six training clips, and two held-out ones of known signers."""
    return store(tmp_path_factory.mktemp("clips"), train=6, val=2)


@pytest.fixture(scope="module")
def recogniser(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("judge") / "run"
    lmt_recogniser.main(["--settings", "debug", "--data", str(data), "--out", str(out), "--training.epochs", "1"])
    return out / "recogniser"


COMMON = {
    "tokenizer": {"losses": {"hands": 2.5}},
    "language_model": {"hiding": {"still": 0.25}},
    "evaluate": {"draws": 7},
}
"""What every row changes."""


@pytest.fixture(scope="module")
def finished(data: Path, recogniser: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ablation")
    given = ["lmt", "--settings", "debug", "--data", str(data), "--recogniser", str(recogniser), "--out", str(out)]
    common = [word for name, value in COMMON.items() for word in (f"--{name}", json.dumps(value))]
    assert ablate.main([*given, *common, "--note", "Small."]) == 0
    return out


def _results(folder: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return whole


def test_stages_are_shared_and_rows_differ_as_they_say(finished: Path) -> None:
    # two seeds: the base and the causal row have one first stage, the axial row its own
    assert len(list((finished / "vqgan").iterdir())) == 4
    assert len(list((finished / "prior").iterdir())) == 4  # the axial row needs none: it stands in Table 2 alone
    made = {row["name"]: row for row in _results(finished)["rows"]}
    assert list(made) == ["base", "axial", "causal"]
    assert [made[name]["about"]["attention"] for name in made] == ["trajectory", "axial", "trajectory"]
    assert [made[name]["about"].get("mask") for name in made] == ["seq2seq", None, "causal"]
    masks = sorted(bundle.read(folder).prior.config.mask for folder in (finished / "prior").iterdir())
    assert masks == ["causal"] * 2 + ["seq2seq"] * 2
    again = {name: row["by seed"][0]["all"]["reconstruction"]["PSNR"] for name, row in made.items()}
    assert again["base"] == again["causal"]  # the same first stage
    assert again["base"] != again["axial"]


def test_what_is_shown_is_the_mean_over_seeds(finished: Path) -> None:
    for row in _results(finished)["rows"]:
        assert row["seeds"] == [1, 2]
        one, two = (summary["all"]["reconstruction"]["PSNR"] for summary in row["by seed"])
        assert one != two
        assert row["summaries"]["all"]["reconstruction"]["PSNR"] == pytest.approx((one + two) / 2, rel=1e-5)


def test_budgets_are_kept(finished: Path) -> None:
    for kind in ("vqgan", "prior"):
        for folder in (finished / kind).iterdir():
            lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
            assert max(json.loads(line)["step"] for line in lines) == 3


def test_tables_hold_their_rows_alone(finished: Path) -> None:
    shown = (finished / "results.md").read_text(encoding="utf-8")
    assert "\n\nSmall.\n\n" in shown
    second, fifth = (shown.split(f"## Table {number}")[1].split("## ")[0] for number in (2, 5))
    assert "axial (first stage 3 steps, second stage 3 steps, 2 seeds)" in second
    assert "causal (" not in second
    assert "causal (" in fifth
    assert "axial (" not in fifth
    assert shown.count("not available to us") > 5


def test_what_every_row_changes_reaches_every_training_and_measurement(finished: Path) -> None:
    def told(kind: str, section: str) -> list[dict[str, Any]]:
        files = (finished / kind).glob("*/settings.json")
        return [json.loads(file.read_text(encoding="utf-8"))[section] for file in files]

    assert {one["losses"]["hands"] for one in told("vqgan", "lmt_vqgan")} == {2.5}
    assert {one["hiding"]["still"] for one in told("prior", "lmt_prior")} == {0.25}
    assert {one["draws"] for one in told("rows", "evaluate_lmt")} == {7}
    whole = _results(finished)
    assert whole["note"] == "Small."
    assert whole["settings"]["tokenizer"] == COMMON["tokenizer"]


def test_a_finished_ablation_is_not_trained_again(
    finished: Path, data: Path, recogniser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a finished training was begun again")

    monkeypatch.setattr("train.ablation.trainings.run", never)
    values = settings_io.read_section("debug", lmt.SECTION)
    values |= {"data": str(data), "recogniser": str(recogniser), "out": str(finished), **COMMON}
    values |= {"join": [str(finished / "rows" / "causal-seed1")]}
    assert len(lmt.ablate(settings_io.build(lmt.Settings, values, lmt.SECTION))) == 3
    rows_shown = _results(finished)["rows"]
    assert [row["name"] for row in rows_shown] == ["base", "axial", "causal", "causal"]
    assert rows_shown[3]["summaries"] == rows_shown[2]["by seed"][0]
    second = (finished / "results.md").read_text(encoding="utf-8").split("## Table 2")[1].split("## ")[0]
    assert "| causal |" in second  # what is joined stands in every table


def test_the_ready_rows_are_those_of_the_paper_and_change_what_there_is(data: Path) -> None:
    ready = rows.read("lmt")
    by_table = {
        table: [row.name for row in ready if table in row.tables] for table in ("table 2", "table 4", "table 5")
    }
    assert {"base", "axial attention"} <= set(by_table["table 2"])
    assert {f"codebook of {size}" for size in (512, 1024, 2048)} <= set(by_table["table 4"])
    assert {"base", "causal"} <= set(by_table["table 5"])
    assert sum("losses" in row.tables for row in ready) >= 5
    base = settings_io.read_section("debug", "lmt_vqgan"), settings_io.read_section("debug", "lmt_prior")
    given = {"data": str(data), "out": "x", "vqgan": "y"}
    for row in ready:  # an unknown setting would be refused
        first = rows.merged(base[0], row.tokenizer) | {"data": str(data), "out": "x"}
        settings_io.build(lmt.lmt_vqgan.Settings, first, row.name)
        settings_io.build(lmt.lmt_prior.Settings, rows.merged(base[1], row.language_model) | given, row.name)


def test_a_mean_keeps_words_and_joins_intervals() -> None:
    one = {"share": 0.5, "interval": [0.0, 1.0], "name": "x", "unknown": None}
    two = {"share": 1.0, "interval": [0.5, 1.0], "name": "x", "unknown": 3.0}
    assert lmt.mean([one, two]) == {"share": 0.75, "interval": [0.25, 1.0], "name": "x", "unknown": 3.0}
