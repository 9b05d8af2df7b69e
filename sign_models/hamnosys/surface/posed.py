"""The bones of a motion, what they do to the skin, and the way back from a moved body to the body at rest.

The mesh of a body file is moved by linear blending alone (its pose correctives are nil), so points moved here lie on
the very mesh that is shown.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.errors import SignError
from sign_models.face import EXPRESSIONS, FACE_ACTIONS
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.smoothing import to_matrix
from sign_models.parts import HAND_COLUMNS, JAW_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.paths import asset
from sign_models.skeleton import FINGERS, HANDS, INDEX, JOINTS, PARENTS, UPPER_BODY
from sign_models.types import Motion

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_FINGER_JOINTS = {side: [INDEX[f"{side}_{finger}{k}"] for finger in FINGERS for k in (1, 2, 3)] for side in HANDS}
_FIRST_EXPRESSION = 300
"""Column of the shape space where the expressions begin; the face actions follow them."""
_STILL = 1e-3
"""Weight of a face action below which it shows nothing."""
_ROUNDS = 2
"""Corrections on the way back to rest; each bone's share of a point is that of the nearest skin."""


@dataclass(frozen=True, eq=False)
class Weights:
    """weights: (v, 55) share of each joint in each vertex. face: (v, 3, 52) metres that each face action moves it."""

    weights: Array
    face: NDArray[np.float32]


@lru_cache(maxsize=2)
def load_weights(path: Path | None = None) -> Weights:
    """Of a body file in SMPL-X layout; without a path, of the bundled open body."""
    first = _FIRST_EXPRESSION + len(EXPRESSIONS)
    with np.load(path or asset("body/open_body.npz"), allow_pickle=False) as body:
        shapes = body["shapedirs"][:, :, first : first + len(FACE_ACTIONS)]
        return Weights(body["weights"].astype(np.float64), shapes.astype(np.float32))


@dataclass(frozen=True, eq=False)
class Posed:
    """A body in motion: a rest point p of joint j is at ``turns[t, j] @ p + shifts[t, j]``.

    turns: (t, 55, 3, 3). shifts: (t, 55, 3) metres. places: (t, 55, 3) joints. fingers: (t, h, 15, 3) axis-angle.
    face: (t, 52) weights of the face actions.
    """

    figure: Figure
    turns: Array
    shifts: Array
    places: Array
    fingers: Array
    face: Array
    fps: float

    def __len__(self) -> int:
        return len(self.turns)

    @property
    def wrists(self) -> Array:
        """(t, h, 3) wrist joints in metres."""
        joints: Array = self.places[:, [INDEX[f"{side}_wrist"] for side in HANDS]]
        return joints

    @property
    def palms(self) -> Array:
        """(t, h, 3, 3) world rotation of the hands."""
        turns: Array = self.turns[:, [INDEX[f"{side}_wrist"] for side in HANDS]]
        return turns

    def move(self, points: Array, weights: Array, frames: Indices | slice = slice(None)) -> Array:
        """Rest points (n, 3) with their shares (n, 55) of the joints -> (t, n, 3) in the chosen frames."""
        ends = np.concatenate([points, np.ones((len(points), 1))], 1)
        transforms = np.concatenate([self.turns[frames], self.shifts[frames][..., None]], -1)
        return _blended(ends, weights, transforms)

    def turn(self, directions: Array, weights: Array, frames: Indices | slice = slice(None)) -> Array:
        """Rest unit directions (n, 3) -> (t, n, 3), of about unit length."""
        return _blended(directions, weights, self.turns[frames])

    def back_to_rest(self, points: Array, frames: Indices) -> Array:
        """(n, 3) metres in the given frames (n,) -> (n, 3) where they would be if head and trunk stood at rest.

        What lies on the moved skin of head or trunk lies on its rest skin afterwards, and nearby as near as it was.
        """
        skin = _trunk(self.figure)
        shapes = load_weights().face
        moved_face = self.face.max(initial=0.0) > _STILL
        rest = points
        for _ in range(_ROUNDS):
            _, nearest = skin.tree.query(rest)
            joints, own = skin.joints[nearest], skin.shares[nearest]
            turn = np.einsum("nj,njab->nab", own, self.turns[frames[:, None], joints])
            shift = np.einsum("nj,nja->na", own, self.shifts[frames[:, None], joints])
            rest = (np.linalg.inv(turn) @ (points - shift)[..., None])[..., 0]
            if moved_face:
                rest = rest - np.einsum("nak,nk->na", shapes[skin.vertices[nearest]], self.face[frames])
        return rest

    def on_skin(self, point: Array) -> Array:
        """(3,) rest point of head or trunk -> (t, 3) where the skin has taken it."""
        skin = _trunk(self.figure)
        _, nearest = skin.tree.query(point)
        weights = load_weights()
        vertex = skin.vertices[nearest]
        shaped = point + self.face @ weights.face[vertex].T  # (t, 3)
        bones = skin.joints[nearest]
        each = np.einsum("tjab,tb->tja", self.turns[:, bones], shaped) + self.shifts[:, bones]
        moved: Array = np.einsum("j,tja->ta", skin.shares[nearest], each)
        return moved

    def stray(self) -> Array:
        """(t,) metres that the skin of head and trunk is at most away from where it rests."""
        skin = _trunk(self.figure)
        few = skin.vertices[::40]
        moved = self.move(self.figure.vertices[few], load_weights().weights[few])
        far: Array = np.linalg.norm(moved - self.figure.vertices[few], axis=-1).max(1)
        return far


