"""How deep hands are inside head, trunk or each other: on the moved mesh, in metres."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.limb_mesh import inside, limb_mesh, moved
from sign_models.hamnosys.posed import Posed
from sign_models.hamnosys.sites import surface
from sign_models.skeleton import FINGERS, HANDS, INDEX

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_GRAIN = 0.008
"""Metres between the points of a hand that are asked whether they are inside something."""
_BAND = 0.004
"""Metres that points which may be inside can seem to be outside, besides what the skin itself has moved."""
_MOVED = 2e-4
"""Metres that a body may move and still count as held still."""
_HELD_STILL = [INDEX[name] for name in ("head", "left_shoulder", "right_shoulder")]
_THICK = 0.04
"""Metres: no point of a hand is deeper in another one."""
_ASKED = 8
"""Of the deepest doubtful points so many are asked."""
_DOUBTFUL = 0.008
"""Depths in the other hand from which on the whole mesh is asked whether a point is inside at all."""


def depth_in_body(body: Posed) -> Array:
    """(t, h) metres that the deepest point of each hand is inside head or trunk, 0 outside."""
    skin = surface(body.figure)
    band = _BAND + body.stray()[:, None]
    depth = np.zeros((len(body), len(HANDS)))
    for h, side in enumerate(HANDS):
        mesh = limb_mesh(body.figure, side)
        changing, again = _changing(body, (h,))
        points = moved(mesh, body, _few(body.figure, side), changing).points
        near = skin.coarse(points) < band[changing]
        frames, _ = np.nonzero(near)
        if not len(frames):
            continue
        rest = body.back_to_rest(points[near], changing[frames])
        deepest = np.zeros(len(changing))
        np.maximum.at(deepest, frames, -skin.distance(rest))
        depth[:, h] = deepest[again]
    return depth


def depth_in_hand(body: Posed) -> Array:
    """(t, h) metres that the deepest point of each hand is inside the other hand, 0 outside."""
    depth = np.zeros((len(body), len(HANDS)))
    changing, again = _changing(body, range(len(HANDS)))
    apart = np.linalg.norm(np.diff(body.wrists[changing], axis=1)[:, 0], axis=-1)
    frames = changing[apart < _reach(body.figure)]
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
    return np.asarray(depth[changing][again])


def _deepest(points: Array, skin: Array, normals: Array, body: Posed, frame: int, side: str) -> float:
    """Depth of the deepest of points (n, 3) in the hand of one side, whose skin (m, 3) this is."""
    low, high = points.min(0) - _THICK, points.max(0) + _THICK
    kept = np.flatnonzero(((skin > low) & (skin < high)).all(1))
    if not len(kept):
        return 0.0
    far, row = cKDTree(skin[kept]).query(points, distance_upper_bound=_THICK)
    near = np.flatnonzero(np.isfinite(far))
    nearest = kept[row[near]]
    under = np.einsum("nc,nc->n", points[near] - skin[nearest], normals[nearest]) < 0
    deep = near[under & _of_hand(body.figure, side)[nearest]]
    doubtful = deep[far[deep] > _DOUBTFUL]
    if len(doubtful):
        doubtful = doubtful[np.argsort(-far[doubtful])[:_ASKED]]
        truly = inside(limb_mesh(body.figure, side), body, frame, points[doubtful])
        limit = far[doubtful].min() if not truly.any() else far[doubtful[truly]].max()
        return float(min(limit, far[deep].max()))
    return float(far[deep].max(initial=0.0))


def _changing(body: Posed, hands: Sequence[int]) -> tuple[Indices, Indices]:
    """Frames in which head, trunk or one of the hands has moved; and for every frame which of those it is alike."""
    bones = [_HELD_STILL, *([INDEX[f"{HANDS[h]}_{finger}3"] for finger in FINGERS] for h in hands)]
    places = body.places[:, [joint for group in bones for joint in group]].reshape(len(body), -1)
    turns = body.turns[:, [joint for group in bones for joint in group]].reshape(len(body), -1)
    state = np.concatenate([places, 0.1 * turns, 0.01 * body.face], 1)
    firsts, again, last = [0], np.zeros(len(body), dtype=np.intp), state[0]
    for i in range(1, len(body)):
        if np.abs(state[i] - last).max() > _MOVED:
            firsts.append(i)
            last = state[i]
        again[i] = len(firsts) - 1
    return np.array(firsts, dtype=np.intp), again


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
