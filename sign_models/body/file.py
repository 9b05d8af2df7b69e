"""Which body file, and reading it without ever unpickling: a licensed SMPL-X file or the bundled open body."""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.face import FACE_ACTIONS
from sign_models.paths import asset
from sign_models.skeleton import JOINTS, PARENTS

Floats = NDArray[np.float32]

BODY_VARIABLE = "SIGN_MODELS_SMPLX"
OPEN_BODY = "body/open_body.npz"
OPEN_MARK = "open_body_version"
REGISTRATION = "https://smpl-x.is.tue.mpg.de"

_J = len(JOINTS)
SHAPES: dict[str, tuple[int | str, ...]] = {
    "v_template": ("v", 3),
    "f": ("f", 3),
    "weights": ("v", _J),
    "kintree_table": (2, _J),
    "J_regressor": (_J, "v"),
    "shapedirs": ("v", 3, "s"),
    "posedirs": ("v", 3, 9 * (_J - 1)),
    "hands_componentsl": (45, 45),
    "hands_componentsr": (45, 45),
    "hands_meanl": (45,),
    "hands_meanr": (45,),
    "lmk_faces_idx": (51,),
    "lmk_bary_coords": (51, 3),
}
"""The 13 keys of SMPL-X's file layout."""
_CONTOUR_SHAPES: dict[str, tuple[int | str, ...]] = {
    "dynamic_lmk_faces_idx": ("l", 17),
    "dynamic_lmk_bary_coords": ("l", 17, 3),
}
"""The contour of the face by turn of the neck: in a licensed file, and only measured."""
SMALLEST = 9930
"""smplx knows some vertices by number, the last of them 9929."""

_OPEN_SHAPES: dict[str, tuple[int | str, ...]] = {
    "face_actions": (len(FACE_ACTIONS),),
    "region_names": ("r",),
    "regions": ("v", "r"),
    "shade": ("v",),
    "finger_axes": (2, 15, 3, 3),
    "gaze_turns": (len(FACE_ACTIONS), 2, 3),
}
_CANDIDATES = ("SMPLX_NEUTRAL.npz", "smplx/SMPLX_NEUTRAL.npz", "models/smplx/SMPLX_NEUTRAL.npz")


@dataclass(frozen=True)
class BodyFile:
    """The checked arrays of a body file, by their keys; is_open tells the bundled kind."""

    path: Path
    arrays: dict[str, NDArray[Any]]

    @property
    def is_open(self) -> bool:
        return OPEN_MARK in self.arrays


def find(path: Path | None = None) -> Path:
    """The body file to use: the given one, else the environment variable's, else the bundled open body."""
    if path is not None:
        return _inside(Path(path), "The body file")
    chosen = os.environ.get(BODY_VARIABLE)
    if chosen:
        return _inside(Path(chosen), f"{BODY_VARIABLE}, the body file,")
    return asset(OPEN_BODY)


def _inside(path: Path, what: str) -> Path:
    if path.is_dir():
        for name in _CANDIDATES:
            if (path / name).is_file():
                return path / name
        raise SignError(f"{what} names the folder {path}, which holds no SMPLX_NEUTRAL.npz; {_remedy()}")
    if not path.is_file():
        raise SignError(f"{what} {path} does not exist; {_remedy()}")
    return path


def _remedy() -> str:
    licensed = f"register at {REGISTRATION} and download SMPLX_NEUTRAL.npz"
    return f"{licensed}, or unset {BODY_VARIABLE} to use the bundled open body."


def read(path: Path) -> BodyFile:
    """Read and check a file; SignError in one sentence when it is not a body in SMPL-X's layout."""
    try:
        if not zipfile.is_zipfile(path):
            raise _broken(path, "is not an npz archive")
        with np.load(path, allow_pickle=False) as data:
            is_open = OPEN_MARK in data.files
            shapes = SHAPES | (_OPEN_SHAPES if is_open else {})
            if all(key in data.files for key in _CONTOUR_SHAPES):
                shapes = shapes | _CONTOUR_SHAPES
            missing = [key for key in shapes if key not in data.files]
            if missing:
                raise _broken(path, f"lacks {', '.join(missing)}")
            arrays = {key: _plain(path, data, key) for key in shapes if not (is_open and key == "posedirs")}
            if is_open:
                arrays[OPEN_MARK] = data[OPEN_MARK]
                arrays["posedirs"] = _no_pose_shapes(len(arrays["v_template"]))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, SignError):
            raise
        raise _broken(path, "cannot be read as an npz archive") from error
    _check_shapes(path, arrays, shapes)
    _check_values(path, arrays)
    return BodyFile(path, arrays)


def _plain(path: Path, data: "np.lib.npyio.NpzFile", key: str) -> NDArray[Any]:
    """One array; an array of objects would have to be unpickled, which could run any code."""
    try:
        array = data[key]
    except ValueError as error:
        raise _broken(path, f"holds {key} as pickled objects, which are never loaded") from error
    kind = np.float32 if array.dtype.kind == "f" else array.dtype
    return np.ascontiguousarray(array, dtype=kind)


def _no_pose_shapes(vertices: int) -> Floats:
    """(v, 3, 486) zeros that take no room: an open body bends by its skin weights alone, so they are not read."""
    return np.broadcast_to(np.float32(0), (vertices, 3, 9 * (_J - 1)))


def _check_shapes(path: Path, arrays: dict[str, NDArray[Any]], shapes: dict[str, tuple[int | str, ...]]) -> None:
    sizes: dict[str, int] = {}
    for key, shape in shapes.items():
        have = arrays[key].shape
        fits = len(have) == len(shape) and all(
            sizes.setdefault(want, size) == size if isinstance(want, str) else want == size
            for want, size in zip(shape, have, strict=True)
        )
        if not fits:
            wanted = ", ".join(str(sizes.get(n, n)) if isinstance(n, str) else str(n) for n in shape)
            raise _broken(path, f"has {key} of shape {have} where ({wanted}) is needed")
    if sizes["v"] < SMALLEST:
        raise _broken(path, f"has {sizes['v']} vertices where at least {SMALLEST} are needed")
    if sizes["s"] < 20:
        raise _broken(path, f"has {sizes['s']} shape columns where at least 20 are needed")


def _check_values(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    for key in SHAPES:
        array = arrays[key]
        if array.dtype.kind not in "fiu" or (any(array.strides) and not np.isfinite(array).all()):
            raise _broken(path, f"holds something else than finite numbers in {key}")
    if arrays["f"].max() >= len(arrays["v_template"]):
        raise _broken(path, "has faces that point past its last vertex")
    if tuple(int(p) for p in arrays["kintree_table"][0, 1:]) != PARENTS[1:]:
        raise _broken(path, "has another joint tree than SMPL-X")
    if np.abs(arrays["weights"].sum(1) - 1).max() > 1e-2:
        raise _broken(path, "has skin weights that do not sum to 1")


def _broken(path: Path, what: str) -> SignError:
    return SignError(f"The body file {path} {what}; {_remedy()}")
