"""A plain top, trousers and shoes, cut out of MakeHuman's tights."""

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from sign_models.skeleton import INDEX
from train.open_body.head import piece
from train.open_body.source import Array, Source
from train.open_body.surface import (
    Surface,
    cut,
    even_weights,
    hem,
    join,
    keep_faces,
    lining,
    neighbour_mean,
    normals,
    paint,
    round_border,
    sides,
    smooth,
)

SLEEVE = 0.42
"""Where the sleeves end, as a share of the forearm: the elbow is covered, wrist and hand are free."""
NECK_OPENING = np.array([0.094, 0.074, 0.100])
"""Half axes of the ellipsoid about the neck that the neckline is cut with, metres."""
LINING = 0.045
"""How far into a sleeve or a collar one can look, metres."""
TUCK = 0.030
"""How far skin goes on under cloth, metres, before it is left out."""


def top_level(points: Array, joints: Array) -> Array:
    """(v) above zero where the top is: metres to its nearest hem, roughly."""
    neck = joints[INDEX["neck"]] + np.array([0.0, 0.002, 0.012])
    opening = (np.linalg.norm((points - neck) / NECK_OPENING, axis=1) - 1) * NECK_OPENING.mean()
    above = points[:, 1] - neck[1]
    opening = np.where(above > 0.03, -1.0 * (above + opening.clip(0)), opening)  # nothing of a top on the head
    elbow, wrist = joints[INDEX["left_elbow"]][0], joints[INDEX["left_wrist"]][0]
    sleeve = elbow + SLEEVE * (wrist - elbow) - np.abs(points[:, 0])
    bottom = points[:, 1] - (joints[INDEX["left_hip"]][1] - 0.035)
    return np.minimum(np.minimum(opening, sleeve), bottom)


def covered_level(points: Array, joints: Array) -> Array:
    """(v) above zero where any cloth or shoe covers the skin."""
    hips = joints[INDEX["left_hip"]][1]
    below = hips + 0.05 - points[:, 1] - np.where(np.abs(points[:, 0]) > 0.3, 1.0, 0.0)
    return np.maximum(top_level(points, joints), below)


def clothes(source: Source) -> Surface:
    """The whole dress."""
    tights, body = piece(source, "helper-tights"), piece(source, "body")
    top = _top(tights, body, source.joints)
    return join(top, _trousers(tights, source.joints), _shoes(tights, source.joints))


def _top(tights: Surface, body: Surface, joints: Array) -> Surface:
    worn = _clear(_loose(tights, joints), body, 0.007)
    surface, level = cut(worn, top_level(worn.points, joints))
    surface = _hug(round_border(keep_faces(surface, sides(surface, level))), body, joints)
    surface = even_weights(paint(surface, "top"), 16)
    near_hem = top_level(surface.points, joints)[surface.faces].min(1) < LINING
    return join(hem(surface, 0.003), lining(surface, near_hem))


def _loose(tights: Surface, joints: Array) -> Surface:
    """A soft knit: stands off the body, and falls straight where the body draws in."""
    chest, hips = joints[INDEX["spine3"]][1], joints[INDEX["left_hip"]][1]
    trunk = np.clip((0.24 - np.abs(tights.points[:, 0])) / 0.06, 0, 1)
    even = smooth(tights, 14, 0.25 + 0.35 * trunk)
    points = even.points + 0.0075 * normals(even.points, even.faces)
    height = np.clip((chest + 0.02 - points[:, 1]) / (chest - hips), 0, 1) * trunk
    middle = np.array([0.0, 0.0, 0.02])
    flat = (points - middle) * np.array([1.0, 0.0, 1.0])
    wider = 1 + 0.07 * np.sin(np.pi * np.clip(height, 0, 1))
    points = points + flat * (wider - 1)[:, None]
    return replace(even, points=points + _padding(points, joints)[:, None] * np.array([0.0, 1.0, 0.0]))


def _padding(points: Array, joints: Array) -> Array:
    """(v) metres added on the shoulders, which linear skinning lets slope too much when the arms hang."""
    added = np.zeros(len(points))
    for side, sign in (("left", 1), ("right", -1)):
        top = joints[INDEX[f"{side}_shoulder"]] + np.array([0.022 * sign, 0.05, -0.005])
        added += 0.016 * np.exp(-(((points - top) / np.array([0.055, 0.05, 0.06])) ** 2).sum(1))
    return added


def _clear(cloth: Surface, body: Surface, gap: float) -> Surface:
    """Cloth pushed out wherever it comes nearer to the skin than ``gap`` metres, evenly."""
    facing = normals(body.points, body.faces)
    mean = neighbour_mean(cloth, loose_border=True)
    points = cloth.points
    for _ in range(3):
        outward, distance = _off(points, body, facing)
        lack = (gap - distance).clip(0)
        lack = np.maximum(lack, mean @ np.maximum(lack, mean @ lack))
        points = points + lack[:, None] * outward
    return smooth(replace(cloth, points=points), 2, 0.5)


def _off(points: Array, body: Surface, facing: Array) -> tuple[Array, Array]:
    """Which way is away from the body at each point (v, 3), and how far the point is off it (v)."""
    _, near = cKDTree(body.points).query(points, 5)
    outward = facing[near].mean(1)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    return outward, ((points - body.points[near].mean(1)) * outward).sum(1)


def _hug(cloth: Surface, body: Surface, joints: Array, gap: float = 0.0045) -> Surface:
    """Neckline and cuffs drawn in to the skin, so that one does not look into them."""
    outward, distance = _off(cloth.points, body, normals(body.points, body.faces))
    near_hem = np.clip(1 - top_level(cloth.points, joints) / 0.03, 0, 1)
    lower = cloth.points[:, 1] < joints[INDEX["spine3"]][1]
    near_hem[lower & (np.abs(cloth.points[:, 0]) < 0.3)] = 0
    step = (near_hem * (gap - distance))[:, None] * outward
    mean = neighbour_mean(cloth, loose_border=True)
    for _ in range(4):
        step = (step + mean @ step) / 2
    return replace(cloth, points=cloth.points + step)


def _trousers(tights: Surface, joints: Array) -> Surface:
    hips, ankles = joints[INDEX["left_hip"]][1], joints[INDEX["left_ankle"]][1]
    even = smooth(tights, 6, 0.5)
    gap = 0.004 - 0.008 * np.clip((even.points[:, 1] - (hips - 0.06)) / 0.03, 0, 1)  # in under the top
    even = replace(even, points=even.points + gap[:, None] * normals(even.points, even.faces))
    level = np.minimum(hips + 0.01 - even.points[:, 1], even.points[:, 1] - (ankles + 0.005))
    level = np.where(np.abs(even.points[:, 0]) > 0.32, -0.1, level)
    surface, level = cut(even, level)
    return hem(paint(keep_faces(surface, sides(surface, level)), "trousers"), 0.004)


def _shoes(tights: Surface, joints: Array) -> Surface:
    ankles = joints[INDEX["left_ankle"]][1]
    even = smooth(tights, 3, 0.5)
    even = replace(even, points=even.points + 0.006 * normals(even.points, even.faces))
    surface, level = cut(even, ankles + 0.02 - even.points[:, 1])
    return hem(paint(keep_faces(surface, sides(surface, level)), "shoes"), 0.003)
