"""The whole mesh of an arm with its hand, sampled densely, and the parts of it that the notation names."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.errors import SignError
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.hand.parts import hand_skin
from sign_models.hamnosys.sign import Site
from sign_models.hamnosys.surface.posed import Posed, load_weights
from sign_models.skeleton import FINGERS, INDEX

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

SPACING = 0.004
"""Metres between neighbouring samples of a hand; those of the arm lie twice as far apart."""
_NEAR_PART = 0.007
"""Metres around the points of a part of the hand within which the skin belongs to it."""
_AROUND_WRIST, _AROUND_ELBOW = 0.035, 0.06
"""Metres of arm to both sides of a joint that are called by its name."""


@dataclass(frozen=True, eq=False)
class LimbMesh:
    """One arm from the shoulder on, with its hand.

    points, normals: (n, 3) samples all over the skin at rest. weights: (n, 55). hand: (k,) the samples of the hand.
    vertices: (v,) of the body; faces: (f, 3) into them. vertex_weights: (v, 55).
    """

    figure: Figure
    side: str
    points: Array
    normals: Array
    weights: Array
    hand: Indices
    vertices: Indices
    faces: Indices
    vertex_weights: Array
    _parts: dict[Site, Indices] = field(default_factory=dict)

    def find(self, sites: tuple[Site, ...]) -> Indices:
        """The samples of some parts of this hand or arm; of the whole hand when none is named."""
        if not sites:
            return self.hand
        return np.unique(np.concatenate([self._part(site) for site in sites]))

    def _part(self, site: Site) -> Indices:
        known = self._parts.get(site)
        if known is None:
            known = self._parts[site] = self._found(site)
        return known

    def _found(self, site: Site) -> Indices:
        if site.area is not None and site.area in _ARM_RULES:
            low, high = _ARM_RULES[site.area]
            place = self._along()
            return np.flatnonzero((place >= low) & (place <= high))
        if site.area in ("wristthumb", "wristpinky"):
            place, way = self._along(), 1.0 if site.area == "wristthumb" else -1.0
            edge = self.normals[:, 2] * way > 0.5
            return np.flatnonzero(edge & (np.abs(place - 2) * self._forearm < _AROUND_WRIST))
        if site.area == "hand":
            return self.hand
        skin = hand_skin(self.figure, self.side)
        part = skin.find(site)
        wrist = self.figure.joint(f"{self.side}_wrist")
        far, nearest = cKDTree(skin.points[part] + wrist).query(self.points)
        alike = np.einsum("nc,nc->n", self.normals, skin.normals[part][nearest]) > 0.2
        found = np.flatnonzero((far < _NEAR_PART) & alike)
        if not len(found):
            raise SignError(f"The {self.side} hand has no skin at {site.area or site.digits}; name another part.")
        return found

    @property
    def _forearm(self) -> float:
        _, _, elbow, wrist = self.figure.arm(self.side)
        return float(np.linalg.norm(wrist - elbow))

    def _along(self) -> Array:
        """(n,) how far along the arm each sample is: 0 shoulder, 1 elbow, 2 wrist."""
        _, shoulder, elbow, wrist = np.abs(self.figure.arm(self.side)[:, 0])
        return np.interp(np.abs(self.points[:, 0]), [shoulder, elbow, wrist, wrist + 0.3], [0.0, 1.0, 2.0, 3.0])


_ARM_RULES = {
    "upperarm": (0.05, 0.95),
    "elbow": (0.8, 1.2),
    "elbowinside": (0.8, 1.2),
    "lowerarm": (1.0, 2.0),
    "wristback": (1.85, 2.12),
    "wristpulse": (1.85, 2.12),
}
"""Places of the arm by how far along it they are (0 shoulder, 1 elbow, 2 wrist)."""


@lru_cache(maxsize=4)
def limb_mesh(figure: Figure, side: str) -> LimbMesh:
    """The left or the right arm of a figure of the bundled body."""
    weights = load_weights().weights
    hand_joints = [INDEX[f"{side}_wrist"], *(INDEX[f"{side}_{f}{k}"] for f in FINGERS for k in (1, 2, 3))]
    arm_joints = [INDEX[f"{side}_shoulder"], INDEX[f"{side}_elbow"], *hand_joints]
    mine = np.flatnonzero(np.isin(figure.owner, arm_joints))
    where = np.full(len(figure.vertices), -1)
    where[mine] = np.arange(len(mine))
    faces = where[figure.faces]
    faces = faces[(faces >= 0).all(1)]
    on_hand = np.isin(figure.owner[mine], hand_joints)
    points, normals, shares, hand = _samples(figure.vertices[mine], weights[mine], faces, on_hand)
    return LimbMesh(figure, side, points, normals, shares, np.flatnonzero(hand), mine, faces, weights[mine])


def _samples(
    vertices: Array, weights: Array, faces: Indices, on_hand: NDArray[np.bool_]
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Points on the faces with normals, shares of the joints, and whether they are the hand's."""
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    smooth = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(smooth, faces[:, k], across)
    smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-12)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1).max(1)
    hand: NDArray[np.bool_] = np.all(on_hand[faces], axis=1)
    pieces = np.clip(np.ceil(edges / np.where(hand, SPACING, 2 * SPACING)).astype(int), 1, 8)
    rows: list[tuple[Array, Array, Array, NDArray[np.bool_]]] = []
    for n in np.unique(pieces):
        own = faces[pieces == n]
        for i in range(n):
            for j in range(n - i):
                share = np.array([(3 * i + 1) / (3 * n), (3 * j + 1) / (3 * n), 0])
                share[2] = 1 - share.sum()
                mixed = [np.einsum("k,fkc->fc", share, values[own]) for values in (vertices, smooth, weights)]
                rows.append((mixed[0], mixed[1], mixed[2], hand[pieces == n]))
    points, normals, shares, of_hand = (np.concatenate(column) for column in zip(*rows, strict=True))
    cells = np.round(points / (0.75 * SPACING)).astype(int)
    _, first = np.unique(cells, axis=0, return_index=True)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return points[first], normals[first], shares[first], of_hand[first]


@dataclass(frozen=True, eq=False)
class Limb:
    """Samples of a moved limb in some frames. points, normals: (t, n, 3)."""

    points: Array
    normals: Array


def moved(mesh: LimbMesh, body: Posed, samples: Indices, frames: Indices | slice = slice(None)) -> Limb:
    """The chosen samples in the chosen frames."""
    weights = mesh.weights[samples]
    return Limb(body.move(mesh.points[samples], weights, frames), body.turn(mesh.normals[samples], weights, frames))


def inside(mesh: LimbMesh, body: Posed, frame: int, points: Array) -> NDArray[np.bool_]:
    """Whether points (n, 3) are within the skin of a limb in one frame, by their winding number."""
    vertices = body.move(body.figure.vertices[mesh.vertices], mesh.vertex_weights, np.array([frame]))[0]
    corners = vertices[mesh.faces][None] - points[:, None, None]  # (n, f, 3, 3)
    a, b, c = np.moveaxis(corners, 2, 0)
    la, lb, lc = (np.linalg.norm(side, axis=-1) for side in (a, b, c))
    volume = np.einsum("nfc,nfc->nf", a, np.cross(b, c))
    dots = [np.einsum("nfc,nfc->nf", one, other) for one, other in ((a, b), (b, c), (c, a))]
    angle = 2 * np.arctan2(volume, la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb)
    return np.asarray(np.abs(angle.sum(1)) > 2 * np.pi)
