"""What an exporter has to know of a body, as plain arrays: its mesh at rest, its joints, skin and face shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sign_models.skeleton import FINGERS, HANDS, JOINTS

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Rig:
    """A body at rest (T-pose, metres, y up); compared and hashed by identity, so that packed buffers can be kept.

    vertices: (v, 3). faces: (f, 3) integer. joints: (55, 3) in ``skeleton.JOINTS`` order.
    skin_joints, skin_weights: (v, 4), the four strongest joints of each vertex; weights sum to 1.
    colours: (v, 4) sRGB with alpha, 0..1. fingertips: (2, 5, 3) in ``HANDS``, ``FINGERS`` order.
    morphs: face shape name -> (v, 3) offsets at weight 1: names of ``face.FACE_ACTIONS``, or ``smplx_expression_0`` to
        ``smplx_expression_9`` for a licensed body.
    """

    vertices: Floats
    faces: NDArray[np.integer]
    joints: Floats
    skin_joints: NDArray[np.integer]
    skin_weights: Floats
    colours: Floats
    fingertips: Floats
    morphs: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        v = len(self.vertices)
        wanted: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
            "vertices": (self.vertices.shape, (v, 3)),
            "faces": (self.faces.shape, (len(self.faces), 3)),
            "joints": (self.joints.shape, (len(JOINTS), 3)),
            "skin_joints": (self.skin_joints.shape, (v, 4)),
            "skin_weights": (self.skin_weights.shape, (v, 4)),
            "colours": (self.colours.shape, (v, 4)),
            "fingertips": (self.fingertips.shape, (len(HANDS), len(FINGERS), 3)),
            **{f"morphs[{name!r}]": (offsets.shape, (v, 3)) for name, offsets in self.morphs.items()},
        }
        for name, (shape, fits) in wanted.items():
            if shape != fits:
                raise ValueError(f"Rig.{name} has shape {shape}; {fits} is needed.")
        if self.faces.max() >= v or self.skin_joints.max() >= len(JOINTS):
            raise ValueError("Rig.faces or Rig.skin_joints point past the end of the body.")
        if np.abs(self.skin_weights.sum(1) - 1).max() > 1e-3:
            raise ValueError("Rig.skin_weights must sum to 1 at each vertex.")
