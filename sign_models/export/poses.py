"""A motion as the 55 joint rotations, joint positions and face shape weights that the file formats need."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from sign_models.errors import SignError
from sign_models.export.rig import Floats, Rig
from sign_models.face import FACE_ACTIONS, face_of
from sign_models.parts import EXPRESSION_COLUMNS, HAND_COLUMNS, JAW_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.skeleton import HANDS, INDEX, JOINTS, PARENTS, UPPER_BODY
from sign_models.types import Motion

TURNED: dict[str, slice] = {
    UPPER_BODY[0]: UPPER_BODY_COLUMNS,
    "jaw": JAW_COLUMNS,
    **{f"{side}_index1": columns for side, columns in zip(HANDS, HAND_COLUMNS, strict=True)},
}
"""The first of some joints in a row -> the columns of a 133-vector that turn them."""

SMPLX_EXPRESSION = tuple(f"smplx_expression_{i}" for i in range(10))
"""Morph names of a licensed body's ten expression columns."""


def full_pose(motion: Motion) -> Floats:
    """(t, 55, 3) axis-angle in radians, hands as the motion stores them; joints outside the 133 columns are at rest."""
    if len(motion) == 0:
        raise SignError("The motion has no frames, so there is nothing to write; it needs at least one.")
    features = motion.features.detach().cpu().numpy()
    pose = np.zeros((len(motion), len(JOINTS), 3), np.float32)
    for first, columns in TURNED.items():
        turns = features[:, columns].reshape(len(motion), -1, 3)
        pose[:, INDEX[first] : INDEX[first] + turns.shape[1]] = turns
    return pose


def whole_hands(motion: Motion) -> None:
    """Refuses a motion whose hand columns lack the mean hand: a file for other programs holds whole rotations."""
    if not motion.flat_hands:
        raise ValueError("The motion's hands are relative to the mean hand; convert it (see ``body``) before export.")


def quaternions(pose: Floats) -> Floats:
    """(t, j, 3) axis-angle -> (t, j, 4) as x y z w, each within half a turn of the frame before it."""
    turns = Rotation.from_rotvec(pose.reshape(-1, 3)).as_quat().reshape(*pose.shape[:2], 4)
    flips = np.where((turns[1:] * turns[:-1]).sum(-1) < 0, -1.0, 1.0)
    turns[1:] *= np.cumprod(flips, axis=0)[..., None]
    return turns.astype(np.float32)


def positions(pose: Floats, rig: Rig) -> Floats:
    """(t, 55, 3) axis-angle -> (t, 65, 3) metres: the 55 joints, then the ten fingertips (left hand first)."""
    local = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(*pose.shape[:2], 3, 3)
    t = len(pose)
    turns = np.empty((t, len(JOINTS), 3, 3))
    places = np.empty((t, len(JOINTS) + 10, 3))
    for joint, parent in enumerate(PARENTS):
        if parent < 0:
            turns[:, joint], places[:, joint] = local[:, joint], rig.joints[joint]
            continue
        turns[:, joint] = turns[:, parent] @ local[:, joint]
        places[:, joint] = places[:, parent] + turns[:, parent] @ (rig.joints[joint] - rig.joints[parent])
    for tip, (joint, rest) in enumerate(zip(LAST_BONES, rig.fingertips.reshape(-1, 3), strict=True)):
        places[:, len(JOINTS) + tip] = places[:, joint] + turns[:, joint] @ (rest - rig.joints[joint])
    return places.astype(np.float32)


LAST_BONES = tuple(joint for joint, name in enumerate(JOINTS) if name.endswith("3") and name.startswith(HANDS))
"""The joints that carry a fingertip, in ``HANDS``, ``FINGERS`` order."""


def morph_weights(motion: Motion, rig: Rig) -> dict[str, Floats]:
    """Face shape name -> (t,) weights for the shapes of the rig that the motion speaks of.

    Expression columns made for another body mean other shapes, so they are left out.
    """
    known: dict[str, torch.Tensor] = {}
    if motion.face is not None:
        known = dict(zip(FACE_ACTIONS, motion.face.T, strict=True))
    elif motion.expression_space == "open":
        known = dict(zip(FACE_ACTIONS, face_of(motion.features[:, EXPRESSION_COLUMNS]).T, strict=True))
    if motion.expression_space == "smplx":
        known |= dict(zip(SMPLX_EXPRESSION, motion.features[:, EXPRESSION_COLUMNS].T, strict=True))
    return {name: known[name].detach().cpu().numpy().astype(np.float32) for name in rig.morphs if name in known}
