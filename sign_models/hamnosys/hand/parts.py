"""The skin of a hand in any finger pose, and the parts of it that the notation names.

Each vertex follows the bone that moves it most: for asking what touches what that is true to a millimetre or two, and
it is quick enough to ask many times a sign.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.sign import FINGERS as DIGITS
from sign_models.hamnosys.sign import Site
from sign_models.hamnosys.smoothing import to_matrix
from sign_models.skeleton import FINGERS, INDEX

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_STRIDE = 4
"""Of the vertices outside every fingertip each fourth is kept."""


@dataclass(frozen=True, eq=False)
class HandSkin:
    """Vertices of one hand from its wrist, at rest.

    points, normals: (n, 3). bone: (n,) 0 for the wrist, then 1..15 as in a hand pose. joints: (15, 3) from the wrist.
    parts: name -> indices into points; names are areas, "<digit>", "<digit> <part>".
    """

    side: str
    points: Array
    normals: Array
    bone: Indices
    joints: Array
    parts: dict[str, Indices]

    def posed(self, fingers: Array, rows: Indices | slice = slice(None)) -> Array:
        """Finger joints (..., 15, 3) axis-angle -> points (..., n, 3) from the wrist, hand as in the T-pose.

        rows: which of the points.
        """
        return _carried(self._blocks[0][rows], *_bones(self, fingers))

    def posed_normals(self, fingers: Array, rows: Indices | slice = slice(None)) -> Array:
        """Finger joints (..., 15, 3) axis-angle -> unit normals (..., n, 3) of ``points``."""
        return _carried(self._blocks[1][rows], *_bones(self, fingers))

    @cached_property
    def _blocks(self) -> tuple[Array, Array]:
        """(n, 16 * 4) each: points and normals, each in the columns of its bone, so that one product moves them all."""
        rest = np.concatenate([np.zeros((1, 3)), self.joints])[self.bone]
        rows = np.arange(len(self.points))
        points, normals = np.zeros((len(rows), 16, 4)), np.zeros((len(rows), 16, 4))
        points[rows, self.bone, :3] = self.points - rest
        points[rows, self.bone, 3] = 1.0
        normals[rows, self.bone, :3] = self.normals
        return points.reshape(len(rows), 64), normals.reshape(len(rows), 64)

    def reach(self, fingers: Array) -> Array:
        """(5,) how far each finger is stretched, in ``sign.FINGERS`` order: tip to knuckle against straight, 0..1."""
        posed = self.posed(fingers)
        shares = []
        for digit in DIGITS:
            base = self.joints[3 * FINGERS.index(digit)]
            tip = self.parts[f"{digit} tip"]
            straight = np.linalg.norm(self.points[tip].mean(0) - base)
            shares.append(np.linalg.norm(posed[tip].mean(0) - base) / straight)
        return np.array(shares)

    def find(self, site: Site) -> Indices:
        """Indices of the points of a part of this hand (or of its wrist)."""
        if site.digits:
            names = [f"{digit} {site.part}" if site.part else digit for digit in site.digits]
        elif site.part:
            names = [f"{digit} {site.part}" for digit in DIGITS[1:]]
        else:
            names = [str(site.area)]
        missing = [name for name in names if name not in self.parts]
        if missing:
            raise SignError(f"The hand has no part {missing[0]!r}; name one of {', '.join(sorted(self.parts))}.")
        return np.concatenate([self.parts[name] for name in names])


def _bones(skin: HandSkin, fingers: Array) -> tuple[Array, Array]:
    """World turn (..., 16, 3, 3) of each bone and where its joint is (..., 16, 3), the wrist first."""
    lead = np.shape(fingers)[:-2]
    local = to_matrix(np.array(fingers)).reshape(*lead, 5, 3, 3, 3)
    steps = np.diff(skin.joints.reshape(5, 3, 3), axis=1)
    turned, place = np.zeros((*lead, 16, 3, 3)), np.zeros((*lead, 16, 3))
    turned[..., 0, :, :] = np.eye(3)
    turn, at = local[..., 0, :, :], np.broadcast_to(skin.joints[::3], (*lead, 5, 3))
    for k in range(3):
        if k:
            at = at + (turn @ steps[:, k - 1, :, None])[..., 0]
            turn = turn @ local[..., k, :, :]
        turned[..., k + 1 :: 3, :, :], place[..., k + 1 :: 3, :] = turn, at
    return turned, place


def _carried(blocks: Array, turned: Array, place: Array) -> Array:
    """(n, 64) points in the columns of their bones -> (..., n, 3) where the bones take them."""
    lead = place.shape[:-2]
    bones = np.concatenate([np.swapaxes(turned, -1, -2), place[..., None, :]], -2).reshape(*lead, 64, 3)
    moved: Array = blocks @ bones
    return moved


@lru_cache(maxsize=8)
def hand_skin(figure: Figure, side: str) -> HandSkin:
    """The skin of one hand of a figure, thinned out, with every part found by rule."""
    wrist = figure.joint(f"{side}_wrist")
    names = [f"{side}_{finger}{k}" for finger in FINGERS for k in (1, 2, 3)]
    joints = figure.joints[[INDEX[name] for name in names]] - wrist
    bone_of = {INDEX[f"{side}_wrist"]: 0, **{INDEX[name]: i + 1 for i, name in enumerate(names)}}
    bone_of[INDEX[f"{side}_elbow"]] = 0
    mine = np.isin(figure.owner, list(bone_of))
    near = np.linalg.norm(figure.vertices - wrist, axis=1) < 0.03
    mine &= (figure.owner != INDEX[f"{side}_elbow"]) | near
    chosen = np.flatnonzero(mine)
    last = np.array([bone_of[int(o)] for o in figure.owner[chosen]])
    at_tip = (last > 0) & (last % 3 == 0)
    kept = chosen[at_tip | (np.arange(len(chosen)) % _STRIDE == 0)]
    points = figure.vertices[kept] - wrist
    bone = np.array([bone_of[int(o)] for o in figure.owner[kept]])
    normals = _normals(figure, kept)
    forearm = figure.owner[kept] == INDEX[f"{side}_elbow"]
    out = 1.0 if side == "left" else -1.0
    parts = _finger_parts(points, normals, bone, joints, figure.tips, side, wrist, out)
    parts |= _palm_parts(points, normals, bone, joints, forearm, out)
    return HandSkin(side, points, normals, bone, joints, parts)


def _normals(figure: Figure, vertices: Indices) -> Array:
    corners = figure.vertices[figure.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(figure.vertices)
    for k in range(3):
        np.add.at(total, figure.faces[:, k], across)
    mine = total[vertices]
    unit: Array = mine / np.maximum(np.linalg.norm(mine, axis=1, keepdims=True), 1e-12)
    return unit


def _finger_parts(
    points: Array, normals: Array, bone: Indices, joints: Array, tips: Array, side: str, wrist: Array, out: float
) -> dict[str, Indices]:
    parts: dict[str, Indices] = {}
    h = 0 if side == "left" else 1
    for f, finger in enumerate(FINGERS):
        first = 3 * f + 1
        chain = joints[3 * f : 3 * f + 3]
        tip = tips[h, f] - wrist
        axis = (tip - chain[2]) / np.linalg.norm(tip - chain[2])
        inner = _inner_side(finger, axis, chain, out)
        whole = (bone >= first) & (bone < first + 3)
        end = bone == first + 2
        along = (points - chain[2]) @ axis / np.linalg.norm(tip - chain[2])
        facing = normals @ inner
        edge = -np.cross(axis, inner) * out
        # The edge towards the thumb; for thumb and little finger the one away from the other fingers.
        edge = -edge if finger == "pinky" else edge
        rules = {
            "": whole,
            " tip": end & (along > 0.8),
            " pad": end & (facing > 0.5) & (along > 0.2),
            " nail": end & (facing < -0.5) & (along > 0.2),
            " side": whole & (bone > first) & (np.abs(normals @ edge) > 0.6) & (normals @ edge > 0),
            " midjoint": whole & (np.linalg.norm(points - chain[1], axis=1) < 0.016),
            " base": np.linalg.norm(points - chain[0], axis=1) < (0.02 if finger == "thumb" else 0.018),
        }
        for suffix, rule in rules.items():
            parts[f"{finger}{suffix}"] = _some(rule, points, chain[1])
    return parts


def _inner_side(finger: str, axis: Array, chain: Array, out: float) -> Array:
    """The direction of the finger's pad: the palm's side; for the thumb towards the tip of a flexed index finger."""
    wanted = np.array([0.0, -1, 0]) if finger != "thumb" else np.array([out * 0.7, -0.1, -0.7])
    inner = wanted - axis * (axis @ wanted)
    unit: Array = inner / np.linalg.norm(inner)
    return unit


def _palm_parts(
    points: Array, normals: Array, bone: Indices, joints: Array, forearm: NDArray[np.bool_], out: float
) -> dict[str, Indices]:
    hand = (bone == 0) & ~forearm
    x = points[:, 0] * out
    knuckles = joints[[0, 3, 6, 9]]
    reach = float((knuckles[:, 0] * out).min())
    thumb_root = joints[12]
    palm = hand & (normals[:, 1] < -0.5) & (x > 0.3 * reach)
    rules = {
        "palm": palm & (x < 1.02 * reach),
        "handback": hand & (normals[:, 1] > 0.5) & (x > 0.35 * reach),
        "thumbside": (hand | (bone == 1)) & (normals[:, 2] > 0.55) & (x > 0.75 * reach),
        "pinkyside": (hand | (bone == 7)) & (normals[:, 2] < -0.45) & (x > 0.35 * reach),
        "thumbball": (hand | (bone == 13))
        & (np.linalg.norm(points - thumb_root, axis=1) < 0.035)
        & (normals[:, 1] < 0),
        "wristback": (x < 0.02) & (normals[:, 1] > 0.4) & (bone == 0),
        "wristpulse": (x < 0.02) & (normals[:, 1] < -0.4) & (bone == 0),
    }
    return {name: _some(rule, points, points.mean(0)) for name, rule in rules.items()}


def _some(rule: NDArray[np.bool_], points: Array, middle: Array) -> Indices:
    """The points a rule names; where a coarse mesh has none, the three nearest to where they should be."""
    found = np.flatnonzero(rule)
    return found if len(found) else np.argsort(np.linalg.norm(points - middle, axis=1))[:3]
