"""What a face needs beyond skin: eyes that turn, brows, lashes, teeth, tongue."""

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from sign_models.face import FACE_ACTIONS
from sign_models.skeleton import HANDS, INDEX, JOINTS
from train.open_body.source import Array, Index, Source
from train.open_body.surface import Surface, join, normals, onto, paint, region, triangles

PUPIL, IRIS, BACK = np.radians((9.0, 25.0, 115.0))
"""Polar angles, seen from the eye's centre: edge of the pupil, edge of the iris, where the eyeball ends."""
SEGMENTS = 28


def piece(source: Source, *names: str) -> Surface:
    """Some of MakeHuman's pieces as one surface of skin."""
    quads = np.concatenate([source.quads[name] for name in names])
    used, packed = np.unique(quads, return_inverse=True)
    return Surface(
        source.points[used],
        triangles(packed.reshape(-1, 4)),
        source.weights[used],
        source.deltas[used],
        region("skin", len(used)),
        np.ones(len(used)),
    )


def eye_spheres(source: Source) -> list[tuple[Array, float]]:
    """Centre and radius of each eyeball, in ``HANDS`` order."""
    spheres = []
    for side in "lr":
        ball = source.points[np.unique(source.quads[f"helper-{side}-eye"])]
        low, high = ball.min(0), ball.max(0)
        radius = float(high[0] - low[0]) / 2
        spheres.append((np.array([*((low + high) / 2)[:2], high[2] - radius]), radius))
    return spheres


def eyes(source: Source) -> Surface:
    """Two eyeballs with sharp-edged iris and pupil, and a fixed catchlight on each."""
    parts = []
    for side, (centre, radius) in zip(HANDS, eye_spheres(source), strict=True):
        rows = [("pupil", 0.0, 1.0), ("pupil", PUPIL, 1.0), ("iris", PUPIL, 0.72), ("iris", PUPIL * 1.5, 1.0),
                ("iris", IRIS * 0.85, 0.92), ("iris", IRIS, 0.45), ("eye_white", IRIS, 0.9)]  # fmt: skip
        rows += [("eye_white", angle, 1.0) for angle in np.linspace(IRIS * 1.15, BACK, 8)]
        parts.append(_ball(f"{side}_eye", centre, radius, rows))
        glint = np.array([-0.15, 0.15, 1.0])
        parts.append(_disc("head", centre, radius * 1.03, glint, 0.0011))
    return join(*parts)


def _ball(joint: str, centre: Array, radius: float, rows: list[tuple[str, float, float]]) -> Surface:
    """Rings about z, (region, polar angle, shade) each; where the region changes, the ring is doubled to be sharp."""
    turn = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    rings, regions, shades = [], [], []
    for name, angle, shade in rows:
        ring = np.stack([np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn), np.full(SEGMENTS, np.cos(angle))])
        rings.append(centre + radius * ring.T)
        regions.append(region(name, SEGMENTS))
        lid_shadow = 1 - 0.30 * np.clip(ring[1] * 2.2, 0, 1)  # the upper lid and its lashes darken the eyeball
        shades.append(shade * lid_shadow)
    first = np.arange(SEGMENTS * (len(rows) - 1)).reshape(-1, SEGMENTS)
    following = np.roll(first, -1, axis=1)
    quads = np.stack([first, first + SEGMENTS, following + SEGMENTS, following], -1).reshape(-1, 4)
    return _stiff(joint, np.concatenate(rings), triangles(quads), np.concatenate(regions), np.concatenate(shades))


def _disc(joint: str, centre: Array, distance: float, towards: Array, size: float) -> Surface:
    """A small round patch: the reflection of a window, which stays when the eye turns."""
    z = towards / np.linalg.norm(towards)
    x = np.cross([0.0, 1.0, 0.0], z)
    y = np.cross(z, x)
    turn = np.linspace(0, 2 * np.pi, 10, endpoint=False)[:, None]
    ring = centre + distance * z + size * (np.cos(turn) * x + np.sin(turn) * y)
    points = np.concatenate([[centre + distance * 1.005 * z], ring])
    faces = np.array([[0, 1 + k, 1 + (k + 1) % 10] for k in range(10)])
    return _stiff(joint, points, faces, region("catchlight", 11), np.ones(11))


def _stiff(joint: str, points: Array, faces: Index, regions: Array, shade: Array) -> Surface:
    weights = np.zeros((len(points), len(JOINTS)))
    weights[:, INDEX[joint]] = 1
    return Surface(points, faces, weights, np.zeros((len(points), len(FACE_ACTIONS), 3)), regions, shade)


BROW = ((0.0125, 0.0175), (0.020, 0.0205), (0.030, 0.0232), (0.040, 0.0240), (0.048, 0.0212), (0.0550, 0.0160))
"""Middle line of a brow: outward from the face's midline, and above the eyes' centres, metres."""
BROW_HALF_WIDTH = (0.0040, 0.0050, 0.0048, 0.0041, 0.0030, 0.0012)


