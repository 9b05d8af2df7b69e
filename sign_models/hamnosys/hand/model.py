"""One hand in anatomical angles: angles <-> joint rotations, joint limits, and its skin posed for measuring.

Everything is worked out for the right hand at rest (T-pose: fingers along -x, palm down, thumb side +z); the left hand
is its mirror image.

Angles are degrees, 22 a hand (``ANGLES``): index, middle, ring, pinky with knuckle flexion, spread towards the thumb,
middle and end joint; then the thumb. Its metacarpal is placed by two angles that can be measured on a hand (``radial``:
how far it stands off sideways in the plane of the palm, ``palmar``: how far it stands out of that plane) and turned
about itself (``turn``: positive brings the pad round towards the fingers).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sign_models.paths import asset
from sign_models.skeleton import FINGERS, INDEX

Array = NDArray[np.float64]

LONG_FINGERS = ("index", "middle", "ring", "pinky")
"""Order of the fingers in an array of angles; the thumb follows."""
_FINGER_ANGLES = ("knuckle", "spread", "middle", "end")
_THUMB_ANGLES = ("radial", "palmar", "turn", "knuckle", "sway", "end")
ANGLES: tuple[str, ...] = (
    *(f"{finger} {angle}" for finger in LONG_FINGERS for angle in _FINGER_ANGLES),
    *(f"thumb {angle}" for angle in _THUMB_ANGLES),
)
"""Names of the 22 angles."""
THUMB = slice(16, 22)
STRAY = 5.0
"""Degrees a joint may turn about an axis it does not have: what the blending of two poses makes of it."""

_FINGER_LIMITS = ((-30.0, 95.0), (-22.0, 22.0), (-5.0, 112.0), (-10.0, 85.0))
_THUMB_LIMITS = ((-8.0, 70.0), (-15.0, 70.0), (-55.0, 55.0), (-15.0, 75.0), (-15.0, 15.0), (-30.0, 88.0))
LIMITS: Array = np.array([*(_FINGER_LIMITS * 4), *_THUMB_LIMITS])
"""(22, 2) lowest and highest degrees of each angle: active range of adults with supple hands, as signers have."""

_MIRRORED = np.array([1.0, -1.0, -1.0])
"""Axis-angles are pseudo-vectors: a mirror in x keeps x and turns y and z round."""
_BONES = [(3 * FINGERS.index(finger) + k, 4 * f) for f, finger in enumerate(LONG_FINGERS) for k in range(3)]
_THUMB_BONE = 3 * FINGERS.index("thumb")


@dataclass(frozen=True, eq=False)
class HandModel:
    """The right hand at rest, from its wrist.

    joints: (16, 3) wrist and finger joints. axes: (15, 3, 3) rows flexing, spreading and bone axis of each finger
    joint. points: (n, 3) skin. weights: (n, 16) of wrist and finger joints, rows sum to 1. faces: (f, 3).
    vertices: (n,) the numbers of ``points`` in the body.
    """

    joints: Array
    axes: Array
    points: Array
    weights: Array
    faces: NDArray[np.intp]
    vertices: NDArray[np.intp]


def bone_number(digit: str, k: int) -> int:
    """Row of joint ``k`` (0, 1, 2 from the hand outwards) of a digit in a 15-joint hand pose."""
    return 3 * FINGERS.index(digit) + k


@lru_cache(maxsize=1)
def hand_model() -> HandModel:
    """The right hand of the bundled body."""
    wrist = INDEX["right_wrist"]
    chain = [wrist, *(INDEX[f"right_{finger}{k}"] for finger in FINGERS for k in (1, 2, 3))]
    with np.load(asset("body/open_body.npz"), allow_pickle=False) as body:
        template = body["v_template"].astype(np.float64)
        joints = (body["J_regressor"].astype(np.float64) @ template)[chain]
        all_weights = body["weights"][:, chain].astype(np.float64)
        body_faces = body["f"].astype(np.intp)
        flexing = body["finger_axes"][1, :, 0].astype(np.float64)
        bones = body["finger_axes"][1, :, 2].astype(np.float64)
    vertices = np.flatnonzero(all_weights.sum(1) > 0.5)
    weights = all_weights[vertices]
    weights[:, 0] += 1 - weights.sum(1)  # what hangs on the forearm stands still, as the wrist does
    where = np.full(len(template), -1)
    where[vertices] = np.arange(len(vertices))
    faces = where[body_faces]
    flexing = flexing - bones * (flexing * bones).sum(1, keepdims=True)
    flexing /= np.linalg.norm(flexing, axis=1, keepdims=True)
    return HandModel(
        joints=joints - joints[0],
        axes=np.stack([flexing, np.cross(bones, flexing), bones], 1),
        points=template[vertices] - joints[0],
        weights=weights,
        faces=faces[(faces >= 0).all(1)],
        vertices=vertices,
    )


def mirrored(pose: Array) -> Array:
    """A right hand's axis-angles (..., 3) as a left hand's, and back."""
    return pose * _MIRRORED


def pose_of(angles: Array) -> Array:
    """Angles (..., 22) in degrees -> axis-angle (..., 15, 3) of a right hand's joints in ``skeleton.FINGERS`` order."""
    model = hand_model()
    radians = np.radians(angles)
    pose = np.zeros((*angles.shape[:-1], 15, 3))
    for bone, at in _BONES:
        k = bone % 3
        pose[..., bone, :] = model.axes[bone, 0] * radians[..., at + (0, 2, 3)[k], None]
        if k == 0:
            turn = Rotation.from_rotvec(pose[..., bone, :].reshape(-1, 3))
            spread = Rotation.from_rotvec((model.axes[bone, 1] * radians[..., at + 1, None]).reshape(-1, 3))
            pose[..., bone, :] = (turn * spread).as_rotvec().reshape(pose[..., bone, :].shape)
    radial, palmar, turn_, knuckle, sway, end = np.moveaxis(radians[..., THUMB], -1, 0)
    pose[..., _THUMB_BONE, :] = _metacarpal_turn(radial, palmar, turn_)
    flex = Rotation.from_rotvec((model.axes[_THUMB_BONE + 1, 0] * knuckle[..., None]).reshape(-1, 3))
    side = Rotation.from_rotvec((model.axes[_THUMB_BONE + 1, 1] * sway[..., None]).reshape(-1, 3))
    pose[..., _THUMB_BONE + 1, :] = (flex * side).as_rotvec().reshape((*pose.shape[:-2], 3))
    pose[..., _THUMB_BONE + 2, :] = model.axes[_THUMB_BONE + 2, 0] * end[..., None]
    return pose


