"""How deep hands are inside head, trunk or each other: on the moved mesh, in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.surface.collision import RADII, hand_balls
from sign_models.hamnosys.surface.limb_mesh import Limb, inside, limb_mesh, moved
from sign_models.hamnosys.surface.posed import Posed
from sign_models.hamnosys.surface.sites import surface
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
_ENDS = [[INDEX[f"{side}_{finger}3"] for finger in FINGERS] for side in HANDS]
_AIR_AT_BODY, _AIR_AT_HAND = 0.008, 0.015
"""Metres of air between the balls that stand for a hand and what it may be inside: with more, no skin is deep in it."""
_ARMS_REACH = 0.45
"""Metres between the wrists beyond which hands do not meet."""
_SHALLOW = 0.004
"""Metres: hands that seem by a few points to be less deep in each other are not measured."""
_THICK = 0.04
"""Metres: no point of a hand is deeper in another one."""
_ASKED = 8
"""Of the deepest doubtful points so many are asked."""
_DOUBTFUL = 0.008
"""Depths in the other hand from which on the whole mesh is asked whether a point is inside at all."""


@dataclass(frozen=True, eq=False)
class Depths:
    """metres: (t, h) that the deepest point of each hand is inside, 0 outside. ways: (t, h, 3) the way out from there,
    a unit direction (not followed where head or trunk have turned), 0 outside."""

    metres: Array
    ways: Array


def depth_in_body(body: Posed) -> Depths:
    """How deep each hand is inside head or trunk."""
    skin = surface(body.figure)
    band = _BAND + body.stray()[:, None]
    balls = hand_balls(body.figure, body.wrists, body.palms, body.fingers)
    depth, ways = np.zeros((len(body), len(HANDS))), np.zeros((len(body), len(HANDS), 3))
    for h, side in enumerate(HANDS):
        mesh = limb_mesh(body.figure, side)
        asked = np.flatnonzero(_at_body(body, balls[:, h], band))
        if not len(asked):
            continue
        changing, again = _distinct(_state(body, [h], asked))
        changing = asked[changing]
        points = moved(mesh, body, _few(body.figure, side), changing).points
        near = skin.coarse(points) < band[changing]
        frames, _ = np.nonzero(near)
        if not len(frames):
            continue
        rest = body.back_to_rest(points[near], changing[frames])
        under = -skin.distance(rest)
        order = np.argsort(under)
        deepest = np.zeros(len(changing), dtype=np.intp)
        deepest[frames[order]] = order  # the last one written is the deepest
        found = np.zeros(len(changing))
        found[frames[order]] = np.maximum(under[order], 0)
        out = np.zeros((len(changing), 3))
        # The nearest skin may be the side of a nostril or an ear; the coarse field tells the way out of all of it.
        out[found > 0] = body.figure.distance.with_slope(rest[deepest[found > 0]])[1]
        depth[asked, h], ways[asked, h] = found[again], out[again]
    return Depths(depth, ways)


def depth_in_hand(body: Posed, shallow: float = _SHALLOW) -> Depths:
    """How deep each hand is inside the other one; less than ``shallow`` metres counts as nothing."""
    depth, ways = np.zeros((len(body), len(HANDS))), np.zeros((len(body), len(HANDS), 3))
    asked = np.flatnonzero(_at_hand(body))
    if not len(asked):
        return Depths(depth, ways)
    first, again = _distinct(_state_between(body, asked))
    frames = asked[first]
    meshes = [limb_mesh(body.figure, side) for side in HANDS]
    few = [moved(mesh, body, _few(body.figure, mesh.side), frames) for mesh in meshes]
    close = np.flatnonzero([_meet_roughly(few, k, shallow) for k in range(len(frames))])
    skins = [moved(mesh, body, _with_wrist(body.figure, mesh.side), frames[close]) for mesh in meshes]
    found, out = np.zeros((len(frames), len(HANDS))), np.zeros((len(frames), len(HANDS), 3))
    for k, i in enumerate(close):
        for h in range(len(HANDS)):
            other = skins[1 - h].points[k]
            mine = few[h].points[i]
            mine = mine[_within(mine, other.min(0), other.max(0))]
            if len(mine):
                side = HANDS[1 - h]
                deepest = _deepest(mine, other, skins[1 - h].normals[k], body, int(frames[i]), side)
                found[i, h], out[i, h] = deepest
    depth[asked] = found[again]
    # The hands of frames that are alike may be turned otherwise as a pair.
    left = body.palms[:, 0]
    turned = left[asked] @ np.swapaxes(left[frames[again]], -1, -2)
    ways[asked] = np.einsum("tab,thb->tha", turned, out[again])
    return Depths(depth, ways)


def _meet_roughly(few: Sequence[Limb], k: int, shallow: float) -> bool:
    """Whether one of two hands, of a few samples each, can be deeper in the other than is shallow."""
    places = [limb.points[k] for limb in few]
    low = np.maximum(places[0].min(0), places[1].min(0)) - _GRAIN
    high = np.minimum(places[0].max(0), places[1].max(0)) + _GRAIN
    if (low > high).any():
        return False
    near = [np.flatnonzero(_within(place, low, high)) for place in places]
    if not all(map(len, near)):
        return False
    mine, theirs = (places[h][near[h]] for h in range(2))
    far, nearest = cKDTree(theirs, balanced_tree=False, compact_nodes=False).query(mine, distance_upper_bound=_THICK)
    hit = np.flatnonzero(np.isfinite(far))
    way = mine[hit] - theirs[nearest[hit]]
    heights = [
        np.einsum("nc,nc->n", way, few[1].normals[k][near[1][nearest[hit]]]),
        -np.einsum("nc,nc->n", way, few[0].normals[k][near[0][hit]]),
    ]
    return bool(min(height.min(initial=0.0) for height in heights) < -shallow)


def _within(points: Array, low: Array, high: Array) -> NDArray[np.bool_]:
    """Which of points (n, 3) are in a box."""
    inside_box = np.ones(len(points), dtype=bool)
    for axis in range(3):
        inside_box &= (points[:, axis] > low[axis]) & (points[:, axis] < high[axis])
    return inside_box


def _deepest(points: Array, skin: Array, normals: Array, body: Posed, frame: int, side: str) -> tuple[float, Array]:
    """Depth of the deepest of points (n, 3) in the hand of one side, whose skin (m, 3) this is, and its way out."""
    nothing = 0.0, np.zeros(3)
    low, high = points.min(0) - _THICK, points.max(0) + _THICK
    kept = np.flatnonzero(_within(skin, low, high))
    if not len(kept):
        return nothing
    far, row = cKDTree(skin[kept], balanced_tree=False, compact_nodes=False).query(points, distance_upper_bound=_THICK)
    near = np.flatnonzero(np.isfinite(far))
    nearest = np.zeros(len(points), dtype=np.intp)
    nearest[near] = kept[row[near]]
    under = np.einsum("nc,nc->n", points[near] - skin[nearest[near]], normals[nearest[near]]) < 0
    deep = near[under & _of_hand(body.figure, side)[nearest[near]]]
    if not len(deep):
        return nothing
    doubtful = deep[far[deep] > _DOUBTFUL]
    if len(doubtful):
        doubtful = doubtful[np.argsort(-far[doubtful])[:_ASKED]]
        truly = inside(limb_mesh(body.figure, side), body, frame, points[doubtful])
        limit = far[doubtful].min() if not truly.any() else far[doubtful[truly]].max()
        deep = deep[far[deep] <= limit]
        if not len(deep):
            return nothing
    worst = deep[int(far[deep].argmax())]
    return float(far[worst]), normals[nearest[worst]]


def _state(body: Posed, hands: Sequence[int], frames: Indices) -> Array:
    """(t, n) what the depth of some hands in head and trunk depends on."""
    bones = [_HELD_STILL, *(_ENDS[h] for h in hands)]
    chosen = [joint for group in bones for joint in group]
    places = body.places[frames][:, chosen].reshape(len(frames), -1)
    turns = body.turns[frames][:, chosen].reshape(len(frames), -1)
    return np.concatenate([places, 0.1 * turns, 0.01 * body.face[frames]], 1)


def _state_between(body: Posed, frames: Indices) -> Array:
    """(t, n) what the depth of the hands in each other depends on: both as seen from the left one."""
    chosen = [joint for group in _ENDS for joint in group]
    back = np.swapaxes(body.palms[frames, 0], -1, -2)
    places = (body.places[frames][:, chosen] - body.wrists[frames, :1]) @ np.swapaxes(back, -1, -2)
    turns = back[:, None] @ body.turns[frames][:, chosen]
    return np.concatenate([places.reshape(len(frames), -1), 0.1 * turns.reshape(len(frames), -1)], 1)


def _distinct(state: Array) -> tuple[Indices, Indices]:
    """(t, n) -> the frames that are unlike the one before, and for every frame which of those it is like."""
    firsts, again = [], np.zeros(len(state), dtype=np.intp)
    last = np.full(state.shape[1], np.inf)
    for i, now in enumerate(state):
        if np.abs(now - last).max() > _MOVED:
            firsts.append(i)
            last = now
        again[i] = len(firsts) - 1
    return np.array(firsts, dtype=np.intp), again


def _at_body(body: Posed, balls: Array, band: Array) -> NDArray[np.bool_]:
    """(t) whether the balls of a hand (t, n, 3) come so near to head or trunk that skin may be inside."""
    field = body.figure.distance
    frames, ball = np.nonzero(field(balls) - RADII < _AIR_AT_BODY + band)
    near = np.zeros(len(balls), dtype=bool)
    if len(frames):
        rest = body.back_to_rest(balls[frames, ball], frames)
        near[frames[field(rest) - RADII[ball] < _AIR_AT_BODY]] = True
    return near


def _at_hand(body: Posed) -> NDArray[np.bool_]:
    """(t) whether the balls of both hands come so near to each other."""
    near: NDArray[np.bool_] = np.linalg.norm(body.wrists[:, 0] - body.wrists[:, 1], axis=-1) < _ARMS_REACH
    if not near.any():
        return near
    balls = hand_balls(body.figure, body.wrists[near], body.palms[near], body.fingers[near])
    air = np.linalg.norm(balls[:, 0, :, None] - balls[:, 1, None], axis=-1) - RADII[:, None] - RADII
    near[near] = air.min((1, 2)) < _AIR_AT_HAND
    return near


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
