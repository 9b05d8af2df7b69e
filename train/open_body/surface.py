"""A surface whose vertices carry everything a body vertex needs, and the few mesh operations the build is made of.

Every operation that makes vertices gives a sparse matrix (new, old): each new vertex is a blend of old ones, so that
positions, skin weights, face deltas and colours all follow by one product.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
Index = NDArray[np.int64]

REGIONS = (
    "skin", "lips", "nails", "mouth", "teeth", "tongue", "eye_white", "iris", "pupil", "catchlight", "lashes", "brows",
    "hair", "top", "trousers", "shoes", "blush", "palm",
)  # fmt: skip
"""Columns of a surface's colours: how much each region's colour shows at a vertex."""


@dataclass(frozen=True)
class Surface:
    """points (v, 3), faces (f, 3), weights (v, 55), deltas (v, 52, 3), regions (v, r) summing to one, shade (v)."""

    points: Array
    faces: Index
    weights: Array
    deltas: Array
    regions: Array
    shade: Array

    def __len__(self) -> int:
        return len(self.points)


def region(name: str, count: int) -> Array:
    """(count, r): all of one region."""
    rows = np.zeros((count, len(REGIONS)))
    rows[:, REGIONS.index(name)] = 1
    return rows


def paint(surface: Surface, name: str, amount: Array | float = 1.0) -> Surface:
    """Mix a region over what is there; amount (v) or one number, 0..1."""
    share = np.broadcast_to(np.asarray(amount, float), len(surface))[:, None]
    return replace(surface, regions=surface.regions * (1 - share) + region(name, len(surface)) * share)


def blend(surface: Surface, matrix: sparse.spmatrix, faces: Index) -> Surface:
    """The surface whose vertices are blends of this one's: matrix (new, old)."""
    matrix = sparse.csr_matrix(matrix)
    return Surface(
        matrix @ surface.points,
        faces,
        matrix @ surface.weights,
        (matrix @ surface.deltas.reshape(len(surface), -1)).reshape(-1, *surface.deltas.shape[1:]),
        matrix @ surface.regions,
        matrix @ surface.shade,
    )


def join(*surfaces: Surface) -> Surface:
    """All surfaces in one, side by side."""
    starts = np.cumsum([0, *(len(s) for s in surfaces)])
    return Surface(
        np.concatenate([s.points for s in surfaces]),
        np.concatenate([s.faces + start for s, start in zip(surfaces, starts[:-1], strict=True)]),
        np.concatenate([s.weights for s in surfaces]),
        np.concatenate([s.deltas for s in surfaces]),
        np.concatenate([s.regions for s in surfaces]),
        np.concatenate([s.shade for s in surfaces]),
    )


def keep_faces(surface: Surface, keep: NDArray[np.bool_]) -> Surface:
    """Only these faces, and only the vertices they use."""
    faces = surface.faces[keep]
    used, packed = np.unique(faces, return_inverse=True)
    return blend(surface, sparse.eye(len(surface), format="csr")[used], packed.reshape(-1, 3))


def triangles(quads: Index) -> Index:
    """(q, 4) -> (2q, 3)."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def normals(points: Array, faces: Index) -> Array:
    """(v, 3) unit, area-weighted."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    cross = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for corner in range(3):
        np.add.at(total, faces[:, corner], cross)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def edges(faces: Index) -> Index:
    """(e, 2) undirected, each once, sorted."""
    pairs = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    return np.unique(pairs, axis=0)


def border_edges(faces: Index) -> Index:
    """(e, 2) directed edges that only one face has, in that face's direction."""
    directed = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    _, inverse, count = np.unique(np.sort(directed, axis=1), axis=0, return_inverse=True, return_counts=True)
    return directed[count[inverse.ravel()] == 1]