@dataclass(frozen=True, eq=False)
class _Trunk:
    """Outer skin of head and trunk: the few joints (v, 4) that move each vertex, and their shares (v, 4)."""

    vertices: Indices
    joints: Indices
    shares: Array
    tree: cKDTree


_SOLID = (
    "pelvis", "left_hip", "right_hip", "spine1", "spine2", "spine3", "neck", "left_collar", "right_collar", "head",
    "jaw", "left_eye", "right_eye",
)  # fmt: skip
_POCKET = -0.008


@lru_cache(maxsize=4)
def _trunk(figure: Figure) -> _Trunk:
    solid = np.flatnonzero(np.isin(figure.owner, [INDEX[name] for name in _SOLID]))
    outer = solid[figure.distance(figure.vertices[solid]) > _POCKET]
    weights = load_weights().weights[outer]
    joints = np.argsort(-weights, axis=1)[:, :4]
    shares = np.take_along_axis(weights, joints, 1)
    return _Trunk(outer, joints, shares / shares.sum(1, keepdims=True), cKDTree(figure.vertices[outer]))


def _blended(columns: Array, weights: Array, transforms: Array) -> Array:
    """columns (n, c), weights (n, 55), transforms (t, 55, 3, c) -> (t, n, 3), as one matrix product."""
    used = np.flatnonzero(weights.any(0))
    parts = (weights[:, used, None] * columns[:, None]).reshape(len(columns), -1)
    bones = transforms[:, used].transpose(1, 3, 0, 2).reshape(parts.shape[1], -1)
    blended: Array = (parts @ bones).reshape(len(columns), -1, 3).swapaxes(0, 1)
    return blended


def posed(motion: Motion, figure: Figure) -> Posed:
    """The bones of a motion on a figure of the bundled body."""
    if not motion.flat_hands:
        raise SignError("The motion's hands are told from MANO's mean hand; convert it to whole hand poses first.")
    if len(load_weights().weights) != len(figure.vertices):
        raise SignError("The figure is not of the bundled body; motions are measured on that one.")
    features = motion.features.numpy().astype(np.float64)
    t = len(features)
    local = np.zeros((t, len(JOINTS), 3))
    local[:, [INDEX[name] for name in UPPER_BODY]] = features[:, UPPER_BODY_COLUMNS].reshape(t, -1, 3)
    fingers = np.stack([features[:, columns].reshape(t, 15, 3) for columns in HAND_COLUMNS], 1)
    for h, side in enumerate(HANDS):
        local[:, _FINGER_JOINTS[side]] = fingers[:, h]
    local[:, INDEX["jaw"]] = features[:, JAW_COLUMNS]
    turned = to_matrix(local)
    turns, places = np.zeros((t, len(JOINTS), 3, 3)), np.zeros((t, len(JOINTS), 3))
    for j, parent in enumerate(PARENTS):
        if parent < 0:
            turns[:, j], places[:, j] = turned[:, j], figure.joints[j]
            continue
        turns[:, j] = turns[:, parent] @ turned[:, j]
        places[:, j] = places[:, parent] + turns[:, parent] @ (figure.joints[j] - figure.joints[parent])
    shifts = places - np.einsum("tjab,jb->tja", turns, figure.joints)
    face = np.zeros((t, len(FACE_ACTIONS))) if motion.face is None else motion.face.numpy().astype(np.float64)
    return Posed(figure, turns, shifts, places, fingers, face, motion.fps)
