"""How near a part of a hand comes to a place: on the moved mesh, in metres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.hamnosys.measuring.asked import Asked
from sign_models.hamnosys.sign import Location
from sign_models.hamnosys.signing.placement import spot_of
from sign_models.hamnosys.surface.limb_mesh import limb_mesh, moved
from sign_models.hamnosys.surface.posed import Posed
from sign_models.hamnosys.surface.sites import surface

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

AREAS: dict[str, float] = {
    "head": 0.04, "headtop": 0.04, "forehead": 0.03, "eyebrows": 0.02, "eyes": 0.018, "nose": 0.015, "nostrils": 0.012,
    "ear": 0.025, "earlobe": 0.015, "cheek": 0.025, "lips": 0.018, "tongue": 0.015, "teeth": 0.015, "chin": 0.018,
    "underchin": 0.022, "neck": 0.03, "shouldertop": 0.04, "shoulders": 0.045, "chest": 0.07, "stomach": 0.07,
    "belowstomach": 0.07,
}  # fmt: skip
"""Metres from the middle of each place to where its neighbour begins."""
ROAM = 0.12
"""The same more for a hand that circles on the skin around the place."""
START = 0.16
"""Seconds within which a contact that a sign begins with has to be there."""
_SPREAD = 0.03
"""Metres beyond the place within which points are measured."""
_MANY = 4000
_MADE = 0.002
"""Metres within which no nearer contact is looked for."""
_NEAR = 0.05
_PLANE = 0.006
"""Metres within which the tangent plane of the nearest sample is truer than the distance to the sample."""


@dataclass(frozen=True)
class Contact:
    """What was asked, and the metres by which it was missed: nearest skin to nearest skin."""

    asked: Asked
    metres: float


def contact(told: Asked, body: Posed) -> Contact | None:
    """The measured contact; None when the place is in the air, where nothing can be touched."""
    frames = np.arange(len(body))
    if told.at_start:
        frames = frames[: max(1, round(START * body.fps))]
    metres = _on_body(told, body, frames) if told.on_body else _on_limb(told, body, frames)
    return None if metres is None else Contact(told, metres)


def _on_body(told: Asked, body: Posed, frames: Indices) -> float | None:
    spot = spot_of(body.figure, told.side, Location(sites=told.sites, contacts=("touch",)))
    if not spot.skin:
        return None
    radius = max(AREAS[str(site.area)] for site in told.sites) + (ROAM if told.roams else 0.0)
    mesh = limb_mesh(body.figure, told.side)
    part = mesh.find(told.part)
    points = moved(mesh, body, part, frames).points
    far = np.linalg.norm(points - body.on_skin(spot.point)[frames, None], axis=-1)
    # Only what is nearest to the place can be what touches it.
    near = far < max(far.min() + _SPREAD, radius + _SPREAD) if told.roams else far < far.min() + radius + _SPREAD
    each, rows = np.nonzero(near)
    if len(each) > _MANY:
        chosen = np.argsort(far[near])[:_MANY]
        each, rows = each[chosen], rows[chosen]
    rest = body.back_to_rest(points[each, rows], frames[each])
    aside = np.linalg.norm(rest - spot.point, axis=-1) - radius
    return float(np.maximum(np.abs(surface(body.figure).distance(rest)), aside).min())


def _on_limb(told: Asked, body: Posed, frames: Indices) -> float:
    other = "left" if told.side == "right" else "right"
    mine, theirs = limb_mesh(body.figure, told.side), limb_mesh(body.figure, other)
    points = moved(mine, body, mine.find(told.part), frames).points
    goal = moved(theirs, body, theirs.find(told.sites), frames)
    apart = np.linalg.norm(points.mean(1) - goal.points.mean(1), axis=-1)
    best = np.inf
    for i in np.argsort(apart):
        if apart[i] - 0.25 > best or best < _MADE:
            break
        best = min(best, _gap(points[i], goal.points[i], goal.normals[i]))
    return best


def _gap(points: Array, skin: Array, normals: Array) -> float:
    low, high = points.min(0) - _NEAR, points.max(0) + _NEAR
    kept = ((skin > low) & (skin < high)).all(1)
    if kept.any() and len(skin) > _MANY // 4:
        skin, normals = skin[kept], normals[kept]
    far, nearest = cKDTree(skin).query(points)
    height = np.abs(np.einsum("nc,nc->n", points - skin[nearest], normals[nearest]))
    return float(np.where(far < _PLANE, height, far).min())