def neighbour_mean(surface: Surface, loose_border: bool = False) -> sparse.csr_matrix:
    """(v, v): the mean of each vertex's neighbours; border vertices follow the border (or stay, unless loose)."""
    pairs = edges(surface.faces)
    border = np.unique(border_edges(surface.faces))
    on_border = np.zeros(len(surface), bool)
    on_border[border] = True
    links = np.concatenate([pairs, pairs[:, ::-1]])
    stray = on_border[links[:, 0]] & ~on_border[links[:, 1]]
    links = links[~stray] if loose_border else links[~on_border[links[:, 0]]]
    matrix = sparse.csr_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(len(surface),) * 2)
    total = np.asarray(matrix.sum(1)).ravel()
    lonely = total == 0
    return sparse.diags(1 / np.where(lonely, 1, total)) @ matrix + sparse.diags(lonely.astype(float))


def smooth(surface: Surface, rounds: int, amount: Array | float = 0.5, loose_border: bool = False) -> Surface:
    """Move each vertex towards its neighbours' mean, ``rounds`` times; amount one number or (v)."""
    mean = neighbour_mean(surface, loose_border)
    share = np.broadcast_to(np.asarray(amount, float), len(surface))[:, None]
    points, weights = surface.points, surface.weights
    for _ in range(rounds):
        points = points + share * (mean @ points - points)
        weights = weights + share * (mean @ weights - weights)
    return replace(surface, points=points, weights=weights)


def even_weights(surface: Surface, rounds: int) -> Surface:
    """Skin weights spread over the neighbourhood, so that a border stays a smooth curve in every pose."""
    step = (neighbour_mean(surface, loose_border=True) + sparse.eye(len(surface))) / 2
    weights = surface.weights
    for _ in range(rounds):
        weights = step @ weights
    return replace(surface, weights=weights)


SNAP = 0.3
"""A vertex this near to a cutting line, as a share of its edge, moves onto the line: no slivers, smooth hems."""


def cut(surface: Surface, level: Array) -> tuple[Surface, Array]:
    """Split every triangle that the line ``level == 0`` crosses; level (v). Gives the surface and its levels.

    Afterwards no triangle has corners on both sides, so faces can be sorted by their level without a jagged edge.
    """
    surface, level = _snap(surface, level)
    pairs = edges(surface.faces)
    crossed = pairs[level[pairs[:, 0]] * level[pairs[:, 1]] < 0]
    share = level[crossed[:, 0]] / (level[crossed[:, 0]] - level[crossed[:, 1]])
    on_line = _between(crossed, share, len(surface))
    number = {(int(a), int(b)): len(surface) + i for i, (a, b) in enumerate(crossed)}
    faces: list[tuple[int, int, int]] = []
    for face in surface.faces.tolist():
        faces.extend(_cut_triangle(face, number))
    finer = blend(surface, sparse.vstack([sparse.eye(len(surface)), on_line]), np.array(faces))
    return finer, np.concatenate([level, np.zeros(len(crossed))])


def _snap(surface: Surface, level: Array) -> tuple[Surface, Array]:
    """Vertices close to the line moved onto it, along the edge on which they are closest."""
    pairs = edges(surface.faces)
    links = np.concatenate([pairs, pairs[:, ::-1]])
    links = links[level[links[:, 0]] * level[links[:, 1]] < 0]
    share = level[links[:, 0]] / (level[links[:, 0]] - level[links[:, 1]])
    near = np.lexsort((share, links[:, 0]))
    _, first = np.unique(links[near, 0], return_index=True)
    chosen = near[first]
    chosen = chosen[share[chosen] < SNAP]
    matrix = sparse.lil_matrix(sparse.eye(len(surface)))
    matrix[links[chosen, 0]] = _between(links[chosen], share[chosen], len(surface))
    level = level.copy()
    level[links[chosen, 0]] = 0
    return blend(surface, matrix, surface.faces), level


def _between(pairs: Index, share: Array, count: int) -> sparse.csr_matrix:
    """(p, count): a point on each pair's edge, ``share`` of the way from the first to the second."""
    rows = np.arange(len(pairs))
    values, columns = np.concatenate([1 - share, share]), np.concatenate([pairs[:, 0], pairs[:, 1]])
    return sparse.csr_matrix((values, (np.concatenate([rows, rows]), columns)), shape=(len(pairs), count))


