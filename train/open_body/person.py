"""The whole person: skin with its tints, eyes, brows, lashes, mouth, hair and clothes as one surface."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from sign_models.face import FACE_INDEX
from sign_models.skeleton import INDEX
from train.open_body.clothes import TUCK, clothes, covered_level
from train.open_body.hair import hair
from train.open_body.head import brows, eye_spheres, eyes, lashes, mouth, piece
from train.open_body.source import Array, Source
from train.open_body.surface import Surface, join, keep_faces, neighbour_mean, normals, paint

STRENGTH = {
    "browInnerUp": 1.5, "browOuterUpLeft": 1.6, "browOuterUpRight": 1.6, "browDownLeft": 1.6, "browDownRight": 1.6,
    "eyeWideLeft": 1.3, "eyeWideRight": 1.3, "eyeSquintLeft": 1.4, "eyeSquintRight": 1.4, "cheekPuff": 1.25,
    "mouthSmileLeft": 0.85, "mouthSmileRight": 0.85, "noseSneerLeft": 1.5, "noseSneerRight": 1.5, "tongueOut": 1.8,
}  # fmt: skip
"""Face actions made larger than MakeHuman's: brows are grammar, and have to be seen at signing distance; a tongue out
has to pass the lips. Smiles are smaller, because the face at rest has a share of one already."""

TONGUE_DROP = 0.008
"""Metres that the tongue goes further down with the jaw than MakeHuman's, so that it does not fill the mouth."""

FRIENDLY = {"mouthSmileLeft": 0.16, "mouthSmileRight": 0.16, "browOuterUpLeft": 0.06, "browOuterUpRight": 0.06}
"""Face actions worked into the face at rest, which is stern without them."""


def cheer(source: Source) -> Source:
    """The same body with a friendlier face at rest."""
    points = source.points.copy()
    for name, amount in FRIENDLY.items():
        points += amount * source.deltas[:, FACE_INDEX[name]]
    return replace(source, points=points)


def exaggerate(source: Source) -> Source:
    """Face actions at the strength signing needs."""
    deltas = source.deltas.copy()
    for name, strength in STRENGTH.items():
        deltas[:, FACE_INDEX[name]] *= strength
    tongue = np.unique(source.quads["helper-tongue"])
    deltas[tongue, FACE_INDEX["jawOpen"], 1] -= TONGUE_DROP
    return replace(source, deltas=deltas)


def person(source: Source) -> Surface:
    """Everything, from a source in the T-pose."""
    skin = _tinted_skin(source)
    face = [brows(skin, source), lashes(skin, source), eyes(source), mouth(source), hair(skin)]
    of_head = skin.weights[:, [INDEX["head"], INDEX["jaw"]]].sum(1) > 0.3
    depth = np.where(of_head, -1.0, covered_level(skin.points, source.joints))
    drawn_in = (0.6 * depth).clip(0, 0.009)[:, None]  # skin under cloth never shows through it
    worn = replace(skin, points=skin.points - drawn_in * normals(skin.points, skin.faces))
    return join(keep_faces(worn, depth[skin.faces].min(1) < TUCK), *face, clothes(source))


def centre_eyes(source: Source) -> Source:
    """The eye joints in the middle of the eyeballs, so that they turn in place."""
    joints = source.joints.copy()
    for side, (centre, _) in zip(("left", "right"), eye_spheres(source), strict=True):
        joints[INDEX[f"{side}_eye"]] = centre
    return replace(source, joints=joints)


def _tinted_skin(source: Source) -> Surface:
    skin = piece(source, "body")
    used = np.unique(source.quads["body"])
    mean = neighbour_mean(skin, loose_border=True)
    masks = {name: mask[used] for name, mask in source.masks.items()}
    facing = normals(skin.points, skin.faces)
    hands = sum(skin.weights[:, INDEX[f"{side}_wrist"]] for side in ("left", "right")) + skin.weights[:, 25:].sum(1)
    palm = np.clip((-facing[:, 1] - 0.05) / 0.5, 0, 1) * np.clip((hands - 0.6) / 0.4, 0, 1)
    skin = paint(skin, "palm", mean @ (mean @ palm))
    skin = paint(skin, "blush", _blush(skin.points, source) + 0.35 * masks["ears"])
    skin = paint(skin, "lips", mean @ masks["lips"])
    skin = paint(skin, "nails", masks["fingernails"])
    skin = paint(skin, "mouth", np.clip(masks["inside-mouth"] * 1.2, 0, 1) * (1 - masks["lips"]))
    return replace(skin, shade=_hollows(skin, mean, facing))


def _blush(points: Array, source: Source) -> Array:
    """Cheeks and the tip of the nose are a little redder."""
    amount = np.zeros(len(points))
    for centre, _ in eye_spheres(source):
        cheek = centre + np.array([0.010 * np.sign(centre[0]), -0.040, 0.0])
        amount += 0.45 * np.exp(-(((points - cheek)[:, :2] / np.array([0.020, 0.016])) ** 2).sum(1))
    return amount * (points[:, 2] > 0.05)


def _hollows(skin: Surface, mean: sparse.csr_matrix, facing: Array) -> Array:
    """(v) darker where the surface is hollow: lid folds, nostrils, ears, creases of the fingers."""
    shade = np.ones(len(skin))
    points = skin.points
    for _ in range(3):
        points = mean @ points
        points = mean @ points
        hollow = ((points - skin.points) * facing).sum(1)
        shade -= 0.10 * np.clip(hollow / 0.0012, -0.25, 1)
    return (mean @ shade).clip(0.62, 1.05)
