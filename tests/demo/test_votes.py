"""Votes: kept whole, read back, exported, and refused when they cannot be."""

import csv
import io
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from demo import votes
from demo.votes import COLUMNS, Vote, Votes, export, row_of, to_csv
from sign_models.errors import SignError


def vote(answer: str = "a", note: str = "", **changes: object) -> Vote:
    return Vote("Hello.", "ase", "blind", ("soke:multi_head", "dictionary"), answer, note=note, **changes)  # type: ignore[arg-type]


def test_votes_come_back_as_they_were_given(tmp_path: Path) -> None:
    file = Votes(tmp_path / "new" / "votes.jsonl")
    given = [vote("a", "clearer hands – 手"), vote("b", seed=7), vote("same", settings=({"seed": 7}, {}))]
    for one in given:
        file.add(one)
    rows, broken = file.rows()
    assert broken == 0
    assert rows == json.loads(json.dumps([row_of(one) for one in given]))
    assert [row["preferred"] for row in rows] == ["soke:multi_head", "dictionary", ""]


def test_nothing_about_the_voter_is_kept() -> None:
    assert set(row_of(vote())) == {
        "text", "language", "mode", "order", "answer", "seen", "note", "seed", "stretched", "settings", "distances",
        "when", "id", "preferred",
    }  # fmt: skip


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"

    def write(number: int) -> None:
        for k in range(20):
            Votes(path).add(vote(note=f"{number}-{k}-" + "x" * 400))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows, broken = Votes(path).rows()
    assert broken == 0
    assert len({row["note"] for row in rows}) == 160


def test_half_a_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text('{"order": ["a", "b"], "answ')
    Votes(path).add(vote())
    rows, broken = Votes(path).rows()
    assert (len(rows), broken) == (1, 1)


def test_what_cannot_be_kept_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SignError, match="501 characters"):
        vote(note="x" * 501)
    with pytest.raises(SignError, match='no answer "c"'):
        vote("c")
    with pytest.raises(SignError, match="two ways"):
        Vote("Hello.", "ase", "blind", ("dictionary",), "a")
    (tmp_path / "file").write_text("")
    with pytest.raises(SignError, match="could not be kept"):
        Votes(tmp_path / "file" / "votes.jsonl").add(vote())
    monkeypatch.setattr(votes, "FILE_SIZE", 100)
    with pytest.raises(SignError, match="move it away"):
        Votes(tmp_path / "votes.jsonl").add(vote())


def test_a_table_has_a_column_a_field_and_no_formulas(tmp_path: Path) -> None:
    rows = [row_of(vote(note='=HYPERLINK("http://x")', distances={"body": 1.5})), row_of(vote("b"))]
    table = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert tuple(table[0]) == COLUMNS
    assert table[0]["A"] == "soke:multi_head"
    assert table[0]["note"].startswith("'=")
    assert json.loads(table[0]["distances"]) == {"body": 1.5}
    lines = export(rows, tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[1])["answer"] == "b"
    with pytest.raises(SignError, match=r"\.csv or \.jsonl"):
        export(rows, tmp_path / "out.xls")


def test_the_command_exports_all_votes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.votes", str(tmp_path / "out.csv"), "--votes", str(tmp_path / "votes.jsonl")]
    nothing = subprocess.run(command, capture_output=True, text=True, check=False)
    assert nothing.returncode == 1
    assert "no votes" in nothing.stderr
    Votes(tmp_path / "votes.jsonl").add(vote())
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "1 votes" in done.stdout
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count("\n") == 2
