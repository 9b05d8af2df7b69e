"""An uploaded motion (.npz), looked through before anything of it is read: it may come from anyone.

Only the headers of the arrays are read first; what claims to be larger than the limits is never unpacked, and objects
(which would have to be unpickled) are refused.
"""

import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sign_models.errors import SignError
from sign_models.export.npz import read_npz
from sign_models.face import FACE_ACTIONS
from sign_models.types import Motion

FILE_SIZE = 1_000_000
MEMBERS = 40
UNPACKED = 32_000_000
"""Bytes of the file, arrays in it, and bytes of all arrays together."""
SECONDS = 60.0
RATES = (5.0, 120.0)
LARGEST_TURN = 4 * math.pi
"""No joint's axis-angle is longer; poses in degrees are."""

DAMAGED = "The file is no .npz motion, or it is damaged; give one that this program has written."

_SHAPES: dict[str, tuple[int | None, ...]] = {
    "poses": (None, 165),
    "expression": (None, 10),
    "face": (None, len(FACE_ACTIONS)),
    "mocap_frame_rate": (),
    "flat_hands": (),
    "expression_space": (),
}
_KINDS = {"flat_hands": "b", "expression_space": "U"}
"""numpy's letters for the kind of numbers; "f", "i" and "u" for all others."""


def read_reference(path: Path) -> Motion:
    """The motion of an uploaded file as this program writes it; SignError for everything else."""
    size = path.stat().st_size
    if size > FILE_SIZE:
        raise SignError(f"The file has {size} bytes; a reference motion may have {FILE_SIZE}.")
    frames = _checked(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            rate = float(file["mocap_frame_rate"])
        low, high = RATES
        if not low <= rate <= high:
            raise SignError(f"The motion has {rate:g} frames a second; give one with {low:g} to {high:g}.")
        if frames / rate > SECONDS:
            raise SignError(f"The motion takes {frames / rate:.0f} s; give one of at most {SECONDS:.0f} s.")
        motion = read_npz(path)
    except (zlib.error, zipfile.BadZipFile, EOFError) as error:
        raise SignError(DAMAGED) from error
    for values in (motion.features, motion.face):
        if values is not None and not torch.isfinite(values).all():
            raise SignError("The motion has numbers that are not finite; export it again.")
    largest = float(motion.features[:, :123].abs().max())
    if largest > LARGEST_TURN:
        raise SignError(f"A joint turns by {largest:.0f}; angles are needed in radians, at most {LARGEST_TURN:.1f}.")
    return motion


def _headers(path: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    """Name -> shape and kind of every array, from the headers alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS:
                raise SignError(f"The file holds {len(members)} arrays; a motion has at most {MEMBERS}.")
            whole = sum(member.file_size for member in members)
            if whole > UNPACKED:
                raise SignError(f"The file unpacks to {whole} bytes; a motion may have {UNPACKED}.")
            shapes = {member.filename.removesuffix(".npy"): _header(archive, member) for member in members}
    except SignError:  # a ValueError as well, but it says already what is wrong
        raise
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise SignError(DAMAGED) from error
    if len(shapes) < len(members):
        raise SignError("The file holds two arrays of one name; give an .npz written by this program.")
    return shapes


def _checked(path: Path) -> int:
    """Frames of the motion, when all arrays that are read fit together."""
    shapes = _headers(path)
    missing = [name for name in _SHAPES if name != "face" and name not in shapes]
    if missing:
        raise SignError(f"The file lacks {', '.join(missing)}; give an .npz written by this program.")
    frames = shapes["poses"][0][0] if shapes["poses"][0] else 0
    for name, wanted in _SHAPES.items():
        if name not in shapes:
            continue
        shape, kind = shapes[name]
        expected = tuple(frames if n is None else n for n in wanted)
        if shape != expected or kind not in _KINDS.get(name, "fiu"):
            raise SignError(f"{name} in the file has shape {shape} of kind {kind!r}; {expected} is needed.")
    if not frames:
        raise SignError("The motion has no frames; give one with at least one.")
    return int(frames)


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[tuple[int, ...], str]:
    """Shape and kind of one array; ValueError when it is none or claims to be larger than it is."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read: Any = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
        if dtype.hasobject:
            raise SignError(f"{member.filename!r} in the file holds Python objects, which are never read.")
        if math.prod(shape) * dtype.itemsize > member.file_size:
            raise ValueError(member.filename)
    return shape, dtype.kind
