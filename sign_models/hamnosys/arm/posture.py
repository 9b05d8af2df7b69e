"""The two postures a signer comes back to: standing at ease, and hands loosely ready before the belly."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sign_models.face import FACE_ACTIONS
from sign_models.hamnosys.figure import MIRROR, Figure
from sign_models.hamnosys.track import Track

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Hold:
    """One left hand: wrist from the left shoulder in arm lengths; the directions its fingers point and its palm faces.

    curl: flexion in degrees of the three joints of index, middle, pinky and ring. thumb: axis-angle of its joints.
    """

    wrist: tuple[float, float, float]
    fingers: tuple[float, float, float]
    palm: tuple[float, float, float]
    curl: tuple[tuple[float, float, float], ...]
    thumb: tuple[tuple[float, float, float], ...]


IDLE_RADIUS = 0.005
"""Metres around a waiting place within which a hand counts as waiting there."""

_EASE_THUMB = ((0.061, -0.065, -0.119), (-0.008, -0.143, -0.108), (-0.087, -0.123, 0.011))
_AT_EASE = _Hold(
    wrist=(0.15, -0.985, 0.056),
    fingers=(-0.02, -1.0, 0.16),
    palm=(-0.92, 0.0, -0.4),
    curl=((14, 22, 12), (18, 26, 14), (26, 32, 18), (22, 30, 16)),
    thumb=_EASE_THUMB,
)
_READY = _Hold(
    wrist=(-0.056, -0.542, 0.374),
    fingers=(-0.5, -0.12, 0.8),
    palm=(-0.45, -0.8, -0.3),
    curl=((22, 30, 16), (28, 36, 20), (36, 42, 24), (32, 40, 22)),
    thumb=_EASE_THUMB,
)


@lru_cache(maxsize=8)
def rest_posture(figure: Figure) -> Track:
    """One frame: standing at ease, arms hanging, hands at the thighs. Every motion starts and ends here."""
    return _track(figure, _AT_EASE)


@lru_cache(maxsize=8)
def ready_posture(figure: Figure) -> Track:
    """One frame: both hands low before the belly, where they wait between sentences."""
    return _track(figure, _READY)


def hand_rotation(side: str, fingers: Array, palm: Array) -> Array:
    """(..., 3) finger direction and palm normal of one hand -> (..., 3, 3) rotation from the rest pose.

    The finger direction is kept, the palm is made square to it.
    """
    x = fingers / np.linalg.norm(fingers, axis=-1, keepdims=True)
    if side == "right":
        x = -x
    y = -(palm - (palm * x).sum(-1, keepdims=True) * x)
    y = y / np.linalg.norm(y, axis=-1, keepdims=True)
    return np.stack([x, y, np.cross(x, y)], -1)


def _track(figure: Figure, hold: _Hold) -> Track:
    offset = np.array(hold.wrist) * figure.arm_length
    left_wrist = figure.joint("left_shoulder") + offset
    right_wrist = figure.joint("right_shoulder") + offset * MIRROR
    left_palm = hand_rotation("left", np.array(hold.fingers), np.array(hold.palm))
    left_fingers = np.zeros((15, 3))
    left_fingers[:12, 2] = -np.radians(np.array(hold.curl).reshape(12))
    left_fingers[12:] = hold.thumb
    # Axis-angles are pseudo-vectors: mirrored in x they keep x and turn y and z round.
    right_fingers = -left_fingers * MIRROR
    return Track(
        wrists=np.stack([left_wrist, right_wrist])[None],
        palms=np.stack([left_palm, MIRROR[:, None] * left_palm * MIRROR])[None],
        fingers=np.stack([left_fingers, right_fingers])[None],
        shrug=np.zeros((1, 2)),
        head=np.zeros((1, 3)),
        face=np.zeros((1, len(FACE_ACTIONS))),
    )


def hands_in_use(track: Track, figure: Figure) -> tuple[bool, bool]:
    """Which hands (left, right) a sign uses: a hand that waits at rest or ready all the time is not part of it."""
    idle = np.zeros(2, dtype=bool)
    for posture in (rest_posture(figure), ready_posture(figure)):
        idle |= np.linalg.norm(track.wrists - posture.wrists, axis=-1).max(0) < IDLE_RADIUS
    return not idle[0], not idle[1]
