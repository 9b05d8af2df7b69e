"""Where the places of the notation lie on a figure: a point of the skin and the direction out of it.

Nothing is measured by hand: landmarks come from the joints and from the profile of the head, and every place is where a
ray meets the mesh, so another body (or a better one) needs no new numbers. Heights on the head are shares between
landmarks of the profile, on the trunk shares between hip and neck.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.errors import SignError
from sign_models.hamnosys.figure import MIRROR, Figure
from sign_models.hamnosys.sign import Site
from sign_models.hamnosys.surface.distance import DistanceField
from sign_models.skeleton import INDEX

Array = NDArray[np.float64]

HEAD_AREAS = frozenset({
    "head", "headtop", "forehead", "eyebrows", "eyes", "nose", "nostrils", "ear", "earlobe", "cheek", "lips", "tongue",
    "teeth", "chin", "underchin", "neck",
})  # fmt: skip

_SOLID = (
    "pelvis", "left_hip", "right_hip", "spine1", "spine2", "spine3", "neck", "left_collar", "right_collar", "head",
    "jaw", "left_eye", "right_eye",
)  # fmt: skip
_POCKET = -0.008
"""Samples deeper than this (metres) lie in a pocket of the mesh (mouth, eye sockets), out of a hand's reach."""
_FINE = 0.025
"""Metres; farther from the skin the coarse field is true enough."""
_NEAR = 0.012
"""Within this distance (metres) the tangent plane of the nearest sample is truer than the distance to the sample."""
_DENSE = 0.009
"""Metres between samples of the skin."""


@dataclass(frozen=True)
class Spot:
    """A place: ``point`` (3,) on the skin (or in space) and unit ``normal`` (3,) out of the body.

    skin: whether it can be touched; False for a place in the air.
    """

    point: Array
    normal: Array
    skin: bool = True


@dataclass(frozen=True, eq=False)
class Surface:
    """The skin of head and trunk: triangles (f, 3, 3) for rays, samples (n, 3) with normals to measure from.

    coarse: the distance field that tells which points are near enough to be worth measuring.
    """

    triangles: Array
    samples: Array
    normals: Array
    tree: cKDTree
    coarse: DistanceField

    def distance(self, points: Array) -> Array:
        """(..., 3) -> (...) signed distance in metres, negative inside; exact to a millimetre near the skin."""
        flat = points.reshape(-1, 3)
        signed = self.coarse(flat)
        close = np.flatnonzero(np.abs(signed) < _FINE)
        if len(close):
            far, nearest = self.tree.query(flat[close])
            height = np.einsum("pc,pc->p", flat[close] - self.samples[nearest], self.normals[nearest])
            signed[close] = np.where(far < _NEAR, height, np.sign(signed[close]) * far)
        return signed.reshape(points.shape[:-1])

    def slope(self, points: Array) -> Array:
        """(..., 3) -> (..., 3) unit direction out of the body at the nearest skin."""
        _, nearest = self.tree.query(points.reshape(-1, 3))
        outward: Array = self.normals[nearest].reshape(points.shape)
        return outward

    def cast(self, origin: Array, direction: Array) -> Spot | None:
        """The first skin met by a ray, or None."""
        a, b, c = self.triangles[:, 0], self.triangles[:, 1], self.triangles[:, 2]
        edge1, edge2 = b - a, c - a
        p = np.cross(direction, edge2)
        det = np.einsum("fc,fc->f", edge1, p)
        usable = np.abs(det) > 1e-14
        inverse = np.where(usable, 1 / np.where(usable, det, 1.0), 0.0)
        s = origin - a
        u = np.einsum("fc,fc->f", s, p) * inverse
        q = np.cross(s, edge1)
        v = (q @ direction) * inverse
        t = np.einsum("fc,fc->f", edge2, q) * inverse
        hit = usable & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (t > 0)
        if not hit.any():
            return None
        first = np.flatnonzero(hit)[t[hit].argmin()]
        point = origin + direction * t[first]
        return Spot(point, self._smooth_normal(point))

    def _smooth_normal(self, point: Array) -> Array:
        """The mean normal within a finger's breadth or two: a single triangle of a lip or nostril tells little."""
        near = self.tree.query_ball_point(point, 0.025)
        mean = self.normals[near].mean(0) if near else self.slope(point)
        unit: Array = mean / np.linalg.norm(mean)
        return unit