def _cut_triangle(face: list[int], number: dict[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    """One triangle split at the numbered edges."""
    ring: list[int] = []
    for corner, following in zip(face, face[1:] + face[:1], strict=True):
        ring.append(corner)
        new = number.get((min(corner, following), max(corner, following)))
        if new is not None:
            ring.append(new)
    if len(ring) == 3:
        return [(ring[0], ring[1], ring[2])]
    apex = next(k for k, vertex in enumerate(ring) if vertex not in face)  # fans from there never lie along an edge
    ring = ring[apex:] + ring[:apex]
    return [(ring[0], ring[k], ring[k + 1]) for k in range(1, len(ring) - 1)]


def sides(surface: Surface, level: Array) -> NDArray[np.bool_]:
    """(f) True for faces on the positive side of a cut surface."""
    return level[surface.faces].sum(1) > 0


def lining(surface: Surface, inside: NDArray[np.bool_], gap: float = 0.0015) -> Surface:
    """The inner side of some faces (f), as faces of its own: renderers leave out the back of a face."""
    drawn_in = replace(surface, points=surface.points - gap * normals(surface.points, surface.faces))
    inner = keep_faces(drawn_in, inside)
    return replace(inner, faces=inner.faces[:, ::-1], shade=inner.shade * 0.6)


def round_border(surface: Surface, rounds: int = 2) -> Surface:
    """Borders made smooth curves: evened along themselves, then each edge halved by the four-point rule."""
    border = border_edges(surface.faces)
    on_border = np.zeros(len(surface), bool)
    on_border[border] = True
    surface = smooth(surface, 2, np.where(on_border, 0.5, 0.0), loose_border=True)
    for _ in range(rounds):
        border = border_edges(surface.faces)
        after, before = dict(border.tolist()), {b: a for a, b in border.tolist()}
        rows, columns, values = [], [], []
        for row, (a, b) in enumerate(border.tolist()):
            for vertex, share in ((before[a], -1 / 16), (a, 9 / 16), (b, 9 / 16), (after[b], -1 / 16)):
                rows.append(row)
                columns.append(vertex)
                values.append(share)
        middles = sparse.csr_matrix((values, (rows, columns)), shape=(len(border), len(surface)))
        number = {(min(a, b), max(a, b)): len(surface) + row for row, (a, b) in enumerate(border.tolist())}
        faces = [part for face in surface.faces.tolist() for part in _cut_triangle(face, number)]
        surface = blend(surface, sparse.vstack([sparse.eye(len(surface)), middles]), np.array(faces))
    weights = surface.weights.clip(0)
    return replace(surface, weights=weights / weights.sum(1, keepdims=True), regions=surface.regions.clip(0, 1))


def hem(surface: Surface, depth: float) -> Surface:
    """A rim that turns every border inwards by ``depth`` metres, so that cloth has a thickness.

    The rim has its own vertices at the edge too, so that the cloth is shaded as if it went straight on.
    """
    border = border_edges(surface.faces)
    ring = np.unique(border)
    place = np.full(len(surface), -1)
    place[ring] = np.arange(len(ring))
    a, b = place[border[:, 0]], place[border[:, 1]]
    direction = normals(surface.points, surface.faces)[ring]
    along = sparse.csr_matrix((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(len(ring),) * 2)
    for _ in range(6):
        direction = direction + along @ direction
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    outer = blend(surface, sparse.eye(len(surface), format="csr")[ring], np.zeros((0, 3), int))
    inner = replace(outer, points=outer.points - depth * direction, shade=outer.shade * 0.7)
    rim = join(outer, inner)
    n = len(ring)
    faces = np.concatenate([np.stack([b, a, a + n], 1), np.stack([b, a + n, b + n], 1)])
    return join(surface, replace(rim, faces=faces))


def onto(surface: Surface, points: Array, faces: Index, nearest: int = 6) -> Surface:
    """New vertices that ride on a surface: their own places, the attributes of the nearest surface vertices."""
    distance, near = cKDTree(surface.points).query(points, nearest)
    weight = 1 / np.maximum(distance, 1e-5) ** 2
    weight /= weight.sum(1, keepdims=True)
    rows = np.repeat(np.arange(len(points)), nearest)
    matrix = sparse.csr_matrix((weight.ravel(), (rows, near.ravel())), shape=(len(points), len(surface)))
    return replace(blend(surface, matrix, faces), points=points)