def brows(skin: Surface, source: Source) -> Surface:
    """Two slim raised bands that ride on the skin and so follow every brow action."""
    outward, above = np.array(BROW).T
    along = np.linspace(0, 1, 22)
    at = np.linspace(0, 1, len(BROW))
    x, y, half = (np.interp(along, at, values) for values in (outward, above, BROW_HALF_WIDTH))
    x, y, half = (_soften(values) for values in (x, y, half))
    across = np.linspace(-1, 1, 5)
    eye_level = np.mean([centre[1] for centre, _ in eye_spheres(source)])
    strand = 0.0002 * np.sin(np.arange(22) * 2.2)
    bands = []
    for sign in (1.0, -1.0):
        grid_x = sign * (x[:, None] + 0.0012 * across[None] * (1 - along[:, None]))
        grid_y = eye_level + y[:, None] + half[:, None] * across[None]
        plane = np.stack([grid_x, grid_y], -1).reshape(-1, 2)
        depth, normal = _project(skin, plane)
        rise = (0.0012 * (1 - across**2)[None] - 0.0002 + strand[:, None] * (1 - across**2)[None]).reshape(-1, 1)
        points = np.column_stack([plane, depth]) + rise * normal
        k = np.arange(22 * 5).reshape(22, 5)
        quads = np.stack([k[:-1, :-1], k[1:, :-1], k[1:, 1:], k[:-1, 1:]], -1).reshape(-1, 4)
        faces = triangles(quads if sign > 0 else quads[:, ::-1])
        band = paint(onto(skin, points, faces), "brows")
        thin = np.clip(1.15 - along, 0, 0.25) / 0.25 * np.clip(along + 0.1, 0, 0.22) / 0.22
        fade = (0.65 + 0.35 * thin[:, None]) * (1 - 0.22 * np.abs(across)[None])
        skin_tone = region("skin", len(points))
        mixed = band.regions * fade.reshape(-1, 1) + skin_tone * (1 - fade.reshape(-1, 1))
        bands.append(replace(band, regions=mixed, shade=np.ones(len(points))))
    return join(*bands)


def _soften(values: Array) -> Array:
    padded = np.concatenate([values[:1], values, values[-1:]])
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def _project(skin: Surface, plane: Array) -> tuple[Array, Array]:
    """Depth (n) and normal (n, 3) of the front of the head at points (n, 2) of the x-y plane."""
    front = np.flatnonzero((skin.points[:, 2] > 0.05) & (skin.points[:, 1] > 0.75) & (np.abs(skin.points[:, 0]) < 0.09))
    facing = normals(skin.points, skin.faces)
    front = front[facing[front, 2] > 0.2]
    distance, near = cKDTree(skin.points[front, :2]).query(plane, 8)
    here = skin.points[front][near]
    slope = facing[front][near]
    # Each neighbour's tangent plane says a depth; near ones count most.
    said = here[..., 2] - ((plane[:, None] - here[..., :2]) * slope[..., :2]).sum(-1) / slope[..., 2]
    weight = 1 / np.maximum(distance, 5e-4) ** 2
    weight /= weight.sum(1, keepdims=True)
    normal = (weight[..., None] * slope).sum(1)
    return (weight * said).sum(1), normal / np.linalg.norm(normal, axis=1, keepdims=True)


def lashes(skin: Surface, source: Source) -> Surface:
    """MakeHuman's lash strips, drawn in towards the lids: without a texture of single hairs, full length is a slab."""
    strips = piece(source, *(f"helper-{side}-eyelashes-{k}" for side in "lr" for k in (1, 2)))
    root = onto(skin, strips.points, strips.faces, nearest=3)
    _, near = cKDTree(skin.points).query(strips.points, 3)
    lid = skin.points[near].mean(1)
    upper = strips.points[:, 1] > np.mean([centre[1] for centre, _ in eye_spheres(source)])
    reach = np.where(upper, 0.42, 0.18)[:, None]
    points = lid + reach * (strips.points - lid)
    deltas = root.deltas + reach[..., None] * (strips.deltas - root.deltas)
    return paint(replace(strips, points=points, deltas=deltas), "lashes", np.where(upper, 1.0, 0.55))


def mouth(source: Source) -> Surface:
    """Teeth and tongue."""
    teeth = paint(piece(source, "helper-upper-teeth", "helper-lower-teeth"), "teeth")
    tongue = paint(piece(source, "helper-tongue"), "tongue")
    teeth = replace(teeth, points=teeth.points - [0.0, 0.0, 0.0035])  # clear of the closed lips
    depth = np.clip((0.148 - teeth.points[:, 2]) / 0.035, 0, 1)  # further in the mouth is darker
    tip = np.clip((tongue.points[:, 2] - 0.105) / 0.035, 0, 1)
    return join(replace(teeth, shade=1 - 0.6 * depth), replace(tongue, shade=0.3 + 0.45 * tip))
