"""How smoothly points move."""

import numpy as np
from numpy.typing import NDArray

from sign_models.measure.joints import MEASURES, Points

Array = NDArray[np.float64]


def jerk(points: Points, fps: float) -> float:
    """Mean change of acceleration over frames and measured points, in m/s^3; 0 for clips too short to have one.

    A hand that shakes from frame to frame has many times the jerk of one that signs.
    """
    whole = np.concatenate([_third(points[row.name][:, row.joints]) for row in MEASURES], axis=1) * fps**3
    return float(whole.mean()) if whole.size else 0.0


def _third(points: Array) -> Array:
    """(t, j, 3) -> (t - 3, j) lengths of third differences."""
    if len(points) < 4:
        return np.zeros((0, points.shape[1]))
    return np.asarray(np.linalg.norm(np.diff(points, n=3, axis=0), axis=-1))
