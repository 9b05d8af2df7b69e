"""Handshapes: every shape can be made, stays inside the joints' limits, touches where it should and nowhere else."""

import itertools
import time

import numpy as np
import pytest

from sign_models.errors import SignError
from sign_models.hamnosys import parse
from sign_models.hamnosys.hand.handshapes import BASES, active_fingers, complete, finger_pose, fingerplay, shape_angles
from sign_models.hamnosys.hand.measure import Spot, skin_depth, spot_index, spots_at
from sign_models.hamnosys.hand.model import (
    ANGLES,
    LIMITS,
    LONG_FINGERS,
    angles_of,
    hand_model,
    limit_excess,
    mirrored,
    pose_of,
    skin,
)
from sign_models.hamnosys.sign import FingerShape, Handshape

THUMBS = ("", "out", "across", "open")
BENDS = ("", "straight", "bend", "hook", "doublebent", "doublehooked")
MM = 1e-3


def shape_of(tags: str) -> Handshape:
    shape = parse(f"{tags} hamextfingeru hampalmd").initial.dominant.handshape
    assert shape is not None
    return shape


def all_shapes() -> list[Handshape]:
    shapes = [
        Handshape(base, (thumb,) if thumb else (), (bend,) if bend else ())
        for base, thumb, bend in itertools.product(BASES, THUMBS, BENDS)
    ]
    digits = [c for n in (1, 2, 3) for c in itertools.combinations(LONG_FINGERS, n)]
    shapes += [Handshape(base, (), (), (FingerShape(d),)) for base, d in itertools.product(BASES, digits)]
    shapes += [
        Handshape(base, (), (), (FingerShape((d,), (bend,)),))
        for base, d, bend in itertools.product(BASES, LONG_FINGERS, BENDS[1:])
    ]
    return shapes


def apart(shape: Handshape, one: Spot, other: Spot) -> float:
    places, _ = spots_at(finger_pose(shape), np.array([spot_index(one), spot_index(other)]))
    return float(np.linalg.norm(places[0] - places[1]))


def nearest(shape: Handshape, digit: int, other: int) -> float:
    """Least distance of the skin of two last bones, rows of the hand's chain."""
    points, own = skin(finger_pose(shape)), hand_model().weights.argmax(1)
    gaps = points[own == digit][:, None] - points[own == other]
    return float(np.linalg.norm(gaps, axis=-1).min())


def test_angles_and_joint_rotations_are_each_others_inverse():
    rng = np.random.default_rng(3)
    angles = rng.uniform(LIMITS[:, 0], LIMITS[:, 1], (64, len(ANGLES)))
    back, stray = angles_of(pose_of(angles))
    np.testing.assert_allclose(back, angles, atol=1e-4)
    assert stray.max() < 1e-4


def test_flexing_goes_to_the_palm_and_spreading_to_the_thumb():
    rest = skin(np.zeros((15, 3)))
    tip = spot_index(Spot("middle", 2, 1.0, "tip"))
    flexed, spread = np.zeros(22), np.zeros(22)
    flexed[[16, 17]] = spread[[16, 17]] = 59.55, 42.79
    flexed[ANGLES.index("middle knuckle")] = 40
    spread[ANGLES.index("middle spread")] = 15
    assert skin(pose_of(flexed))[tip, 1] < rest[tip, 1] - 0.04
    assert skin(pose_of(spread))[tip, 2] > rest[tip, 2] + 0.02


def test_limit_excess_measures_what_is_beyond():
    angles = shape_angles(Handshape("flathand")).copy()
    assert limit_excess(pose_of(angles)) == 0
    angles[ANGLES.index("index middle")] = LIMITS[ANGLES.index("index middle"), 1] + 20
    assert limit_excess(pose_of(angles)) == pytest.approx(np.radians(20), abs=1e-3)
    assert limit_excess(mirrored(pose_of(angles)), "left") == pytest.approx(np.radians(20), abs=1e-3)
    twisted = finger_pose(Handshape("flathand")).copy()
    twisted[1] = [0.5, 0, 0]  # the index finger's middle joint turned about its bone
    assert limit_excess(twisted) > 0.3


def test_every_shape_is_made_inside_the_limits():
    poses = np.stack([finger_pose(shape) for shape in all_shapes()])
    assert len(poses) > 600
    assert np.isfinite(poses).all()
    assert limit_excess(poses).max() == 0


