"""The points of a signing body that are measured, for the open body and for a licensed SMPL-X alike.

Facts: soke.md sections 1.1 and 5.1. "body": all joints that SMPL-X gives out, 144 with the contour of the face and 127
for a body without it (the open body). Hands: 16 joints regressed from the posed vertices, and 5 fingertips.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sign_models.body import Body
from sign_models.body.body import FINGERTIPS
from sign_models.body.file import BodyFile, find, read
from sign_models.body.landmarks import Landmarks
from sign_models.measure.joints import Points
from sign_models.skeleton import FINGERS, HANDS, INDEX
from sign_models.types import Motion

FIXED_BETAS = (-0.07284723, 0.1795129, -0.27608207, 0.135155, 0.10748172, 0.16037364, -0.01616933, -0.03450319,
               0.01369138, 0.01108842)  # fmt: skip
"""The one person that every published pose is put on, generated or not."""

FINGER_ORDER = ("thumb", "index", "middle", "ring", "pinky")


@cache
def measurer(path: Path | None = None) -> "Measurer":
    """Of a licensed SMPL-X file, else the environment's, else the open body; made once."""
    return Measurer(find(path))


class Measurer:
    """points_of(motion): what ``joints`` measures. vertices(motion): the whole mesh, (t, v, 3)."""

    def __init__(self, path: Path) -> None:
        file = published_shape(read(path))
        self.name = "open body" if file.is_open else "SMPL-X"
        self.whole = Body(file)
        landmarks = Landmarks.of(file)
        regressor = np.asarray(file.arrays["J_regressor"])
        used = np.union1d(np.flatnonzero(regressor.any(0)), landmarks.vertices)
        self._landmarks = landmarks.among(used)
        self._body = Body(_only(file, used))
        self._hands = [_Hand(file, side, used) for side in range(len(HANDS))]

    def points_of(self, motion: Motion) -> Points:
        """body (t, 127 or 144, 3), left_hand and right_hand (t, 21, 3), in metres."""
        pieces = [self._pieces(*piece) for piece in self._posed(motion)]
        names = ("body", *(f"{side}_hand" for side in HANDS))
        return {name: np.concatenate([piece[i] for piece in pieces]).astype(np.float64) for i, name in enumerate(names)}

    def vertices(self, motion: Motion) -> NDArray[np.float32]:
        return self.whole.pose(motion).vertices.numpy()

    def _posed(self, motion: Motion) -> list[tuple[Tensor, Tensor, Tensor]]:
        """(vertices, joints, pose) of one stretch of frames after the other."""
        made, start = [], 0
        pose = self._body.full_pose(motion)
        for vertices, joints in self._body.pose_chunks(motion):
            made.append((vertices, joints, pose[start : start + len(joints)]))
            start += len(joints)
        return made

    def _pieces(self, vertices: Tensor, joints: Tensor, pose: Tensor) -> list[NDArray[np.float32]]:
        whole = torch.cat([joints, self._landmarks(vertices, pose)], dim=1).numpy()
        return [whole, *(hand(vertices.numpy()) for hand in self._hands)]


class _Hand:
    """The 21 points of one hand from posed vertices."""

    def __init__(self, file: BodyFile, side: int, used: NDArray[np.int64]) -> None:
        tips = dict(zip(FINGERS, FINGERTIPS[side], strict=True))
        names = [f"{HANDS[side]}_wrist"]
        rows = []
        for finger in FINGER_ORDER:
            names += [f"{HANDS[side]}_{finger}{k}" for k in (1, 2, 3)]
            rows.append(int(np.searchsorted(used, tips[finger])))
        self._regressor = np.asarray(file.arrays["J_regressor"], np.float32)[:, used][[INDEX[name] for name in names]]
        self._tips = rows

    def __call__(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        """(t, v, 3) -> (t, 21, 3): the wrist, then three joints and the tip of each finger."""
        joints = np.einsum("jv,tvc->tjc", self._regressor, vertices, optimize=True)
        fingers = joints[:, 1:].reshape(len(joints), len(FINGER_ORDER), 3, 3)
        fingers = np.concatenate([fingers, vertices[:, self._tips, None]], axis=2)
        return np.concatenate([joints[:, :1], fingers.reshape(len(joints), -1, 3)], axis=1)


def published_shape(file: BodyFile) -> BodyFile:
    """A licensed body with the published betas; the open body has one shape only."""
    if file.is_open:
        return file
    shape = np.asarray(file.arrays["shapedirs"])[:, :, : len(FIXED_BETAS)] @ np.array(FIXED_BETAS, np.float32)
    return replace(file, arrays=file.arrays | {"v_template": (file.arrays["v_template"] + shape).astype(np.float32)})


def _only(file: BodyFile, used: NDArray[np.int64]) -> BodyFile:
    """The body without the vertices that nobody measures: a third of the work."""
    arrays = dict(file.arrays)
    for name in ("v_template", "weights", "shapedirs", "posedirs"):
        arrays[name] = arrays[name][used]
    arrays["J_regressor"] = arrays["J_regressor"][:, used]
    arrays["f"] = arrays["f"][:0]
    return replace(file, arrays=arrays)
