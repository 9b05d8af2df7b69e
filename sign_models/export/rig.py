"""What an exporter has to know of a body; ``body.Body`` offers it."""

from collections.abc import Hashable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sign_models.types import Motion

Floats = NDArray[np.float32]


class Rig(Hashable, Protocol):
    """A body at rest (T-pose, metres, y up) and what a motion does to its joints and face."""

    @property
    def template(self) -> Floats:
        """(v, 3) vertices."""

    @property
    def faces(self) -> NDArray[np.int64]:
        """(f, 3)."""

    @property
    def joints(self) -> Floats:
        """(55, 3) in ``skeleton.JOINTS`` order."""

    @property
    def four_weights(self) -> tuple[NDArray[np.int64], Floats]:
        """The four strongest joints of each vertex (v, 4) and their weights (v, 4), which sum to 1."""

    @property
    def colors(self) -> Tensor:
        """(v, 4) sRGB with alpha, 0..1."""

    @property
    def fingertips(self) -> Floats:
        """(2, 5, 3) in ``HANDS``, ``FINGERS`` order."""

    @property
    def shapes(self) -> dict[str, Floats]:
        """Face shape name -> (v, 3) offsets at weight 1."""

    def full_pose(self, motion: Motion) -> Tensor:
        """(t, 55, 3) axis-angle of every joint, hands and eyes included."""

    def face_weights(self, motion: Motion) -> Tensor:
        """(t, k) weights of ``shapes``, in their order."""
