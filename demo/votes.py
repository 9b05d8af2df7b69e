"""Which of two ways of signing people prefer: one JSON line a vote, in a file on the machine that serves the page.

A vote holds the sentence, the ways in the order they were shown, how they were shown, and the settings that make both
again; nothing about who voted. All votes as a table:

python -m demo.votes OUT.csv    (or OUT.jsonl)
"""

import argparse
import csv
import io
import json
import os
import secrets
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sign_models.errors import SignError
from sign_models.files import atomic

VOTES_VARIABLE = "SIGN_MODELS_VOTES"
"""Names the file of votes instead of the usual one."""
USUAL_FILE = Path(".local/share/sign-models/votes.jsonl")
"""In the home of whoever serves the page."""

ANSWERS = {"a": "A is better", "b": "B is better", "same": "Both the same"}
MODES = {"step": "Side by side, in step", "one": "One at a time", "blind": "Blind: A and B in random order"}
"""How the ways were presented, and what that is called: showing two at once is known to lower the ratings."""
SEEN = ("alone", "together", "both")
"""What was really on the screen before the vote: one picture at a time, all at once, or now this and now that."""

NOTE_LENGTH = 500
FILE_SIZE = 50_000_000
"""Bytes of votes that are kept; a page that anyone can reach must not fill the disk."""

_appending = threading.Lock()


@dataclass(frozen=True)
class Vote:
    """One answer. order: the ways as A, B …; settings: of each, in that order; distances: to A in cm, by part.

    seen: see ``SEEN``. when: UTC, to the second. SignError for an answer, mode or note that cannot be kept.
    """

    text: str
    language: str
    mode: str
    order: tuple[str, ...]
    answer: str
    seen: str = "alone"
    note: str = ""
    seed: int = 0
    stretched: bool = False
    settings: tuple[dict[str, Any], ...] = ()
    distances: dict[str, float] = field(default_factory=dict)
    when: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        for what, value, known in (
            ("answer", self.answer, ANSWERS),
            ("mode", self.mode, MODES),
            ("view", self.seen, SEEN),
        ):
            if value not in known:
                raise SignError(f'There is no {what} "{value}"; choose {", ".join(known)}.')
        if len(self.order) != 2:
            raise SignError(f"A vote is about two ways of signing; these are {len(self.order)}.")
        if len(self.note) > NOTE_LENGTH:
            raise SignError(f"The note has {len(self.note)} characters; {NOTE_LENGTH} at most are kept.")

    @property
    def preferred(self) -> str:
        """The way that was found better, empty for "same"."""
        return "" if self.answer == "same" else self.order["ab".index(self.answer)]


def usual_file() -> Path:
    """Where votes are kept: ``SIGN_MODELS_VOTES``, else a folder in the user's home."""
    return Path(os.environ.get(VOTES_VARIABLE) or Path.home() / USUAL_FILE)


class Votes:
    """The file of votes. Safe to share between threads; several programs may append to the same file."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or usual_file()

    def add(self, vote: Vote) -> None:
        """Appends one line with one write, so that no reader and no other writer meets half of it."""
        line = json.dumps(row_of(vote), ensure_ascii=False).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _appending, self.path.open("ab", buffering=0) as file:
                size = file.tell()
                if size + len(line) > FILE_SIZE:
                    raise SignError(
                        f"{self.path} has {size} bytes and may have {FILE_SIZE}; move it away to collect more votes."
                    )
                file.write(line if _ends_well(self.path, size) else b"\n" + line)
        except OSError as error:
            raise SignError(f"The vote could not be kept in {self.path} ({error}); set {VOTES_VARIABLE}.") from error

    def rows(self) -> tuple[list[dict[str, Any]], int]:
        """Every vote as plain values, and how many lines could not be read (a power cut may leave half a line)."""
        if not self.path.exists():
            return [], 0
        rows, broken = [], 0
        for line in self.path.read_bytes().splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                broken += 1 if line.strip() else 0
                continue
            if isinstance(row, dict) and {"order", "answer", "mode"} <= set(row):
                rows.append(row)
            else:
                broken += 1
        return rows, broken


def row_of(vote: Vote) -> dict[str, Any]:
    """As it is kept: the fields of ``Vote`` and which way was preferred."""
    return {**asdict(vote), "preferred": vote.preferred}


def export(rows: Sequence[dict[str, Any]], path: Path) -> Path:
    """Writes votes as a table (.csv) or as they are (.jsonl)."""
    if path.suffix == ".csv":
        text = to_csv(rows)
    elif path.suffix == ".jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        raise SignError(f"{path.name!r} cannot be written; the name must end in .csv or .jsonl.")
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


COLUMNS = (
    "when", "id", "language", "text", "mode", "seen", "A", "B", "answer", "preferred", "seed", "stretched", "note",
    "distances", "settings",
)  # fmt: skip


def to_csv(rows: Sequence[dict[str, Any]]) -> str:
    """A table with ``COLUMNS``; what is a list or a dictionary is JSON in its cell."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for row in rows:
        pair = dict(zip("AB", row["order"], strict=False))
        table.writerow([_cell(pair.get(name, row.get(name, ""))) for name in COLUMNS])
    return out.getvalue()


def _cell(value: Any) -> str:
    """A spreadsheet must not take a note or a sentence for a formula."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _ends_well(path: Path, size: int) -> bool:
    if not size:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write all votes of the page to a table.")
    parser.add_argument("out", type=Path, metavar="OUT.csv", help="or OUT.jsonl")
    parser.add_argument("--votes", type=Path, help=f"file of votes; default: ${VOTES_VARIABLE}, else ~/{USUAL_FILE}")
    arguments = parser.parse_args()
    votes = Votes(arguments.votes)
    rows, broken = votes.rows()
    if not rows:
        sys.exit(f"There are no votes in {votes.path}.")
    try:
        export(rows, arguments.out)
    except SignError as error:
        sys.exit(str(error))
    lost = f"; {broken} lines could not be read" if broken else ""
    print(f"{len(rows)} votes from {votes.path} are in {arguments.out}{lost}.")


if __name__ == "__main__":
    main()
