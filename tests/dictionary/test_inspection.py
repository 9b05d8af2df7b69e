"""dictionary check: every form of list is read, every failure is told with its place, goals decide the exit code."""

import json
from pathlib import Path

import pytest

from sign_models import cli
from sign_models.dictionary.inspection import inspect
from sign_models.dictionary.transcriptions import read_transcriptions
from sign_models.errors import SignError
from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.reading.symbols import to_glyphs

FIST = "hamfist hamextfingeru hampalml"
SIGN = '<hns_sign gloss="{}"><hamnosys_manual>{}</hamnosys_manual></hns_sign>'
SIGML = (
    '<!DOCTYPE sigml SYSTEM "sigml.dtd"><sigml>'
    + SIGN.format("A", "<hamfist/><hamextfingeru/><hampalml/>")
    + SIGN.format("B", "<hamfist/><hamfrog/>")
    + "</sigml>"
)


def test_lines_with_and_without_gloss(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"# a remark\n{FIST}\n\nYES\t{to_glyphs(FIST)}\n", encoding="utf-8-sig")
    found = read_transcriptions(path)
    assert [(one.place, one.gloss) for one in found] == [("line 2", ""), ("line 4", "YES")]
    assert all(one.parsed and one.synthesized for _, one in inspect(found, load_figure()).rows)


def test_toml_and_sigml_and_folders(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        f'[[sign]]\ngloss = "A"\nhamnosys = "{FIST}"\nlemmas = ["a"]\n', encoding="utf-8"
    )
    assert [one.gloss for one in read_transcriptions(tmp_path / "own.toml")] == ["A"]
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "two.sigml").write_text(SIGML, encoding="utf-8")
    (tmp_path / "broken.xml").write_text("<sigml>", encoding="utf-8")
    found = read_transcriptions(tmp_path)
    assert [(one.gloss, one.notation is None) for one in found] == [("broken", True), ("A", False), ("B", True)]
    assert "hamfrog" in found[2].error
    assert found[1].place == str(Path("more", "two.sigml")) + ", sign 1"
    assert inspect(found, load_figure()).shares()["parsed"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.txt", "# nothing\n", "no transcription"),
        ("bad.toml", "[[sign]", "not TOML"),
        ("bad.toml", "[[sign]]\ngloss = 3\n", "gloss is not text"),
        ("latin.txt", "ä".encode("latin-1"), "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told(name: str, content: str | bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SignError, match=told):
        read_transcriptions(path)
    with pytest.raises(SignError, match="no file or folder"):
        read_transcriptions(tmp_path / "nowhere")


def test_the_command_lists_failures_and_its_exit_code_tells_whether_the_goals_are_met(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"GOOD\t{FIST}\nBAD\thamfist hamfrog\n", encoding="utf-8")
    assert cli.main(["dictionary", "check", str(path)]) == 1
    told = capsys.readouterr().out
    assert "line 2  BAD: " in told
    assert "hamfrog" in told
    assert "50.0%" in told
    assert "signs a minute" in told
    assert cli.main(["dictionary", "check", str(path), "--parsed", "0.5", "--sound", "0.5", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["transcriptions"] == 2
    assert line["parsed"] == 0.5
    assert [failure["gloss"] for failure in line["failures"]] == ["BAD"]
    with pytest.raises(SystemExit):
        cli.main(["dictionary", "check", str(path), "--parsed", "3"])


def test_ctrl_c_leaves_what_is_done(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{FIST}\n" * 3, encoding="utf-8")

    def stop(stage: str, share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    result = inspect(read_transcriptions(path), load_figure(), stop)
    assert (len(result.rows), result.total) == (2, 3)
    assert not result.passed(0, 0)
    assert "2 of 3, stopped" in result.table()
