"""Tagged places are found again; odd but legal transcriptions become motion; a hand turns with its path if told to."""

import numpy as np
import pytest

from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.hand.orientation import finger_axis
from sign_models.hamnosys.measuring.examine import CONTACT, examine
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.reading.references import resolved
from sign_models.hamnosys.sign import Straight
from sign_models.hamnosys.synthesizer import explain, track

FIGURE = load_figure()
HAND = "hamflathand hamextfingero hampalml"


def test_a_reference_is_the_tagged_place() -> None:
    read = resolved(parse(f"{HAND} hamchin hamcoreftag hammoveo hamchest hammovei hamcorefref hamtouch"))
    back = read.actions[-1]
    assert isinstance(back, Straight)
    assert back.target is not None
    assert [site.area for site in back.target.sites] == ["chin"]
    assert back.target.contacts == ("touch",)
    assert read.initial.dominant.location is not None
    assert read.initial.dominant.location.sites[0].mark is None


def test_a_reference_to_nothing_says_nothing() -> None:
    read = resolved(parse(f"{HAND} hamcorefref hammoved"))
    assert read.initial.dominant.location is not None
    assert read.initial.dominant.location.sites == ()


@pytest.mark.parametrize(
    "notation",
    [
        f"{HAND} hamcorefref hammovedi hamlargemod hamarcl hamrepeatreverse",
        "hamflathand hampinky hambetween hampinky hamextfingeru hampalmdr hamtense",
        "hamfinger2 hamextfingeru hampalmdl hamseqbegin hamlowerarm hamseqend hamear hambrushing",
        "hamfinger2 hamextfingeru hampalml hammiddlefinger hamfingermidjoint hambetween hamchest hamtouch",
    ],
)
def test_odd_but_legal_becomes_motion(notation: str) -> None:
    assert np.isfinite(track(notation, FIGURE).wrists).all()


def test_a_hand_turns_with_its_path_when_told_to() -> None:
    kept = explain(f"{HAND} hammovel hamarcu hamlargemod", FIGURE)
    turned = explain(f"{HAND} hamorirelative hammovel hamarcu hamlargemod", FIGURE)
    assert not turned.notes
    ways = [finger_axis(one.track.palms[[0, -1], 1], "right") for one in (kept, turned)]
    still, along = (float(np.linalg.norm(way[1] - way[0])) for way in ways)
    palms = turned.track.palms[[0, -1], 1]
    assert still < 0.05
    assert along > 0.3 or np.abs(palms[1] - palms[0]).max() > 0.3


def test_an_elbow_gets_to_the_hand_that_it_rests_on() -> None:
    tree = (
        "hamparbegin hamfinger2345 hamthumboutmod hamplus hamflathand hamparend hamparbegin hamextfingeru hampalml"
        " hamplus hamextfingerr hampalmd hamparend hamparbegin hamelbow hamplus hamhandback hamparend hamtouch hamchest"
    )
    (made,) = examine(tree, FIGURE).contacts
    assert made.metres < CONTACT
