"""What SMPL-X gives out beside its 55 joints: 21 vertices by number, 51 points of the face, and 17 of its contour."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sign_models.body.file import BodyFile
from sign_models.errors import SignError
from sign_models.skeleton import INDEX

Indices = NDArray[np.int64]

PICKED: tuple[int, ...] = (
    *(9120, 9929, 9448, 616, 6),  # nose, right and left eye, right and left ear
    *(5770, 5780, 8846, 8463, 8474, 8635),  # big toe, small toe, heel, left and right
    *(5361, 4933, 5058, 5169, 5286),  # left thumb, index, middle, ring, pinky
    *(8079, 7669, 7794, 7905, 8022),
)
"""SMPL-X's vertex numbers, in the order in which smplx appends them."""

_NECK_CHAIN = [INDEX[name] for name in ("neck", "spine3", "spine2", "spine1", "pelvis")]


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Called with posed vertices (t, v, 3) and the pose (t, 55, 3): the points (t, 72, 3), or 89 with a contour.

    picked: (21,) vertices. corners (51, 3), weights (51, 3): points on triangles of the face. contour_corners and
    contour_weights (l, 17, 3): the same of its contour for each turn of the neck; l is 0 for a file without them.
    """

    picked: Indices
    corners: Indices
    weights: Tensor
    contour_corners: Indices
    contour_weights: Tensor

    @classmethod
    def of(cls, file: BodyFile) -> "Landmarks":
        arrays = file.arrays
        faces = arrays["f"].astype(np.int64)
        turns = arrays.get("dynamic_lmk_faces_idx", np.zeros((0, 17)))
        weights = arrays.get("dynamic_lmk_bary_coords", np.zeros((0, 17, 3)))
        return cls(
            np.array(PICKED),
            faces[arrays["lmk_faces_idx"].astype(np.int64)],
            torch.from_numpy(np.asarray(arrays["lmk_bary_coords"], np.float32)),
            faces[turns.astype(np.int64)],
            torch.from_numpy(np.asarray(weights, np.float32)),
        )

    @property
    def vertices(self) -> Indices:
        """The numbers of all vertices that are needed."""
        return np.unique(np.concatenate([self.picked, self.corners.ravel(), self.contour_corners.ravel()]))

    def among(self, kept: Indices) -> "Landmarks":
        """The same points on a mesh of which only the sorted vertices ``kept`` are left."""
        picked, corners, contour = (
            np.searchsorted(kept, numbers) for numbers in (self.picked, self.corners, self.contour_corners)
        )
        return replace(self, picked=picked, corners=corners, contour_corners=contour)

    def __call__(self, vertices: Tensor, pose: Tensor) -> Tensor:
        points = [vertices[:, self.picked], torch.einsum("tpac,pa->tpc", vertices[:, self.corners], self.weights)]
        if len(self.contour_corners):
            row = self._neck_row(vertices, pose)
            corners = torch.from_numpy(self.contour_corners)[row]  # (t, 17, 3)
            around = vertices[torch.arange(len(vertices))[:, None, None], corners]
            points.append(torch.einsum("tpac,tpa->tpc", around, self.contour_weights[row]))
        return torch.cat(points, dim=1)

    def _neck_row(self, vertices: Tensor, pose: Tensor) -> Tensor:
        """(t,) which row of the contour's table belongs to the turn of the neck."""
        try:
            from smplx.lbs import find_dynamic_lmk_idx_and_bcoords
        except ImportError as error:
            raise SignError("The package smplx is not installed; run `pip install smplx==0.1.28`.") from error
        rows = torch.arange(len(self.contour_corners))[:, None]
        chain = torch.tensor(_NECK_CHAIN)
        found, _ = find_dynamic_lmk_idx_and_bcoords(vertices, pose.flatten(1), rows, self.contour_weights, chain)
        return found[:, 0]
