"""The part of a mesh that a shot sees, and its vertex normals: worked out once, then cheap in every frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sign_models.render.cameras import Shot

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Surface:
    """Some faces of a mesh with what their smooth normals need.

    vertices: (n,) which vertices of the mesh are used. drawn: (m, 3) faces to draw, counted in ``vertices``.
    faces: (k, 3) the drawn faces and their neighbours, which shape the normals along the cut. incidence: (n, k).
    """

    vertices: Indices
    drawn: Indices
    faces: Indices
    incidence: sparse.csr_array

    def normals(self, positions: Floats) -> Floats:
        """Unit normals (n, 3) for positions (n, 3): the sum of the faces around a vertex, weighted by their area.

        One coordinate at a time: three times as fast as rows of three.
        """
        a, b, c = ([axis.take(corner) for axis in np.ascontiguousarray(positions.T)] for corner in self.faces.T)
        for k in range(3):
            b[k] -= a[k]
            c[k] -= a[k]
        areas = (b[k - 2] * c[k - 1] - b[k - 1] * c[k - 2] for k in range(3))  # the cross product of two edges
        x, y, z = (self.incidence @ area for area in areas)
        scale = 1 / np.sqrt(np.maximum(x * x + y * y + z * z, np.float32(1e-30)))
        return np.stack([x * scale, y * scale, z * scale], axis=1)


def surface(faces: Indices, count: int, drawn: NDArray[np.bool_] | None = None) -> Surface:
    """faces: (f, 3) of a mesh with ``count`` vertices; drawn: (f,) which of them to draw, all when None."""
    chosen = np.ones(len(faces), dtype=bool) if drawn is None else drawn
    corner = np.zeros(count, dtype=bool)
    corner[faces[chosen]] = True
    needed = faces[corner[faces].any(1)]
    vertices = np.unique(needed)
    place = np.full(count, -1)
    place[vertices] = np.arange(len(vertices))
    own = place[needed]
    ones = np.ones(own.size, dtype=np.float32)
    around = sparse.csr_array((ones, (own.ravel(), np.repeat(np.arange(len(own)), 3))), shape=(len(vertices), len(own)))
    return Surface(vertices, place[faces[chosen]], np.asfortranarray(own), around)


def seen(vertices: Floats, faces: Indices, shot: Shot) -> NDArray[np.bool_]:
    """(f,) False for a face that lies beyond one and the same edge of the picture in every frame.

    vertices: (t, v, 3).
    """
    normals, offsets = (side.astype(np.float32) for side in shot.sides())
    beyond = np.ones((vertices.shape[1], 4), dtype=bool)
    for frame, normal, offset in zip(vertices, normals, offsets, strict=True):
        beyond &= frame @ normal + offset < 0
    hidden = np.asarray(beyond[faces]).all(axis=1, keepdims=True)  # (f, 1, 4): all three corners beyond that edge
    return np.asarray(~np.asarray(hidden).any(axis=(1, 2)))
