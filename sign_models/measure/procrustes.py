"""The best similarity between every frame of one clip and every frame of another, in closed form.

Horn 1987 (Closed-form solution of absolute orientation using unit quaternions): the rotation is the eigenvector of a
symmetric 4x4 matrix with the largest eigenvalue. That eigenvalue is found by Newton's method on the characteristic
polynomial (Theobald 2005), and the eigenvector, as q q^T, is the adjugate of what remains. Every number of the matrices
is an array over all pairs of frames, some twenty times as fast as that many small singular value decompositions.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROUNDS = 60
DEGENERATE = 1e-7
"""Where the largest eigenvalue is nearly double the adjugate vanishes; those pairs are left to the slow way."""


@dataclass(frozen=True)
class Fit:
    """scale (n, m) and rotation (3, 3, n, m): moved point = scale * rotation @ point, both clips about their means."""

    scale: Array
    rotation: Array


def fit(x: Array, y: Array) -> Fit:
    """x: (n, j, 3), y: (m, j, 3), both with mean 0 over j -> the similarities that take x onto y."""
    n, m, points = len(x), len(y), x.shape[1]
    columns = x.transpose(0, 2, 1).reshape(-1, points) @ y.transpose(1, 0, 2).reshape(points, -1)
    covariance = np.ascontiguousarray(columns.reshape(n, 3, m, 3).transpose(1, 3, 0, 2))  # (3, 3, n, m)
    matrix, largest = _key(covariance), _largest(covariance)
    products = _adjugate(matrix - largest * np.eye(4)[..., None, None])  # c q q^T
    trace = products[0, 0] + products[1, 1] + products[2, 2] + products[3, 3]
    bad = np.abs(trace) <= DEGENERATE * largest**3
    rotation = _rotation(products / np.where(bad, 1.0, trace))
    if bad.any():
        rotation[..., bad], largest[bad] = _slow(covariance[..., bad])
    return Fit(largest / np.square(x).sum((1, 2))[:, None], rotation)


def _key(s: Array) -> Array:
    """(3, 3, n, m) sums of x_a y_b -> Horn's symmetric matrix (4, 4, n, m)."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = s
    return np.array([
        [xx + yy + zz, yz - zy, zx - xz, xy - yx],
        [yz - zy, xx - yy - zz, xy + yx, zx + xz],
        [zx - xz, xy + yx, yy - xx - zz, yz + zy],
        [xy - yx, zx + xz, yz + zy, zz - xx - yy],
    ])  # fmt: skip


def _largest(s: Array) -> Array:
    """Its largest eigenvalue, from above: all four are real and sum to zero."""
    size = np.sqrt(np.square(s).sum((0, 1)))
    size = np.where(size == 0, 1.0, size)
    s = s / size  # so that one tolerance fits all
    a = _gram(s)
    # sum of squared singular values is 1 now; the polynomial is (l^2 - 1)^2 - 8 det(s) l - 4 (sum of 2x2 minors^2)
    det = (
        s[0, 0] * (s[1, 1] * s[2, 2] - s[1, 2] * s[2, 1])
        - s[0, 1] * (s[1, 0] * s[2, 2] - s[1, 2] * s[2, 0])
        + s[0, 2] * (s[1, 0] * s[2, 1] - s[1, 1] * s[2, 0])
    )
    minors = sum(a[i][i] * a[j][j] - a[i][j] ** 2 for i, j in combinations(range(3), 2))
    root = np.full_like(det, np.sqrt(3.0))
    for _ in range(ROUNDS):
        square = root * root - 1
        value = square * square - 8 * det * root - 4 * minors
        slope = 4 * root * square - 8 * det
        step = np.divide(value, slope, out=np.zeros_like(value), where=slope > 0)
        root -= step
        if np.abs(step).max() < 1e-15:
            break
    return root * size


def _gram(s: Array) -> list[list[Array]]:
    return [[sum(s[k, i] * s[k, j] for k in range(3)) for j in range(3)] for i in range(3)]


def _adjugate(a: Array) -> Array:
    """Of a symmetric (4, 4, n, m)."""
    made = np.empty_like(a)
    for i in range(4):
        for j in range(i, 4):
            rows, columns = ([k for k in range(4) if k != gone] for gone in (i, j))
            (p, q, r), (u, v, w) = rows, columns
            minor = (
                a[p, u] * (a[q, v] * a[r, w] - a[q, w] * a[r, v])
                - a[p, v] * (a[q, u] * a[r, w] - a[q, w] * a[r, u])
                + a[p, w] * (a[q, u] * a[r, v] - a[q, v] * a[r, u])
            )
            made[i, j] = made[j, i] = minor if (i + j) % 2 == 0 else -minor
    return made


def _rotation(q: Array) -> Array:
    """(4, 4, n, m) products of the parts of a unit quaternion -> (3, 3, n, m)."""
    return np.array([
        [1 - 2 * (q[2, 2] + q[3, 3]), 2 * (q[1, 2] - q[0, 3]), 2 * (q[1, 3] + q[0, 2])],
        [2 * (q[1, 2] + q[0, 3]), 1 - 2 * (q[1, 1] + q[3, 3]), 2 * (q[2, 3] - q[0, 1])],
        [2 * (q[1, 3] - q[0, 2]), 2 * (q[2, 3] + q[0, 1]), 1 - 2 * (q[1, 1] + q[2, 2])],
    ])  # fmt: skip


def _slow(covariance: Array) -> tuple[Array, Array]:
    """(3, 3, p) -> rotations (3, 3, p) and the sums of signed singular values (p), by singular value decomposition."""
    u, s, vt = np.linalg.svd(covariance.transpose(2, 0, 1))
    sign = np.where(np.linalg.det(u @ vt) < 0, -1.0, 1.0)
    s[:, 2] *= sign
    vt[:, 2] *= sign[:, None]
    return (u @ vt).transpose(2, 1, 0), s.sum(1)
