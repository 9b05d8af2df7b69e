"""The figures of one clip against its reference, by the name of the measure and then by part."""

from collections.abc import Callable
from dataclasses import dataclass

from sign_models.measure import joints
from sign_models.measure.dtw import Warped
from sign_models.measure.joints import Measure, Points

PER_STEP = " per step"
"""After the name of a measure: divided by the length of the path, so that long and short clips can be compared."""

AVERAGE, HAND = "average", "hand"

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Distance:
    """whole: all parts are measured, so that there is an average."""

    warp: Callable[[tuple[Measure, ...], Points, Points], dict[str, Warped]]
    measures: tuple[Measure, ...]
    whole: bool = True


DISTANCES = {
    "DTW-PA-JPE": Distance(joints.dtw_pa_jpe, joints.MEASURES),
    "DTW-JPE": Distance(joints.dtw_jpe, joints.MEASURES),
    "DTW-JPE in space": Distance(joints.dtw_jpe, joints.IN_SPACE, whole=False),
}
"""In metres. The last one does not move the wrists onto each other: it sees a hand in the wrong place."""


def distances(made: Points, wanted: Points) -> Figures:
    """Every distance as published (summed along the path) and per step of the path."""
    figures: Figures = {}
    for name, distance in DISTANCES.items():
        warped = distance.warp(distance.measures, made, wanted)
        figures[name] = _with_means({part: row.total for part, row in warped.items()}, distance)
        figures[name + PER_STEP] = _with_means({part: row.mean for part, row in warped.items()}, distance)
    return figures


def likeness(made: Points, wanted: Points) -> float:
    """One number for how far two clips are apart: average DTW-JPE per step, metres."""
    warped = joints.dtw_jpe(joints.MEASURES, made, wanted)
    return joints.average({part: row.mean for part, row in warped.items()})


def _with_means(values: dict[str, float], distance: Distance) -> dict[str, float]:
    average = {AVERAGE: joints.average(values)} if distance.whole else {}
    return values | {HAND: joints.hand(values)} | average
