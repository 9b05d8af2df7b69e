"""Motion clips (.npz with the keys of AMASS, as the export writes them) as signs of a dictionary."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch

from sign_models.dictionary.motion.stations import at_tempo
from sign_models.errors import SignError
from sign_models.face import FACE_ACTIONS
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.from_motion import track_of_motion, without_ways
from sign_models.hamnosys.track import Track
from sign_models.parts import EXPRESSION_COLUMNS, FEATURES, HAND_COLUMNS, JAW_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.paths import asset
from sign_models.skeleton import HANDS, INDEX, JOINTS, UPPER_BODY
from sign_models.types import FPS, Motion

MAX_BYTES = 200_000_000
"""Bytes of an unpacked clip."""
SLOWEST, FASTEST = 5.0, 250.0
"""Frames a second."""
LONGEST = 20.0
"""Seconds of one sign, with the ways from and to rest."""
_RATES = ("mocap_frame_rate", "mocap_framerate")
"""AMASS has written it in both ways."""
_COLUMNS: dict[str, slice] = {
    UPPER_BODY[0]: UPPER_BODY_COLUMNS,
    "jaw": JAW_COLUMNS,
    **{f"{side}_index1": columns for side, columns in zip(HANDS, HAND_COLUMNS, strict=True)},
}
"""The first of some joints in a row -> the columns of a 133-vector that turn them."""


def clip_track(path: Path, figure: Figure) -> Track:
    """The sign in a clip at 25 fps, without its ways from and to hanging arms."""
    motion = read_clip(path)
    return without_ways(at_tempo(track_of_motion(motion, figure), motion.fps / FPS), figure)


def read_clip(path: Path) -> Motion:
    """The motion of a clip with whole hand poses; SignError, without the file's name, when it is none.

    Needed are ``poses`` (t, 165) and ``mocap_frame_rate``; ``expression``, ``expression_space``, ``face`` and
    ``flat_hands`` (True when it is not said) are read when they are there. What turns or moves the trunk is not: a sign
    is made before the chest, however the chest stands.
    """
    arrays = _arrays(path)
    rate = next((arrays[name] for name in _RATES if name in arrays), None)
    if "poses" not in arrays or rate is None:
        missing = "poses" if "poses" not in arrays else _RATES[0]
        raise SignError(f'the clip lacks "{missing}"; save it with the keys of AMASS.')
    poses, fps = _numbers(arrays, "poses", len(JOINTS) * 3, None), _fps(rate)
    t = len(poses)
    if not 1 < t <= LONGEST * fps:
        raise SignError(f"the clip has {t} frames; one sign has 2 to {LONGEST * fps:.0f} ({LONGEST:g} s): cut it.")
    if np.abs(poses).max() > 2 * np.pi + 0.01:
        raise SignError(f"poses of the clip go up to {np.abs(poses).max():.0f}; they are radians, at most 2 pi.")
    features = np.zeros((t, FEATURES), np.float32)
    for joint, columns in _COLUMNS.items():
        start = INDEX[joint] * 3
        features[:, columns] = poses[:, start : start + columns.stop - columns.start]
    if not bool(arrays.get("flat_hands", True)):
        features[:, HAND_COLUMNS[0].start : HAND_COLUMNS[1].stop] += _mean_hands()
    # Only this program's own files say whose expressions they are.
    ours = str(arrays.get("expression_space", "smplx")) == "open"
    if ours and "expression" in arrays:
        features[:, EXPRESSION_COLUMNS] = _numbers(arrays, "expression", 10, t)
    known = "face" in arrays and list(arrays.get("face_actions", FACE_ACTIONS)) == list(FACE_ACTIONS)
    face = torch.from_numpy(_numbers(arrays, "face", len(FACE_ACTIONS), t)) if known else None
    return Motion(torch.from_numpy(features), fps, face, True, "open" if ours else "smplx")


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as members:
            size = sum(member.file_size for member in members.infolist())
        if size > MAX_BYTES:
            raise SignError(f"the clip unpacks to {size:,} bytes; {MAX_BYTES:,} are the limit: cut it.")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise SignError("the clip is not there; check its path.") from error
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise SignError(f"the clip cannot be read as .npz ({error}); save it with numpy's savez.") from error
    # numpy hands out the bytes of a member that is no array.
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise SignError("the clip cannot be read as .npz (it holds what is no array); save it with numpy's savez.")
    return arrays


def _numbers(arrays: dict[str, np.ndarray], name: str, columns: int, rows: int | None) -> np.ndarray:
    """(rows, columns) float32, all finite."""
    array = arrays[name]
    if array.ndim != 2 or array.shape[1] != columns or (rows is not None and len(array) != rows):
        wanted = "frames" if rows is None else rows
        raise SignError(f'"{name}" of the clip has shape {array.shape}; ({wanted}, {columns}) is needed.')
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise SignError(f'"{name}" of the clip has values that are no finite numbers; mend them where it was made.')
    return array.astype(np.float32)


def _fps(rate: np.ndarray) -> float:
    if rate.size != 1 or rate.dtype.kind not in "fiu" or not SLOWEST <= float(rate.item()) <= FASTEST:
        shown = rate.item() if rate.size == 1 else rate.shape
        raise SignError(f"the clip's frame rate is {shown}; {SLOWEST:g} to {FASTEST:g} frames a second are read.")
    return float(rate.item())


def _mean_hands() -> np.ndarray:
    """(90,) the hand poses that the published data are told from."""
    with np.load(asset("body/open_body.npz"), allow_pickle=False) as body:
        return np.concatenate([body["hands_meanl"], body["hands_meanr"]]).astype(np.float32)
