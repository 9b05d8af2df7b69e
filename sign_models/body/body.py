"""A body that takes a pose: template, joints, skin, face shapes and colours, and the way from a Motion to a Mesh."""

from collections.abc import Iterator
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sign_models.body.appearance import Appearance, palette
from sign_models.body.file import BodyFile, Floats, find, read
from sign_models.body.regions import regions_of
from sign_models.body.skinning import Skin, chain, prepare, skin_points
from sign_models.face import EXPRESSIONS, FACE_ACTIONS, face_of
from sign_models.parts import EXPRESSION_COLUMNS, HAND_COLUMNS, JAW_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.rotations import axis_angle_to_matrix
from sign_models.skeleton import FINGERS, HANDS, INDEX, JOINTS, PARENTS, UPPER_BODY
from sign_models.types import Mesh, Motion

if TYPE_CHECKING:
    from smplx import SMPLX

CHUNK = 50
"""Frames posed at once: enough to keep a core busy, few enough to stay in its cache."""

FINGERTIPS = ((4933, 5058, 5286, 5169, 5361), (7669, 7794, 8022, 7905, 8079))
"""SMPL-X's vertex numbers of the fingertips, in ``HANDS``, ``FINGERS`` order."""

_OPEN_ACTIONS = slice(300 + len(EXPRESSIONS), 300 + len(EXPRESSIONS) + len(FACE_ACTIONS))


