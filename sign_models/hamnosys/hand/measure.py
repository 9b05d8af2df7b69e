"""Measuring a posed hand: spots that touch, and how deep digits lie in each other, on the skin itself.

The right hand, metres from the wrist. For searching a pose there is also a quick, smooth form: skin points against one
tapered capsule for each bone, whose radii are taken from the skin.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.hamnosys.hand.model import bone_number, chain, hand_model, normals, skin
from sign_models.skeleton import FINGERS

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

DIGITS = ("thumb", "index", "middle", "ring", "pinky")
FACES = ("pad", "back", "thumb_side", "pinky_side", "tip")
"""Where on a bone a spot is: palmar face, back, edge towards the thumb, edge away from it, end of the finger. The
thumb's "thumb_side" is the edge that leads when it stands off, its "pinky_side" the one that lies on the fist."""
_PER_BONE = 18
_PALM = {"index": 0.0200, "middle": 0.0183, "ring": 0.0187, "pinky": 0.0198}
"""Metres from the knuckles' joints to the palm where a fist presses it in (the skin lies 3 mm farther out)."""
_NEAREST = 6
_DEEPEST = 0.015
"""Metres: a point farther from the nearest skin of a digit cannot lie inside it."""


@dataclass(frozen=True)
class Spot:
    """A spot on a digit: bone 0, 1, 2 from the hand outwards, ``along`` it from 0 to 1, on one of FACES.

    Bone -1 is the palm, from the wrist to the digit's knuckle.
    """

    digit: str
    bone: int
    along: float
    face: str


def spots_at(pose: Array, indices: Indices) -> tuple[Array, Array]:
    """Axis-angle (15, 3), (k,) skin points -> where they are (k, 3) and their normals (k, 3)."""
    turns, _ = chain(pose)
    blend = (hand_model().weights[indices] @ turns.reshape(16, 9)).reshape(-1, 3, 3)
    facing = np.einsum("nab,nb->na", blend, _rest_normals()[indices])
    return skin(pose, indices), facing / np.linalg.norm(facing, axis=1, keepdims=True)


@lru_cache(maxsize=1)
def _rest_normals() -> Array:
    return normals(hand_model().points)


@dataclass(frozen=True, eq=False)
class _Solid:
    """Bones as capsules: joints they start at, their ends at rest, radii at both ends; skin points to test.

    start: (s,) rows of the chain. ends: (s, 3) rest places. radius: (s, 2). digit: (s,) 0..4, -1 for the palm.
    points: (m,) skin points tested, point_digit: (m,) and point_bone: (m,) whose they are.
    """

    start: Indices
    begins: Array
    ends: Array
    radius: Array
    digit: Indices
    bone: Indices
    points: Indices
    point_digit: Indices
    point_bone: Indices


@lru_cache(maxsize=1)
def owners() -> Indices:
    """(n,) the joint (0 wrist, 1..15) that moves each skin point most."""
    strongest: Indices = hand_model().weights.argmax(1)
    return strongest


@lru_cache(maxsize=1)
def _tips() -> Array:
    """(5, 3) fingertips at rest in skeleton.FINGERS order: the skin farthest along the last bone."""
    model = hand_model()
    tips = np.zeros((5, 3))
    for f in range(5):
        mine = model.points[owners() == 3 * f + 3]
        along = (mine - model.joints[3 * f + 3]) @ model.axes[3 * f + 2, 2]
        tips[f] = mine[np.argsort(along)[-5:]].mean(0)
    return tips


def _bone_ends(digit: str, bone: int) -> tuple[Array, Array]:
    """Rest places of both ends of a bone."""
    model = hand_model()
    i = bone_number(digit, bone) + 1
    return model.joints[i], model.joints[i + 1] if bone < 2 else _tips()[FINGERS.index(digit)]


@lru_cache(maxsize=256)
def spot_index(spot: Spot) -> int:
    """The skin point nearest to a spot."""
    model = hand_model()
    if spot.bone < 0:
        place = spot.along * model.joints[bone_number(spot.digit, 0) + 1]
        palm = np.flatnonzero((owners() == 0) & (_rest_normals()[:, 1] * (1 if spot.face == "back" else -1) > 0.3))
        return int(palm[np.linalg.norm((model.points[palm] - place)[:, [0, 2]], axis=1).argmin()])
    begin, end = _bone_ends(spot.digit, spot.bone)
    i = bone_number(spot.digit, spot.bone)
    flex, _, along = model.axes[i]
    pad = np.cross(flex, along)
    facing = {"pad": pad, "back": -pad, "thumb_side": flex, "pinky_side": -flex, "tip": along}[spot.face]
    mine = np.flatnonzero(owners() == i + 1)
    rest_normals = _rest_normals()[mine]
    place = begin + spot.along * (end - begin)
    reach = model.points[mine] - place
    cost = np.abs(reach @ along) * 1.5 + np.linalg.norm(reach - np.outer(reach @ facing, facing), axis=1)
    cost = cost + 0.02 * (1 - rest_normals @ facing)
    return int(mine[cost.argmin()])