def angles_of(pose: Array) -> tuple[Array, Array]:
    """The inverse: axis-angle (..., 15, 3) of a right hand -> angles (..., 22) in degrees and stray turns (..., 15).

    Stray: degrees by which a joint turns about an axis that it does not have.
    """
    model = hand_model()
    lead = pose.shape[:-2]
    turns = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(*lead, 15, 3, 3)
    local = np.einsum("jia,...jab,jkb->...jik", model.axes, turns, model.axes)
    euler = Rotation.from_matrix(local.reshape(-1, 3, 3)).as_euler("XYZ", degrees=True).reshape(*lead, 15, 3)
    angles = np.zeros((*lead, len(ANGLES)))
    stray = np.abs(euler[..., 2])
    for bone, at in _BONES:
        angles[..., at + (0, 2, 3)[bone % 3]] = euler[..., bone, 0]
        if bone % 3 == 0:
            angles[..., at + 1] = euler[..., bone, 1]
        else:
            stray[..., bone] += np.abs(euler[..., bone, 1])
    angles[..., THUMB.start : THUMB.start + 3] = _metacarpal_angles(turns[..., _THUMB_BONE, :, :])
    stray[..., _THUMB_BONE] = 0
    angles[..., THUMB.start + 3 : THUMB.start + 5] = euler[..., _THUMB_BONE + 1, :2]
    angles[..., THUMB.start + 5] = euler[..., _THUMB_BONE + 2, 0]
    stray[..., _THUMB_BONE + 2] += np.abs(euler[..., _THUMB_BONE + 2, 1])
    return angles, stray


