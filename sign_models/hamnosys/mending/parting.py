"""Two hands on their way: where one would pass through the other, they go past each other.

Contacts that are written stay: skin may press a little into skin before anything is moved.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter, maximum_filter1d
from scipy.spatial import cKDTree

from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.hand.parts import hand_skin
from sign_models.skeleton import HANDS

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

GIVE = 0.007
"""Metres that a hand may press into the other before they are parted."""
_LEFT = 0.004
"""Metres of it that are left when they are."""
_GRAIN = 0.005
"""Metres between the points of a hand that are asked."""
_THICK = 0.03
"""Metres from its skin within which a point can be inside a hand."""
_COLUMN = 0.006
"""Metres across the way: points in the same or in neighbouring columns are in each other's way."""
_TOO_FAR = 0.12
"""Metres: hands that would have to go farther apart are woven into each other and are let be."""
_BRIDGED = 4
"""Frames between two passages that are taken for one."""
_ROUNDS = 2
_FEW = 5
"""Frames of a passage in which the ways past are compared."""
_WAYS: Array = np.array(
    [[0, 0, 1], *(way for way in product((-1, 0, 1), repeat=3) if any(way) and way != (0, 0, 1))], dtype=float
)
_WAYS /= np.linalg.norm(_WAYS, axis=1, keepdims=True)
"""Ways past the other hand that are always asked about, the main hand in front first: there is room."""


def parted(figure: Figure, wrists: Array, palms: Array, fingers: Array) -> Array:
    """Wrists (t, h, 3), moved apart smoothly where one hand (t, h, 3, 3), (t, h, 15, 3) would be inside the other."""
    kept = wrists.copy()
    moving = np.array([_moves(wrists[:, h], palms[:, h], fingers[:, h]) for h in range(2)])
    if not moving.any() or np.linalg.norm(wrists[:, 0] - wrists[:, 1], axis=1).min() > 0.42:
        return kept
    skins = [_Skin(figure, h, palms[:, h], fingers[:, h]) for h in range(2)]
    share = np.array([-1.0, 1.0]) / 2 if moving.all() else np.array([-1.0, 1.0]) * moving
    for _ in range(_ROUNDS):
        found = [_pressed(skins, kept, i) for i in range(len(kept))]
        depth = np.array([deep for deep, _ in found])
        passages = list(_passages(depth > GIVE))
        if not passages:
            break
        shift = np.zeros((len(kept), 3))
        for frames in passages:
            worst = frames[int(depth[frames].argmax())]
            shift += _past(skins, kept, frames, found[worst][1])
        kept += shift[:, None] * share[:, None]
    return kept


class _Skin:
    """The points and normals of a hand from its wrist in every frame."""

    def __init__(self, figure: Figure, hand: int, palms: Array, fingers: Array) -> None:
        skin, few = hand_skin(figure, HANDS[hand]), _few(figure, hand)
        turns = np.swapaxes(palms, -1, -2)
        self.points = skin.posed(fingers, few) @ turns
        self.normals = skin.posed_normals(fingers, few) @ turns

    def __call__(self, i: int) -> tuple[Array, Array]:
        """(n, 3) points and (n, 3) normals in frame i."""
        return self.points[i], self.normals[i]


@lru_cache(maxsize=4)
def _few(figure: Figure, hand: int) -> Indices:
    """Points of a hand, one for each small cube of space."""
    cells = np.round(hand_skin(figure, HANDS[hand]).points / _GRAIN).astype(int)
    few: Indices = np.sort(np.unique(cells, axis=0, return_index=True)[1])
    return few


def _moves(wrists: Array, palms: Array, fingers: Array) -> bool:
    return any(float(np.ptp(values, axis=0).max()) > 1e-6 for values in (wrists, palms, fingers))


