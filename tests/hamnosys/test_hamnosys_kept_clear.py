"""What is still inside something when the arms are solved is taken out, smoothly, and nothing else is touched."""

from dataclasses import replace

import numpy as np
import pytest

from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.measuring.examine import DEPTH, Measures, examine, measure
from sign_models.hamnosys.mending.kept_clear import kept_clear
from sign_models.hamnosys.synthesizer import track
from sign_models.hamnosys.track import Track

FIGURE = load_figure()
APART = "hamsymmlr hamflathand hamextfingero hampalml hamchest hamlrat hammoveu hamsmallmod"
AT_CHIN = "hamfinger2 hamextfingeru hampalmu hamchin hamtouch hammoveu hamsmallmod"
CLAP = "hamsymmlr hamfinger2345 hamthumboutmod hamfingerbendmod hamextfingero hampalml hamchest hamlrat hammovel"


def measured(made: Track) -> Measures:
    return measure(solve(made, FIGURE)[0], FIGURE)


def shifted(notation: str, left: tuple[float, float, float], right: tuple[float, float, float]) -> Track:
    made = track(notation, FIGURE)
    ease = np.sin(np.linspace(0, np.pi, len(made)))[:, None, None] ** 2
    return replace(made, wrists=made.wrists + ease * np.array([left, right]))


@pytest.mark.parametrize(
    ("notation", "left", "right", "where"),
    [(AT_CHIN, (0, 0, 0), (0, 0, -0.03), "in_body"), (APART, (-0.105, 0, 0), (0.105, 0, 0), "in_hand")],
)
def test_what_is_too_deep_is_taken_out(notation: str, left: tuple, right: tuple, where: str) -> None:
    made = shifted(notation, left, right)
    assert getattr(measured(made), where).max() > DEPTH
    after = measured(kept_clear(made, FIGURE))
    assert after.depth.max() <= DEPTH
    assert after.wrist_acceleration.max() < 50


def test_a_clear_movement_is_let_be() -> None:
    made = track(APART, FIGURE)
    assert kept_clear(made, FIGURE) is made


def test_palms_that_come_to_each_other_stop_where_they_meet() -> None:
    made = examine(CLAP, FIGURE)
    assert made.measures is not None
    assert made.measures.clear
    wrists = track(CLAP, FIGURE).wrists
    assert wrists[-1, 0, 0] > 0 > wrists[-1, 1, 0]
