"""The person in SMPL-X's file layout: vertex order, skin weights, joint regressor, landmarks, hand axes."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from sign_models.face import EXPRESSIONS, FACE_ACTIONS, FACE_INDEX
from sign_models.skeleton import FINGERS, HANDS, INDEX, JOINTS, PARENTS
from train.open_body.head import BROW, eye_spheres
from train.open_body.source import Array, Index, Source
from train.open_body.surface import REGIONS, Surface, normals

Floats = NDArray[np.float32]

FINGERTIPS = {
    "left": dict(zip(FINGERS, (4933, 5058, 5286, 5169, 5361), strict=True)),
    "right": dict(zip(FINGERS, (7669, 7794, 8022, 7905, 8079), strict=True)),
}
NOSE, EYES, EARS = 9120, {"left": 9448, "right": 9929}, {"left": 6, "right": 616}
FEET = {"left": (5770, 5780, 8846), "right": (8463, 8474, 8635)}
"""Vertices that smplx has by number; feet are big toe, small toe, heel."""

WEIGHTS_A_VERTEX = 4
"""As many as glTF has, so that every export bends alike."""
GAZE_STRENGTH = 1.7
EXPRESSION_COLUMN, ACTION_COLUMN, SHAPE_COLUMNS = 300, 310, 400


def save(surface: Surface, source: Source, path: Path) -> None:
    """Write the file: the 13 keys that smplx reads, and what only the open body has (regions, axes, gaze)."""
    surface = _reorder(surface, _landmark_vertices(surface, source))
    deltas = surface.deltas.round(5).astype(np.float32)
    faces, bary = landmarks(surface, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = finger_axes(surface, source)
    relaxed = relaxed_hands(axes).astype(np.float32)
    np.savez_compressed(
        path,
        v_template=surface.points.round(6).astype(np.float32),
        f=surface.faces.astype(np.uint32),
        weights=few_weights(surface.weights),
        kintree_table=np.array([[parent % 2**32 for parent in PARENTS], range(len(PARENTS))], np.int64),
        J_regressor=regressor(surface, source.joints),
        shapedirs=shape_columns(deltas),
        posedirs=np.zeros((len(surface), 3, 9 * (len(JOINTS) - 1)), np.float32),
        hands_componentsl=np.eye(45, dtype=np.float32),
        hands_componentsr=np.eye(45, dtype=np.float32),
        hands_meanl=relaxed[0],
        hands_meanr=relaxed[1],
        lmk_faces_idx=faces,
        lmk_bary_coords=bary,
        open_body_version=np.array(1),
        face_actions=np.array(FACE_ACTIONS),
        region_names=np.array(REGIONS),
        regions=(surface.regions * 255).round().clip(0, 255).astype(np.uint8),
        shade=surface.shade.astype(np.float16),
        finger_axes=axes.astype(np.float32),
        gaze_turns=gaze_turns(source).astype(np.float32),
    )


def few_weights(weights: Array) -> Floats:
    """(v, 55): at most four weights a row, summing to one.

    The fifth largest is taken off all: a plain cut would jump where two joints change places, and tear smooth hems.
    """
    fifth = -np.partition(-weights, WEIGHTS_A_VERTEX, axis=1)[:, WEIGHTS_A_VERTEX : WEIGHTS_A_VERTEX + 1]
    few = (weights - fifth).clip(0)
    few[few < 0.002] = 0
    return (few / few.sum(1, keepdims=True)).astype(np.float32)


def shape_columns(deltas: Floats) -> Floats:
    """(v, 52, 3) -> (v, 3, 400): no betas, ten expression columns, 52 actions."""
    columns = np.zeros((len(deltas), 3, SHAPE_COLUMNS), np.float32)
    columns[..., ACTION_COLUMN : ACTION_COLUMN + len(FACE_ACTIONS)] = deltas.transpose(0, 2, 1)
    for k, actions in enumerate(EXPRESSIONS.values()):
        columns[..., EXPRESSION_COLUMN + k] = sum(deltas[:, FACE_INDEX[name]] for name in actions)
    return columns


def regressor(surface: Surface, joints: Array, nearest: int = 150) -> Floats:
    """(55, v): each joint as a blend of near vertices that no face action moves, so that no face action moves it."""
    still = np.flatnonzero(np.abs(surface.deltas).max(axis=(1, 2)) < 1e-6)
    matrix = np.zeros((len(joints), len(surface)), np.float32)
    _, near = cKDTree(surface.points[still]).query(joints, nearest)
    for joint, place in enumerate(joints):
        chosen = still[near[joint]]
        middle = surface.points[chosen].mean(0)
        system = np.vstack([(surface.points[chosen] - middle).T * 10, np.ones(nearest)])
        matrix[joint, chosen] = np.linalg.lstsq(system, np.append((place - middle) * 10, 1), rcond=None)[0]
    return matrix


def _landmark_vertices(surface: Surface, source: Source) -> dict[int, Array]:
    """Where smplx's numbered vertices have to be."""
    region = surface.regions.argmax(1)
    skin = np.isin(region, [REGIONS.index(name) for name in ("skin", "blush", "palm", "nails")])
    head = surface.points[skin & (surface.weights[:, INDEX["head"]] > 0.5)]
    places = {NOSE: head[head[:, 2].argmax()]}
    for hand, side in enumerate(HANDS):
        sign = 1 - 2 * hand
        places[EARS[side]] = head[(head[:, 0] * sign).argmax()]
        centre, radius = eye_spheres(source)[hand]
        places[EYES[side]] = centre + np.array([0, 0, radius])
        for finger, name in enumerate(FINGERS):
            of_finger = surface.points[skin & (surface.weights[:, INDEX[f"{side}_{name}3"]] > 0.5)]
            along = source.tips[hand, finger] - source.joints[INDEX[f"{side}_{name}3"]]
            places[FINGERTIPS[side][name]] = of_finger[(of_finger @ along).argmax()]
        places |= dict(zip(FEET[side], _foot_points(surface, source, side, sign), strict=True))
    return places


