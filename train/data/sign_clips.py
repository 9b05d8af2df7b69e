"""How2Sign, CSL-Daily and Phoenix-2014T in the layouts in which SOKE's authors use them (soke.md section 4.1).

Each reader yields every clip of a split as ``Found``: where its poses should lie, its text, its rate. What cannot be
used is not skipped in silence: ``usable`` gives it back with the reason.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sign_models.errors import SignError
from sign_models.unpickle import read_gzip_pickle
from train.data import pose_files
from train.data.lengths import thin_to
from train.data.store import Clip, Rows
from train.data.unusable import Unusable

SPLITS = ("train", "val", "test")
FEWEST_FRAMES = 4
HOW2SIGN_LONGEST = 30.0
"""Seconds; longer clips are left out."""
HOW2SIGN_FPS = 24.0
CSL_FPS, PHOENIX_FPS = 30.0, 25.0
"""Native rates, kept."""


@dataclass(frozen=True)
class Found:
    """One line of a data set's own index. seconds: its length there, 0 when the index does not say."""

    name: str
    language: str
    text: str
    split: str
    fps: float
    most_fps: float
    poses: Callable[[], Rows]
    seconds: float = 0.0


def how2sign(root: Path) -> Iterator[Found]:
    """``<split>/poses/<name>/<name>_<i>_3D.pkl`` and the realigned CSV; or ``poses_video_level``, one pickle a clip."""
    for split in SPLITS:
        table = root / split / "re_aligned" / f"how2sign_realigned_{split}_preprocessed_fps.csv"
        for row in _csv_rows(table, ("SENTENCE_NAME", "SENTENCE", "START_REALIGNED", "END_REALIGNED", "fps")):
            name = safe_name(row["SENTENCE_NAME"])
            seconds = _number(row, "END_REALIGNED", table) - _number(row, "START_REALIGNED", table)
            yield Found(name, "ase", row["SENTENCE"], split, _number(row, "fps", table), HOW2SIGN_FPS,
                        _poses(root / split, name, numbered=True), seconds)  # fmt: skip


def csl_daily(root: Path) -> Iterator[Found]:
    """``poses/<name>/*.pkl`` and gzip pickles ``csl_clean.<split>``."""
    for split in SPLITS:
        for name, text in _annotations(root / f"csl_clean.{split}"):
            yield Found(name, "csl", text, split, CSL_FPS, np.inf, _poses(root, name))


def phoenix(root: Path) -> Iterator[Found]:
    """``<split>/<clip>/*.pkl`` and gzip pickles ``phoenix14t.<split>``; their validation split is "dev"."""
    for split in SPLITS:
        own = "dev" if split == "val" else split
        for name, text in _annotations(root / f"phoenix14t.{own}"):
            clip = name if name.startswith(f"{own}/") else f"{own}/{name}"
            yield Found(clip, "gsg", text, split, PHOENIX_FPS, np.inf, _poses(root, clip))


READERS: dict[str, Callable[[Path], Iterator[Found]]] = {
    "how2sign": how2sign,
    "csl_daily": csl_daily,
    "phoenix": phoenix,
}


def usable(found: Found, excluded: frozenset[str] = frozenset()) -> tuple[Clip, Rows] | Unusable:
    """The clip with its (t, 133) poses at the rate it is used in, or why it is not used."""
    reason = ""
    if found.name in excluded:
        reason = "it is on the list of excluded clips"
    elif found.language == "ase" and found.seconds >= HOW2SIGN_LONGEST:
        reason = f"it lasts {found.seconds:.1f} s; {HOW2SIGN_LONGEST:.0f} s and more are left out"
    elif not found.text.strip():
        reason = "it has no text"
    if reason:
        return Unusable(found.name, found.split, reason)
    try:
        rows = found.poses()
    except SignError as error:
        return Unusable(found.name, found.split, str(error))
    rows = rows[thin_to(len(rows), found.fps, found.most_fps)]
    if len(rows) < FEWEST_FRAMES:
        return Unusable(found.name, found.split, f"it has {len(rows)} frames; {FEWEST_FRAMES} are needed")
    fps = min(found.fps, found.most_fps)
    return Clip(found.name, found.language, found.text.strip(), found.split, fps), rows


def _poses(root: Path, name: str, numbered: bool = False) -> Callable[[], Rows]:
    def read() -> Rows:
        for base in (root / "poses", root):
            folder = base / name
            if folder.is_dir():
                files = pose_files.numbered(folder, name) if numbered else sorted(folder.glob("*.pkl"))
                return pose_files.read_folder(files)
        for base in (root / "poses_video_level", root / "poses", root):
            if (base / f"{name}.pkl").is_file():
                return pose_files.read_video_file(base / f"{name}.pkl")
        raise SignError("it has no poses")

    return read


def _csv_rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise SignError(f"There is no {path.name} in {path.parent}; it belongs to the data set's annotations.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        sample = file.readline()
        file.seek(0)
        reader = csv.DictReader(file, delimiter="\t" if "\t" in sample else ",")
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise SignError(f"{path.name} has no column {missing[0]}.")
        yield from reader


def _annotations(path: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of a gzip pickle: a list of dicts."""
    if not path.is_file():
        raise SignError(f"There is no {path.name} in {path.parent}; it belongs to the data set's annotations.")
    rows: Any = read_gzip_pickle(path)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and {"name", "text"} <= row.keys() for row in rows):
        raise SignError(f'{path.name} must hold a list of dicts with "name" and "text".')
    return ((safe_name(str(row["name"])), str(row["text"])) for row in rows)


def safe_name(name: str) -> str:
    """A clip's name is also a path below the data set, and must stay there."""
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise SignError(f'The annotations name a clip "{name[:60]}", which is not a name inside the data set.')
    return name


def _number(row: dict[str, str], column: str, path: Path) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError) as error:
        raise SignError(
            f'{path.name}, clip {row["SENTENCE_NAME"]}: {column} is "{row[column]}"; a number is needed.'
        ) from error