@lru_cache(maxsize=4)
def surface(figure: Figure) -> Surface:
    """Skin of head and trunk; the mouth's inside and other pockets are left out."""
    solid = np.isin(figure.owner, [INDEX[name] for name in _SOLID])
    corners = figure.vertices[figure.faces[solid[figure.faces].any(1)]]  # (f, 3, 3)
    samples, normals = _samples(corners)
    outer = figure.distance(samples) > _POCKET
    return Surface(corners, samples[outer], normals[outer], cKDTree(samples[outer]), figure.distance)


def _samples(corners: Array) -> tuple[Array, Array]:
    """Triangles (f, 3, 3) -> points (n, 3) all over them, at most ``_DENSE`` apart, with unit normals (n, 3)."""
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(1)
    parts = np.clip(np.ceil(edges / _DENSE).astype(int), 1, 12)
    points, normals = [], []
    for n in np.unique(parts):
        mine = parts == n
        steps = [((3 * i + 1) / (3 * n), (3 * j + 1) / (3 * n)) for i in range(n) for j in range(n - i)]
        weights = np.array([(u, v, 1 - u - v) for u, v in steps])
        points.append(np.einsum("sk,fkc->fsc", weights, corners[mine]).reshape(-1, 3))
        normals.append(np.repeat(facing[mine], len(weights), axis=0))
    return np.concatenate(points), np.concatenate(normals)


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Heights (y), depths (z) and half widths (x) in metres that the places are told from; all for one figure."""

    eye: Array
    nose: float
    lips: float
    chin: float
    crown: float
    middle: float
    ear: Array
    shoulder: Array
    neck: float
    hip: float


@lru_cache(maxsize=4)
def landmarks(figure: Figure) -> Landmarks:
    """Found on the profile of the head and from the joints."""
    skin = surface(figure)
    eye = (figure.joint("left_eye") + figure.joint("right_eye") * MIRROR) / 2
    profile = _profile(skin, low=figure.joint("neck")[1], high=eye[1])
    heights, depths = profile[:, 0], profile[:, 1]
    tip = int(depths.argmax())
    nose = heights[tip]
    # Below the nose the face goes back by less than this until it turns under the chin.
    face = heights[:tip][depths[:tip] > depths[tip] - 0.3 * (eye[1] - nose) - 0.02]
    chin = float(face.min())
    head = figure.vertices[figure.owner == INDEX["head"]]
    at_ears = head[(head[:, 1] > nose) & (head[:, 1] < eye[1] + 0.01) & (head[:, 0] > 0)]
    ear = at_ears[at_ears[:, 0].argmax()]
    return Landmarks(
        eye=eye,
        nose=float(nose),
        lips=float(nose - 0.44 * (nose - chin)),
        chin=chin,
        crown=float(head[:, 1].max()),
        middle=float((head[:, 2].min() + head[:, 2].max()) / 2),
        ear=ear,
        shoulder=figure.joint("left_shoulder"),
        neck=float(figure.joint("neck")[1]),
        hip=float(figure.joint("left_hip")[1]),
    )


def _profile(skin: Surface, low: float, high: float) -> Array:
    """(n, 2) height and depth of the outermost skin of the midline, from low to high."""
    rows = []
    for height in np.arange(low, high, 0.003):
        spot = skin.cast(np.array([0.001, height, 1.0]), np.array([0.0, 0, -1]))
        if spot is not None:
            rows.append((height, spot.point[2]))
    return np.array(rows)


def place(site: Site, figure: Figure, side: str, touching: bool) -> Spot:
    """The spot of a site of head, trunk or space for the hand of one side.

    side: a place that comes in pairs (ear, cheek, shoulder top) and is written without a side is that of this hand.
    touching: whether the hand is to touch it or be close: shoulders and shoulder tops are then the joint itself, else
    the height before the chest.
    """
    if site.mark is not None and site.area is None:
        raise SignError("A place that is only a reference (hamcoref) cannot be found; write the place itself.")
    if site.area is None or site.on_hand:
        raise SignError(f"The place {site.area or site.digits} is not on head or trunk; place it by the other hand.")
    return _spot(figure, site.area, site.side, site.behind, side, touching)


@lru_cache(maxsize=1024)
def _spot(figure: Figure, area: str, edge: str | None, behind: bool, side: str, touching: bool) -> Spot:
    where = 0.0
    if edge is not None:
        leftward = edge.startswith("left") or (edge.startswith("both") and side == "left")
        where = (1.0 if leftward else -1.0) * (2.0 if edge.endswith("beside") else 1.0)
    if area not in _RULES:
        known = ", ".join(sorted(_RULES))
        raise SignError(f"The place {area!r} is unknown; places on head and trunk are {known}.")
    own = 1.0 if side == "left" else -1.0
    spot = _RULES[area](_View(figure, where, own, touching))
    if behind:
        return _behind(figure, spot)
    return spot


def _behind(figure: Figure, spot: Spot) -> Spot:
    """The skin on the far side of the head or trunk, at the same height and side."""
    x, y, _ = spot.point
    inward = np.array([min(abs(x), 0.8 * landmarks(figure).ear[0]) * np.sign(x), y, -1.0])
    met = surface(figure).cast(inward, np.array([0.0, 0, 1]))
    if met is None:
        return Spot(spot.point * np.array([1, 1, -1]), np.array([0.0, 0, -1]), skin=False)
    return met


@dataclass(frozen=True)
class _View:
    """What a rule looks at. where: 0 middle, 1 or -1 at the signer's left or right side, 2 or -2 beside it.

    own: 1 or -1, the side of the hand.
    """

    figure: Figure
    where: float
    own: float
    touching: bool

    @property
    def marks(self) -> Landmarks:
        return landmarks(self.figure)

    @property
    def sign(self) -> float:
        """1 for the left, -1 for the right, of the side written or else of the hand."""
        return float(np.sign(self.where)) if self.where else self.own

    def front(self, x: float, y: float) -> Spot:
        """The skin seen from the front at a place of the frontal plane; the plane of the chest where there is none."""
        met = surface(self.figure).cast(np.array([x + 1e-4, y, 2.0]), np.array([0.0, 0, -1]))
        return met or self.before(x, y)

    def before(self, x: float, y: float) -> Spot:
        """In the air, in the plane of the skin of the middle."""
        middle = surface(self.figure).cast(np.array([1e-4, y, 2.0]), np.array([0.0, 0, -1]))
        return Spot(np.array([x, y, middle.point[2] if middle else 0.1]), np.array([0.0, 0, 1]), skin=False)

    def flank(self, y: float, z: float) -> Spot:
        """The skin seen from the side."""
        met = surface(self.figure).cast(np.array([2.0 * self.sign, y, z]), np.array([-self.sign, 0.0, 0]))
        if met is None:
            raise SignError(f"The body has no skin at height {y:.2f} m, depth {z:.2f} m; use another body file.")
        return met

    def above(self, x: float, z: float) -> Spot:
        """The skin seen from above."""
        met = surface(self.figure).cast(np.array([x, 3.0, z]), np.array([0.0, -1, 0]))
        if met is None:
            raise SignError(f"The body has no skin at x {x:.2f} m, depth {z:.2f} m; use another body file.")
        return met

    def trunk(self, y: float, at: float, beside: float) -> Spot:
        """A place of the trunk at height y; ``at`` and ``beside`` metres to the side."""
        if abs(self.where) < 2:
            return self.front(self.where * at, y)
        return self.before(self.sign * beside, y)

    def face(self, y: float, at: float) -> Spot:
        """A place of the face at height y; beside it: in the air, level with the cheek."""
        if abs(self.where) < 2:
            return self.front(self.where * at, y)
        edge = self.flank(y, self.marks.middle + 0.02)
        out = np.array([self.sign, 0.0, 0.35])
        return Spot(edge.point + np.array([self.sign * 0.07, 0, 0.06]), out / np.linalg.norm(out), skin=False)

    def trunk_height(self, share: float) -> float:
        """Between hip (0) and neck (1)."""
        return self.marks.hip + share * (self.marks.neck - self.marks.hip)

    def face_height(self, share: float) -> float:
        """Above the eyes, as a share of the way to the crown."""
        return float(self.marks.eye[1] + share * (self.marks.crown - self.marks.eye[1]))


def _head(v: _View) -> Spot:
    if v.where == 0:
        return v.front(0, v.face_height(0.55))
    edge = v.flank(v.face_height(0.3), v.marks.middle + 0.02)
    return edge if abs(v.where) < 2 else Spot(edge.point + 0.08 * edge.normal, edge.normal, skin=False)


def _ear(v: _View, down: float) -> Spot:
    """The outer ear, or its lobe ``down`` of the way from the eye to the tip of the nose and below."""
    y = v.marks.ear[1] - down
    edge = v.flank(y, v.marks.ear[2] + 0.004)
    return edge if abs(v.where) < 2 else Spot(edge.point + 0.08 * edge.normal, edge.normal, skin=False)


def _cheek(v: _View) -> Spot:
    y = v.marks.nose - 0.1 * (v.marks.nose - v.marks.chin)
    if abs(v.where) == 2:
        return v.face(y, 0.05)
    return v.front(v.sign * 1.45 * v.marks.eye[0], y)


def _underchin(v: _View) -> Spot:
    chin = v.front(0, v.marks.chin + 0.008)
    origin = np.array([np.clip(v.where, -1.2, 1.2) * 0.025 + 1e-4, v.marks.chin - 0.018, chin.point[2] - 0.025])
    met = surface(v.figure).cast(origin, np.array([0.0, 1, 0]))
    down = np.array([0.0, -0.8, 0.6])
    return Spot(met.point if met else chin.point, down)


def _neck(v: _View) -> Spot:
    y = 0.5 * (v.marks.neck + v.marks.chin) - 0.012
    if v.where == 0:
        return v.front(0, y)
    edge = v.flank(y, v.figure.joint("neck")[2] + 0.01)
    return edge if abs(v.where) < 2 else Spot(edge.point + 0.1 * edge.normal, edge.normal, skin=False)


def _headtop(v: _View) -> Spot:
    return v.above(np.clip(v.where, -1.5, 1.5) * 0.04 + 1e-4, v.marks.middle)


def _shouldertop(v: _View) -> Spot:
    x = v.sign * 0.6 * v.marks.shoulder[0]
    top = v.above(x, v.marks.shoulder[2])
    if v.touching:
        return top
    return v.trunk(float(top.point[1]) - 0.01, 0.75 * v.marks.shoulder[0], 1.5 * v.marks.shoulder[0])


def _shoulders(v: _View) -> Spot:
    y = float(v.marks.shoulder[1]) - 0.015
    if v.touching and v.where == 0:
        return v.front(v.own * 0.8 * v.marks.shoulder[0], y)
    return v.trunk(y, 0.8 * v.marks.shoulder[0], 1.6 * v.marks.shoulder[0])


def _space(v: _View) -> Spot:
    """Neutral space: before the lower chest; a hand's length of air is added by the usual distance."""
    return v.trunk(v.trunk_height(0.52), 0.12, 0.26)