def _foot_points(surface: Surface, source: Source, side: str, sign: int) -> tuple[Array, Array, Array]:
    shoe = surface.regions[:, REGIONS.index("shoes")] > 0.5
    points = surface.points[shoe & (surface.points[:, 0] * sign > 0)]
    low = points[points[:, 1] < points[:, 1].min() + 0.06]
    front = low[low[:, 2] > low[:, 2].max() - 0.03]
    wide = low[low[:, 2] > low[:, 2].max() - 0.07]
    heel = low[low[:, 2].argmin()]
    return front[(front[:, 0] * sign).argmin()], wide[(wide[:, 0] * sign).argmax()], heel


def _reorder(surface: Surface, places: dict[int, Array]) -> Surface:
    """The same surface with the vertex nearest to each place at its number."""
    tree = cKDTree(surface.points)
    order = np.full(len(surface), -1)
    taken: set[int] = set()
    for number, place in places.items():
        _, near = tree.query(place, 8)
        vertex = next(int(v) for v in near if int(v) not in taken)
        order[number] = vertex
        taken.add(vertex)
    free = np.array([v for v in range(len(surface)) if v not in taken])
    order[order < 0] = free
    place_of = np.empty_like(order)
    place_of[order] = np.arange(len(order))
    return Surface(
        surface.points[order],
        place_of[surface.faces],
        surface.weights[order],
        surface.deltas[order],
        surface.regions[order],
        surface.shade[order],
    )


def landmarks(surface: Surface, source: Source) -> tuple[Index, Array]:
    """The 51 face landmarks (68 without the contour) as faces (51) and barycentric coordinates (51, 3)."""
    skin = np.isin(surface.regions.argmax(1), [REGIONS.index(n) for n in ("skin", "lips", "blush", "mouth")])
    skin &= (surface.weights[:, INDEX["head"]] + surface.weights[:, INDEX["jaw"]] > 0.5) & (surface.points[:, 2] > 0.05)
    usable = np.flatnonzero(skin[surface.faces].all(1))
    middle = surface.points[surface.faces[usable]].mean(1)
    _, near = cKDTree(middle).query(_landmark_places(surface, source), 1)
    faces = usable[near]
    corners = surface.points[surface.faces[faces]]
    return faces, _barycentric(corners, _landmark_places(surface, source)).astype(np.float32)


def _landmark_places(surface: Surface, source: Source) -> Array:
    (left, _), (right, _) = eye_spheres(source)
    brow = [np.array([x, left[1] + y, 0.14]) for x, y in (BROW[0], BROW[1], BROW[2], BROW[3], BROW[5])]
    mirror = np.array([-1.0, 1.0, 1.0])
    head = surface.points[surface.weights[:, INDEX["head"]] > 0.5]
    tip = head[head[:, 2].argmax()]
    heights, depths = np.linspace(left[1] + 0.008, tip[1], 4), np.linspace(left[2] + 0.022, tip[2], 4)
    bridge = [np.array([0, y, z]) for y, z in zip(heights, depths, strict=True)]
    wings = [tip + np.array([x, -0.010 - 0.004 * (x == 0), -0.016]) for x in (-0.014, -0.007, 0, 0.007, 0.014)]
    rim = ((-0.0145, 0), (-0.006, 0.0055), (0.005, 0.0055), (0.0145, 0), (0.005, -0.005), (-0.006, -0.005))
    eye = [np.array([x, y, 0.012 - 6 * x * x]) for x, y in rim]
    lips = surface.points[surface.regions[:, REGIONS.index("lips")] > 0.5]
    return np.array(
        [b * mirror for b in brow[::-1]] + brow + bridge + wings + [right + e for e in eye] + [left + e for e in eye]
        + _mouth_places(lips)
    )  # fmt: skip


