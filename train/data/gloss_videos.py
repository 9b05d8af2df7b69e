"""WLASL and NMFs-CSL: one video a sign. Each reader yields every clip of the data set's own index as ``Found``.

What cannot be used is not skipped in silence: ``clip_of`` gives it back with the reason.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sign_models.errors import SignError
from sign_models.files import read_text
from sign_models.lmt.rules import ClipRules
from sign_models.render import read_frames, video_length
from train.data.sign_clips import safe_name
from train.data.unusable import Unusable
from train.data.video_store import Boxes, Frames, VideoClip

WLASL_INDEX = "WLASL_v0.3.json"
WLASL_FPS = 25.0
"""At which the frame numbers of the index are counted, from 1."""
YOUTUBE_ID = 11
"""Letters of a YouTube name, at the end of its address."""

NMFS_LABELS = "labels.csv"
NMFS_SPLITS = ("train", "val", "test")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Found:
    """One clip of a data set's index. start, end: seconds in the file, end None for its end. box: left, top, right,
    bottom of the person in pixels, None when the data set gives none. missing: why the data set itself leaves it out.
    """

    name: str
    gloss: str
    language: str
    signer: str
    split: str
    video: Path
    start: float = 0.0
    end: float | None = None
    box: Box | None = None
    missing: str = ""


def wlasl(root: Path, subset: str = "") -> Iterator[Found]:
    """``WLASL_v0.3.json``, ``videos/<video_id>.mp4`` (cut, as its preprocess.py leaves them) or else
    ``raw_videos_mp4/<YouTube name or video_id>.mp4``; ``missing.txt`` names videos that are known to be gone.

    subset: a split file beside it ("nslt_100.json"): only its clips are read, in its splits; empty for all.
    """
    index, chosen = _json(root / WLASL_INDEX, list), _json(root / subset, dict) if subset else None
    gone = set(read_text(root / "missing.txt").split()) if (root / "missing.txt").is_file() else set()
    try:
        for entry in index:
            for one in entry["instances"]:
                name = safe_name(str(one["video_id"]))
                if chosen is not None and name not in chosen:
                    continue
                split = one["split"] if chosen is None else chosen[name]["subset"]
                video, start, end = _wlasl_video(root, one)
                left, top, right, bottom = (float(edge) for edge in one["bbox"])
                yield Found(name, f"ase:{str(entry['gloss']).upper()}", "ase", str(one["signer_id"]), str(split), video,
                            start, end, (left, top, right, bottom),
                            "it is on the data set's list of missing videos" if name in gone else "")  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise SignError(f"{WLASL_INDEX} or {subset or 'its split'} is not laid out as WLASL's: {error!r}.") from error


def _wlasl_video(root: Path, one: dict[str, Any]) -> tuple[Path, float, float | None]:
    """The file, and from where to where in it the sign is."""
    name = safe_name(str(one["video_id"]))
    cut = root / "videos" / f"{name}.mp4"
    address = str(one["url"])
    if "youtu" not in address:
        raw = root / "raw_videos_mp4" / f"{name}.mp4"
    else:
        raw = root / "raw_videos_mp4" / f"{safe_name(address[-YOUTUBE_ID:])}.mp4"
    if cut.is_file() or not raw.is_file():
        return cut, 0.0, None
    first, last = int(one["frame_start"]), int(one["frame_end"])
    return raw, (first - 1) / WLASL_FPS, None if last <= 0 else last / WLASL_FPS


def nmfs_csl(root: Path, subset: str = "") -> Iterator[Found]:
    """``labels.csv`` (columns label, gloss) and a list a split, ``train.csv``, ``test.csv``, perhaps ``val.csv``
    (columns video, label, perhaps signer); videos are named from the root.

    The data set is given out by signed agreement only and its own lists could not be seen: bring them into this form.
    subset: not used; the data set has none.
    """
    if subset:
        raise SignError(f'NMFs-CSL has no subset "{subset}"; leave the setting out.')
    glosses = {row["label"]: row["gloss"] for row in _table(root / NMFS_LABELS, ("label", "gloss"))}
    found = 0
    for split in NMFS_SPLITS:
        path = root / f"{split}.csv"
        for row in _table(path, ("video", "label")) if path.is_file() else ():
            if row["label"] not in glosses:
                raise SignError(f"{path.name}: the label {row['label']} of {row['video']} is not in {NMFS_LABELS}.")
            name = safe_name(row["video"])
            found += 1
            yield Found(
                name, f"csl:{glosses[row['label']]}", "csl", row.get("signer") or _signer(name), split, root / name
            )
    if not found:
        raise SignError(f"{root} has none of {', '.join(f'{split}.csv' for split in NMFS_SPLITS)} with a clip in it.")


def _signer(name: str) -> str:
    """NMFs-CSL's laboratory writes the signer into the name: P07_..."""
    match = re.search(r"(?<![A-Za-z])(P\d+)", name)
    return match[1] if match else "unknown"