class Body:
    """A body at rest and how it moves; arrays are numpy float32, metres, y up.

    is_open: the bundled open body, which knows the 52 face actions. template (v, 3), faces (f, 3), joints (55, 3).
    skin_weights (v, 55). shapes: face shape name -> (v, 3) at weight 1 (``FACE_ACTIONS``, or ``smplx_expression_0`` to
    9). finger_axes (h, 15, 3, 3): see ``finger_axes``; None for a licensed body.
    """

    def __init__(self, file: BodyFile, appearance: Appearance | None = None) -> None:
        arrays = file.arrays
        self.file = file
        self.is_open = file.is_open
        self.parents = PARENTS
        self.template: Floats = np.asarray(arrays["v_template"], np.float32)
        self.faces: NDArray[np.int64] = arrays["f"].astype(np.int64)
        self.skin_weights: Floats = np.asarray(arrays["weights"], np.float32)
        regressor = np.asarray(arrays["J_regressor"], np.float64)
        self.joints: Floats = (regressor @ self.template).astype(np.float32)
        self._face_columns = _face_columns(arrays["shapedirs"], self.is_open)  # (k, v, 3)
        moved = np.tensordot(regressor.astype(np.float32), self._face_columns, (1, 1)).transpose(1, 0, 2)
        self._joint_shifts: Floats | None = moved if np.abs(moved).max() > 1e-6 else None
        bends = any(arrays["posedirs"].strides) and arrays["posedirs"].any()
        self._pose_shapes: Floats | None = _flat_pose_shapes(arrays["posedirs"]) if bends else None
        self._mean_hands = torch.from_numpy(
            np.concatenate([arrays["hands_meanl"], arrays["hands_meanr"]]).astype(np.float32)
        )
        self.finger_axes: Floats | None = np.asarray(arrays["finger_axes"], np.float32) if self.is_open else None
        """Unit axes of each finger joint at rest, in the world (h, 15, 3, 3): flexing, spreading towards the thumb,
        along the bone; a finger joint's axis-angle is a sum of angle * axis."""
        self._gaze = np.asarray(arrays["gaze_turns"], np.float32) if self.is_open else None
        self.appearance = appearance or Appearance()
        self._paint: Tensor | None = None

    @cached_property
    def _skin(self) -> Skin:
        movable = np.arange(len(self.template))
        if self._pose_shapes is None:
            movable = np.flatnonzero((self._face_columns != 0).any(axis=(0, 2)))
        return prepare(self.template, self.skin_weights, movable)

    @cached_property
    def _moving_columns(self) -> Floats:
        """(k, 3m): the face columns at the vertices that move."""
        return np.ascontiguousarray(self._face_columns[:, self._skin.movable]).reshape(len(self._face_columns), -1)

    @property
    def colors(self) -> Tensor:
        """(v, 4) sRGB with alpha in 0..1: as painted, else from the appearance."""
        return self.colors_for(self.appearance) if self._paint is None else self._paint

    def painted(self, colors: Tensor) -> "Body":
        """This body in colours of its own, (v, 4) sRGB with alpha in 0..1, whatever its appearance."""
        twin = copy(self)  # the arrays are shared
        twin._paint = colors
        return twin

    def colors_for(self, appearance: Appearance) -> Tensor:
        """(v, 4) sRGB with alpha in 0..1."""
        names, amounts, shade = regions_of(self.file, self.joints)
        table = np.array([palette(appearance)[name] for name in names])
        srgb = (amounts @ table * shade[:, None] ** (1 / 2.2)).clip(0, 1)  # shade is light, which is linear
        return torch.from_numpy(np.column_stack([srgb, np.ones(len(srgb))]).astype(np.float32))

    @property
    def shapes(self) -> dict[str, Floats]:
        """Face shape name -> (v, 3) offsets at weight 1."""
        names = FACE_ACTIONS if self.is_open else tuple(f"smplx_expression_{k}" for k in range(10))
        return dict(zip(names, self._face_columns, strict=True))

    @cached_property
    def four_weights(self) -> tuple[NDArray[np.int64], Floats]:
        """The four strongest joints of each vertex (v, 4) and their weights (v, 4), which sum to 1."""
        order = np.argsort(-self.skin_weights, axis=1, kind="stable")[:, :4]
        weights = np.take_along_axis(self.skin_weights, order, axis=1)
        return order, weights / weights.sum(1, keepdims=True)

    @property
    def fingertips(self) -> Floats:
        """(h, 5, 3): fingertips at rest, in ``FINGERS`` order."""
        return self.template[np.array(FINGERTIPS)]

    @cached_property
    def upper_faces(self) -> NDArray[np.int64]:
        """Faces (f', 3) above the middle of the thighs: all that a picture of a signer shows."""
        hips, knees = (self.joints[[INDEX[f"{side}_{name}"] for side in HANDS], 1].mean() for name in ("hip", "knee"))
        return self.faces[(self.template[self.faces, 1] > (hips + knees) / 2).any(1)]

    def smplx(self) -> "SMPLX":
        """This body as an ``smplx.SMPLX`` model."""
        from sign_models.body.reference import smplx_model

        return smplx_model(self.file)

    def pose(self, motion: Motion, chunk: int = CHUNK) -> Mesh:
        """The body in every frame of a motion, standing still with a straight lower body.

        The face shows ``motion.face`` where the body knows the 52 actions; otherwise the expression columns, when they
        were made for this body; otherwise the jaw alone.
        """
        pieces = list(self.pose_chunks(motion, chunk))
        if not pieces:
            none = torch.zeros(0, 1, 3)
            return Mesh(none.expand(0, len(self.template), 3), none.expand(0, len(JOINTS), 3), self._faces, motion.fps)
        vertices, joints = (torch.cat([piece[k] for piece in pieces]) for k in (0, 1))
        return Mesh(vertices, joints, self._faces, motion.fps)

    def pose_chunks(self, motion: Motion, chunk: int = CHUNK) -> Iterator[tuple[Tensor, Tensor]]:
        """Vertices (c, v, 3) and joints (c, 55, 3) of one stretch of frames after the other."""
        if chunk < 1:
            raise ValueError(f"chunk is {chunk}; it must be at least 1.")
        pose, weights = self.full_pose(motion), self.face_weights(motion)
        for start in range(0, len(motion), chunk):
            part = slice(start, start + chunk)
            yield self._pose(pose[part], weights[part])

    @property
    def _faces(self) -> Tensor:
        return torch.from_numpy(self.faces)

    def full_pose(self, motion: Motion) -> Tensor:
        """(t, 55, 3) axis-angle of every joint: flat-hand convention, eyes turned by the eyeLook actions."""
        features = motion.features.detach().to("cpu", torch.float32)
        pose = features.new_zeros(len(motion), len(JOINTS), 3)
        first = INDEX[UPPER_BODY[0]]
        pose[:, first : first + len(UPPER_BODY)] = features[:, UPPER_BODY_COLUMNS].unflatten(1, (-1, 3))
        pose[:, INDEX["jaw"]] = features[:, JAW_COLUMNS]
        hands = torch.cat([features[:, columns] for columns in HAND_COLUMNS], dim=1)
        if not motion.flat_hands:
            hands = hands + self._mean_hands
        start = INDEX[f"{HANDS[0]}_{FINGERS[0]}1"]
        pose[:, start:] = hands.unflatten(1, (-1, 3))
        if self._gaze is not None:
            eyes = [INDEX[f"{side}_eye"] for side in HANDS]
            pose[:, eyes] = torch.einsum("tk,kha->tha", self.face_weights(motion), torch.from_numpy(self._gaze))
        return pose

    def face_weights(self, motion: Motion) -> Tensor:
        """(t, 52) for the open body, (t, 10) for a licensed one: weights of its face shapes."""
        expression = motion.features[:, EXPRESSION_COLUMNS].detach().to("cpu", torch.float32)
        if not self.is_open:
            return expression if motion.expression_space == "smplx" else torch.zeros_like(expression)
        if motion.face is not None:
            return motion.face.detach().to("cpu", torch.float32)
        if motion.expression_space == "open":
            return face_of(expression)
        return torch.zeros(len(motion), len(FACE_ACTIONS))

    def _pose(self, pose: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        turns = axis_angle_to_matrix(pose).numpy()
        face = weights.numpy()
        joints = self.joints[None]
        if self._joint_shifts is not None:
            joints = joints + np.einsum("tk,kja->tja", face, self._joint_shifts)
        world, places = chain(turns, joints)
        vertices = skin_points(self._skin, world, places, joints, self._offsets(turns, face))
        return torch.from_numpy(vertices), torch.from_numpy(places)

    def _offsets(self, turns: Floats, face: Floats) -> Floats | None:
        """(t, m, 3) of face and pose shapes, None when there are none."""
        used = np.flatnonzero(face.any(0))
        if self._pose_shapes is None and not len(used):
            return None
        total = face[:, used] @ self._moving_columns[used]
        if self._pose_shapes is not None:
            bend = (turns[:, 1:] - np.eye(3, dtype=np.float32)).reshape(len(turns), -1)
            total = total + bend @ self._pose_shapes
        return total.reshape(len(turns), -1, 3)


def _flat_pose_shapes(shapes: NDArray[Any]) -> Floats:
    """(v, 3, p) -> (p, 3v)."""
    return np.ascontiguousarray(shapes.reshape(-1, shapes.shape[-1]).T, dtype=np.float32)


def _face_columns(shapes: NDArray[Any], is_open: bool) -> Floats:
    """(k, v, 3): the 52 actions of the open body, or the ten expression columns of a licensed one."""
    if is_open:
        chosen = shapes[:, :, _OPEN_ACTIONS]
    else:
        first = 300 if shapes.shape[-1] >= 400 else 10
        chosen = shapes[:, :, first : first + 10]
    return np.ascontiguousarray(chosen.transpose(2, 0, 1), dtype=np.float32)


def load(path: Path | None = None, appearance: Appearance | None = None) -> Body:
    """The body at ``path``, else at the environment variable SIGN_MODELS_SMPLX, else the bundled open body."""
    return Body(read(find(path)), appearance)
