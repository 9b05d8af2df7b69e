"""How far each joint of a motion is from the end of its range, read from the finished poses and from nothing else."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sign_models.hamnosys.arm import limits
from sign_models.hamnosys.arm.limits import Range
from sign_models.hamnosys.arm.solver import hand_angles
from sign_models.hamnosys.hand.model import limit_excess
from sign_models.hamnosys.smoothing import to_matrix
from sign_models.parts import HAND_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.skeleton import HANDS, UPPER_BODY
from sign_models.types import Motion

Array = NDArray[np.float64]

_TO_LEFT = np.array([1.0, -1.0, -1.0])
"""Axis-angles are pseudo-vectors: a right arm's, mirrored into a left one's, keep x and turn y and z round."""
_ELBOW_STRAY = Range(-3, 3)
"""Degrees an elbow may bend about the axis it does not have."""


def beyond_limits(motion: Motion) -> dict[str, Array]:
    """Joint (or angle of one) -> (t) degrees by which it is beyond its range, 0 inside; the worse of both sides."""
    excess = dict(_head(motion))
    for side in HANDS:
        for name, values in _side(motion, side).items():
            excess[name] = np.maximum(excess.get(name, 0.0), values)
    return excess


def _joint(motion: Motion, name: str) -> Array:
    first = UPPER_BODY_COLUMNS.start + 3 * UPPER_BODY.index(name)
    values: Array = motion.features[:, first : first + 3].numpy().astype(np.float64)
    return values


def _head(motion: Motion) -> dict[str, Array]:
    turn = Rotation.from_rotvec(_joint(motion, "neck")) * Rotation.from_rotvec(_joint(motion, "head"))
    ranges = {"head pitch": limits.HEAD_PITCH, "head yaw": limits.HEAD_YAW, "head roll": limits.HEAD_ROLL}
    angles = turn.as_rotvec()
    return {name: _degrees(joint, angles[:, i]) for i, (name, joint) in enumerate(ranges.items())}


def _side(motion: Motion, side: str) -> dict[str, Array]:
    mirror = _TO_LEFT if side == "right" else np.ones(3)
    collar, shoulder, elbow, wrist = (
        _joint(motion, f"{side}_{name}") * mirror for name in ("collar", "shoulder", "elbow", "wrist")
    )
    twist = _twist(to_matrix(shoulder))
    # The elbow bends about y, then turns about the forearm.
    bend, turned, stray = Rotation.from_rotvec(elbow).as_euler("YXZ").T
    forearm = to_matrix(np.stack([turned, np.zeros_like(turned), np.zeros_like(turned)], -1))
    hand = hand_angles(np.broadcast_to(np.eye(3), forearm.shape), forearm @ to_matrix(wrist))
    fingers = motion.features[:, HAND_COLUMNS[HANDS.index(side)]].numpy().astype(np.float64).reshape(-1, 15, 3)
    return {
        "collar lift": _degrees(limits.COLLAR_LIFT, collar[:, 2]),
        "collar forward": _degrees(limits.COLLAR_FORWARD, -collar[:, 1]),
        "upper arm twist": _degrees(limits.UPPER_ARM_TWIST, twist),
        "elbow": _degrees(limits.ELBOW, -bend),
        "elbow sideways": _degrees(_ELBOW_STRAY, stray),
        "pronation": _degrees(limits.PRONATION, hand[:, 0]),
        "wrist flexion": _degrees(limits.WRIST_FLEXION, hand[:, 1]),
        "wrist deviation": _degrees(limits.WRIST_DEVIATION, hand[:, 2]),
        "fingers": np.degrees(limit_excess(fingers, side)),
    }


def _degrees(joint: Range, angle: Array) -> Array:
    return np.degrees(joint.excess(angle))


def _twist(rotation: Array) -> Array:
    """(t, 3, 3) -> (t) radians about x of the swing-twist decomposition."""
    trace = np.einsum("taa->t", rotation)
    angle: Array = 2 * np.arctan2(rotation[:, 2, 1] - rotation[:, 1, 2], 1 + trace)
    return angle
