"""A corpus on disk: one long table of numbers, and one JSON line a clip that says which rows are its own.

Clips: ``clips.jsonl`` + ``rows.npy`` (n, 133) float32. Tokens: the same with (n, k) int16. The table is read through a
memory map, so a corpus larger than the memory trains as well.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError

CLIPS_FILE, ROWS_FILE = "clips.jsonl", "rows.npy"

Rows = NDArray[np.generic]


@dataclass(frozen=True)
class Clip:
    """start, length: its rows in the table. signs: keys of the retrieved signs, a list a word (see ``soke.signs``)."""

    name: str
    language: str
    text: str
    split: str
    fps: float
    start: int = 0
    length: int = 0
    signs: tuple[tuple[str, ...], ...] = ()


class Store:
    """Clips in order, ``rows(clip)`` their numbers."""

    def __init__(self, folder: Path) -> None:
        if not (folder / CLIPS_FILE).is_file() or not (folder / ROWS_FILE).is_file():
            raise SignError(f"There is no corpus at {folder}; `python -m train.prepare --help` makes one.")
        lines = (folder / CLIPS_FILE).read_text(encoding="utf-8").splitlines()
        self.folder = folder
        self.clips = tuple(_clip(json.loads(line)) for line in lines)
        self._table = np.load(folder / ROWS_FILE, mmap_mode="r", allow_pickle=False)
        end = max((clip.start + clip.length for clip in self.clips), default=0)
        if end > len(self._table):
            raise SignError(f"{folder / ROWS_FILE} has {len(self._table)} rows, its clips need {end}; make it again.")

    def rows(self, clip: Clip) -> Rows:
        """(length, width) copy."""
        return np.array(self._table[clip.start : clip.start + clip.length])


def write(folder: Path, clips: Iterable[tuple[Clip, Rows]], width: int, dtype: type) -> int:
    """Writes clips as they come; returns how many. Both files appear when all is written."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, lines = folder / f".{ROWS_FILE}.part", folder / f".{CLIPS_FILE}.part"
    start = count = 0
    with raw.open("wb") as table, lines.open("w", encoding="utf-8") as index:
        table.write(npy_header((0, width), dtype))
        for clip, rows in clips:
            if rows.ndim != 2 or rows.shape[1] != width:
                raise ValueError(f"{clip.name} has shape {rows.shape}; (n, {width}) is needed.")
            table.write(np.ascontiguousarray(rows, dtype=dtype).tobytes())
            placed = asdict(clip) | {"start": start, "length": len(rows)}
            index.write(json.dumps(placed, ensure_ascii=False) + "\n")
            start, count = start + len(rows), count + 1
        table.seek(0)
        table.write(npy_header((start, width), dtype))
    raw.replace(folder / ROWS_FILE)
    lines.replace(folder / CLIPS_FILE)
    return count


def chosen(stores: Sequence[Store], split: str) -> Iterator[tuple[Store, Clip]]:
    """All clips of one split, in order."""
    return ((store, clip) for store in stores for clip in store.clips if clip.split == split)


def _clip(values: dict[str, object]) -> Clip:
    signs = tuple(tuple(word) for word in values.pop("signs", ()))  # type: ignore[attr-defined]
    return Clip(**values, signs=signs)  # type: ignore[arg-type]


def npy_header(shape: tuple[int, ...], dtype: type) -> bytes:
    """A .npy header of always the same length, so that the number of rows can be filled in at the end."""
    text = f"{{'descr': '{np.dtype(dtype).str}', 'fortran_order': False, 'shape': {shape}, }}"
    size = 128
    if len(text) > size - 11:
        raise ValueError(f"The shape {shape} does not fit the header.")
    return b"\x93NUMPY\x01\x00" + (size - 10).to_bytes(2, "little") + text.ljust(size - 11).encode() + b"\n"


def statistics(stores: Sequence[Store], split: str, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(width,) mean and spread over all frames of a split, summed in float64."""
    total, squares, count = np.zeros(width), np.zeros(width), 0
    for store, clip in chosen(stores, split):
        rows = store.rows(clip).astype(np.float64)
        total, squares, count = total + rows.sum(0), squares + np.square(rows).sum(0), count + len(rows)
    if not count:
        raise SignError(f'There is no clip of the split "{split}" in the corpus.')
    mean = total / count
    return mean, np.sqrt(np.maximum(squares / count - np.square(mean), 0))