@lru_cache(maxsize=1)
def _solid() -> _Solid:
    model, own = hand_model(), owners()
    rows: list[tuple[int, Array, Array, float, float, int, int]] = []
    points, point_digit, point_bone = [], [], []
    for d, digit in enumerate(DIGITS):
        for bone in range(3):
            if digit == "thumb" and bone == 0:
                continue  # the ball of the thumb is part of the palm
            i = bone_number(digit, bone) + 1
            begin, end = _bone_ends(digit, bone)
            mine = np.flatnonzero(own == i)
            axis = (end - begin) / np.linalg.norm(end - begin)
            length = float(np.linalg.norm(end - begin))
            along = (model.points[mine] - begin) @ axis / length
            far = np.linalg.norm(model.points[mine] - begin - np.outer(along * length, axis), axis=1)
            near = float(np.percentile(far[(along > 0.15) & (along < 0.6)], 52))
            outer = float(np.percentile(far[(along > 0.5) & (along < 0.85)], 52))
            stop = end - axis * outer if bone == 2 else end
            rows.append((i, begin, stop, near, outer, d, bone))
            tested = mine[along > (0.45 if bone == 0 else 0.0)]
            tested = tested[:: max(1, len(tested) // _PER_BONE)]
            points.append(tested)
            point_digit.append(np.full(len(tested), d))
            point_bone.append(np.full(len(tested), bone))
    for digit in DIGITS[1:]:
        knuckle = model.joints[bone_number(digit, 0) + 1]
        rows.append(
            (0, knuckle * np.array([0.3, 0, 0.6]), knuckle * np.array([0.9, 0, 1]), _PALM[digit], _PALM[digit], -1, 0)
        )
    start, begins, ends, near_, outer_, digit_, bone_ = zip(*rows, strict=True)
    return _Solid(
        np.array(start), np.array(begins), np.array(ends), np.array([near_, outer_]).T, np.array(digit_),
        np.array(bone_), np.concatenate(points), np.concatenate(point_digit), np.concatenate(point_bone),
    )  # fmt: skip


def overlaps(pose: Array) -> Array:
    """Axis-angle (15, 3) -> (k,) metres: for each digit and each capsule of another, how deep its skin lies inside."""
    solid = _solid()
    turns, places = chain(pose)
    joints = hand_model().joints
    begins = places[solid.start] + np.einsum("sab,sb->sa", turns[solid.start], solid.begins - joints[solid.start])
    ends = places[solid.start] + np.einsum("sab,sb->sa", turns[solid.start], solid.ends - joints[solid.start])
    points = skin(pose, solid.points)
    bone = ends - begins
    reach = points[:, None] - begins
    share = np.clip((reach * bone).sum(-1) / (bone * bone).sum(-1), 0, 1)
    distance = np.linalg.norm(reach - share[..., None] * bone, axis=-1)
    radius = solid.radius[:, 0] * (1 - share) + solid.radius[:, 1] * share
    depth = np.maximum(radius - distance, 0) * _may_meet()
    deep = np.stack([np.square(depth[solid.point_digit == d]).sum(0) for d in range(5)])
    return np.sqrt(deep + 1e-12).ravel() - 1e-6


@lru_cache(maxsize=1)
def _may_meet() -> NDArray[np.bool_]:
    """(m, s) whether a skin point and a capsule belong to different parts that are not grown together."""
    solid = _solid()
    apart = solid.point_digit[:, None] != solid.digit
    palm = solid.digit == -1
    rooted = (solid.point_bone[:, None] == 0) & palm
    thumb_root = (solid.point_digit[:, None] == 0) & (solid.point_bone[:, None] == 1) & palm
    neighbours = (np.abs(solid.point_digit[:, None] - solid.digit) == 1) & (solid.point_digit[:, None] > 0)
    webbed = neighbours & (solid.digit > 0) & (solid.bone == 0) & (solid.point_bone[:, None] == 0)
    meets: NDArray[np.bool_] = apart & ~rooted & ~thumb_root & ~webbed
    return meets


def skin_depth(pose: Array) -> dict[tuple[str, str], float]:
    """How deep (metres) the skin of a digit's two outer bones lies in another digit or the palm, on the mesh itself.

    Inside means behind the skin at each of the nearest points of the other, the depth is the least of these distances;
    only pairs deeper than zero are listed.
    """
    points = skin(pose)
    facing = normals(points)
    own = owners()
    deep = {}
    for digit in DIGITS:
        mine = np.isin(own, [bone_number(digit, 1) + 1, bone_number(digit, 2) + 1])
        for other in (*DIGITS, "palm"):
            if other == digit:
                continue
            bones = [0] if other == "palm" else [bone_number(other, k) + 1 for k in (0, 1, 2)]
            bones = bones[1:] if other == "thumb" or (digit == "thumb" and other == "palm") else bones
            theirs = np.flatnonzero(np.isin(own, bones))
            if not len(theirs):
                continue
            near, which = cKDTree(points[theirs]).query(points[mine], k=_NEAREST)
            nearest = theirs[which]
            behind = -((points[mine][:, None] - points[nearest]) * facing[nearest]).sum(-1)
            depth = np.where(near[:, 0] < _DEEPEST, behind.min(1), 0.0)
            if depth.max() > 0:
                deep[digit, other] = float(depth.max())
    return deep
