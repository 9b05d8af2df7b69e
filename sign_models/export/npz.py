"""A motion as .npz with the keys AMASS uses, so that SMPL-X add-ons and scripts can load it; and back.

``poses`` (t, 165) and its slices ``root_orient``, ``pose_body``, ``pose_jaw``, ``pose_eye``, ``pose_hand``; ``trans``,
``betas``, ``expression``, ``gender``, ``mocap_frame_rate``, ``surface_model_type`` as there. Beside them what AMASS has
no word for: ``up_axis`` ("y"; AMASS's own recordings have z up), ``flat_hands`` (False: the mean hand has still to be
added), ``expression_space``, and ``face`` with ``face_actions`` when the motion has them. Plain arrays only.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from sign_models.errors import SignError
from sign_models.export.poses import some_frames
from sign_models.face import FACE_ACTIONS
from sign_models.files import atomic
from sign_models.parts import EXPRESSION_COLUMNS, FEATURES, HAND_COLUMNS, JAW_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.skeleton import HANDS, INDEX, JOINTS, UPPER_BODY
from sign_models.types import Motion

_NEEDED = ("poses", "expression", "mocap_frame_rate", "flat_hands", "expression_space")
_BETAS = 16
_TURNED: dict[str, slice] = {
    UPPER_BODY[0]: UPPER_BODY_COLUMNS,
    "jaw": JAW_COLUMNS,
    **{f"{side}_index1": columns for side, columns in zip(HANDS, HAND_COLUMNS, strict=True)},
}
"""The first of some joints in a row -> the columns of a 133-vector that turn them."""


def write_npz(path: Path, motion: Motion) -> None:
    """Writes the motion; ``read_npz`` gives it back unchanged."""
    some_frames(motion)
    poses = _poses(motion.features.detach().cpu().numpy())
    arrays = {
        "poses": poses,
        "root_orient": poses[:, 0:3],
        "pose_body": poses[:, 3:66],
        "pose_jaw": poses[:, 66:69],
        "pose_eye": poses[:, 69:75],
        "pose_hand": poses[:, 75:165],
        "trans": np.zeros((len(motion), 3), np.float32),
        "betas": np.zeros(_BETAS, np.float32),
        "expression": motion.features[:, EXPRESSION_COLUMNS].detach().cpu().numpy(),
        "gender": np.array("neutral"),
        "mocap_frame_rate": np.array(motion.fps),
        "mocap_time_length": np.array(motion.seconds),
        "surface_model_type": np.array("smplx"),
        "up_axis": np.array("y"),
        "flat_hands": np.array(motion.flat_hands),
        "expression_space": np.array(motion.expression_space),
    }
    if motion.face is not None:
        arrays |= {"face": motion.face.detach().cpu().numpy(), "face_actions": np.array(FACE_ACTIONS)}
    with atomic(path) as part:
        np.savez_compressed(part, allow_pickle=False, **arrays)


def read_npz(path: Path) -> Motion:
    """The inverse of ``write_npz``; SignError for any other file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise SignError(
            f"{path.name} cannot be read as a motion ({error}); give an .npz written by this program."
        ) from error
    missing = [name for name in _NEEDED if name not in arrays]
    if missing:
        raise SignError(f"{path.name} lacks {', '.join(missing)}; give an .npz written by this program.")
    poses = arrays["poses"]
    if poses.ndim != 2 or poses.shape[1] != len(JOINTS) * 3:
        raise SignError(f"poses in {path.name} has shape {poses.shape}; (frames, 165) is needed.")
    return Motion(
        features=_features(poses, arrays["expression"]),
        fps=float(arrays["mocap_frame_rate"]),
        face=torch.from_numpy(arrays["face"]) if "face" in arrays else None,
        flat_hands=bool(arrays["flat_hands"]),
        expression_space="smplx" if str(arrays["expression_space"]) == "smplx" else "open",
    )


def _columns() -> Iterator[tuple[slice, slice]]:
    """Columns of ``poses`` and the columns of the features that say the same."""
    for first, columns in _TURNED.items():
        start = INDEX[first] * 3
        yield slice(start, start + columns.stop - columns.start), columns


def _poses(features: np.ndarray) -> np.ndarray:
    """(t, 133) -> (t, 165), hands as they are given, zeros for joints that no column turns."""
    poses = np.zeros((len(features), len(JOINTS) * 3), np.float32)
    for there, here in _columns():
        poses[:, there] = features[:, here]
    return poses


def _features(poses: np.ndarray, expression: np.ndarray) -> torch.Tensor:
    """(t, 165) and (t, 10) -> (t, 133)."""
    features = torch.zeros(len(poses), FEATURES)
    for there, here in _columns():
        features[:, here] = torch.from_numpy(poses[:, there])
    features[:, EXPRESSION_COLUMNS] = torch.from_numpy(expression)
    return features
