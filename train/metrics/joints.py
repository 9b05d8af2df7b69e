"""Joint position errors between frames, plain and after a similarity Procrustes fit (soke.md section 5.1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sign_models.skeleton import INDEX
from train.metrics.dtw import Warped, dtw

Array = NDArray[np.float64]

# SMPL-X output joints past the 55: vertices picked by smplx, in its order
_NOSE, _RIGHT_EYE, _LEFT_EYE, _RIGHT_EAR, _LEFT_EAR = range(55, 60)
_LEFT_TIPS, _RIGHT_TIPS = range(66, 71), range(71, 76)
"""Thumb, index, middle, ring, pinky."""

_HAND_ORDER = ("thumb", "index", "middle", "ring", "pinky")


def _hand(side: str, tips: range) -> tuple[int, ...]:
    fingers = (
        (*(INDEX[f"{side}_{finger}{k}"] for k in (1, 2, 3)), tip) for finger, tip in zip(_HAND_ORDER, tips, strict=True)
    )
    return (INDEX[f"{side}_wrist"], *(joint for finger in fingers for joint in finger))


@dataclass(frozen=True)
class Measure:
    """Which joints are measured, which are fitted by Procrustes (None: all), and which joint is the origin of JPE."""

    name: str
    joints: tuple[int, ...]
    fitted: tuple[int, ...] | None
    origin: int


_BODY_JOINTS = (INDEX["neck"], *(INDEX[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist")
                                 for side in ("left", "right")),
                _LEFT_EAR, _RIGHT_EAR, _LEFT_EYE, _RIGHT_EYE, _NOSE)  # fmt: skip

MEASURES: tuple[Measure, ...] = (
    Measure("body", _BODY_JOINTS, None, INDEX["pelvis"]),
    *(
        Measure(f"{side}_hand", joints, joints, INDEX[f"{side}_wrist"])
        for side, joints in (("left", _hand("left", _LEFT_TIPS)), ("right", _hand("right", _RIGHT_TIPS)))
    ),
)
"""Rows of the evaluation: 12 body joints, 21 joints a hand."""


def jpe_cost(measure: Measure, generated: Array, reference: Array) -> Array:
    """(n, j, 3) and (m, j, 3) metres -> (n, m) mean distance of the measured joints, both moved to the origin joint."""
    moved = [x[:, measure.joints] - x[:, [measure.origin]] for x in (generated, reference)]
    difference = moved[0][:, None] - moved[1][None]
    return np.asarray(np.linalg.norm(difference, axis=-1).mean(-1))


def pa_jpe_cost(measure: Measure, generated: Array, reference: Array) -> Array:
    """As ``jpe_cost`` after the best rotation, shift and scale of each generated frame onto each reference frame."""
    fitted = slice(None) if measure.fitted is None else list(measure.fitted)
    x, y = generated[:, fitted], reference[:, fitted]
    x_mean, y_mean = x.mean(1, keepdims=True), y.mean(1, keepdims=True)
    x0, y0 = x - x_mean, y - y_mean
    u, s, vt = np.linalg.svd(np.einsum("njc,mjd->nmcd", x0, y0))
    sign = np.sign(np.linalg.det(u @ vt))
    s[..., 2] *= sign
    vt[..., 2, :] *= sign[..., None]
    rotation = u @ vt  # (n, m, 3, 3), acting on row vectors
    scale = s.sum(-1) / np.square(x0).sum((1, 2))[:, None]
    joints = list(measure.joints)
    aligned = np.einsum("njc,nmcd->nmjd", generated[:, joints] - x_mean, rotation) * scale[..., None, None]
    return np.asarray(np.linalg.norm(aligned - (reference[:, joints] - y_mean)[None], axis=-1).mean(-1))


def dtw_jpe(measure: Measure, generated: Array, reference: Array) -> Warped:
    """DTW-JPE of one clip: metres summed along the path."""
    return dtw(jpe_cost(measure, generated, reference))


def dtw_pa_jpe(measure: Measure, generated: Array, reference: Array) -> Warped:
    """DTW-PA-JPE of one clip: metres summed along the path."""
    return dtw(pa_jpe_cost(measure, generated, reference))


def average(values: dict[str, float]) -> float:
    """The paper's "Avg": the mean over joints, 12 of the body and 42 of the hands."""
    joints = {measure.name: len(measure.joints) for measure in MEASURES}
    return sum(values[name] * n for name, n in joints.items()) / sum(joints.values())
