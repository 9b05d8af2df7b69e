"""Frame-by-frame errors of a reconstructed motion, in millimetres (soke.md section 5.1)."""

import numpy as np
from numpy.typing import NDArray

from sign_models.measure.joints import Points
from sign_models.skeleton import HANDS, INDEX

Array = NDArray[np.float64]

FOURTEEN = tuple(
    INDEX[name]
    for name in (
        *(f"{side}_{joint}" for joint in ("ankle", "knee", "hip", "wrist", "elbow", "shoulder") for side in HANDS),
        "neck",
        "head",
    )
)
"""The body's fourteen joints. Published figures regress them from vertices with a matrix that is not in SMPL-X's own
file; these are its joints of the same names."""

MM = 1000.0


def pa_mpjpe(made: Array, wanted: Array) -> float:
    """(t, j, 3) each, metres: mean joint distance after the best similarity of every frame, in mm."""
    x, y = made - made.mean(1, keepdims=True), wanted - wanted.mean(1, keepdims=True)
    u, s, vt = np.linalg.svd(x.transpose(0, 2, 1) @ y)
    sign = np.where(np.linalg.det(u @ vt) < 0, -1.0, 1.0)
    vt[:, 2] *= sign[:, None]
    scale = (s[:, 0] + s[:, 1] + sign * s[:, 2]) / np.square(x).sum((1, 2)).clip(1e-12)
    moved = scale[:, None, None] * (x @ (u @ vt))
    return float(np.linalg.norm(moved - y, axis=-1).mean() * MM)


def errors(made: Points, wanted: Points) -> dict[str, float]:
    """PA-MPJPE of body and hands, and of both hands as their mean."""
    body = {"body": pa_mpjpe(made["body"][:, FOURTEEN], wanted["body"][:, FOURTEEN])}
    hands = {f"{side}_hand": pa_mpjpe(made[f"{side}_hand"], wanted[f"{side}_hand"]) for side in HANDS}
    return body | hands | {"hand": sum(hands.values()) / len(hands)}


def mpvpe(made: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """(t, v, 3) each: mean distance of vertices in mm; the root stands still, so nothing is moved first."""
    return float(np.linalg.norm(made - wanted, axis=-1).mean() * MM)
