"""Orientation, movement and whole signs: what the notation says is what the hands do."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from sign_models.errors import SignError
from sign_models.face import FACE_ACTIONS, FACE_INDEX
from sign_models.hamnosys.arm.posture import hand_rotation, rest_posture
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import MIRROR, load_figure
from sign_models.hamnosys.hand.orientation import direction, finger_axis, palm_axis, palm_normal, thumb_axis
from sign_models.hamnosys.measuring.examine import examine
from sign_models.hamnosys.reading import nonmanual
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.sign import Circle, Straight
from sign_models.hamnosys.signing.face_curves import express
from sign_models.hamnosys.signing.movement import LENGTHS, U, effect, progress
from sign_models.hamnosys.signing.placement import HandState, skin_points
from sign_models.hamnosys.signing.signer import Signer
from sign_models.hamnosys.surface.sites import surface
from sign_models.hamnosys.synthesizer import explain, mirror, synthesize, track
from sign_models.types import FPS

FIGURE = load_figure()
LEFT, RIGHT = 0, 1
KNOWN = {
    one["gloss"]: one["hamnosys"]
    for one in tomllib.loads((Path(__file__).parent / "known_signs.toml").read_text("utf-8"))["sign"]
}


# --- the palm rule, on signs whose look is known -------------------------------------------------------------------

PALMS = [
    ("u", "d", (0, 0, 1)),  # STOP, letters: palm away
    ("u", "u", (0, 0, -1)),  # HAND, five fingers shown to oneself
    ("u", "l", (1, 0, 0)),
    ("u", "r", (-1, 0, 0)),
    ("l", "l", (0, 0, -1)),  # hand laid on the chest
    ("l", "r", (0, 0, 1)),
    ("r", "r", (0, 0, -1)),  # the left hand on the chest
    ("l", "u", (0, 1, 0)),
    ("l", "d", (0, -1, 0)),
    ("d", "u", (0, 0, 1)),
    ("d", "d", (0, 0, -1)),
    ("o", "u", (0, 1, 0)),
    ("o", "l", (1, 0, 0)),
    ("ul", "dr", (0, 0, 1)),  # GAS: nail on the nose
    ("ul", "ul", (0, 0, -1)),
    ("ul", "dl", (1, -1, 0)),  # HOUSE: the slope of the roof
    ("ur", "ul", (1, 1, 0)),  # MUSIC
    ("ol", "l", (1, 0, -1)),
    ("il", "r", (-1, 0, -1)),  # I: index on the chest
    ("i", "r", (-1, 0, 0)),
    ("ui", "u", (0, -1, -1)),  # fingertips to the mouth
    ("ui", "d", (0, 1, 1)),
    ("ir", "l", (1, 0, -1)),
    ("i", "u", (0, 1, 0)),
    ("uo", "d", (0, -1, 1)),
    ("do", "d", (0, -1, -1)),
]


@pytest.mark.parametrize(("finger", "palm", "faces"), PALMS)
def test_palm_rule(finger, palm, faces):
    wanted = np.array(faces) / np.linalg.norm(faces)
    assert palm_normal((finger,), (palm,)) @ wanted > 0.999


def test_between_is_halfway():
    assert direction(("u", "uo")) @ direction(("u",)) == pytest.approx(np.cos(np.radians(22.5)))
    assert palm_normal(("u",), ("d", "dl")) @ np.array([0, 0, 1]) == pytest.approx(np.cos(np.radians(22.5)))


@pytest.mark.parametrize("side", ["left", "right"])
def test_hand_rotation_shows_fingers_palm_and_thumb(side):
    rotation = hand_rotation(side, np.array([0.0, 1, 0]), np.array([0.0, 0, 1]))
    assert np.allclose(finger_axis(rotation, side), [0, 1, 0])
    assert np.allclose(palm_axis(rotation, side), [0, 0, 1])
    # Palm away, fingers up: the thumbs of both hands point to the middle.
    assert np.allclose(thumb_axis(rotation, side), [1 if side == "right" else -1, 0, 0])


# --- movements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["u", "dl", "o", "il", "uo"])
@pytest.mark.parametrize("size", [None, "small", "large"])
def test_straight_goes_that_way_that_far(name, size):
    shift = effect(Straight(directions=(name,), size=size), "right", np.ones(3)).shift
    assert np.allclose(shift[-1], direction((name,)) * LENGTHS[size])


def test_arc_bulges_to_its_side():
    shift = effect(Straight(directions=("r",), curve="u"), "right", np.ones(3)).shift
    middle = shift[len(shift) // 2]
    assert middle[1] > 0.03
    assert abs(shift[-1][1]) < 1e-9


SENSES = [
    ("o", (0, 0, 1)), ("i", (0, 0, -1)), ("l", (1, 0, 0)), ("r", (-1, 0, 0)), ("u", (0, 1, 0)), ("d", (0, -1, 0)),
    ("ol", (1, 0, 1)), ("ui", (0, 1, -1)),
]  # fmt: skip


@pytest.mark.parametrize(("axis", "along"), SENSES)
def test_circle_closes_and_turns_clockwise_along_its_axis(axis, along):
    shift = effect(Circle(axis=(axis,)), "right", np.ones(3)).shift
    assert np.linalg.norm(shift[-1] - shift[0]) < 1e-9
    points = shift - (shift[:-1].mean(0))
    turning = np.cross(points[:-1], points[1:]).sum(0)
    assert turning @ (np.array(along) / np.linalg.norm(along)) / np.linalg.norm(turning) > 0.99


def test_clock_positions_are_as_the_signer_sees_them():
    quarter = effect(Circle(axis=("o",), clock=("u", "r")), "right", np.ones(3)).shift
    # From the top to the signer's right: right is -x, and down.
    assert quarter[-1][0] < -0.05
    assert quarter[-1][1] < -0.05
    assert np.linalg.norm(np.diff(quarter, axis=0), axis=1).sum() < 0.13


def test_progress_starts_and_stops_at_rest():
    for manner, cruising in [((), False), (("halt",), False), ((), True), (("decreasing",), True)]:
        way = progress(U, manner, cruising)
        assert way[0] == pytest.approx(0)
        assert way[-1] == pytest.approx(1)
        assert (np.diff(way) > -1e-9).all()
        assert np.diff(way)[-1] < 0.01


# --- whole signs ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tracks():
    return {gloss: track(text, FIGURE) for gloss, text in KNOWN.items()}


@pytest.mark.parametrize("gloss", KNOWN)
def test_known_sign_is_smooth_short_and_stays_outside(tracks, gloss):
    made = tracks[gloss]
    assert 0.35 <= len(made) / FPS <= 2.2
    speed = np.diff(made.wrists, axis=0) * FPS
    assert np.linalg.norm(speed, axis=-1).max() < 2.5
    assert np.linalg.norm(np.diff(speed, axis=0), axis=-1).max() * FPS < 45
    assert np.abs(np.diff(made.fingers, axis=0)).max() < 0.5
    turn = np.einsum("thab,thac->thbc", made.palms[:-1], made.palms[1:])
    assert np.degrees(np.arccos(np.clip((np.trace(turn, axis1=-2, axis2=-1) - 1) / 2, -1, 1))).max() < 25
    for i in range(0, len(made), 4):
        state = HandState(made.wrists[i, RIGHT], made.palms[i, RIGHT], made.fingers[i, RIGHT])
        assert surface(FIGURE).distance(skin_points(FIGURE, "right", state)).min() > -0.006


def test_arms_reach_the_known_signs(tracks):
    missed = {gloss: float(solve(made, FIGURE)[1].missed.max()) for gloss, made in tracks.items()}
    assert max(missed.values()) < 0.02, missed


def test_the_other_hand_of_a_one_handed_sign_is_at_rest(tracks):
    rest = rest_posture(FIGURE)
    assert np.allclose(tracks["HELLO"].wrists[:, LEFT], rest.wrists[0, LEFT])


@pytest.mark.parametrize("gloss", ["HOUSE", "RAIN", "BOOK", "MORE"])
def test_mirrored_signs_are_mirror_images(tracks, gloss):
    made, image = tracks[gloss], mirror(tracks[gloss])
    assert np.abs(made.wrists - image.wrists).max() < 0.012
    assert np.abs(made.palms - image.palms).max() < 0.02


def test_parallel_hands_go_the_same_way():
    made = track("hamsymmpar hamflathand hamextfingero hampalmd hamchest hammovel", FIGURE)
    ways = made.wrists[-1] - made.wrists[0]
    assert np.allclose(ways[LEFT], ways[RIGHT], atol=0.005)
    assert ways[RIGHT][0] > 0.1


def test_alternating_circles_are_half_a_turn_apart():
    made = track("hamsymmlr hamalternatingmotion hamfinger2 hamextfingerol hampalmd hamchest hamcirclel", FIGURE)
    up = made.wrists[:, :, 1] - made.wrists[:, :, 1].mean(0)
    assert np.corrcoef(up[:, LEFT], up[:, RIGHT])[0, 1] < -0.8


def test_alternating_strokes_go_against_each_other():
    made = track(
        "hamsymmlr hamalternatingmotion hamfist hamextfingero hampalmd hamchest hammoved hamrepeatfromstart", FIGURE
    )
    up = made.wrists[:, :, 1] - made.wrists[:, :, 1].mean(0)
    assert np.corrcoef(up[:, LEFT], up[:, RIGHT])[0, 1] < -0.5


@pytest.mark.parametrize(("mark", "strokes"), [
    ("", 1), ("hamrepeatfromstart", 2), ("hamrepeatfromstartseveral", 3), ("hamrepeatfromstart hamrepeatfromstart", 3),
])  # fmt: skip
def test_repeats_are_counted(mark, strokes):
    made = track(f"hamflathand hamextfingeru hampalmd hamshoulders hamlrat hammoved {mark}", FIGURE)
    falling = np.diff(made.wrists[:, RIGHT, 1]) < -0.004
    assert (np.diff(falling.astype(int)) == 1).sum() == strokes


def test_repeating_onward_goes_on_and_reversing_comes_back():
    onward = track("hamflathand hamextfingeru hampalmd hamshoulders hammoved hamsmallmod hamrepeatcontinue", FIGURE)
    assert onward.wrists[0, RIGHT, 1] - onward.wrists[-1, RIGHT, 1] == pytest.approx(2 * LENGTHS["small"], abs=0.01)
    back = track("hamflathand hamextfingeru hampalmd hamshoulders hammoved hamrepeatreverse", FIGURE)
    assert np.allclose(back.wrists[0, RIGHT], back.wrists[-1, RIGHT], atol=1e-6)


def test_a_repeated_circle_goes_on_without_stopping():
    made = track("hamflathand hamextfingeru hampalmd hamshoulders hamcircleo hamrepeatfromstart", FIGURE)
    x, y = (made.wrists[:, RIGHT, :2] - made.wrists[:, RIGHT, :2].mean(0)).T
    turned = np.unwrap(np.arctan2(y, x))
    assert abs(turned[-1] - turned[0]) == pytest.approx(4 * np.pi, abs=0.6)
    speed = np.linalg.norm(np.diff(made.wrists[:, RIGHT], axis=0), axis=1)
    middle = speed[len(speed) // 4 : -len(speed) // 4]
    assert middle.min() > 0.5 * middle.max()


def test_a_circle_on_the_chest_stays_in_touch():
    made = track(KNOWN["PLEASE"], FIGURE)
    for i in range(0, len(made), 4):
        state = HandState(made.wrists[i, RIGHT], made.palms[i, RIGHT], made.fingers[i, RIGHT])
        assert -0.006 < surface(FIGURE).distance(skin_points(FIGURE, "right", state)).min() < 0.012


def test_speed_marks_change_the_time():
    base = "hamflathand hamextfingeru hampalmd hamshoulders hammoved hamlargemod"
    lengths = [len(track(f"{base} {mark}", FIGURE)) for mark in ("hamfast", "", "hamslow")]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[1] < lengths[2]


def test_a_change_on_the_way_arrives():
    made = track(KNOWN["THANK-YOU"], FIGURE)
    assert palm_axis(made.palms[0, RIGHT], "right")[2] < -0.5
    assert palm_axis(made.palms[-1, RIGHT], "right")[1] > 0.5


def test_a_target_is_reached():
    made = track("hamflathand hamextfingerl hampalmd hamforehead hammoved hamstomach", FIGURE)
    assert made.wrists[-1, RIGHT, 1] < made.wrists[0, RIGHT, 1] - 0.4


def test_hands_clap():
    made = track(KNOWN["SCHOOL"], FIGURE)
    right, left = (
        [skin_points(FIGURE, side, HandState(made.wrists[i, h], made.palms[i, h], made.fingers[i, h])) for i in (0, -1)]
        for side, h in (("right", RIGHT), ("left", LEFT))
    )
    gaps = [np.linalg.norm(r[:, None] - lft[None], axis=-1).min() for r, lft in zip(right, left, strict=True)]
    assert gaps[0] > 0.04
    assert gaps[1] < 0.012


def test_one_hand_may_do_something_else():
    made = track(
        "hamsymmlr hamfist hamextfingero hampalmd hamchest hamparbegin hammoveu hamplus hammoved hamparend", FIGURE
    )
    way = made.wrists[-1] - made.wrists[0]
    assert way[RIGHT][1] > 0.1
    assert way[LEFT][1] < -0.1


def test_a_left_handed_signer_is_the_mirror_image():
    right, left = track(KNOWN["HELLO"], FIGURE), track(KNOWN["HELLO"], FIGURE, dominant="left")
    assert np.allclose(left.wrists[:, LEFT], right.wrists[:, RIGHT] * MIRROR)
    with pytest.raises(SignError, match="both"):
        track(KNOWN["HELLO"], FIGURE, dominant="both")


def test_fingerplay_and_wrist_movements_move_fingers_and_wrist():
    played = track("hamfinger2345 hamextfingero hampalmd hamchest hamfingerplay", FIGURE)
    assert np.ptp(played.fingers[:, RIGHT], axis=0).max() > 0.25
    nodded = track(KNOWN["YES"], FIGURE)
    up = finger_axis(nodded.palms[:, RIGHT], "right")[:, 1]
    assert np.ptp(up) > 0.35


def test_unreadable_text_is_refused():
    with pytest.raises(SignError, match="hamnonsense"):
        track("hamflathand hamnonsense", FIGURE)


def test_what_is_not_done_as_written_is_said():
    assert explain(KNOWN["HELLO"], FIGURE).notes == ()
    assert explain("hamfist hamextfingeru hampalmd hamneutralspace hammovel hamtouch", FIGURE).notes


def test_synthesize_gives_poses():
    motion = synthesize(KNOWN["HELLO"], FIGURE, nonmanual="eyebrows:RB head:NO")
    assert motion.features.shape == (len(track(KNOWN["HELLO"], FIGURE)), 133)
    assert motion.face is not None
    assert motion.face[:, FACE_INDEX["browInnerUp"]].max() > 0.5


# --- face and head -------------------------------------------------------------------------------------------------


def test_every_code_shows_or_says_why_not():
    plain = {"AD"}  # looking at the addressee is how one looks anyway
    for tier, codes in nonmanual.TIERS.items():
        for code in codes:
            shrug, head, face, notes = express((nonmanual.feature(tier, code),), 25)
            moved = max(np.abs(shrug).max(), np.abs(head).max(), np.abs(face).max())
            assert moved > 0.04 or notes or code in plain, (tier, code)


def test_head_shakes_and_nods():
    _, shake, _, _ = express(nonmanual.parse_nonmanual("head:SH"), 30)
    assert shake[:, 1].max() > 0.15
    assert shake[:, 1].min() < -0.15
    _, nod, _, _ = express(nonmanual.parse_nonmanual("head:NO"), 30)
    assert nod[:, 0].max() > 0.15
    assert np.abs(nod[:, 1:]).max() == 0


def test_features_of_a_tier_follow_each_other():
    _, _, face, _ = express(nonmanual.parse_nonmanual("eyebrows:RB eyebrows:FU"), 40)
    raised, lowered = face[:, FACE_INDEX["browInnerUp"]], face[:, FACE_INDEX["browDownLeft"]]
    assert raised[:20].max() > 0.5 > raised[25:].max()
    assert lowered[20:].max() > 0.5 > lowered[:15].max()


def test_mouthing_opens_and_closes():
    _, _, face, _ = express(nonmanual.parse_nonmanual("mouthing:mama"), 40)
    jaw = face[:, FACE_INDEX["jawOpen"]]
    assert ((jaw[1:-1] > jaw[:-2]) & (jaw[1:-1] >= jaw[2:]) & (jaw[1:-1] > 0.4)).sum() == 2


def test_mirroring_twice_gives_the_same():
    sign = synthesized = track(KNOWN["THANK-YOU"], FIGURE)
    twice = mirror(mirror(synthesized))
    assert np.allclose(twice.wrists, sign.wrists)
    assert np.allclose(twice.face, sign.face)
    assert sign.face.shape[1] == len(FACE_ACTIONS)


def test_a_sign_without_movement_is_held():
    made = track(KNOWN["I"], FIGURE)
    assert np.ptp(made.wrists[:, RIGHT], axis=0).max() < 1e-9


def test_hands_with_places_of_their_own_lie_right_on_them():
    made = examine(
        "hamparbegin hamfinger2 hamthumboutmod hamplus hamflathand hamparend "
        "hamparbegin hamextfingerul hampalml hamplus hamextfingerr hampalmu hamparend "
        "hamparbegin hamseqbegin hamthumb hamfingertip hamseqend hamchin hamtouch "
        "hamplus hamstomach hamtouch hamparend hammoved",
        FIGURE,
    )
    assert len(made.contacts) == 2
    assert max(contact.metres for contact in made.contacts) < 0.01


def test_two_hands_on_one_place_lie_on_it_side_by_side():
    signer = Signer(FIGURE)
    signer.start(parse("hamsymmpar hamflathand hamextfingerul hampalmdl hamchest hamtouch"))
    for side, state in signer.hands.items():
        assert 0 <= surface(FIGURE).distance(skin_points(FIGURE, side, state)).min() < 0.004, side


@pytest.mark.parametrize(
    "text",
    [
        "hamsymmlr hamflathand hamextfingeru hampalml hamseqbegin hamnondominant hampalm hamseqend hamtouch hammoveo",
        "hamparbegin hamfinger2 hamplus hamflathand hamparend "
        "hamparbegin hamextfingerd hampalml hamplus hamextfingero hampalmu hamparend "
        "hamparbegin hamfingertip hamindexfinger hamplus hampalm hamparend hamtouch hamchest "
        "hammoveo hampalm hambrushing",
    ],
)
def test_a_part_of_the_other_hand_may_stand_where_a_place_does(text):
    made = examine(text, FIGURE)
    assert made.synthesized, made.error
    assert made.contacts
