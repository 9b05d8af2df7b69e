"""Where the camera stands: a table, and the geometry that frames a signer by the joints, whatever the body's size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sign_models.skeleton import HANDS, INDEX, JOINTS

Array = NDArray[np.float64]

FIELD_OF_VIEW = np.radians(22.0)
"""Narrow, as a portrait lens: a hand that reaches forward must not look twice its size."""

BELOW_HIPS, ABOVE_HEAD, BEFORE_BODY = 0.06, 0.62, 0.45
"""The signing space, in arms: how far it reaches beyond hips and head, and before the body when seen from the side."""
RAISED = 0.1
"""Arms above the hips, from where on a hand signs."""
AIR, LEAST = 0.28, 0.75
"""Arms: what a close-up adds to the box of the hands' joints (fingertips lie beyond the last), and its least height."""
CALM = 0.6
"""Seconds within which a close-up looks ahead and back, so that it glides."""


@dataclass(frozen=True)
class Shot:
    """A camera in every frame: eye (t, 3) and turn (t, 3, 3), whose columns are its right, up and backward axes."""

    eye: Array
    turn: Array

    def __len__(self) -> int:
        return len(self.eye)

    def poses(self) -> Array:
        """(t, 4, 4) camera to world."""
        poses = np.tile(np.eye(4), (len(self), 1, 1))
        poses[:, :3, :3], poses[:, :3, 3] = self.turn, self.eye
        return poses

    def sides(self) -> tuple[Array, Array]:
        """The four sides of what is seen: inward normals (t, 3, 4) and offsets (t, 4); ``x @ n + d < 0`` is outside."""
        slope = np.tan(FIELD_OF_VIEW / 2)
        inward = np.array([[1.0, 0, -slope], [-1.0, 0, -slope], [0, 1.0, -slope], [0, -1.0, -slope]]).T
        normals = self.turn @ inward
        return normals, -np.einsum("tc,tcn->tn", self.eye, normals)


def _turned(yaw: float) -> Array:
    """Camera axes when the camera has walked ``yaw`` degrees around the signer, from the front to the signer's left."""
    angle = np.radians(yaw)
    right, back = (np.cos(angle), 0.0, -np.sin(angle)), (np.sin(angle), 0.0, np.cos(angle))
    return np.array([right, (0.0, 1.0, 0.0), back]).T


def framed(centre: Array, height: Array, yaw: float) -> Shot:
    """A shot of a plane through ``centre`` (t, 3) that is ``height`` (t,) metres from the lower to the upper edge."""
    turn = _turned(yaw)
    distance = height / 2 / np.tan(FIELD_OF_VIEW / 2)
    return Shot(centre + distance[:, None] * turn[:, 2], np.tile(turn, (len(centre), 1, 1)))


def _arm(joints: Array) -> float:
    """Length of the arm from shoulder to wrist: the measure of the signing space, the same in every pose."""
    shoulder, elbow, wrist = (joints[0, INDEX[f"left_{name}"]] for name in ("shoulder", "elbow", "wrist"))
    return float(np.linalg.norm(elbow - shoulder) + np.linalg.norm(wrist - elbow))


def signing_space(joints: Array, yaw: float) -> Shot:
    """From the hips to above a hand raised over the head, wide enough for both elbows; it stands still.

    joints: (t, 55, 3).
    """
    arm = _arm(joints)
    place = np.median(joints, axis=0)
    bottom = place[INDEX["pelvis"], 1] - BELOW_HIPS * arm
    top = place[INDEX["head"], 1] + ABOVE_HEAD * arm
    forward = (
        BEFORE_BODY * arm * abs(np.sin(np.radians(yaw)))
    )  # seen from the side, the hands' space is before the body
    shoulders = place[[INDEX["left_shoulder"], INDEX["right_shoulder"]]].mean(0)
    centre = np.array([shoulders[0], (bottom + top) / 2, shoulders[2] + forward])
    return framed(np.tile(centre, (len(joints), 1)), np.full(len(joints), top - bottom), yaw)


def _hand_boxes(joints: Array) -> tuple[Array, Array]:
    """Lower and upper corner (t, 3) of the hands that sign: those above the hips, or both when neither is."""
    lows, highs, active = [], [], []
    for side in HANDS:
        hand = joints[:, [i for i, name in enumerate(JOINTS) if name.startswith(f"{side}_") and _in_hand(name)]]
        lows.append(hand.min(1))
        highs.append(hand.max(1))
        active.append(hand[..., 1].mean(1) > joints[:, INDEX["pelvis"], 1] + RAISED * _arm(joints))
    on = np.stack(active)  # (h, t)
    none = ~on.any(0)
    if none.all():
        on[:] = True
    else:  # where no hand signs, stay where the nearest frame with a signing hand has the camera
        nearest = ndimage.distance_transform_edt(none, return_distances=False, return_indices=True)[0]
        on = on[:, nearest]
        lows, highs = [low[nearest] for low in lows], [high[nearest] for high in highs]
    shown = on[..., None]
    return np.where(shown, lows, np.inf).min(0), np.where(shown, highs, -np.inf).max(0)


def _in_hand(name: str) -> bool:
    return name.endswith("wrist") or (name[-1] in "123" and "spine" not in name)


def close_up(joints: Array, yaw: float, fps: float = 25.0) -> Shot:
    """Follows the signing hands, never losing a joint of them from sight and never jerking.

    The edges of the picture are first pushed out to the furthest that the hands reach within ``CALM`` before or
    after, then averaged over no more than that span: an average of numbers that all enclose the hand encloses it too.
    """
    arm = _arm(joints)
    low, high = _hand_boxes(joints)
    span = max(1, round(CALM * fps))
    low = ndimage.minimum_filter1d(low, 2 * span + 1, axis=0, mode="nearest")
    high = ndimage.maximum_filter1d(high, 2 * span + 1, axis=0, mode="nearest")
    width = 2 * (span // 2) + 1
    for _ in range(2):
        low = ndimage.uniform_filter1d(low, width, axis=0, mode="nearest")
        high = ndimage.uniform_filter1d(high, width, axis=0, mode="nearest")
    height = np.maximum((high - low)[:, :2].max(1) + AIR * arm, LEAST * arm)
    centre = (low + high) / 2
    centre[:, 2] = high[:, 2]  # measured where the hands are nearest, so that perspective pushes nothing out
    return framed(centre, height, yaw)


@dataclass(frozen=True)
class Camera:
    """A row of the table: the sentence a user reads, how it frames, and how far it walks around the signer."""

    about: str
    frame: Callable[[Array, float], Shot]
    yaw: float = 0.0


CAMERAS: dict[str, Camera] = {
    "front": Camera("the whole signing space from the front", signing_space),
    "side": Camera("the whole signing space from the signer's right", signing_space, -90.0),
    "hands": Camera("close to the hands, following them", close_up),
}
