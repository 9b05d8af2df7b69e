"""How far a point is from the head and the trunk: a signed distance field on a coarse grid.

Hands must not pass through the body on their way, so every path asks here; arms and hands themselves are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.spatial import cKDTree

Array = NDArray[np.float64]

SPACING = 0.02
"""Metres between grid points: trilinear reading is then good to a few millimetres on a body's curvature."""

MARGIN = 0.16
"""Metres of grid around the surface; farther points get the distance to the grid added."""

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


def distance_field(vertices: Array, faces: NDArray[np.intp]) -> DistanceField:
    """Field of a surface (v, 3), (f, 3) with outward faces; small holes and inner pockets (mouth) count as solid."""
    samples, normals = _samples(vertices, faces)
    low = samples.min(0) - MARGIN
    counts = np.ceil((samples.max(0) + MARGIN - low) / SPACING).astype(int) + 1
    axes = [low[i] + SPACING * np.arange(counts[i]) for i in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    far, nearest = cKDTree(samples).query(points.reshape(-1, 3))
    height = np.einsum("pc,pc->p", points.reshape(-1, 3) - samples[nearest], normals[nearest])
    size = np.where(far < _PLANE, np.abs(height), far)
    outside = (height > 0).reshape(counts)
    regions, _ = label(outside)
    # Only what hangs together with the open air is outside; a positive pocket inside the head is not.
    outside &= regions == regions[0, 0, -1]
    return DistanceField(low, np.where(outside, 1.0, -1.0) * size.reshape(counts))


def _samples(vertices: Array, faces: NDArray[np.intp]) -> tuple[Array, Array]:
    """Vertices and face centres with unit normals: dense enough for a grid of ``SPACING``."""
    corners = vertices[faces]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    vertex_normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(vertex_normals, faces[:, k], face_normals)
    used = np.unique(faces)
    points = np.concatenate([vertices[used], corners.mean(1)])
    normals = np.concatenate([vertex_normals[used], face_normals])
    return points, normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
