"""The body as the solver sees it: rest joints, fingertips, surface, and what a hand may not pass through."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.hamnosys.surface.distance import DistanceField, distance_field
from sign_models.paths import asset
from sign_models.skeleton import FINGERS, HANDS, INDEX, JOINTS

Array = NDArray[np.float64]

MIRROR = np.array([-1.0, 1.0, 1.0])
"""Multiplies a point to swap left and right; a rotation R mirrors to ``MIRROR[:, None] * R * MIRROR``."""

_SOLID = (
    "pelvis", "left_hip", "right_hip", "spine1", "spine2", "spine3", "neck", "left_collar", "right_collar", "head",
    "jaw", "left_eye", "right_eye",
)  # fmt: skip


_FLOOR = -0.14
"""Metres below the left hip under which no hand goes; the legs go on, the distance field does not."""
_BELOW = 0.25
"""Metres of leg kept below the floor, so that no large face that crosses it is lost."""
_STUMP, _SHOULDER_BALL = 0.02, 0.055
"""Metres of arm that stay on the trunk, and radius of the ball that closes it where the arm was taken off."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A body at rest (T-pose, metres, y up, front +z).

    joints: (55, 3). vertices: (v, 3). faces: (f, 3). owner: (v,) the joint that moves each vertex most.
    tips: (h, 5, 3) fingertips in ``skeleton.FINGERS`` order. distance: field of the head and the trunk.
    """

    joints: Array
    vertices: Array
    faces: NDArray[np.intp]
    owner: NDArray[np.intp]
    tips: Array
    distance: DistanceField

    def joint(self, name: str) -> Array:
        """(3,) rest position of one joint of ``skeleton.JOINTS``."""
        position: Array = self.joints[INDEX[name]]
        return position

    def arm(self, side: str) -> Array:
        """(4, 3) rest positions of collar, shoulder, elbow and wrist of one side."""
        chain: Array = self.joints[[INDEX[f"{side}_{joint}"] for joint in ("collar", "shoulder", "elbow", "wrist")]]
        return chain

    @property
    def arm_length(self) -> float:
        """Metres from shoulder to wrist of a straight arm (the shorter of the two)."""
        chains = [self.arm(side) for side in HANDS]
        return float(min(np.linalg.norm(np.diff(c[1:], axis=0), axis=1).sum() for c in chains))


@lru_cache(maxsize=4)
def load_figure(path: Path | None = None) -> Figure:
    """The figure of a body file in SMPL-X layout; without a path, of the bundled open body."""
    source = path or asset("body/open_body.npz")
    try:
        with np.load(source, allow_pickle=False) as body:
            vertices = body["v_template"].astype(np.float64)
            faces = body["f"].astype(np.intp)
            weights = body["weights"]
            joints = body["J_regressor"].astype(np.float64) @ vertices
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise SignError(
            f"{source} is not a readable body ({error}); restore it with `git checkout -- assets`."
        ) from error
    owner = weights.argmax(1)
    return Figure(
        joints=joints,
        vertices=vertices,
        faces=faces,
        owner=owner,
        tips=_tips(vertices, owner),
        distance=_distance(joints, vertices, faces, owner),
    )


def _distance(joints: Array, vertices: Array, faces: NDArray[np.intp], owner: NDArray[np.intp]) -> DistanceField:
    floor = joints[INDEX["left_hip"], 1] + _FLOOR
    solid = np.isin(owner, [INDEX[name] for name in _SOLID])
    solid |= np.abs(vertices[:, 0]) < joints[INDEX["left_shoulder"], 0] + _STUMP
    solid &= vertices[:, 1] > floor - _BELOW
    shoulders = [(joints[INDEX[f"{side}_shoulder"]], _SHOULDER_BALL) for side in HANDS]
    return distance_field(vertices, faces[solid[faces].all(1)], floor, shoulders)


def _tips(vertices: Array, owner: NDArray[np.intp]) -> Array:
    """(h, 5, 3): the outermost skin of each last finger bone, taken as the mean of the five farthest points."""
    tips = np.zeros((len(HANDS), len(FINGERS), 3))
    for h, side in enumerate(HANDS):
        wrist = vertices[owner == INDEX[f"{side}_wrist"]].mean(0)
        for f, finger in enumerate(FINGERS):
            skin = vertices[owner == JOINTS.index(f"{side}_{finger}3")]
            far = np.argsort(np.linalg.norm(skin - wrist, axis=1))[-5:]
            tips[h, f] = skin[far].mean(0)
    return tips
