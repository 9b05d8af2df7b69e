"""Open contacts are closed: the hand gives way in direction until the written part touches."""

import numpy as np
import pytest

from sign_models.hamnosys import parse
from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.measuring.examine import examine
from sign_models.hamnosys.mending.closing import MOST_SHIFTED, MOST_TURNED, closed
from sign_models.hamnosys.smoothing import to_axis_angle
from sign_models.hamnosys.synthesizer import track

FIGURE = load_figure()

TIPS = "hamsymmlr hamfinger23spread hamthumbacrossmod hamextfingeruo hampalml hamfingertip hamtouch hamchest hammover"
"""Two V hands before the chest, palm to palm, that meet with the fingertips: the folded thumbs are in the way."""
CLASPED = (
    "hamparbegin hamflathand hamfingerbendmod hamplus hamflathand hamfingerbendmod hamparend hamparbegin "
    "hamextfingerol hampalmd hamplus hamextfingeror hampalmu hamparend hamparbegin hampalm hamplus hampalm hamparend "
    "hamclose hamchest hammoved hamsmallmod hamtouch"
)
"""Bent hands that clasp each other: the bent fingers are in the way of the palms."""
POINTED = (
    "hamfinger2 hamthumbacrossmod hamextfingeril hampalmr hamindexfinger hamfingertip hamchest hamlrat hamtouch "
    "hammovel hamarcr hamlrat hamchest hamtouch"
)
"""An index finger at the chest with its thumb's edge down: the folded fingers are in the way."""


@pytest.mark.parametrize("notation", [TIPS, CLASPED, POINTED], ids=["tips", "clasped", "pointed"])
def test_what_is_in_the_way_is_turned_out_of_it(notation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = examine(notation, FIGURE)
    assert made.sound
    assert made.in_contact
    monkeypatch.setattr("sign_models.hamnosys.synthesizer.closed", lambda track, figure, sign: track)
    assert max(contact.metres for contact in examine(notation, FIGURE).contacts) > 0.02


def test_a_hand_gives_way_within_bounds_and_a_closed_contact_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def noted(before, figure, sign):  # type: ignore[no-untyped-def]
        seen.extend([before, closed(before, figure, sign)])
        return seen[-1]

    monkeypatch.setattr("sign_models.hamnosys.synthesizer.closed", noted)
    track(TIPS, FIGURE)
    before, after = seen
    turned = to_axis_angle(np.swapaxes(before.palms, -1, -2) @ after.palms)
    assert 0.1 < np.linalg.norm(turned, axis=-1).max() <= MOST_TURNED + 0.02
    # The wrist goes as far as the hand is shifted, and round the part that touches.
    assert np.linalg.norm(after.wrists - before.wrists, axis=-1).max() <= 2 * MOST_SHIFTED + 0.2 * MOST_TURNED
    one_hand = parse("hamfinger2 hamextfingeru hampalmd hamchest hammoveo")
    assert closed(before, FIGURE, one_hand) is before