def test_left_is_the_mirror_of_right():
    shape = shape_of("hamfinger23 hamthumbacrossmod")
    left, right = finger_pose(shape, "left"), finger_pose(shape, "right")
    np.testing.assert_allclose(left * [1, -1, -1], right)
    np.testing.assert_array_equal(finger_pose(shape, 0), left)
    with pytest.raises(ValueError, match="hand"):
        finger_pose(shape, "top")


def test_shapes_are_told_apart():
    """No two bases, and no two thumbs of one base, give nearly the same hand."""
    angles = np.stack([shape_angles(Handshape(base)) for base in BASES])
    far = np.abs(angles[:, None] - angles).max(-1) + 99 * np.eye(len(BASES))
    assert far.min() > 8
    for base in ("fist", "flathand", "finger2", "finger23", "finger2345"):
        row = np.stack([shape_angles(Handshape(base, (thumb,) if thumb else ())) for thumb in THUMBS])
        assert (np.abs(row[:, None] - row).max(-1) + 99 * np.eye(4)).min() > 12


@pytest.mark.parametrize(
    ("tags", "finger"),
    [
        ("hampinch12", "index"),
        ("hampinch12open", "index"),
        ("hampinch12open hammiddlefinger", "middle"),
        ("hampinch12open hamringfinger", "ring"),
        ("hampinch12open hampinky", "pinky"),
        ("hampinch12 hamfingerstraightmod", "index"),
        ("hampinch12 hamindexfinger hammiddlefinger", "index"),
        ("hampinchall", "middle"),
        ("hampinchall hamfingerstraightmod", "middle"),
        ("hampinchall hamindexfinger hamfingerstraightmod", "middle"),
    ],
)
def test_a_pinch_touches_pad_to_pad(tags: str, finger: str):
    gap = apart(shape_of(tags), Spot("thumb", 2, 0.72, "pad"), Spot(finger, 2, 0.7, "pad"))
    assert gap < 5 * MM


def test_a_c_is_open_and_its_size_can_be_said():
    def gap(tags: str) -> float:
        return apart(shape_of(tags), Spot("thumb", 2, 0.72, "pad"), Spot("index", 2, 0.7, "pad"))

    small, plain, large = (gap(f"hamcee12{size}") for size in (" hamsmallmod", "", " hamlargemod"))
    assert 10 * MM < small < plain - 5 * MM < large - 10 * MM
    assert gap("hampinch12") < gap("hampinch12 hamthumbopenmod") < plain


def test_the_thumb_lies_on_the_folded_fingers():
    for tags, finger in (
        ("hamfist hamthumbacrossmod", 6),
        ("hamfinger2 hamthumbacrossmod", 6),
        ("hamfinger23 hamthumbacrossmod", 12),
    ):
        gap = min(nearest(shape_of(tags), 15, bone) for bone in (finger, finger - 1))
        assert gap < 7 * MM, tags


def test_fists_close_on_the_palm():
    points = skin(finger_pose(Handshape("fist")))
    own = hand_model().weights.argmax(1)
    palm = points[(own == 0) & (points[:, 1] < 0)]
    for finger in LONG_FINGERS:
        tip = points[spot_index(Spot(finger, 2, 0.95, "pad"))]
        assert np.linalg.norm(palm - tip, axis=1).min() < 12 * MM, finger


LETTERS = (
    "hamfist",
    "hamfist hamthumbacrossmod",
    "hamflathand hamthumbacrossmod",
    "hampinch12open",
    "hamfinger23 hamthumbacrossmod",
    "hamfinger23 hamthumbacrossmod hammiddlefinger hamcross hamindexfinger",
    "hamfinger23 hammiddlefinger hamfingerstraightmod hamthumb hamtouch hammiddlefinger hamfingerside",
    "hamfist hamindexfinger hambetween hammiddlefinger",
    "hamfist hammiddlefinger hambetween hamringfinger",
    "hamfist hamringfinger hambetween hampinky",
    "hamfist hamthumboutmod hampinky",
    "hampinchall hamindexfinger hamfingerstraightmod",
    "hamceeall",
    "hampinchall",
)


