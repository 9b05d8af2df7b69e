"""A hand whose palm the arm cannot give turns about what touches, and the wrist makes way."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sign_models.hamnosys.arm.posture import hand_rotation, rest_posture
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.hand.handshapes import finger_pose
from sign_models.hamnosys.hand.parts import hand_skin
from sign_models.hamnosys.mending.in_touch import EASY_WAY, MORE_WAY, in_touch
from sign_models.hamnosys.sign import Handshape
from sign_models.hamnosys.surface.sites import surface
from sign_models.hamnosys.track import Track

Array = NDArray[np.float64]

FIGURE = load_figure()
REST = rest_posture(FIGURE)
SKIN = hand_skin(FIGURE, "right")
POINTING = np.array(finger_pose(Handshape("finger2"), "right"))
TIP = SKIN.posed(POINTING)[SKIN.parts["index tip"]].mean(0)


def pointing_at(place: Array, fingers: tuple[float, float, float], palm: tuple[float, float, float]) -> Track:
    """Nine frames of a right index finger with its tip at a place."""
    turn = hand_rotation("right", np.array(fingers), np.array(palm))
    many = {name: np.repeat(getattr(REST, name), 9, 0) for name in ("wrists", "palms", "fingers")}
    many["palms"][:, 1], many["fingers"][:, 1] = turn, POINTING
    many["wrists"][:, 1] = place - turn @ TIP
    return Track(**many, shrug=np.zeros((9, 2)), head=np.zeros((9, 3)), face=np.zeros((9, 52)))


def tip_of(track: Track, palms: Array) -> Array:
    return track.wrists[:, 1] + palms[:, 1] @ TIP


def chest() -> Array:
    spot = surface(FIGURE).cast(np.array([-0.05, 0.42, 0.6]), np.array([0.0, 0.0, -1.0]))
    assert spot is not None
    return spot.point + 0.004 * spot.normal


BENT = ((0.0, 0.3, -1.0), (0.0, 1.0, 0.3))
"""A finger at one's own chest, palm up: more than a wrist can do."""


def test_a_fingertip_stays_where_it_touches() -> None:
    place = chest()
    made = pointing_at(place, *BENT)
    _, plain = solve(made, FIGURE)
    assert np.degrees(plain.relaxed[:, 1]).min() > 15
    off = np.linalg.norm(tip_of(made, plain.palms) - place, axis=-1)
    kept = in_touch(made, FIGURE)
    _, after = solve(kept, FIGURE)
    assert np.linalg.norm(tip_of(kept, after.palms) - place, axis=-1).max() < 0.4 * off.min()


def test_a_hand_in_the_air_keeps_its_wrist() -> None:
    made = pointing_at(chest() + np.array([-0.1, 0.0, 0.3]), *BENT)
    kept = in_touch(made, FIGURE)
    assert np.allclose(kept.wrists, made.wrists, atol=1e-6)
    assert np.abs(kept.palms - made.palms).max() > 0.1


def test_an_easy_palm_changes_nothing() -> None:
    assert in_touch(REST, FIGURE) is REST


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_no_wrist_is_sent_far_away(share: float) -> None:
    made = pointing_at(chest(), (0.0, share, -1.0), (0.0, 1.0, share))
    way = np.linalg.norm(in_touch(made, FIGURE).wrists - made.wrists, axis=-1)
    assert 0 < way.max() <= EASY_WAY + MORE_WAY
