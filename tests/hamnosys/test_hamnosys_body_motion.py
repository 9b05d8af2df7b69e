"""Shoulders, head and face that the notation moves like hands do move; what cannot be shown is told."""

import numpy as np
import pytest

from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.signing.body_motion import body_features
from sign_models.hamnosys.synthesizer import explain

HAND = "hamflathand hamextfingero hampalmu"


@pytest.mark.parametrize(
    ("motion", "told"),
    [
        ("hamshoulders hammoveu", ["shoulder:UB"]),
        ("hamshouldertop hamlrat hammoveu", ["shoulder:UR"]),
        ("hamlrat hamshoulders hammoveo", ["shoulder:HL"]),
        ("hamshoulders hammoveu hamrepeatfromstart", ["shoulder:SB"]),
        ("hamhead hamnodding", ["head:NO"]),
        ("hamhead hammovel", ["head:SL"]),
        ("hamhead hammovel hamrepeatreverse", ["head:SH"]),
        ("hamhead hammoveur", ["head:TR"]),
        ("hamlrat hameyebrows hammoveu", ["eyebrows:RL"]),
        ("hamstomach hammoveo", []),
    ],
)
def test_what_moves_is_told_as_a_feature(motion: str, told: list[str]) -> None:
    found = body_features(parse(f"{HAND} hamparbegin {motion} hamparend"))
    assert [f"{feature.tier}:{feature.code}" for feature in found] == told


def test_a_raised_shoulder_goes_up_and_a_trunk_is_noted() -> None:
    figure = load_figure()
    raised = explain(f"{HAND} hamparbegin hamshouldertop hamlrat hammoveu hamparend", figure)
    assert not raised.notes
    assert raised.track.shrug[:, 1].max() > 0.5
    assert np.allclose(raised.track.shrug[:, 0], 0)
    trunk = explain(f"{HAND} hamparbegin hamstomach hammoveo hamparend", figure)
    assert any("held still" in note for note in trunk.notes)
