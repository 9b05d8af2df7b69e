"""Places lie on the skin of the figure, and hands put there touch it without going in."""

import numpy as np
import pytest

from sign_models.errors import SignError
from sign_models.hamnosys.arm.posture import hand_rotation
from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.hand.handshapes import finger_pose
from sign_models.hamnosys.hand.orientation import direction, palm_normal
from sign_models.hamnosys.sign import HandContact, Handshape, Location, Site
from sign_models.hamnosys.signing.placement import HandState, against_hand, at_location, skin_points
from sign_models.hamnosys.surface.sites import HEAD_AREAS, landmarks, place, surface

FIGURE = load_figure()
SKIN = surface(FIGURE)
FACE_ORDER = (
    "headtop",
    "forehead",
    "eyebrows",
    "eyes",
    "nose",
    "nostrils",
    "lips",
    "chin",
    "neck",
    "shoulders",
    "chest",
    "stomach",
    "belowstomach",
)


def hand(shape: Handshape, finger: str, palm: str, side: str = "right") -> HandState:
    rotation = hand_rotation(side, direction((finger,)), palm_normal((finger,), (palm,)))
    return HandState(np.array([-0.2, 0.4, 0.4]), rotation, finger_pose(shape, side))


FLAT, POINT, FIST = Handshape("flathand", ("out",)), Handshape("finger2", ("across",)), Handshape("fist")


def test_places_follow_each_other_down_the_body():
    heights = [place(Site(area=area), FIGURE, "right", True).point[1] for area in FACE_ORDER]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize(
    "area", ["forehead", "eyes", "cheek", "ear", "earlobe", "lips", "chin", "neck", "chest", "shouldertop"]
)
def test_left_and_right_are_the_signers_and_mirror_each_other(area):
    left = place(Site(area=area, side="left_at"), FIGURE, "right", True)
    right = place(Site(area=area, side="right_at"), FIGURE, "right", True)
    assert left.point[0] > 0.005 > -0.005 > right.point[0]
    assert np.abs(left.point * [-1, 1, 1] - right.point).max() < 0.01


@pytest.mark.parametrize("area", ["headtop", "forehead", "nose", "lips", "chin", "neck", "chest", "stomach", "ear"])
def test_places_lie_on_the_skin_and_look_outward(area):
    spot = place(Site(area=area), FIGURE, "right", True)
    assert abs(SKIN.distance(spot.point)) < 0.004
    assert SKIN.distance(spot.point + 0.03 * spot.normal) > 0.015


def test_pairs_without_a_side_are_on_the_hands_own_side():
    for area in ("ear", "cheek", "shouldertop"):
        assert place(Site(area=area), FIGURE, "left", True).point[0] > 0
        assert place(Site(area=area), FIGURE, "right", True).point[0] < 0


def test_behind_the_ear_is_behind_it():
    front = place(Site(area="head", side="right_at"), FIGURE, "right", True)
    back = place(Site(area="head", side="right_at", behind=True), FIGURE, "right", True)
    assert back.point[2] < front.point[2] - 0.03
    assert back.normal[2] < 0


def test_the_profile_is_found():
    marks = landmarks(FIGURE)
    assert marks.neck < marks.chin < marks.lips < marks.nose < marks.eye[1] < marks.crown


TOUCHES = [
    ("chin", None, FLAT, "ui", "u"),
    ("forehead", "right_at", FLAT, "ul", "dl"),
    ("chest", None, FLAT, "l", "l"),
    ("chest", None, POINT, "il", "r"),
    ("lips", None, Handshape("pinchall"), "ui", "u"),
    ("nose", None, POINT, "ui", "u"),
    ("ear", None, POINT, "ul", "l"),
    ("cheek", None, POINT, "ul", "l"),
    ("headtop", None, FLAT, "l", "d"),
    ("stomach", None, FLAT, "l", "l"),
    ("shouldertop", "left_at", FLAT, "ul", "dl"),
    ("eyes", "right_at", POINT, "ui", "u"),
    ("neck", None, POINT, "ui", "u"),
    ("underchin", None, FLAT, "l", "d"),
    ("chest", "right_at", FIST, "ul", "ul"),
    ("belowstomach", None, FLAT, "l", "l"),
    ("forehead", None, Handshape("finger2345", ("out",)), "u", "l"),
]


@pytest.mark.parametrize(("area", "edge", "shape", "finger", "palm"), TOUCHES)
def test_a_touching_hand_touches_and_does_not_go_in(area, edge, shape, finger, palm):
    location = Location(sites=(Site(area=area, side=edge),), contacts=("touch",))
    placed = at_location(FIGURE, "right", hand(shape, finger, palm), location)
    gaps = SKIN.distance(skin_points(FIGURE, "right", placed))
    assert 0 <= gaps.min() < 0.01
    spot = place(location.sites[0], FIGURE, "right", True)
    near = np.linalg.norm(skin_points(FIGURE, "right", placed) - spot.point, axis=1).min()
    # The middle of a palm laid on the belly is a little away from it: the ball of the thumb lies on first.
    assert near < (0.04 if area in HEAD_AREAS else 0.065)


@pytest.mark.parametrize(
    ("contacts", "extended", "low", "high"),
    [
        (("close",), False, 0.02, 0.05),
        ((), False, 0.09, 0.18),
        ((), True, 0.3, 0.42),
    ],
)
def test_distances_before_the_chest(contacts, extended, low, high):
    location = Location(sites=(Site(area="chest"),), contacts=contacts, extended=extended)
    placed = at_location(FIGURE, "right", hand(FLAT, "u", "l"), location)
    assert low < SKIN.distance(skin_points(FIGURE, "right", placed)).min() < high


def test_a_named_part_touches():
    location = Location(sites=(Site(area="chin"),), contacts=("touch",), hand=(Site(digits=("thumb",), part="tip"),))
    placed = at_location(FIGURE, "right", hand(Handshape("finger2345", ("out",)), "u", "l"), location)
    chin = place(location.sites[0], FIGURE, "right", True).point
    points = skin_points(FIGURE, "right", placed)
    nearest = points[np.linalg.norm(points - chin, axis=1).argmin()]
    assert np.linalg.norm(nearest - chin) < 0.015
    # It is the thumb: below and this side of the fingers.
    assert nearest[1] < points[:, 1].max() - 0.06


def test_a_fist_stands_on_the_other_palm():
    base = hand(FLAT, "or", "u", "left")
    contact = HandContact((Site(area="pinkyside"),), (Site(area="palm"),), ("touch",))
    placed, _ = against_hand(FIGURE, base, hand(Handshape("fist", ("out",)), "ol", "l"), contact)
    below, above = skin_points(FIGURE, "left", base), skin_points(FIGURE, "right", placed)
    assert above[:, 1].mean() > below[:, 1].mean() + 0.02
    gaps = np.linalg.norm(above[:, None] - below[None], axis=-1)
    assert gaps.min() < 0.01


def test_an_unknown_place_is_refused():
    with pytest.raises(SignError, match="knee"):
        place(Site(area="knee"), FIGURE, "right", True)
