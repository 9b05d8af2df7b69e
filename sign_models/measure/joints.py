"""Joint position errors between frames, plain and after a similarity Procrustes fit (soke.md section 5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from sign_models.measure.dtw import Warped, dtw_many
from sign_models.measure.procrustes import fit
from sign_models.skeleton import HANDS, INDEX

Array = NDArray[np.float64]

Points = Mapping[str, Array]
"""Of a clip: name of a measure -> (t, j, 3) metres, see ``points.points_of``."""

# SMPL-X output joints past the 55: vertices picked by smplx, in its order
_NOSE, _RIGHT_EYE, _LEFT_EYE, _RIGHT_EAR, _LEFT_EAR = range(55, 60)

HAND_POINTS = 21
"""Wrist, then thumb, index, middle, ring, pinky: three joints and the tip each."""


@dataclass(frozen=True)
class Measure:
    """name: whose points; the Procrustes fit is over all of them. joints: which of them are measured.

    origin: the point that JPE moves onto its counterpart, None to leave both where they are.
    """

    name: str
    joints: tuple[int, ...]
    origin: int | None


_BODY_JOINTS = (INDEX["neck"], *(INDEX[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist") for side in HANDS),
                _LEFT_EAR, _RIGHT_EAR, _LEFT_EYE, _RIGHT_EYE, _NOSE)  # fmt: skip

_HAND = tuple(range(HAND_POINTS))

MEASURES: tuple[Measure, ...] = (
    Measure("body", _BODY_JOINTS, INDEX["pelvis"]),
    *(Measure(f"{side}_hand", _HAND, 0) for side in HANDS),
)
"""Rows of the evaluation: 12 body joints, 21 joints a hand."""

IN_SPACE: tuple[Measure, ...] = tuple(Measure(f"{side}_hand", _HAND, None) for side in HANDS)
"""The hands where they are, which the published measures forgive: they move wrist onto wrist."""


def jpe_cost(measure: Measure, generated: Points, reference: Points) -> Array:
    """(n, m) mean distance in metres of the measured joints, both clips moved to the origin joint."""
    x, y = (_moved(measure, points[measure.name]) for points in (generated, reference))
    return np.asarray(sum(cdist(x[:, j], y[:, j]) for j in range(x.shape[1])) / x.shape[1])


def pa_jpe_cost(measure: Measure, generated: Points, reference: Points) -> Array:
    """As ``jpe_cost`` after the best rotation, shift and scale of each generated frame onto each reference frame."""
    x, y = (_centred(points[measure.name]) for points in (generated, reference))
    made = fit(x, y)
    turn = made.rotation * made.scale
    total = np.zeros((len(x), len(y)))
    for j in measure.joints:
        ahead, there = x[:, j].T[:, :, None], y[:, j].T[:, None]  # (3, n, 1), (3, 1, m)
        squared = np.zeros_like(total)
        for a in range(3):
            away = turn[a, 0] * ahead[0] + turn[a, 1] * ahead[1] + turn[a, 2] * ahead[2] - there[a]
            squared += away * away
        total += np.sqrt(squared)
    return total / len(measure.joints)


def dtw_jpe(measures: tuple[Measure, ...], generated: Points, reference: Points) -> dict[str, Warped]:
    """DTW-JPE of one clip by measure: ``total`` is metres summed along the path."""
    costs = [jpe_cost(measure, generated, reference) for measure in measures]
    return _warped(measures, costs)


def dtw_pa_jpe(measures: tuple[Measure, ...], generated: Points, reference: Points) -> dict[str, Warped]:
    """DTW-PA-JPE of one clip by measure: ``total`` is metres summed along the path."""
    costs = [pa_jpe_cost(measure, generated, reference) for measure in measures]
    return _warped(measures, costs)


def average(values: Mapping[str, float]) -> float:
    """The paper's "Avg": the mean over joints, 12 of the body and 42 of the hands."""
    joints = {measure.name: len(measure.joints) for measure in MEASURES}
    return sum(values[name] * n for name, n in joints.items()) / sum(joints.values())


def hand(values: Mapping[str, float]) -> float:
    """The paper's "Hand": the mean of left and right."""
    return sum(values[f"{side}_hand"] for side in HANDS) / len(HANDS)


def _warped(measures: tuple[Measure, ...], costs: list[Array]) -> dict[str, Warped]:
    names = (measure.name for measure in measures)
    return dict(zip(names, dtw_many(np.stack(costs)), strict=True))


def _moved(measure: Measure, points: Array) -> Array:
    picked = points[:, measure.joints]
    return picked if measure.origin is None else picked - points[:, [measure.origin]]


def _centred(points: Array) -> Array:
    return points - points.mean(1, keepdims=True)
