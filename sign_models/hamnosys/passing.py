"""How deep hands are inside head, trunk or each other: on the moved mesh, in metres."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.limb_mesh import inside, limb_mesh, moved
from sign_models.hamnosys.posed import Posed
from sign_models.hamnosys.sites import surface
from sign_models.skeleton import HANDS

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_GRAIN = 0.008
"""Metres between the points of a hand that are asked whether they are inside something."""
_BAND = 0.004
"""Metres that points which may be inside can seem to be outside, besides what the skin itself has moved."""
_THICK = 0.04
"""Metres: no point of a hand is deeper in another one."""
_ASKED = 12
"""Of the deepest doubtful points so many are asked."""
_DOUBTFUL = 0.006
"""Depths in the other hand from which on the whole mesh is asked whether a point is inside at all."""


def depth_in_body(body: Posed) -> Array:
    """(t, h) metres that the deepest point of each hand is inside head or trunk, 0 outside."""
    skin = surface(body.figure)
    band = _BAND + body.stray()[:, None]
    depth = np.zeros((len(body), len(HANDS)))
    for h, side in enumerate(HANDS):
        mesh = limb_mesh(body.figure, side)
        points = moved(mesh, body, _few(body.figure, side)).points
        near = skin.coarse(points) < band
        frames, _ = np.nonzero(near)
        if not len(frames):
            continue
        rest = body.back_to_rest(points[near], frames)
        np.maximum.at(depth[:, h], frames, -skin.distance(rest))
    return depth


def depth_in_hand(body: Posed) -> Array:
    """(t, h) metres that the deepest point of each hand is inside the other hand, 0 outside."""
    depth = np.zeros((len(body), len(HANDS)))
    frames = np.flatnonzero(np.linalg.norm(np.diff(body.wrists, axis=1)[:, 0], axis=-1) < _reach(body.figure))
    if not len(frames):
        return depth
    meshes = [limb_mesh(body.figure, side) for side in HANDS]
    few = [_few(body.figure, side) for side in HANDS]
    points = [moved(mesh, body, own, frames).points for mesh, own in zip(meshes, few, strict=True)]
    close = np.flatnonzero([_boxes_meet(points[0][i], points[1][i]) for i in range(len(frames))])
    if not len(close):
        return depth
    near = [_with_wrist(body.figure, side) for side in HANDS]
    skins = [moved(mesh, body, own, frames[close]) for mesh, own in zip(meshes, near, strict=True)]
    for k, i in enumerate(close):
        for h in range(len(HANDS)):
            other = skins[1 - h].points[k]
            mine = points[h][i]
            mine = mine[((mine > other.min(0)) & (mine < other.max(0))).all(1)]
            if len(mine):
                side = HANDS[1 - h]
                depth[frames[i], h] = _deepest(mine, other, skins[1 - h].normals[k], body, int(frames[i]), side)
    return depth


def _deepest(points: Array, skin: Array, normals: Array, body: Posed, frame: int, side: str) -> float:
    """Depth of the deepest of points (n, 3) in the hand of one side, whose skin (m, 3) this is."""
    far, nearest = cKDTree(skin).query(points, distance_upper_bound=_THICK)
    near = np.flatnonzero(np.isfinite(far))
    under = np.einsum("nc,nc->n", points[near] - skin[nearest[near]], normals[nearest[near]]) < 0
    deep = near[under & _of_hand(body.figure, side)[nearest[near]]]
    doubtful = deep[far[deep] > _DOUBTFUL]
    if len(doubtful):
        doubtful = doubtful[np.argsort(-far[doubtful])[:_ASKED]]
        truly = inside(limb_mesh(body.figure, side), body, frame, points[doubtful])
        limit = far[doubtful].min() if not truly.any() else far[doubtful[truly]].max()
        return float(min(limit, far[deep].max()))
    return float(far[deep].max(initial=0.0))


def _boxes_meet(one: Array, other: Array) -> bool:
    return bool((one.min(0) < other.max(0)).all() and (other.min(0) < one.max(0)).all())


@lru_cache(maxsize=2)
def _reach(figure: Figure) -> float:
    """Metres between the wrists within which two hands can meet."""
    longest = 0.0
    for side in HANDS:
        mesh = limb_mesh(figure, side)
        longest += float(np.linalg.norm(mesh.points[mesh.hand] - figure.joint(f"{side}_wrist"), axis=1).max())
    return longest


@lru_cache(maxsize=8)
def _few(figure: Figure, side: str) -> Indices:
    """Samples of a hand, one for each small cube of space."""
    mesh = limb_mesh(figure, side)
    cells = np.round(mesh.points[mesh.hand] / _GRAIN).astype(int)
    _, first = np.unique(cells, axis=0, return_index=True)
    return mesh.hand[first]


@lru_cache(maxsize=2)
def _with_wrist(figure: Figure, side: str) -> Indices:
    """Samples of a hand and of the forearm next to it: what is in the forearm must not seem to be in the hand."""
    mesh = limb_mesh(figure, side)
    near = np.linalg.norm(mesh.points - figure.joint(f"{side}_wrist"), axis=1) < 2 * _THICK
    near[mesh.hand] = True
    return np.flatnonzero(near)


@lru_cache(maxsize=2)
def _of_hand(figure: Figure, side: str) -> NDArray[np.bool_]:
    """Which of those samples are the hand's."""
    return np.isin(_with_wrist(figure, side), limb_mesh(figure, side).hand)
