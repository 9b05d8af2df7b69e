"""Bridges over gaps in time: fifth-degree curves that meet what lies before and after in place, speed and acceleration.

Between two postures at rest such a curve is the minimum-jerk movement of a human arm.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from sign_models.hamnosys.smoothing import to_axis_angle, to_matrix

Array = NDArray[np.float64]

LONG_TURN = 2.0
"""Radians from which on a hand may as well turn the other way round; then the way that a forearm can go wins."""

_EDGE = 3
"""Frames looked at on each side: place, speed and acceleration need three."""


def bridge(before: Array, after: Array, frames: int) -> Array:
    """``frames`` values between ``before`` (m, ...) and ``after`` (n, ...), all one frame apart."""
    span = frames + 1.0
    p0, v0, a0 = _edge(before[::-1][:_EDGE], -1.0)
    p1, v1, a1 = _edge(after[:_EDGE], 1.0)
    v0, v1, a0, a1 = v0 * span, v1 * span, a0 * span**2, a1 * span**2
    s = (np.arange(1, frames + 1) / span).reshape(-1, *(1,) * (before.ndim - 1))
    s3, s4, s5 = s**3, s**4, s**5
    return np.asarray(
        p0 * (1 - 10 * s3 + 15 * s4 - 6 * s5)
        + p1 * (10 * s3 - 15 * s4 + 6 * s5)
        + v0 * (s - 6 * s3 + 8 * s4 - 3 * s5)
        + v1 * (-4 * s3 + 7 * s4 - 3 * s5)
        + a0 * (0.5 * s**2 - 1.5 * s3 + 1.5 * s4 - 0.5 * s5)
        + a1 * (0.5 * s3 - s4 + 0.5 * s5)
    )


def bridge_turn(before: Array, after: Array, frames: int, fingers: Array) -> Array:
    """``frames`` rotations between ``before`` (m, 3, 3) and ``after`` (n, 3, 3).

    fingers: (3,) rest direction of the fingers, to judge which way round a long turn should go.
    """
    base = before[-1]
    ends = [to_axis_angle(base.T @ series) for series in (before[-_EDGE:], after[:_EDGE])]
    goal = _kinder(base, ends[1][0], fingers)
    following = [goal]
    for vector in ends[1][1:]:
        following.append(_nearer(vector, following[-1]))
    vectors = bridge(ends[0], np.array(following), frames)
    return np.asarray(base @ to_matrix(vectors))


def resample(values: Array, places: Array) -> Array:
    """(t, ...) read at fractional frames (n,) by a cubic spline."""
    if len(values) < 3:
        lower = np.minimum(places.astype(int), len(values) - 1)
        upper = np.minimum(lower + 1, len(values) - 1)
        share = (places - lower).reshape(-1, *(1,) * (values.ndim - 1))
        return values[lower] * (1 - share) + values[upper] * share
    return np.asarray(CubicSpline(np.arange(len(values)), values, axis=0)(places))


def resample_turns(rotations: Array, places: Array) -> Array:
    """(t, n, 3, 3) read at fractional frames, through quaternions of one sign."""
    t, n = rotations.shape[:2]
    quaternions = Rotation.from_matrix(rotations.reshape(-1, 3, 3)).as_quat().reshape(t, n, 4)
    flips = np.where((quaternions[1:] * quaternions[:-1]).sum(-1) < 0, -1.0, 1.0)
    quaternions[1:] *= np.cumprod(flips, axis=0)[..., None]
    read = resample(quaternions, places)
    return np.asarray(Rotation.from_quat(read.reshape(-1, 4)).as_matrix()).reshape(len(places), n, 3, 3)


def smoothstep(x: Array) -> Array:
    """0 below 0, 1 above 1, between them without a jump in speed or acceleration."""
    s = np.clip(x, 0, 1)
    return s * s * s * (10 + s * (6 * s - 15))


def _edge(values: Array, sign: float) -> tuple[Array, Array, Array]:
    """Place, speed and acceleration (per frame) at the first of up to three values that lead away from the gap."""
    still = np.zeros_like(values[0])
    if len(values) == 1:
        return values[0], still, still
    if len(values) == 2:
        return values[0], sign * (values[1] - values[0]), still
    last, earlier = values[1] - values[0], values[2] - values[1]
    leaving = 1.5 * last - 0.5 * earlier
    # Where the speed read on to the edge would have turned round, the movement has come to its end there.
    moving = leaving * last > 0
    return values[0], sign * np.where(moving, leaving, still), np.where(moving, earlier - last, still)


def _nearer(vector: Array, to: Array) -> Array:
    """The one of the two axis-angles of a rotation that lies nearer to another axis-angle."""
    other = _other_way(vector)
    return other if np.linalg.norm(other - to) < np.linalg.norm(vector - to) else vector


def _other_way(vector: Array) -> Array:
    angle = float(np.linalg.norm(vector))
    return vector * (1 - 2 * np.pi / angle) if angle > 1e-6 else vector


def _kinder(base: Array, vector: Array, fingers: Array) -> Array:
    """A long turn goes the way a forearm can: in the middle the fingers point forward or up and the palm faces inward.

    Inward is to the other side and back at the signer; the elbow and the wrist do not let a palm pass the other way.
    """
    if np.linalg.norm(vector) < LONG_TURN:
        return vector
    ways = (vector, _other_way(vector))
    inward = np.array([-fingers[0], 0.0, -0.5])
    scores = []
    for way in ways:
        middle = base @ to_matrix(way / 2)
        pointing, facing = middle @ fingers, -middle[:, 1]
        scores.append(pointing @ [0, 0.4, 0.8] + facing @ inward - 0.4 * np.linalg.norm(way))
    return ways[int(np.argmax(scores))]
