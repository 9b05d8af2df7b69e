"""The bundled body: right file, right points, right bends."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sign_models.body import Body, load
from sign_models.body.file import OPEN_BODY
from sign_models.face import EXPRESSIONS, FACE_ACTIONS, FACE_INDEX
from sign_models.parts import HAND_COLUMNS
from sign_models.paths import asset
from sign_models.skeleton import FINGERS, HANDS, INDEX, PARENTS
from sign_models.types import Motion


@pytest.fixture(scope="module")
def body() -> Body:
    return load(asset(OPEN_BODY))


def joint(body: Body, name: str) -> NDArray[np.float32]:
    return body.joints[INDEX[name]]


def posed(body: Body, fingers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vertices of one frame with hand poses (h, 15, 3)."""
    features = torch.zeros(1, 133)
    for hand, columns in enumerate(HAND_COLUMNS):
        features[0, columns] = torch.from_numpy(fingers[hand]).flatten()
    return body.pose(Motion(features)).vertices[0].numpy()


def test_is_small_and_large_enough(body: Body) -> None:
    assert asset(OPEN_BODY).stat().st_size < 4e6
    assert len(body.template) >= 9930
    assert 1.6 < np.ptp(body.template[:, 1]) < 1.9


def test_arms_and_fingers_lie_along_x(body: Body) -> None:
    for side, sign in zip(HANDS, (1, -1), strict=True):
        for a, b in (("shoulder", "elbow"), ("elbow", "wrist")):
            bone = joint(body, f"{side}_{b}") - joint(body, f"{side}_{a}")
            assert bone[0] * sign > 0.999 * np.linalg.norm(bone)
        across = joint(body, f"{side}_index1") - joint(body, f"{side}_pinky1")
        twist = np.degrees(np.arctan2(across[1], across[2]))
        assert abs(twist) < 0.5
        for finger in FINGERS[:4]:
            bone = joint(body, f"{side}_{finger}3") - joint(body, f"{side}_{finger}1")
            assert bone[0] * sign > 0.99 * np.linalg.norm(bone)


def test_both_sides_are_mirror_images(body: Body) -> None:
    for left in (name for name in INDEX if name.startswith("left_")):
        mirrored = joint(body, "right_" + left.removeprefix("left_")) * np.array([-1, 1, 1])
        np.testing.assert_allclose(joint(body, left), mirrored, atol=2e-3)


def test_weights_are_few_and_sum_to_one(body: Body) -> None:
    np.testing.assert_allclose(body.skin_weights.sum(1), 1, atol=1e-5)
    assert (body.skin_weights > 0).sum(1).max() <= 4
    assert body.skin_weights.min() >= 0
    joints, weights = body.four_weights
    again = np.zeros_like(body.skin_weights)
    np.put_along_axis(again, joints, weights, axis=1)
    np.testing.assert_allclose(again, body.skin_weights, atol=1e-6)


def test_numbered_vertices_are_the_right_points(body: Body) -> None:
    """The 21 vertices that smplx adds to its joints."""
    v = body.template
    head, eye = joint(body, "head"), (joint(body, "left_eye") + joint(body, "right_eye")) / 2
    face = v[(v[:, 1] > head[1] - 0.05) & (v[:, 1] < eye[1]) & (np.abs(v[:, 0]) < 0.03)]
    np.testing.assert_allclose(v[9120], face[face[:, 2].argmax()], atol=0.015)
    for side, sign, eye_vertex, ear in (("left", 1, 9448, 6), ("right", -1, 9929, 616)):
        np.testing.assert_allclose(v[eye_vertex], joint(body, f"{side}_eye") + np.array([0, 0, 0.0147]), atol=0.003)
        assert 0.07 < v[ear, 0] * sign < 0.11
        assert abs(v[ear, 1] - eye[1]) < 0.05
    for hand, side in enumerate(HANDS):
        for finger, name in enumerate(FINGERS):
            tip, last = body.fingertips[hand, finger], joint(body, f"{side}_{name}3")
            bone = last - joint(body, f"{side}_{name}2")
            ahead = (tip - last) @ bone / np.linalg.norm(bone)
            assert 0.012 < ahead < 0.035
            assert np.linalg.norm((tip - last) - ahead * bone / np.linalg.norm(bone)) < 0.015
    for sign, (big, small, heel) in ((1, (5770, 5780, 8846)), (-1, (8463, 8474, 8635))):
        assert v[[big, small, heel], 1].max() < v[:, 1].min() + 0.08
        assert v[heel, 2] < v[small, 2] < v[big, 2] + 0.01
        assert v[big, 0] * sign < v[small, 0] * sign


def test_landmarks_lie_on_the_face(body: Body) -> None:
    faces = body.file.arrays["lmk_faces_idx"].astype(int)
    bary = np.asarray(body.file.arrays["lmk_bary_coords"], float)
    points = (body.template[body.faces[faces]] * bary[..., None]).sum(1)
    assert len(np.unique(faces)) > 40
    assert points[:, 2].min() > 0.08
    np.testing.assert_allclose(points[19:25, 0].mean(), joint(body, "right_eye")[0], atol=0.006)
    np.testing.assert_allclose(points[25:31].mean(0)[:2], joint(body, "left_eye")[:2], atol=0.008)
    mouth, nose = points[31:].mean(0), points[13]
    assert mouth[1] < nose[1] < joint(body, "left_eye")[1]