_RULES: dict[str, Callable[[_View], Spot]] = {
    "head": _head,
    "headtop": _headtop,
    "forehead": lambda v: v.face(v.face_height(0.48), 1.75 * v.marks.eye[0]),
    "eyebrows": lambda v: v.face(v.face_height(0.2), v.marks.eye[0]),
    "eyes": lambda v: v.face(v.marks.eye[1] - 0.002, v.marks.eye[0]),
    "nose": lambda v: v.face(v.marks.nose + 0.004, 0.45 * v.marks.eye[0]),
    "nostrils": lambda v: v.face(v.marks.nose - 0.005, 0.35 * v.marks.eye[0]),
    "ear": lambda v: _ear(v, 0.0),
    "earlobe": lambda v: _ear(v, 0.65 * (v.marks.eye[1] - v.marks.nose)),
    "cheek": _cheek,
    "lips": lambda v: v.face(v.marks.lips, 0.8 * v.marks.eye[0]),
    "tongue": lambda v: v.face(v.marks.lips, 0.4 * v.marks.eye[0]),
    "teeth": lambda v: v.face(v.marks.lips, 0.5 * v.marks.eye[0]),
    "chin": lambda v: v.face(v.marks.chin + 0.012, 0.9 * v.marks.eye[0]),
    "underchin": _underchin,
    "neck": _neck,
    "shouldertop": _shouldertop,
    "shoulders": _shoulders,
    "chest": lambda v: v.trunk(v.trunk_height(0.63), 0.11, 0.26),
    "stomach": lambda v: v.trunk(v.trunk_height(0.33), 0.11, 0.26),
    "belowstomach": lambda v: v.trunk(v.trunk_height(0.02), 0.11, 0.26),
    "neutralspace": _space,
}
