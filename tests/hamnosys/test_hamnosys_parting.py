"""Two hands on their way go past each other, not through."""

import numpy as np

from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.measuring.examine import DEPTH, examine
from sign_models.hamnosys.mending.parting import parted
from sign_models.hamnosys.synthesizer import track

FIGURE = load_figure()
CROSSING = "hamsymmlr hamfinger2345 hamthumboutmod hamextfingeru hampalmu hamnose hamlrat hammovel hamrepeatreverse"


def test_crossing_hands_go_past_each_other():
    made = examine(CROSSING, FIGURE)
    assert made.measures is not None
    assert made.measures.in_hand.max() < DEPTH
    assert made.measures.wrist_acceleration.max() < 50


def test_hands_that_are_apart_are_let_be():
    made = track("hamsymmlr hamflathand hamextfingeru hampalmd hamchest hammovel hamsmallmod", FIGURE)
    far = made.wrists + np.array([[0.15, 0, 0], [-0.15, 0, 0]])
    assert (parted(FIGURE, far, made.palms, made.fingers) == far).all()


def test_only_the_hand_that_moves_makes_way():
    made = track("hamfist hamextfingerl hampalmd hamchest hammovel", FIGURE)
    wrists, palms, fingers = made.wrists.copy(), made.palms.copy(), made.fingers.copy()
    middle = len(wrists) // 2
    # The left hand stands where the right one passes.
    wrists[:, 0] = wrists[middle, 1] + [0.17, 0, 0]
    kept = parted(FIGURE, wrists, palms, fingers)
    assert (kept[:, 0] == wrists[:, 0]).all()
    assert np.linalg.norm(kept[:, 1] - wrists[:, 1], axis=1).max() > 0.01
    assert np.linalg.norm(np.diff(kept[:, 1], n=2, axis=0), axis=1).max() * 25**2 < 60