def test_no_face_action_moves_a_joint(body: Body) -> None:
    moved = np.einsum("jv,vak->kja", body.file.arrays["J_regressor"], body.file.arrays["shapedirs"][..., 300:362])
    assert np.abs(moved).max() < 1e-4


def test_expression_columns_are_sums_of_actions(body: Body) -> None:
    columns = body.file.arrays["shapedirs"]
    for k, names in enumerate(EXPRESSIONS.values()):
        total = sum(columns[..., 310 + FACE_INDEX[name]] for name in names)
        np.testing.assert_allclose(columns[..., 300 + k], total, atol=1e-5)
    assert tuple(body.file.arrays["face_actions"]) == FACE_ACTIONS


def test_a_fist_closes(body: Body) -> None:
    assert body.finger_axes is not None
    bends = np.radians([85, 100, 65] * 4 + [0, 0, 0]).astype(np.float32)
    vertices = posed(body, body.finger_axes[:, :, 0] * bends[None, :, None])
    for hand, side in enumerate(HANDS):
        palm = (joint(body, f"{side}_middle1") + joint(body, f"{side}_wrist")) / 2
        tips = vertices[np.array([[4933, 5058, 5286, 5169], [7669, 7794, 8022, 7905]])[hand]]
        assert np.linalg.norm(tips - palm, axis=1).max() < 0.06
        assert (tips[:, 1] < palm[1]).all()


def test_finger_axes_turn_the_way_they_say(body: Body) -> None:
    axes = body.finger_axes
    assert axes is not None
    np.testing.assert_allclose(np.linalg.norm(axes, axis=-1), 1, atol=1e-5)
    flex, aside, bone = axes[..., 0, :], axes[..., 1, :], axes[..., 2, :]
    palm, thumb_side = np.array([0, -1, 0]), np.array([0, 0, 1])
    assert (np.cross(flex, bone)[:, :12] @ palm > 0.95).all()
    assert (np.cross(aside, bone)[:, :12] @ thumb_side > 0.95).all()
    # The thumb flexes across the palm, towards the little finger, and is spread out in front of it.
    assert (np.cross(flex, bone)[:, 12:] @ thumb_side < -0.3).all()
    assert (np.cross(aside, bone)[:, 12:] @ palm > 0.3).all()


@pytest.mark.parametrize(
    ("finger", "curl", "thumb"),
    [("index", (45, 50, 25), (20, 25, 20)), ("middle", (52, 50, 25), (28, 28, 20))],
)
def test_the_thumb_opposes(body: Body, finger: str, curl: tuple[int, ...], thumb: tuple[int, ...]) -> None:
    axes = body.finger_axes
    assert axes is not None
    pose = np.zeros((2, 15, 3), np.float32)
    first = 3 * FINGERS.index(finger)
    pose[:, first : first + 3] = np.radians(curl)[None, :, None] * axes[:, first : first + 3, 0]
    pose[:, 12:] = np.radians(thumb)[None, :, None] * axes[:, 12:, 0]
    pose[:, 12] += np.radians(10) * axes[:, 12, 1]
    vertices = posed(body, pose)
    for tips in ((5361, {"index": 4933, "middle": 5058}), (8079, {"index": 7669, "middle": 7794})):
        assert np.linalg.norm(vertices[tips[0]] - vertices[tips[1][finger]]) < 0.035


def test_a_blink_closes_the_eyes(body: Body) -> None:
    """No vertex of the iris is the foremost thing at its place any more."""
    weights = torch.zeros(1, 52)
    weights[0, [FACE_INDEX["eyeBlinkLeft"], FACE_INDEX["eyeBlinkRight"]]] = 1
    vertices = body.pose(Motion(torch.zeros(1, 133), face=weights)).vertices[0].numpy()
    regions = body.file.arrays["regions"]
    column = list(body.file.arrays["region_names"]).index("pupil")
    pupil = vertices[regions[:, column] > 128]
    near = (vertices[body.faces].mean(1)[:, 2] > 0.1) & ~(regions[body.faces, column] > 128).any(1)
    corners = vertices[body.faces[near]]
    for point in pupil:
        assert any_in_front(corners, point)


def any_in_front(corners: NDArray[np.float32], point: NDArray[np.float32]) -> bool:
    """Is one of the triangles (f, 3, 3) before the point, seen from the front?"""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    safe = np.where(np.abs(area) < 1e-12, 1e-12, area)
    s = ((point[0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (point[1] - a[:, 1]) * (c[:, 0] - a[:, 0])) / safe
    t = ((b[:, 0] - a[:, 0]) * (point[1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (point[0] - a[:, 0])) / safe
    depth = a[:, 2] + s * (b[:, 2] - a[:, 2]) + t * (c[:, 2] - a[:, 2])
    return bool(((s >= 0) & (t >= 0) & (s + t <= 1) & (depth > point[2] + 1e-4)).any())


def test_brows_move_enough_to_be_seen(body: Body) -> None:
    column = list(body.file.arrays["region_names"]).index("brows")
    brows = body.file.arrays["regions"][:, column] > 90
    up = sum(body.shapes[name][brows, 1] for name in EXPRESSIONS["brows_up"])
    down = sum(body.shapes[name][brows, 1] for name in EXPRESSIONS["brows_down"])
    assert up.mean() > 0.006
    assert down.mean() < -0.002


def test_the_tree_is_smplx(body: Body) -> None:
    assert body.parents == PARENTS
    assert body.upper_faces.max() < len(body.template)
    assert 0.5 < len(body.upper_faces) / len(body.faces) < 1