READERS: dict[str, Callable[[Path, str], Iterator[Found]]] = {"wlasl": wlasl, "nmfs_csl": nmfs_csl}


def clips(
    corpus: str, root: Path, subset: str, rules: ClipRules, workers: int = 0
) -> Iterator[tuple[VideoClip, Frames, Boxes] | Unusable]:
    """All clips in the order of the index, decoded by ``workers`` processes; an Unusable in the place of a bad one."""
    work = partial(clip_of, rules=rules)
    found = list(READERS[corpus](root, subset))
    if not workers:
        yield from map(work, found)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, found, chunksize=16)


def clip_of(found: Found, rules: ClipRules) -> tuple[VideoClip, Frames, Boxes] | Unusable:
    """The clip cut by the rules, or why it is not used. Real data has no hand boxes: they are all 0."""
    if found.missing:
        return Unusable(found.name, found.split, found.missing)
    try:
        count, rate = video_length(found.video)
        if not rate > 0:
            raise SignError("the file does not say its frame rate")
        end = count if found.end is None else min(count, round(found.end * rate))
        numbers, fps = moments(round(found.start * rate), end, rate, rules)
        pictures = read_frames(found.video, numbers)
        frames = np.stack([cropped(picture, found.box, rules) for picture in pictures])
    except SignError as error:
        return Unusable(found.name, found.split, str(error))
    clip = VideoClip(found.name, found.gloss, found.language, found.signer, found.split, fps)
    return clip, frames, np.zeros((rules.frames, 2, 4), np.float32)


def moments(start: int, end: int, rate: float, rules: ClipRules) -> tuple[list[int], float]:
    """Which frames of ``start`` to ``end`` (exclusive) are shown, and at how many a second they play."""
    length = end - start
    if length < max(2, rules.frames // 2):
        raise SignError(f"it has {max(length, 0)} frames; {max(2, rules.frames // 2)} are needed")
    if not rules.fps:
        spread = np.linspace(start, end - 1, rules.frames)
        return [int(n) for n in np.rint(spread)], (rules.frames - 1) * rate / max(length - 1, 1)
    span = (rules.frames - 1) * rate / rules.fps
    if span > length - 0.5:
        raise SignError(
            f"it lasts {length / rate:.2f} s; {rules.frames} frames at {rules.fps:g} a second need "
            f"{rules.frames / rules.fps:.2f} s"
        )
    first = start + (length - 1 - span) / 2
    numbers = first + np.arange(rules.frames) * rate / rules.fps
    return [int(n) for n in np.clip(np.rint(numbers), start, end - 1)], rules.fps


def cropped(picture: NDArray[np.uint8], box: Box | None, rules: ClipRules) -> NDArray[np.uint8]:
    """(h, w, 3) -> (rules.height, rules.width, 3), with the shape of the wanted picture; edges are repeated outside."""
    high, wide = picture.shape[:2]
    shape = rules.width / rules.height
    if rules.crop == "whole":
        height = min(high, wide / shape)
        middle = (wide / 2, high / 2)
    elif rules.crop == "box":
        if box is None or box[2] <= box[0] or box[3] <= box[1]:
            raise SignError("the data set gives no box of the person; use the crop whole")
        height = max(box[3] - box[1], (box[2] - box[0]) / shape) * (1 + 2 * rules.margin)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    else:
        raise SignError(f'the crop "{rules.crop}" is for rendered clips; use box or whole')
    size = (max(1, round(height * shape)), max(1, round(height)))
    left, top = (round(at - side / 2) for at, side in zip(middle, size, strict=True))
    columns, rows = (np.arange(first, first + side) for first, side in zip((left, top), size, strict=True))
    part = picture[rows.clip(0, high - 1)][:, columns.clip(0, wide - 1)]
    small = Image.fromarray(part).resize((rules.width, rules.height), Image.Resampling.BILINEAR)
    return np.asarray(small)


def _json(path: Path, kind: type) -> Any:
    if not path.is_file():
        raise SignError(f"There is no {path.name} in {path.parent}; it belongs to the data set's annotations.")
    try:
        values = json.loads(read_text(path))
    except ValueError as error:
        raise SignError(f"{path.name} is not JSON ({error}); download it again.") from error
    if not isinstance(values, kind):
        raise SignError(f"{path.name} holds a {type(values).__name__}; a {kind.__name__} is needed.")
    return values


def _table(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise SignError(f"There is no {path.name} in {path.parent}; see the help of train.prepare_videos.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        lacking = [name for name in columns if name not in (reader.fieldnames or ())]
        if lacking:
            raise SignError(f"{path.name} has no column {lacking[0]}.")
        for row in reader:
            if not all(row[name] for name in columns):
                raise SignError(f"{path.name}, line {reader.line_num}: {', '.join(columns)} must not be empty.")
            yield row
