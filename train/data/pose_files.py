"""The published SMPL-X pose pickles: one a frame in a folder, or one a video (soke.md sections 1.1 and 4.1)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.parts import FEATURES
from sign_models.soke.statistics import from_published
from sign_models.unpickle import read_pickle

Array = NDArray[np.float32]

KEYS = {
    "smplx_root_pose": 3,
    "smplx_body_pose": 63,
    "smplx_lhand_pose": 45,
    "smplx_rhand_pose": 45,
    "smplx_jaw_pose": 3,
    "smplx_shape": 10,
    "smplx_expr": 10,
}
"""Arrays of a pickle in the order in which they form the 179 published columns, with their widths."""


def read_folder(files: Sequence[Path]) -> Array:
    """One pickle a frame, already in order -> (t, 133)."""
    frames = []
    for file in files:
        frame = _columns(read_pickle(file), file)
        if len(frame) != 1:
            raise SignError(f"{file.name} holds {len(frame)} poses; one frame was expected.")
        frames.append(frame)
    return _features(np.concatenate(frames)) if frames else np.zeros((0, FEATURES), np.float32)


def read_video_file(file: Path) -> Array:
    """One pickle a video -> (t, 133)."""
    return _features(_columns(read_pickle(file), file))


def numbered(folder: Path, name: str) -> list[Path]:
    """``<name>_<i>_3D.pkl`` for i = 0, 1, … without a gap."""
    pattern = re.compile(re.escape(name) + r"_(\d+)_3D\.pkl")
    found = {int(match[1]): file for file in folder.iterdir() if (match := pattern.fullmatch(file.name))}
    missing = next((i for i in range(len(found)) if i not in found), None)
    if missing is not None:
        raise SignError(f"frame {missing} of {len(found)} is missing")
    return [found[i] for i in range(len(found))]


def _columns(value: object, file: Path) -> NDArray[Any]:
    """The seven arrays of a pickle side by side: (t, 179)."""
    if not isinstance(value, Mapping):
        raise SignError(f"{file.name} holds a {type(value).__name__}; the seven SMPL-X arrays are needed.")
    missing = [key for key in KEYS if key not in value]
    if missing:
        raise SignError(f"{file.name} has no {missing[0]}.")
    pieces = []
    for key, width in KEYS.items():
        array = np.asarray(value[key])
        if not np.issubdtype(array.dtype, np.number) or array.size % width or (array.ndim > 1 and array.size == 0):
            raise SignError(
                f"{file.name}: {key} has shape {array.shape} of {array.dtype}; (t, {width}) numbers are needed."
            )
        pieces.append(array.reshape(-1, width))
    if len({len(piece) for piece in pieces}) != 1:
        raise SignError(f"{file.name}: its arrays have {[len(piece) for piece in pieces]} frames; they must agree.")
    whole = np.concatenate(pieces, axis=1)
    if not np.isfinite(whole).all():
        raise SignError(f"{file.name} holds numbers that are not finite.")
    return whole


def _features(columns: NDArray[Any]) -> Array:
    return from_published(torch.from_numpy(columns)).float().numpy()