def _pressed(skins: list[_Skin], wrists: Array, i: int) -> tuple[float, Array]:
    """Metres that the deepest point of one hand is inside the other, and the way (3,) out for the right hand."""
    deepest, way = 0.0, _WAYS[0]
    if np.linalg.norm(wrists[i, 0] - wrists[i, 1]) > 0.42:
        return deepest, way
    posed = [skin(i) for skin in skins]
    places = [points + wrists[i, h] for h, (points, _) in enumerate(posed)]
    low = np.maximum(places[0].min(0), places[1].min(0)) - 0.004
    high = np.minimum(places[0].max(0), places[1].max(0)) + 0.004
    if (low > high).any():
        return deepest, way
    for h in range(2):
        mine = places[h][((places[h] > low) & (places[h] < high)).all(1)]
        near = ((places[1 - h] > low - _THICK) & (places[1 - h] < high + _THICK)).all(1)
        if not len(mine) or not near.any():
            continue
        theirs, normals = places[1 - h][near], posed[1 - h][1][near]
        tree = cKDTree(theirs, balanced_tree=False, compact_nodes=False)
        far, nearest = tree.query(mine, distance_upper_bound=_THICK)
        hit = np.isfinite(far)
        height = np.einsum("nc,nc->n", mine[hit] - theirs[nearest[hit]], normals[nearest[hit]])
        # Beside an edge a point seems to be under a skin that is really far off to the side.
        under = np.where(height < -0.6 * far[hit], -height, 0.0)
        if len(under) and under.max() > deepest:
            deepest = float(under.max())
            way = normals[nearest[hit]][int(under.argmax())] * (1 if h == 1 else -1)
    return deepest, way


def _passages(inside: NDArray[np.bool_]) -> Iterator[Indices]:
    """The stretches of frames in which hands are inside each other."""
    frames = np.flatnonzero(inside)
    for run in np.split(frames, np.flatnonzero(np.diff(frames) > _BRIDGED) + 1):
        if len(run):
            yield np.arange(run[0], run[-1] + 1)


def _past(skins: list[_Skin], wrists: Array, frames: Indices, way: Array) -> Array:
    """(t, 3) smooth shift of the right hand against the left that takes it past in these frames."""
    ways = np.concatenate([way[None], _WAYS])
    # A few frames tell which way is short; only the shortest is then asked about in all of them.
    few = frames[np.unique(np.linspace(0, len(frames) - 1, min(len(frames), _FEW)).round().astype(int))]
    each = [_Way(one) for one in ways]
    best = int(np.argmin([max(_needed(skins, wrists, int(i), one) for i in few) for one in each]))
    needed = np.array([_needed(skins, wrists, int(i), each[best]) for i in frames])
    if needed.max() > _TOO_FAR:
        return np.zeros((len(wrists), 3))
    far = np.zeros(len(wrists))
    far[frames] = needed
    width = 1.2 + 15 * float(far.max())
    reach = 2 * int(np.ceil(1.2 * width)) + 1
    along = gaussian_filter1d(maximum_filter1d(far, reach), width, mode="nearest")
    return np.asarray(along[:, None] * ways[best])


class _Way:
    """A direction (3,) and two (3, 2) across it."""

    def __init__(self, along: Array) -> None:
        self.along, self.across = along, np.linalg.svd(along[None])[2][1:].T


def _needed(skins: list[_Skin], wrists: Array, i: int, way: _Way) -> float:
    """Metres that the right hand has to go along a way until it is past the left one."""
    left, right = (skin(i)[0] + wrists[i, h] for h, skin in enumerate(skins))
    cells = [np.round(points @ way.across / _COLUMN).astype(int) for points in (left, right)]
    low = np.maximum(cells[0].min(0), cells[1].min(0)) - 1
    size = np.minimum(cells[0].max(0), cells[1].max(0)) - low + 2
    if (size < 1).any():
        return 0.0
    # Only the columns that both hands are in matter.
    both = [((cell >= low) & (cell < low + size)).all(1) for cell in cells]
    front, back = np.full(size, -np.inf), np.full(size, np.inf)
    np.maximum.at(front, tuple((cells[0][both[0]] - low).T), left[both[0]] @ way.along)
    np.minimum.at(back, tuple((cells[1][both[1]] - low).T), right[both[1]] @ way.along)
    return max(0.0, float((maximum_filter(front, 3) - back).max()) - _LEFT)