@pytest.mark.parametrize("tags", LETTERS)
def test_no_finger_lies_in_another(tags: str):
    deep = skin_depth(finger_pose(shape_of(tags)))
    fingers = {pair: depth for pair, depth in deep.items() if "palm" not in pair}
    assert max(fingers.values(), default=0) < 7 * MM, fingers
    assert max(deep.values(), default=0) < 9 * MM, deep


def test_crossed_fingers_lie_crossed():
    points = skin(finger_pose(shape_of(LETTERS[5])))
    index, middle = (points[spot_index(Spot(finger, 2, 1.0, "tip"))] for finger in ("index", "middle"))
    assert middle[2] > index[2] + 5 * MM  # the middle finger's tip is on the thumb's side of the index finger's
    assert middle[1] > index[1]  # and behind it, seen from the palm


def test_single_fingers_stand_out_of_a_fist():
    pinky = shape_of("hamfist hampinky")
    angles = shape_angles(pinky).reshape(-1)
    assert angles[ANGLES.index("pinky middle")] < 10
    assert angles[ANGLES.index("index middle")] > 80
    assert active_fingers(pinky) == ("pinky",)
    assert active_fingers(shape_of("hampinch12 hamindexfinger hammiddlefinger")) == ("thumb", "index", "middle")
    straight = shape_angles(shape_of("hamfist hampinky hamfingerstraightmod"))
    assert straight[ANGLES.index("pinky knuckle")] < 10


def test_a_bend_mark_bends_at_its_joint():
    def at(tags: str, angle: str) -> float:
        return float(shape_angles(shape_of(tags))[ANGLES.index(angle)])

    assert at("hamfinger2 hamfingerstraightmod", "index knuckle") > 60
    assert at("hamfinger2 hamfingerstraightmod", "index middle") < 15
    assert at("hamfinger2 hamfingerhookmod", "index knuckle") < 15
    assert at("hamfinger2 hamfingerhookmod", "index middle") > 80
    assert 20 < at("hamflathand hamfingerbendmod", "ring middle") < 60
    assert at("hamflathand hamdoublebent", "ring knuckle") > 60 < at("hamflathand hamdoublebent", "ring middle")


def test_between_lies_halfway():
    half = shape_of("hamflathand hambetween hamfinger2345")
    middle = (shape_angles(Handshape("flathand")) + shape_angles(Handshape("finger2345"))) / 2
    np.testing.assert_allclose(shape_angles(half), middle)


def test_a_change_keeps_what_it_does_not_say():
    before = Handshape("finger2", ("across",))
    assert complete(Handshape("", bend=("hook",)), before) == Handshape("finger2", ("across",), ("hook",))
    with pytest.raises(SignError, match="bases are"):
        finger_pose(Handshape("paw"))


@pytest.mark.parametrize("tags", ["hamfinger2345 hamthumboutmod", "hampinchall", "hamfist", "hamfinger23spread"])
def test_fingerplay_moves_the_active_fingers_inside_the_limits(tags: str):
    shape = shape_of(tags)
    played = fingerplay(shape, "right", np.linspace(0, 2, 40))
    assert limit_excess(played).max() == 0
    bones = {"index": 0, "middle": 3, "pinky": 6, "ring": 9, "thumb": 13}
    for digit, bone in bones.items():
        moved = np.ptp(played[:, bone], axis=0).max()
        assert (moved > 0.05) == (digit in active_fingers(shape)), digit
    one = fingerplay(shape, "left", np.array([0.3]), ("index",))
    np.testing.assert_allclose(mirrored(one), fingerplay(shape, 1, np.array([0.3]), ("index",)), atol=1e-12)


def test_a_new_shape_takes_less_than_five_milliseconds():
    finger_pose(Handshape("fist"))
    shapes = [Handshape(base, ("across",), (), (), "large") for base in BASES]
    start = time.process_time()
    for shape in shapes:
        finger_pose(shape)
    assert (time.process_time() - start) / len(shapes) < 0.005


def test_a_thumb_that_stands_free_is_bent_as_is_said_of_it() -> None:
    def end(tags: str) -> float:
        return float(shape_angles(shape_of(tags))[ANGLES.index("thumb end")])

    stretched, hooked = end("hamfist hamthumboutmod"), end("hamfist hamthumboutmod hamthumb hamfingerhookmod")
    assert hooked > stretched + 45
    # One that holds something keeps its hold.
    assert end("hampinch12 hamthumb hamfingerhookmod") == end("hampinch12")
