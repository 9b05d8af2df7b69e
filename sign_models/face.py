"""The 52 face actions (ARKit names) and how they gather into the ten expression columns of the open body."""

import torch
from torch import Tensor

FACE_ACTIONS: tuple[str, ...] = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight",
    "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
"""Order of every axis of 52 face weights, each in 0..1."""

FACE_INDEX: dict[str, int] = {name: i for i, name in enumerate(FACE_ACTIONS)}

EXPRESSIONS: dict[str, tuple[str, ...]] = {
    "brows_up": ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    "brows_down": ("browDownLeft", "browDownRight"),
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"),
    "eyes_wide": ("eyeWideLeft", "eyeWideRight"),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "frown": ("mouthFrownLeft", "mouthFrownRight"),
    "pucker": ("mouthPucker",),
    "funnel": ("mouthFunnel",),
    "cheek_puff": ("cheekPuff",),
    "nose": ("noseSneerLeft", "noseSneerRight"),
}
"""The ten expression columns of the open body, in order: each moves its face actions together."""


def expression_of(face: Tensor) -> Tensor:
    """(t, 52) face weights -> (t, 10): the mean weight of each column's actions."""
    columns = [face[:, [FACE_INDEX[name] for name in names]].mean(dim=1) for names in EXPRESSIONS.values()]
    return torch.stack(columns, dim=1)


def face_of(expression: Tensor) -> Tensor:
    """(t, 10) expression columns -> (t, 52) face weights: every action of a column gets the column's weight."""
    face = expression.new_zeros(len(expression), len(FACE_ACTIONS))
    for column, names in enumerate(EXPRESSIONS.values()):
        for name in names:
            face[:, FACE_INDEX[name]] = expression[:, column]
    return face
