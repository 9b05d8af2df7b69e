"""A track: where both hands and the face go, before the arms are solved.

Signs, letters and transitions are joined as tracks (in space, where smoothness can be judged) and the arms are solved
once for the whole utterance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sign_models.face import FACE_ACTIONS
from sign_models.types import FPS

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Track:
    """Hands and face over time; axis h is (left, right).

    wrists: (t, h, 3) wrist joints in metres, in the space of the open body at rest (y up, z front, signer's left +x).
    palms: (t, h, 3, 3) rotation of each hand from the rest (T-)pose, in world axes.
    fingers: (t, h, 15, 3) axis-angle of the finger joints, SMPL-X order (index, middle, pinky, ring, thumb).
    shrug: (t, h) shoulder lift, 0 relaxed to 1 fully raised.
    head: (t, 3) axis-angle of the head against the chest (the neck takes its share).
    face: (t, 52) weights of ``FACE_ACTIONS``.
    """

    wrists: Array
    palms: Array
    fingers: Array
    shrug: Array
    head: Array
    face: Array
    fps: float = FPS

    def __post_init__(self) -> None:
        t = len(self.wrists)
        shapes = {
            "wrists": (t, 2, 3),
            "palms": (t, 2, 3, 3),
            "fingers": (t, 2, 15, 3),
            "shrug": (t, 2),
            "head": (t, 3),
            "face": (t, len(FACE_ACTIONS)),
        }
        for name, shape in shapes.items():
            have = getattr(self, name).shape
            if have != shape:
                raise ValueError(f"Track.{name} has shape {have}; {shape} is needed.")

    def __len__(self) -> int:
        return len(self.wrists)


PALM_MIDDLE = 0.07
"""Metres from the wrist to the middle of the palm."""


def palm_centres(track: Track, hand: int) -> Array:
    """(t, 3) metres: the middle of the palm of one hand."""
    along = np.array([PALM_MIDDLE if hand == 0 else -PALM_MIDDLE, 0.0, 0.0])
    centres: Array = track.wrists[:, hand] + track.palms[:, hand] @ along
    return centres
