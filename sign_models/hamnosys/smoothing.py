"""Choosing and smoothing angles over time."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter, maximum_filter1d
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]


def best_path(cost: Array, change: Array) -> NDArray[np.intp]:
    """The choice per frame with the least total cost (Viterbi).

    cost: (t, n, k) of choosing k for each of n independent chains. change: (k, k) cost of going from one choice to
    another in one frame. -> (t, n) indices.
    """
    t, n, k = cost.shape
    came_from = np.zeros((t, n, k), dtype=np.intp)
    total = cost[0]
    for i in range(1, t):
        onward = total[:, :, None] + change
        came_from[i] = onward.argmin(1)
        total = onward.min(1) + cost[i]
    path = np.zeros((t, n), dtype=np.intp)
    path[-1] = total.argmin(-1)
    chains = np.arange(n)
    for i in range(t - 1, 0, -1):
        path[i - 1] = came_from[i, chains, path[i]]
    return path


def between_samples(cost: Array, path: NDArray[np.intp], step: float) -> Array:
    """(t, n, k) costs and the chosen (t, n) -> (t, n) offset to the bottom of the parabola through the neighbours.

    step: distance of two choices; the offset stays within it.
    """
    k = cost.shape[-1]
    inner = np.clip(path, 1, k - 2)
    left, middle, right = (np.take_along_axis(cost, (inner + d)[..., None], -1)[..., 0] for d in (-1, 0, 1))
    bend = left - 2 * middle + right
    offset = np.where(bend > 1e-9, 0.5 * (left - right) / np.maximum(bend, 1e-9), 0.0)
    return np.where(inner == path, np.clip(offset, -1, 1) * step, 0.0)


def smooth(values: Array, frames: float) -> Array:
    """Gaussian smoothing along the first axis, ends held."""
    smoothed: Array = gaussian_filter1d(values, frames, axis=0, mode="nearest")
    return smoothed


def smooth_where(values: Array, touched: NDArray[np.bool_], frames: float) -> Array:
    """Smooths (t, n, c) only around the frames where ``touched`` (t, n); elsewhere nothing changes.

    A blend of values inside a box stays inside it, so limits kept before are kept after.
    """
    if not touched.any():
        return values
    reach = 2 * int(np.ceil(2 * frames)) + 1
    weight = smooth(maximum_filter1d(touched.astype(np.float64), reach, axis=0, mode="nearest"), frames)[..., None]
    return values + weight * (smooth(values, frames) - values)


def widened(values: Array, frames: float) -> Array:
    """(t, ...) at least 0 -> a smooth curve along the first axis that is nowhere below ``values``."""
    reach = int(4 * frames + 0.5)  # as far as the Gaussian looks
    size = (2 * reach + 1, *[1] * (values.ndim - 1))
    return smooth(maximum_filter(values, size, mode="nearest"), frames)


def unwrap(axis_angle: Array) -> Array:
    """(t, n, 3) axis-angles, each frame's choice of the two turns (angle or angle - 2 pi) next to the one before."""
    turned = axis_angle.copy()
    angle = np.linalg.norm(axis_angle, axis=-1, keepdims=True)
    if angle.max(initial=0.0) < np.pi / 2:
        return turned
    others = axis_angle * (1 - 2 * np.pi / np.maximum(angle, 1e-9))
    for i in range(1, len(turned)):
        far = np.square(turned[i] - turned[i - 1]).sum(-1)
        other_far = np.square(others[i] - turned[i - 1]).sum(-1)
        turned[i] = np.where(((other_far < far) & (angle[i, :, 0] > 1e-6))[:, None], others[i], turned[i])
    return turned


def to_matrix(axis_angle: Array) -> Array:
    """(..., 3) axis-angle -> (..., 3, 3)."""
    matrices: Array = Rotation.from_rotvec(axis_angle.reshape(-1, 3)).as_matrix()
    return matrices.reshape(*axis_angle.shape[:-1], 3, 3)


def to_axis_angle(matrix: Array) -> Array:
    """(..., 3, 3) -> (..., 3) axis-angle, angle in 0..pi."""
    vectors: Array = Rotation.from_matrix(matrix.reshape(-1, 3, 3)).as_rotvec()
    return vectors.reshape(*matrix.shape[:-2], 3)
