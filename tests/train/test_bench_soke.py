"""The bench of generation: its two ways sign the same, and its figures are told."""

import argparse

import pytest

from train.bench import soke


def test_the_published_loop_and_ours_give_the_same_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soke, "TEXT_ROWS", 500)
    monkeypatch.setattr(soke, "_starter", lambda _: [])
    report = soke.measure(argparse.Namespace(steps=12, layers=1, rounds=1, seed=0))
    values = {figure.name: figure.value for figure in report.figures}
    assert values["float32, same tokens"] == 1
    assert values["float32, steps before the first other token"] == 12
    for precision in ("bfloat16", "int8"):
        assert values[f"{precision}, same token after the same past"] > 0.8
    assert values["int8, floor"] == pytest.approx(values["float32, floor"] / 4)
    assert report.settings["rows"] == 500 + 3 + 9 + 489
