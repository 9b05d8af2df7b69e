"""What was measured of each clip, a JSON line each, so that a stopped evaluation goes on where it was."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sign_models.errors import SignError
from train import settings as settings_io

JOURNAL_FILE = "clips.jsonl"

Row = dict[str, Any]
T = TypeVar("T")


class Journal:
    """rows: key -> what was measured. Opening a folder with the same settings goes on with it."""

    def __init__(self, folder: Path, section: str, settings: Any) -> None:
        saved = folder / settings_io.SAVED
        if saved.is_file():
            before = json.loads(saved.read_text(encoding="utf-8")).get(section)
            if before != settings_io.plain(settings):
                raise SignError(f"{folder} holds an evaluation with other settings; choose another out folder.")
        folder.mkdir(parents=True, exist_ok=True)
        settings_io.save(folder, section, settings)
        self._path = folder / JOURNAL_FILE
        self.rows: dict[str, Row] = {}
        if self._path.is_file():
            self._read()

    def add(self, key: str, row: Row) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **row}, ensure_ascii=False) + "\n")
        self.rows[key] = row

    def _read(self) -> None:
        whole = self._path.read_bytes()
        end = whole.rfind(b"\n") + 1  # a line that was being written when the machine stopped is made again
        if end < len(whole):
            with self._path.open("r+b") as file:
                file.truncate(end)
        for line in whole[:end].decode().splitlines():
            row = json.loads(line)
            self.rows[row.pop("key")] = row


def each(journal: Journal, items: Sequence[tuple[str, T]], work: Callable[[T], Row], title: str) -> list[Row]:
    """``work`` on every item that is not in the journal yet; all rows in the order of the items."""
    todo = [(key, item) for key, item in items if key not in journal.rows]
    start, told = time.perf_counter(), time.perf_counter()
    for done, (key, item) in enumerate(todo, 1):
        journal.add(key, work(item))
        now = time.perf_counter()
        if now - told > 10 or done == len(todo):
            told, left = now, (now - start) / done * (len(todo) - done)
            whole = f"{len(items) - len(todo) + done} of {len(items)}"
            print(f"{title}: {whole} clips, about {left:.0f} s to go", file=sys.stderr, flush=True)
    return [journal.rows[key] for key, _ in items]
