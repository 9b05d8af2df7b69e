"""How far a point is from the head and the trunk: a signed distance field on a coarse grid.

Hands must not pass through the body on their way, so every path asks here; arms and hands themselves are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, label
from scipy.spatial import cKDTree

Array = NDArray[np.float64]

SPACING = 0.02
"""Metres between grid points: trilinear reading is then good to a few millimetres on a body's curvature."""

MARGIN = 0.16
"""Metres of grid around the surface; farther points get the distance to the grid added."""

_SHELL = 0.016
"""Metres from the surface within which a grid point stops the air: of two neighbours across the skin one does."""
_RIM = 0.025
"""Metres around a stopper that stop the air too: cut edges are ragged."""
_GRAIN = 0.012
"""Metres between the points by which the surface is known."""
_PLANE = 0.03
"""Within this distance (metres) the tangent plane of the nearest sample is truer than the distance to the sample."""


@dataclass(frozen=True, eq=False)
class DistanceField:
    """values: (x, y, z) metres, negative inside, at ``origin + SPACING * index``."""

    origin: Array
    values: Array

    def __call__(self, points: Array) -> Array:
        """(..., 3) metres -> (...) signed distance in metres."""
        value, _ = self._read(points, slope=False)
        return value

    def with_slope(self, points: Array) -> tuple[Array, Array]:
        """(..., 3) -> signed distance (...) and the unit direction (..., 3) in which it grows fastest."""
        value, slope = self._read(points, slope=True)
        norm = np.linalg.norm(slope, axis=-1, keepdims=True)
        return value, slope / np.maximum(norm, 1e-9)

    def _read(self, points: Array, slope: bool) -> tuple[Array, Array]:
        top = np.array(self.values.shape) - 1
        place = (points - self.origin) / SPACING
        inside = np.clip(place, 0, top)
        cell = np.minimum(inside.astype(np.intp), top - 1)
        f = inside - cell
        _, ny, nz = self.values.shape
        base = (cell[..., 0] * ny + cell[..., 1]) * nz + cell[..., 2]
        flat = self.values.reshape(-1)
        corner = {(i, j, k): flat[base + (i * ny + j) * nz + k] for i in (0, 1) for j in (0, 1) for k in (0, 1)}
        x, y, z = f[..., 0], f[..., 1], f[..., 2]
        along_x = {(j, k): corner[0, j, k] * (1 - x) + corner[1, j, k] * x for j in (0, 1) for k in (0, 1)}
        near, far = (along_x[0, k] * (1 - y) + along_x[1, k] * y for k in (0, 1))
        value = near * (1 - z) + far * z + np.linalg.norm((place - inside) * SPACING, axis=-1)
        if not slope:
            return value, f
        dx = [(corner[1, j, k] - corner[0, j, k]) for j in (0, 1) for k in (0, 1)]
        gx = (dx[0] * (1 - y) + dx[2] * y) * (1 - z) + (dx[1] * (1 - y) + dx[3] * y) * z
        gy = (along_x[1, 0] - along_x[0, 0]) * (1 - z) + (along_x[1, 1] - along_x[0, 1]) * z
        return value, np.stack([gx, gy, far - near], -1) + (place - inside)


def distance_field(
    vertices: Array, faces: NDArray[np.intp], floor: float, stoppers: Sequence[tuple[Array, float]] = ()
) -> DistanceField:
    """Field of a dressed body's surface (v, 3), (f, 3) with outward faces, above the height ``floor``.

    The surface may have hems, inner layers and pockets: inside is what the open air cannot flow into. Where limbs were
    cut off, ``stoppers`` (centre, radius) close the holes; at the floor the surface may simply go on below.
    """
    samples, normals = _samples(vertices, faces)
    low = samples.min(0) - MARGIN
    low[1] = floor
    # The middle of the body is a layer of the grid, so that left and right are read alike.
    low[0] = np.floor(low[0] / SPACING) * SPACING
    counts = np.ceil((samples.max(0) + MARGIN - low) / SPACING).astype(int) + 1
    axes = [low[i] + SPACING * np.arange(counts[i]) for i in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    far, nearest = cKDTree(samples).query(points)
    height = np.einsum("pc,pc->p", points - samples[nearest], normals[nearest])
    ball, beyond = _stopped(points, stoppers, samples.mean(0))

    regions, _ = label(((far > _SHELL) & (ball > _RIM)).reshape(counts))
    air = regions == regions[0, -1, -1]
    # The thin shell that stopped the air belongs half to it: to which half, the nearest bit of skin tells.
    outside = air.reshape(-1) | (binary_dilation(air, iterations=2).reshape(-1) & (far <= _SHELL) & (height > 0))
    size = np.where(far < _PLANE, np.abs(height), far)
    distance = np.minimum(np.where(outside | (beyond & (height > 0)), size, -size), ball)
    # Past a cut there is nothing but the ball, though the air was stopped there.
    distance = np.where(beyond & ~outside & (height <= 0), ball, distance)
    return DistanceField(low, distance.reshape(counts))


def _stopped(points: Array, stoppers: Sequence[tuple[Array, float]], middle: Array) -> tuple[Array, NDArray[np.bool_]]:
    """(p,) distance to the nearest stopper, and which points lie at one on the side away from the ``middle``."""
    ball = np.full(len(points), np.inf)
    beyond = np.zeros(len(points), dtype=bool)
    for centre, radius in stoppers:
        away = points - centre
        own = np.linalg.norm(away, axis=1) - radius
        beyond |= (own < _RIM) & (away @ ((centre - middle) * [1, 0, 1]) > 0)
        ball = np.minimum(ball, own)
    return ball, beyond


def _samples(vertices: Array, faces: NDArray[np.intp]) -> tuple[Array, Array]:
    """Points all over the faces, at most about ``_GRAIN`` apart, with unit normals."""
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    smooth = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(smooth, faces[:, k], normals)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1).max(1)
    pieces = np.ceil(edges / _GRAIN).astype(int)
    points, directions = [], []
    for n in np.unique(pieces):
        steps = np.array([(a, b, n - a - b) for a in range(n + 1) for b in range(n + 1 - a)]) / n
        own = faces[pieces == n]
        points.append(np.einsum("sk,fkc->fsc", steps, vertices[own]).reshape(-1, 3))
        directions.append(np.einsum("sk,fkc->fsc", steps, smooth[own]).reshape(-1, 3))
    chosen, first = np.unique(np.concatenate(points).round(5), axis=0, return_index=True)
    direction = np.concatenate(directions)[first]
    return chosen, direction / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-12)
