"""The report on whole sentences: its sentences, its figures, and the worst ones named."""

import json

import pytest

from sign_models.hamnosys.measuring.examine import WRIST_SPEED
from sign_models.languages import LANGUAGES, language
from train import motion_report


@pytest.mark.parametrize("code", LANGUAGES)
def test_sentences_are_the_same_for_a_seed_and_of_all_kinds(code: str) -> None:
    row = language(code)
    words = motion_report.WORDS[row.spoken]
    some = list(motion_report.sentences(row, 200, 3))
    assert some == list(motion_report.sentences(row, 200, 3))
    assert some != list(motion_report.sentences(row, 200, 4))
    assert all(text.endswith(words.ends) for text in some)
    for kind in (words.comma, words.negation, words.ends[1], *words.names[:1]):
        assert any(kind in text for text in some)
    assert any(character.isdigit() for text in some for character in text)


@pytest.fixture(scope="module")
def small() -> motion_report.MotionReport:
    return motion_report.report("ase", 3, 1)


def test_every_goal_has_its_figure(small: motion_report.MotionReport) -> None:
    figures = {figure.name: figure for figure in small.report.figures}
    assert small.refused == ()
    for name in ("deepest inside head or trunk", "deepest inside the other hand", "farthest beyond a joint's range",
                 "wrist speed, most", "wrist acceleration, most", "wrist acceleration at a seam, most"):  # fmt: skip
        assert figures[name].met is not None
    assert figures["motion"].value > 3
    assert figures["wrist speed, most"].value > 0.2
    assert figures["wrist speed, most"].at_most == WRIST_SPEED
    assert figures["wrist speed, 50th percentile"].value < figures["wrist speed, 99th percentile"].value
    shares = [figures[f"words {status}"].value for status in ("signed", "spelled", "left out")]
    assert sum(shares) == pytest.approx(100)


def test_a_bound_that_is_passed_names_sentence_and_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_report, "WRIST_SPEED", 0.01)
    made = motion_report.report("gsg", 2, 0)
    (kind,) = [kind for kind in made.worst if kind.startswith("wrist speed")]
    assert kind.endswith("in 2 sentences")
    texts = list(motion_report.sentences(language("gsg"), 2, 0))
    assert all(any(row.endswith(text) for row in made.worst[kind]) for text in texts)
    assert made.report.figures[0].met
    assert "MISSED" in made.text()


def test_a_report_that_runs_out_of_time_says_how_far_it_came() -> None:
    settings = motion_report.report("ase", 1000, 2, minutes=1e-9).report.settings
    assert (settings["sentences"], settings["of"]) == (1, 1000)


def test_the_command_prints_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = motion_report.main(["--language", "csl", "--sentences", "1", "--json"])
    line = json.loads(capsys.readouterr().out)
    assert line["settings"] == {"language": "csl", "sentences": 1, "of": 1, "seed": 0}
    assert code == (0 if all(figure["met"] is not False for figure in line["figures"].values()) else 1)
    with pytest.raises(SystemExit):
        motion_report.main(["--sentences", "0"])