def limit_excess(pose: Array, side: str = "right") -> Array:
    """Axis-angle (..., 15, 3) of one hand -> (...) radians by which its worst joint is beyond its limits, 0 inside."""
    angles, stray = angles_of(mirrored(pose) if side == "left" else pose)
    beyond = np.maximum(angles - LIMITS[:, 1], 0) + np.maximum(LIMITS[:, 0] - angles, 0)
    worst = np.maximum(beyond.max(-1), np.maximum(stray - STRAY, 0).max(-1))
    radians: Array = np.radians(np.maximum(worst - 1e-6, 0))
    return radians


def _metacarpal_turn(radial: Array, palmar: Array, turn: Array) -> Array:
    """(...) radians each -> (..., 3) axis-angle of the thumb's first joint."""
    shape = np.shape(radial)
    direction = np.stack([-np.cos(palmar) * np.cos(radial), -np.sin(palmar), np.cos(palmar) * np.sin(radial)], -1)
    direction = direction.reshape(-1, 3)
    swing = Rotation.from_matrix(_shortest(hand_model().axes[_THUMB_BONE, 2], direction))
    twist = Rotation.from_rotvec(direction * np.reshape(turn, (-1, 1)))
    vectors: Array = (twist * swing).as_rotvec().reshape(*shape, 3)
    return vectors


def _metacarpal_angles(turns: Array) -> Array:
    """(..., 3, 3) rotation of the thumb's first joint -> (..., 3) degrees radial, palmar, turn."""
    lead = turns.shape[:-2]
    rest = hand_model().axes[_THUMB_BONE, 2]
    direction = (turns @ rest).reshape(-1, 3)
    palmar = np.arcsin(np.clip(-direction[:, 1], -1, 1))
    radial = np.arctan2(direction[:, 2], -direction[:, 0])
    left_over = turns.reshape(-1, 3, 3) @ np.swapaxes(_shortest(rest, direction), -1, -2)
    turn = (Rotation.from_matrix(left_over).as_rotvec() * direction).sum(-1)
    degrees: Array = np.degrees(np.stack([radial, palmar, turn], -1)).reshape(*lead, 3)
    return degrees


def _shortest(start: Array, ends: Array) -> Array:
    """(n, 3, 3) the smallest rotations from one unit vector (3,) to others (n, 3), none of them its opposite."""
    axis = np.cross(start, ends)
    cosine = ends @ start
    skew = np.zeros((len(ends), 3, 3))
    skew[:, 0, 1], skew[:, 0, 2], skew[:, 1, 2] = -axis[:, 2], axis[:, 1], -axis[:, 0]
    skew -= np.swapaxes(skew, 1, 2)
    return np.eye(3) + skew + skew @ skew / (1 + cosine)[:, None, None]


def chain(pose: Array) -> tuple[Array, Array]:
    """Axis-angle (15, 3) of a right hand -> world rotations (16, 3, 3) and joint places (16, 3), the wrist first."""
    model = hand_model()
    local = Rotation.from_rotvec(pose).as_matrix()
    turns, places = np.tile(np.eye(3), (16, 1, 1)), np.zeros((16, 3))
    for i in range(1, 16):
        up = 0 if i % 3 == 1 else i - 1
        places[i] = places[up] + turns[up] @ (model.joints[i] - model.joints[up])
        turns[i] = turns[up] @ local[i - 1]
    return turns, places


def skin(pose: Array, only: NDArray[np.intp] | None = None) -> Array:
    """Axis-angle (15, 3) of a right hand -> its skin (n, 3) from the wrist in metres, or ``only`` some points of it."""
    model = hand_model()
    rows = slice(None) if only is None else only
    turns, places = chain(pose)
    shifts = places - np.einsum("jab,jb->ja", turns, model.joints)
    blend = model.weights[rows] @ np.concatenate([turns.reshape(16, 9), shifts], 1)
    moved: Array = np.einsum("nab,nb->na", blend[:, :9].reshape(-1, 3, 3), model.points[rows]) + blend[:, 9:]
    return moved


def normals(points: Array) -> Array:
    """Skin (n, 3) in any pose -> unit normals (n, 3)."""
    corners = points[hand_model().faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(points)
    for k in range(3):
        np.add.at(total, hand_model().faces[:, k], across)
    unit: Array = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    return unit
