"""Arms reach what they are asked for, within limits, without flips, and the same on both sides."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from sign_models.hamnosys.arm import limits
from sign_models.hamnosys.arm.posture import hand_rotation, hands_in_use, ready_posture, rest_posture
from sign_models.hamnosys.arm.solver import FREE_REACH, hand_angles, solve
from sign_models.hamnosys.figure import MIRROR, load_figure
from sign_models.hamnosys.smoothing import to_axis_angle, unwrap, widened
from sign_models.hamnosys.surface.collision import body_clearance, hand_balls
from sign_models.hamnosys.track import Track
from sign_models.parts import EXPRESSION_COLUMNS, HAND_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.skeleton import HANDS, INDEX, PARENTS, UPPER_BODY
from sign_models.types import FPS, Motion

Array = NDArray[np.float64]

FIGURE = load_figure()
REST = rest_posture(FIGURE)
READY = ready_posture(FIGURE)

REACHES = {
    # right hand: wrist, where the fingers point, where the palm faces
    "palm out": ((-0.17, 0.45, 0.28), (0, 1, 0.1), (0, 0, 1)),
    "palm in": ((-0.12, 0.42, 0.30), (0.3, 1, 0), (0, 0, -1)),
    "palm down": ((-0.14, 0.40, 0.28), (0.2, 0, 1), (0, -1, 0)),
    "palm up": ((-0.16, 0.36, 0.28), (0.1, 0, 1), (0, 1, 0)),
    "palm left": ((-0.14, 0.40, 0.28), (0, 0, 1), (1, 0, 0)),
    "chin": ((-0.10, 0.62, 0.24), (0.5, 0.85, -0.4), (0.1, -0.2, -1)),
    "chest": ((-0.20, 0.47, 0.16), (1, 0.2, -0.1), (0, 0, -1)),
    "other shoulder": ((0.06, 0.55, 0.20), (0.9, 0.5, -0.3), (0, -0.3, -1)),
    "low": ((-0.15, 0.15, 0.25), (0.1, -0.6, 0.8), (0, -1, 0)),
    "far": ((-0.15, 0.50, 0.50), (0, 0, 1), (0, -1, 0)),
}


def at(wrists: Array, palms: Array, fingers: Array | None = None) -> Track:
    t = len(wrists)
    return Track(
        wrists=wrists,
        palms=palms,
        fingers=np.repeat(REST.fingers, t, 0) if fingers is None else fingers,
        shrug=np.zeros((t, 2)),
        head=np.zeros((t, 3)),
        face=np.zeros((t, 52)),
    )


def one_hand(name: str) -> Track:
    wrist, fingers, palm = (np.array(v, dtype=float) for v in REACHES[name])
    wrists, palms = REST.wrists.copy(), REST.palms.copy()
    wrists[0, 1], palms[0, 1] = wrist, hand_rotation("right", fingers, palm)
    return at(wrists, palms)


def wander(seed: int, t: int = 60) -> Track:
    """Both hands through random places and orientations of the signing space, half a second between two."""
    draw = np.random.default_rng(seed)
    keys = np.arange(0, t + 12, 12)
    low, high = [-0.08, 0.15, 0.18], [0.36, 0.80, 0.40]
    places = draw.uniform(low, high, (len(keys), 2, 3))
    places[:, 1] *= MIRROR
    s = np.arange(t)
    k, f = s // 12, (s % 12 / 12)[:, None, None]
    f = f * f * f * (10 + f * (6 * f - 15))
    wrists = places[k] * (1 - f) + places[k + 1] * f
    turns = []
    for h, side in enumerate(HANDS):
        base = hand_rotation(side, np.array([0.4 - 0.8 * h, 0.7, 0.4]), np.array([0.0, -0.3, 1.0]))
        poses = Rotation.from_matrix(base) * Rotation.from_rotvec(draw.normal(0, 0.5, (len(keys), 3)))
        turns.append(Slerp(keys, poses)((k + f[:, 0, 0]) * 12).as_matrix())
    return at(wrists, np.stack(turns, 1))


def joints(motion: Motion) -> tuple[Array, Array]:
    """Places (t, 55, 3) and rotations (t, 55, 3, 3) of all joints, by plain forward kinematics."""
    features = motion.features.double().numpy()
    local = np.zeros((len(features), 55, 3))
    body = features[:, UPPER_BODY_COLUMNS].reshape(-1, 10, 3)
    local[:, [INDEX[name] for name in UPPER_BODY]] = body
    local[:, 25:40] = features[:, HAND_COLUMNS[0]].reshape(-1, 15, 3)
    local[:, 40:55] = features[:, HAND_COLUMNS[1]].reshape(-1, 15, 3)
    turns = Rotation.from_rotvec(local.reshape(-1, 3)).as_matrix().reshape(-1, 55, 3, 3)
    places, whole = np.zeros_like(local), turns.copy()
    places[:, 0] = FIGURE.joints[0]
    for j, parent in enumerate(PARENTS[1:], 1):
        whole[:, j] = whole[:, parent] @ turns[:, j]
        places[:, j] = places[:, parent] + whole[:, parent] @ (FIGURE.joints[j] - FIGURE.joints[parent])
    return places, whole


def wrist_places(motion: Motion) -> Array:
    return joints(motion)[0][:, [INDEX["left_wrist"], INDEX["right_wrist"]]]


@pytest.mark.parametrize("name", REACHES)
def test_reaches_the_wrist_and_the_palm(name: str) -> None:
    track = one_hand(name)
    motion, report = solve(track, FIGURE)
    places, turns = joints(motion)
    assert np.abs(places[0, INDEX["right_wrist"]] - track.wrists[0, 1]).max() < 1e-3
    off = to_axis_angle(turns[0, INDEX["right_wrist"]].T @ track.palms[0, 1])
    assert np.linalg.norm(off) == pytest.approx(report.relaxed[0, 1], abs=1e-3)
    assert np.degrees(report.relaxed[0, 1]) < 12


@pytest.mark.parametrize("name", REACHES)
def test_elbows_hang_and_keep_out_of_the_trunk(name: str) -> None:
    places, _ = joints(solve(one_hand(name), FIGURE)[0])
    elbow = places[0, INDEX["right_elbow"]]
    assert elbow[1] < places[0, INDEX["right_shoulder"], 1] + 0.06
    assert FIGURE.distance(elbow) > 0.02
    assert elbow[0] < 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_any_wandering_stays_human(seed: int) -> None:
    track = wander(seed)
    motion, report = solve(track, FIGURE)
    assert torch.isfinite(motion.features).all()
    for name, degrees in report.excess.items():
        assert degrees < (1 if name == "upper arm twist" else 1e-6), (name, degrees)
    shoulders = joints(motion)[0][:, [INDEX["left_shoulder"], INDEX["right_shoulder"]]]
    far = np.linalg.norm(track.wrists - shoulders, axis=-1) / FIGURE.arm_length
    near_enough = (far < FREE_REACH) & (far > 0.36)
    assert np.linalg.norm(wrist_places(motion) - track.wrists, axis=-1)[near_enough].max() < 1e-3
    jump = np.abs(np.diff(motion.features.numpy(), axis=0)).max()
    assert jump < 0.6, jump


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_a_mirrored_track_gives_a_mirrored_motion(seed: int) -> None:
    track = wander(seed, t=40)
    mirrored = replace(
        track,
        wrists=track.wrists[:, ::-1] * MIRROR,
        palms=MIRROR[:, None] * track.palms[:, ::-1] * MIRROR,
        fingers=-MIRROR * track.fingers[:, ::-1],
    )
    body, other = (
        solve(one, FIGURE)[0].features[:, UPPER_BODY_COLUMNS].double().numpy().reshape(-1, 10, 3)
        for one in (track, mirrored)
    )
    swap = [
        UPPER_BODY.index(name.replace("left", "*").replace("right", "left").replace("*", "right"))
        for name in UPPER_BODY
    ]
    assert np.abs(other - -MIRROR * body[:, swap]).max() < 0.01


def test_out_of_reach_goes_as_far_as_an_arm_does_and_says_so() -> None:
    wrists = REST.wrists.copy()
    wrists[0, 0] = FIGURE.joint("left_shoulder") + np.array([0.3, 0.3, 1.2])
    motion, report = solve(at(wrists, REST.palms), FIGURE)
    places, _ = joints(motion)
    reached = np.linalg.norm(places[0, INDEX["left_wrist"]] - wrists[0, 0])
    assert reached == pytest.approx(report.missed[0, 0], abs=1e-3)
    assert reached > 0.5
    arm = np.linalg.norm(places[0, INDEX["left_wrist"]] - places[0, INDEX["left_shoulder"]])
    assert 0.98 < arm / FIGURE.arm_length < 1


def test_an_impossible_palm_is_relaxed_and_reported() -> None:
    track = one_hand("palm up")
    palms = track.palms.copy()
    palms[0, 1] = hand_rotation("right", np.array([0.0, 0.0, -1.0]), np.array([0.0, 1.0, 0.0]))
    _, report = solve(replace(track, palms=palms), FIGURE)
    assert report.relaxed[0, 1] > np.radians(20)
    assert max(report.asked.values()) > 10
    assert report.excess["pronation"] == report.excess["wrist flexion"] == report.excess["wrist deviation"] == 0


def test_the_shoulder_rises_for_a_high_hand_and_for_a_shrug() -> None:
    collar = slice(3, 6)

    def lift(track: Track) -> float:
        return float(solve(track, FIGURE)[0].features[0, collar][2])

    high = REST.wrists.copy()
    high[0, 0] = FIGURE.joint("left_shoulder") + np.array([0.1, 0.4, 0.2])
    low = lift(REST)
    assert lift(at(high, REST.palms)) > low + 0.1
    assert lift(replace(READY, shrug=np.ones((1, 2)))) > lift(READY) + 0.2


def test_waiting_postures_are_easy_clear_and_known_as_idle() -> None:
    for posture in (REST, READY):
        _, report = solve(posture, FIGURE)
        assert report.missed.max() < 1e-6
        assert report.relaxed.max() < 1e-6
        balls = hand_balls(FIGURE, posture.wrists, posture.palms, posture.fingers)
        assert body_clearance(FIGURE, balls).min() > 0.005
        assert np.linalg.norm(balls[:, 0, :, None] - balls[:, 1, None], axis=-1).min() > 0.02
        assert hands_in_use(posture, FIGURE) == (False, False)
    assert hands_in_use(one_hand("chin"), FIGURE) == (False, True)


def test_fingers_and_face_pass_through() -> None:
    face = np.zeros((3, 52))
    face[:, 2] = [0, 0.5, 1]
    fingers = np.random.default_rng(0).normal(0, 0.4, (3, 2, 15, 3))
    three = at(np.repeat(REST.wrists, 3, 0), np.repeat(REST.palms, 3, 0), fingers)
    motion, _ = solve(replace(three, face=face), FIGURE)
    for h, columns in enumerate(HAND_COLUMNS):
        assert np.allclose(motion.features[:, columns], fingers[:, h].reshape(3, 45), atol=1e-6)
    assert motion.face is not None
    assert np.allclose(motion.face, face)
    assert motion.features[2, EXPRESSION_COLUMNS][0] > 0.3
    assert motion.fps == FPS


def test_neck_and_head_share_a_turn_within_limits() -> None:
    head = np.array([[0.0, 0.5, 0.0], [0.0, 3.0, 0.0]])
    track = at(np.repeat(REST.wrists, 2, 0), np.repeat(REST.palms, 2, 0))
    motion, report = solve(replace(track, head=head), FIGURE)
    neck, skull = motion.features[:, 0:3].numpy(), motion.features[:, 9:12].numpy()
    assert neck[0] + skull[0] == pytest.approx(head[0], abs=1e-6)
    assert np.degrees(neck[1] + skull[1])[1] <= limits.HEAD_YAW.high
    assert report.asked["head yaw"] > 90


def test_a_widened_curve_is_smooth_and_never_below() -> None:
    peaks = np.zeros((60, 2))
    peaks[[3, 30, 33], [0, 1, 1]] = [1.0, 0.4, 0.7]
    wide = widened(peaks, 3.0)
    assert (wide >= peaks - 1e-9).all()
    assert wide.max() == pytest.approx(1.0)
    assert np.abs(np.diff(wide, axis=0)).max() < 0.15


def test_unwrap_never_jumps_by_a_turn() -> None:
    angle = np.linspace(2.5, 3.8, 30)
    axis = np.array([0.6, 0.0, 0.8])
    wrapped = to_axis_angle(Rotation.from_rotvec(angle[:, None] * axis).as_matrix())[:, None]
    assert np.abs(np.diff(wrapped, axis=0)).max() > 3
    unwrapped = unwrap(wrapped)[:, 0]
    assert np.allclose(unwrapped, angle[:, None] * axis)


@given(st.floats(-7, 7))
def test_soft_limits_stay_inside_and_leave_the_middle_alone(angle: float) -> None:
    for joint in (limits.PRONATION, limits.WRIST_FLEXION, limits.WRIST_DEVIATION):
        eased = np.degrees(joint.soft(np.array(angle)))
        assert joint.low <= eased <= joint.high
        if joint.low + joint.ease < np.degrees(angle) < joint.high - joint.ease:
            assert eased == pytest.approx(np.degrees(angle))


def test_hand_angles_name_the_right_directions() -> None:
    """Left arm in the T-pose: palm down, thumb to the front."""
    forearm = np.eye(3)
    flexed = hand_rotation("left", np.array([1.0, -0.5, 0.0]), np.array([-0.5, -1.0, 0.0]))
    to_thumb = hand_rotation("left", np.array([1.0, 0.0, 0.3]), np.array([0.0, -1.0, 0.0]))
    thumb_down = hand_rotation("left", np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, -1.0]))
    assert hand_angles(forearm, flexed) == pytest.approx([0, np.arctan(0.5), 0])
    assert hand_angles(forearm, to_thumb) == pytest.approx([0, 0, np.arctan(0.3)])
    assert hand_angles(forearm, thumb_down) == pytest.approx([np.pi / 2, 0, 0])


def test_distances_agree_with_the_mesh() -> None:
    """Points pushed off the skin along its normal by a known way are that far away, both sides."""
    solid = np.isin(FIGURE.owner, [INDEX["spine3"], INDEX["spine2"], INDEX["spine1"]])
    faces = FIGURE.faces[solid[FIGURE.faces].all(1)]
    corners = FIGURE.vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1, keepdims=True)
    outer = (corners.mean(1)[:, 2] > 0.08) & (area[:, 0] > 4e-5)
    points, ways = corners.mean(1)[outer], normals[outer] / area[outer]
    for far in (0.0, 0.03):
        error = np.abs(FIGURE.distance(points + far * ways) - far)
        assert np.median(error) < 0.002
        assert np.percentile(error, 90) < 0.01
    head = FIGURE.vertices[np.isin(FIGURE.owner, [INDEX["head"], INDEX["jaw"]])]
    for way in ([0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]):
        outmost = head[(head @ np.array(way)).argmax()]  # the nose, the crown, the ears
        assert abs(FIGURE.distance(outmost)) < 0.012
        assert FIGURE.distance(outmost + 0.05 * np.array(way)) == pytest.approx(0.05, abs=0.01)
    value, slope = FIGURE.distance.with_slope(points + 0.03 * ways)
    ahead = FIGURE.distance(points + 0.03 * ways + 0.005 * slope)
    assert np.median(ahead - value) == pytest.approx(0.005, abs=0.001)


def test_two_hundred_frames_are_quick() -> None:
    track = wander(1, t=200)
    solve(track, FIGURE)
    start = time.perf_counter()
    solve(track, FIGURE)
    assert time.perf_counter() - start < 0.25  # 20 ms on a free core; the rest is room for a busy machine
