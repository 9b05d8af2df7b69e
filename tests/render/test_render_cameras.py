import numpy as np
import pytest
from numpy.typing import NDArray

from sign_models.render.cameras import CAMERAS, FIELD_OF_VIEW, Shot
from sign_models.skeleton import HANDS, INDEX, JOINTS
from sign_models.types import Mesh

Array = NDArray[np.float64]
HAND_JOINTS = [[i for i, n in enumerate(JOINTS) if n.startswith(f"{s}_") and n[-1] in "123"] for s in HANDS]


def shot_of(name: str, joints: Array) -> Shot:
    return CAMERAS[name].frame(joints, CAMERAS[name].yaw)


def projected(shot: Shot, points: Array) -> Array:
    """(t, n, 2): -1 to 1 is inside the picture."""
    seen = (points - shot.eye[:, None]) @ shot.turn
    return seen[..., :2] / -seen[..., 2:] / np.tan(FIELD_OF_VIEW / 2)


@pytest.fixture(scope="module")
def joints(mesh: Mesh) -> Array:
    return mesh.joints.double().numpy()


@pytest.fixture(scope="module")
def long_clip(joints: Array) -> Array:
    """The clip with pauses and a sudden jump of the right hand to beside the head and back."""
    clip = joints[np.r_[np.zeros(15, int), np.arange(10), np.full(40, 10), np.arange(10, 20), np.full(15, 19)]].copy()
    clip[40:55, HAND_JOINTS[1]] += [-0.15, 0.35, 0.1]
    return clip


@pytest.mark.parametrize("name", ["front", "side"])
def test_the_signing_space_has_room_from_the_hips_to_a_hand_above_the_head(name: str, joints: Array) -> None:
    shot = shot_of(name, joints)
    points = joints[:, [INDEX["pelvis"], INDEX["head"], INDEX["left_elbow"], INDEX["right_elbow"]]].copy()
    points[:, 1, 1] += 0.3
    assert (np.abs(projected(shot, points)) < 1).all()
    assert np.ptp(shot.eye, axis=0).max() == 0


def test_elbows_held_out_are_still_in_the_picture(joints: Array) -> None:
    wide = joints.copy()
    for side, sign in (("left", 1), ("right", -1)):
        upper_arm = np.linalg.norm(joints[0, INDEX[f"{side}_elbow"]] - joints[0, INDEX[f"{side}_shoulder"]])
        wide[:, INDEX[f"{side}_elbow"]] = wide[:, INDEX[f"{side}_shoulder"]] + [sign * upper_arm, 0, 0]
    elbows = wide[:, [INDEX["left_elbow"], INDEX["right_elbow"]]]
    assert (np.abs(projected(shot_of("front", joints), elbows)) < 1).all()


def test_a_body_of_another_size_is_framed_alike(joints: Array) -> None:
    for name in CAMERAS:
        small = projected(shot_of(name, 0.6 * joints), 0.6 * joints)
        assert np.allclose(small, projected(shot_of(name, joints), joints), atol=1e-9)


def test_from_the_side_what_lies_before_the_signer_is_on_the_right(joints: Array) -> None:
    places = projected(shot_of("side", joints), joints)
    assert (places[10, HAND_JOINTS[1], 0] > places[10, INDEX["spine3"], 0] + 0.2).all()


def test_the_close_up_never_loses_a_signing_hand(long_clip: Array) -> None:
    places = np.abs(projected(shot_of("hands", long_clip), long_clip))
    for hand in HAND_JOINTS:
        up = long_clip[:, hand, 1].mean(1) > long_clip[:, INDEX["pelvis"], 1] + 0.1
        assert up.sum() > 40
        assert (places[up][:, hand] < 0.97).all()


def test_the_close_up_moves_without_a_jerk(long_clip: Array) -> None:
    eye = shot_of("hands", long_clip).eye
    assert np.ptp(eye[:, 1]) > 0.05
    assert (
        np.linalg.norm(np.diff(eye, axis=0), axis=1).max() < 0.1
    )  # metres a frame, mostly drawing back when the second hand comes
    assert np.linalg.norm(np.diff(eye, 2, axis=0), axis=1).max() < 0.03


def test_the_close_up_of_one_hand_is_close(joints: Array) -> None:
    one = joints[8:12].copy()
    left = [i for i, name in enumerate(JOINTS) if i in HAND_JOINTS[0] or name == "left_wrist"]
    one[:, left, 1] -= 1.0  # far down
    width = np.ptp(projected(shot_of("hands", one), one[:, HAND_JOINTS[1]])[..., 1])
    assert width > 1.5 * np.ptp(projected(shot_of("front", one), one[:, HAND_JOINTS[1]])[..., 1])


def test_hands_that_never_rise_are_shown_all_the_same(joints: Array) -> None:
    still = np.repeat(joints[:1], 5, axis=0)
    places = projected(shot_of("hands", still), still)
    assert (np.abs(places[:, HAND_JOINTS[0] + HAND_JOINTS[1]]) < 1).all()