def _mouth_places(lips: Array) -> list[Array]:
    """Twelve points round the lips and eight along their seam, from the right corner over the top."""
    half, middle = np.abs(lips[:, 0]).max(), np.median(lips[:, 1])
    places = []
    for count, inner in ((12, False), (8, True)):
        turns = np.pi - np.arange(count) * 2 * np.pi / count
        for turn in turns:
            x = half * np.cos(turn) * (0.85 if inner else 1.0)
            strip = lips[np.abs(lips[:, 0] - x) < 0.006]
            upper = np.sin(turn) > 0
            flat = abs(np.sin(turn)) < 1e-6
            side = strip[(strip[:, 1] >= middle) == upper] if not flat else strip
            side = side if len(side) else strip
            pick = np.median(side[:, 1]) if flat else (side[:, 1].max() if upper != inner else side[:, 1].min())
            front = strip[np.abs(strip[:, 1] - pick).argmin()]
            places.append(np.array([x, pick, front[2]]))
    return places


def _barycentric(corners: Array, places: Array) -> Array:
    """(n, 3, 3) triangles and (n, 3) points -> (n, 3) coordinates of the nearest point of each triangle's plane."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    u, v, w = b - a, c - a, places - a
    uu, uv, vv, wu, wv = ((p * q).sum(1) for p, q in ((u, u), (u, v), (v, v), (w, u), (w, v)))
    size = uu * vv - uv * uv
    s, t = (vv * wu - uv * wv) / size, (uu * wv - uv * wu) / size
    inside = np.stack([1 - s - t, s, t], 1).clip(0, 1)
    return inside / inside.sum(1, keepdims=True)


def finger_axes(surface: Surface, source: Source) -> Array:
    """(h, 15, 3 axes, 3): unit axes of each finger joint at rest, in the world.

    Axis 0: a positive turn flexes (towards the palm; the thumb across it). Axis 1: a positive turn spreads the finger
    towards the thumb's side (the thumb: out in front of the palm). Axis 2: along the bone to the tip.
    """
    facing = normals(surface.points, surface.faces)
    nails = surface.regions[:, REGIONS.index("nails")] > 0.5
    axes = np.zeros((2, 15, 3, 3))
    for hand, side in enumerate(HANDS):
        for finger, name in enumerate(FINGERS):
            chain = [source.joints[INDEX[f"{side}_{name}{k}"]] for k in (1, 2, 3)] + [source.tips[hand, finger]]
            of_nail = nails & (surface.weights[:, INDEX[f"{side}_{name}3"]] > 0.5)
            pad = -facing[of_nail].mean(0) if name == "thumb" else np.array([0.0, -1.0, 0.0])
            for k in range(3):
                bone = chain[k + 1] - chain[k]
                bone /= np.linalg.norm(bone)
                flex = np.cross(bone, pad)
                flex /= np.linalg.norm(flex)
                back = -np.cross(flex, bone)
                aside = -back if hand == 0 else back
                axes[hand, finger * 3 + k] = flex, aside, bone
    return axes


RELAXED = {
    "index": (12, 22, 12),
    "middle": (18, 26, 14),
    "pinky": (24, 24, 14),
    "ring": (22, 26, 14),
    "thumb": (10, 6, 8),
}
"""Degrees that the joints of a hand at ease are bent; our own, in the place of SMPL-X's mean hand."""


def relaxed_hands(axes: Array) -> Array:
    """(h, 45): the mean hand that poses of the published data are relative to."""
    bends = np.radians([bend for name in FINGERS for bend in RELAXED[name]])
    return (axes[:, :, 0] * bends[None, :, None]).reshape(2, 45)


def gaze_turns(source: Source) -> Array:
    """(52, h, 3): how each face action at full weight turns each eye, axis-angle; zero but for the eyeLook actions.

    The directions are those MakeHuman's own eyeballs turn in; the angles are larger, to be read from afar.
    """
    turns = np.zeros((len(FACE_ACTIONS), 2, 3))
    for hand, side in enumerate(HANDS):
        centre, _ = eye_spheres(source)[hand]
        ball = np.unique(source.quads[f"helper-{side[0]}-eye"])
        arm = source.points[ball] - centre
        for action, name in enumerate(FACE_ACTIONS):
            if name.startswith("eyeLook") and name.endswith(side.capitalize()):
                turn, _ = Rotation.align_vectors(arm + source.deltas[ball, action], arm)
                turns[action, hand] = GAZE_STRENGTH * turn.as_rotvec()
    return turns
