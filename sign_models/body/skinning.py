"""Linear blend skinning, laid out for speed on a few cores.

A vertex is a sum over its joints of weight * (rotation @ rest point + shift). Written as one sparse matrix of
weight * (rest point, 1) times the stacked joint transforms, whole stretches of frames cost one product; only vertices
that a face or pose shape moves need more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sign_models.skeleton import PARENTS

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Skin:
    """What skinning needs of a body, prepared once.

    rest: sparse (v, 4j) of weight * (point, 1). movable: (m) vertices that shapes move, with their weights (m, j') for
    the joints ``joints`` (j') that they hang on at all.
    """

    rest: sparse.csr_matrix
    movable: NDArray[np.int64]
    weights: Floats
    joints: NDArray[np.int64]


def prepare(points: Floats, weights: Floats, movable: NDArray[np.int64]) -> Skin:
    """points (v, 3), weights (v, j), movable (m)."""
    ends = np.column_stack([points, np.ones(len(points), np.float32)])
    rest = np.einsum("vj,vc->vjc", weights, ends).reshape(len(points), -1)
    joints = np.flatnonzero((weights[movable] > 0).any(0)) if len(movable) else np.zeros(0, np.int64)
    return Skin(
        sparse.csr_matrix(rest.astype(np.float32)),
        movable,
        np.ascontiguousarray(weights[np.ix_(movable, joints)]),
        joints,
    )


_LEVELS: list[list[int]] = []
for _joint, _parent in enumerate(PARENTS):
    _depth = 0 if _parent < 0 else 1 + next(k for k, level in enumerate(_LEVELS) if _parent in level)
    _LEVELS.extend([] for _ in range(_depth + 1 - len(_LEVELS)))
    _LEVELS[_depth].append(_joint)


def chain(turns: Floats, joints: Floats) -> tuple[Floats, Floats]:
    """Local rotations (t, j, 3, 3), rest joints (t or 1, j, 3) -> world rotations and joint places (t, j, 3)."""
    joints = np.broadcast_to(joints, (*turns.shape[:2], 3))
    world, places = turns.copy(), joints.copy()
    for level in _LEVELS[1:]:
        up = [PARENTS[joint] for joint in level]
        bones = joints[:, level] - joints[:, up]
        world[:, level] = world[:, up] @ turns[:, level]
        places[:, level] = places[:, up] + (world[:, up] @ bones[..., None])[..., 0]
    return world, places


def skin_points(skin: Skin, world: Floats, places: Floats, joints: Floats, offsets: Floats | None) -> Floats:
    """World rotations (t, j, 3, 3), places and rest joints (t or 1, j, 3), offsets (t, m, 3) -> vertices (t, v, 3)."""
    t, j = world.shape[:2]
    shifts = places - (world @ np.broadcast_to(joints, places.shape)[..., None])[..., 0]
    # (j, 4, t, 3): row 4j + c holds column c of each joint's transform for every frame.
    stacked = np.concatenate([world.transpose(1, 3, 0, 2), shifts.transpose(1, 0, 2)[:, None]], axis=1)
    moved = skin.rest @ np.ascontiguousarray(stacked.reshape(4 * j, 3 * t), dtype=np.float32)
    vertices = np.ascontiguousarray(moved.reshape(-1, t, 3).transpose(1, 0, 2))
    if offsets is not None and len(skin.movable):
        few = world[:, skin.joints].reshape(t, len(skin.joints), 9)
        blended = np.matmul(skin.weights, few).reshape(t, -1, 3, 3)
        vertices[:, skin.movable] += np.einsum("tvab,tvb->tva", blended, offsets)
    return vertices
