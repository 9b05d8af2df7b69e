"""The measures of a sign: each told apart from a motion in which it is wrong on purpose."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sign_models.body.body import load
from sign_models.face import FACE_ACTIONS, FACE_INDEX
from sign_models.hamnosys import parse, synthesize
from sign_models.hamnosys.arm.posture import ready_posture, rest_posture
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import Figure, load_figure
from sign_models.hamnosys.measuring.asked import Asked, asked
from sign_models.hamnosys.measuring.examine import CONTACT, examine, measure
from sign_models.hamnosys.measuring.touching import contact
from sign_models.hamnosys.sign import Site
from sign_models.hamnosys.surface.limb_mesh import inside, limb_mesh
from sign_models.hamnosys.surface.posed import posed
from sign_models.hamnosys.surface.sites import place
from sign_models.hamnosys.track import Track
from sign_models.parts import HAND_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.skeleton import INDEX, UPPER_BODY
from sign_models.types import Motion

Array = NDArray[np.float64]

TAP_CHEST = "hamflathand hamthumboutmod hamextfingerl hampalml hamchest hamtouch"
PALM_ON_PALM = (
    "hamparbegin hamflathand hamplus hamflathand hamparend hamparbegin hamextfingerol hampalmd hamplus hamextfingeror"
    " hampalmu hamparend hamparbegin hampalm hamplus hampalm hamparend hamtouch hamchest"
)


@pytest.fixture(scope="module")
def figure() -> Figure:
    return load_figure()


def still(figure: Figure, wrists: Array, frames: int = 4) -> Motion:
    """Hands as they wait, held at wrists (2, 3)."""
    ready = ready_posture(figure)
    many = {name: np.repeat(getattr(ready, name), frames, 0) for name in ("palms", "fingers", "shrug", "head", "face")}
    motion, _ = solve(Track(wrists=np.repeat(wrists[None], frames, 0), **many), figure)
    return motion


def joint(motion: Motion, name: str, turn: tuple[float, float, float]) -> Motion:
    """The motion with one joint of the upper body set, in degrees about its axes."""
    features = motion.features.clone()
    first = UPPER_BODY_COLUMNS.start + 3 * UPPER_BODY.index(name)
    features[:, first : first + 3] = torch.deg2rad(torch.tensor(turn))
    return replace(motion, features=features)


def test_the_measured_skin_is_the_skin_that_is_shown(figure: Figure) -> None:
    motion = synthesize(TAP_CHEST, figure)
    shown = load().pose(motion).vertices.numpy()
    mesh, body = limb_mesh(figure, "right"), posed(motion, figure)
    mine = body.move(figure.vertices[mesh.vertices], mesh.vertex_weights)
    np.testing.assert_allclose(mine, shown[:, mesh.vertices], atol=1e-5)


def test_the_way_back_to_rest_undoes_a_turned_head_and_an_open_jaw(figure: Figure) -> None:
    motion = joint(synthesize(TAP_CHEST, figure), "head", (10.0, -20.0, 8.0))
    face = torch.zeros(len(motion), len(FACE_ACTIONS))
    face[:, FACE_INDEX["jawOpen"]] = 0.7
    body = posed(replace(motion, face=face), figure)
    for area in ("forehead", "chin", "cheek", "chest", "ear"):
        spot = place(Site(area=area), figure, "right", True).point
        there = body.on_skin(spot)
        assert area == "chest" or np.linalg.norm(there[1] - spot) > 0.02
        back = body.back_to_rest(there[1:2], np.array([1]))
        assert np.linalg.norm(back[0] - spot) < (0.005 if area == "chin" else 0.001)  # a jaw bends the skin sharply


def test_a_hand_in_the_trunk_is_found_and_a_free_one_is_not(figure: Figure) -> None:
    wrists = ready_posture(figure).wrists[0].copy()
    assert measure(still(figure, wrists), figure).faults() == ()
    chest = place(Site(area="chest"), figure, "right", True).point
    wrists[1] = chest + np.array([-0.06, 0.0, -0.02])
    found = measure(still(figure, wrists), figure)
    assert found.in_body.max() > 0.03
    assert found.in_hand.max() == 0
    assert any("inside head or trunk" in fault for fault in found.faults())


def test_a_hand_in_the_other_is_found_and_one_beside_it_is_not(figure: Figure) -> None:
    wrists = ready_posture(figure).wrists[0] + np.array([0.0, 0.0, 0.15])
    wrists[:, 0] = [0.14, -0.14]
    assert measure(still(figure, wrists), figure).in_hand.max() == 0
    wrists[:, 0] = [0.035, -0.035]
    found = measure(still(figure, wrists), figure)
    assert found.in_hand.max() > 0.012
    assert any("inside the other hand" in fault for fault in found.faults())


def test_inside_is_told_by_the_whole_mesh(figure: Figure) -> None:
    motion = still(figure, ready_posture(figure).wrists[0])
    body, mesh = posed(motion, figure), limb_mesh(figure, "left")
    knuckle = body.places[0, INDEX["left_middle1"]]
    middle = (knuckle + body.wrists[0, 0]) / 2
    points = np.stack([middle, middle + body.palms[0, 0] @ [0.0, 0.05, 0.0]])
    assert inside(mesh, body, 0, points).tolist() == [True, False]


@pytest.mark.parametrize(
    ("name", "turn", "told"),
    [
        ("left_elbow", (0.0, -165.0, 0.0), "elbow"),
        ("right_elbow", (0.0, -40.0, 0.0), "elbow"),
        ("right_elbow", (0.0, 40.0, 30.0), "elbow sideways"),
        ("right_wrist", (0.0, 0.0, 90.0), "wrist flexion"),
        ("left_wrist", (0.0, 60.0, 0.0), "wrist deviation"),
        ("left_collar", (0.0, 0.0, 60.0), "collar lift"),
        ("head", (0.0, 95.0, 0.0), "head yaw"),
    ],
)
def test_a_joint_beyond_its_range_is_named(
    figure: Figure, name: str, turn: tuple[float, float, float], told: str
) -> None:
    motion = still(figure, ready_posture(figure).wrists[0])
    assert measure(motion, figure).within_limits
    bent = measure(joint(motion, name, turn), figure)
    assert not bent.within_limits
    assert bent.worst_joint == told


def test_a_finger_bent_backwards_is_beyond_its_range(figure: Figure) -> None:
    motion = still(figure, rest_posture(figure).wrists[0])
    features = motion.features.clone()
    features[2, HAND_COLUMNS[0].start + 2] = 1.2
    found = measure(replace(motion, features=features), figure)
    assert found.worst_joint == "fingers"
    assert found.beyond.argmax() == 2


def test_a_jump_is_found(figure: Figure) -> None:
    wrists = ready_posture(figure).wrists[0]
    there, here = still(figure, wrists + np.array([0.0, 0.25, 0.05])), still(figure, wrists)
    jumping = replace(here, features=torch.cat([here.features, there.features]), face=None)
    found = measure(jumping, figure)
    assert measure(here, figure).smooth
    assert not found.smooth
    assert found.wrist_speed.argmax() // 2 == len(here) - 1
    assert any("m/s" in fault for fault in found.faults())


@pytest.mark.parametrize(
    ("notation", "told"),
    [
        (TAP_CHEST, ["right hand at chest"]),
        ("hamfinger2 hamextfingeru hampalml hamindexfinger hamfingertip hamchin hamtouch",
         ["right index tip at chin"]),
        ("hamflathand hamextfingerl hampalmd hamchest hamclose hammoveo", []),
        ("hamflathand hamextfingeru hampalml hamlips hamclose hammovei hamtouch", ["right hand at lips"]),
        (PALM_ON_PALM, ["right palm at left palm"]),
        ("hamsymmlr hamfist hamextfingero hampalml hamchest hammover hamtouch", ["right hand at left hand"]),
    ],
)  # fmt: skip
def test_what_a_transcription_asks_to_touch(notation: str, told: list[str]) -> None:
    assert [str(one) for one in asked(parse(notation))] == told


def test_contacts_are_measured_against_the_place_that_is_named(figure: Figure) -> None:
    body = posed(synthesize(TAP_CHEST, figure), figure)
    (wanted,) = asked(parse(TAP_CHEST))
    made = contact(wanted, body)
    assert made is not None
    assert made.metres < CONTACT
    elsewhere = contact(replace(wanted, sites=(Site(area="forehead"),)), body)
    assert elsewhere is not None
    assert elsewhere.metres > 0.15
    assert contact(replace(wanted, sites=(Site(area="ear", side="left_beside"),)), body) is None
    palms = posed(synthesize(PALM_ON_PALM, figure), figure)
    (wanted,) = asked(parse(PALM_ON_PALM))
    met = contact(wanted, palms)
    apart = contact(Asked("right", (Site(area="handback"),), (Site(area="handback"),), on_body=False), palms)
    assert met is not None
    assert apart is not None
    assert met.metres < CONTACT < apart.metres


def test_examine_tells_what_happened(figure: Figure) -> None:
    good = examine(TAP_CHEST, figure)
    assert good.parsed
    assert good.synthesized
    assert good.sound
    assert good.in_contact
    assert good.faults() == ()
    assert good.seconds > 0
    bad = examine("hamflathand hamnothing", figure)
    assert not bad.parsed
    assert not bad.synthesized
    assert not bad.sound
    assert "hamnothing" in bad.faults()[0]
