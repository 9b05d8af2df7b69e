"""DTW-JPE and DTW-PA-JPE: equal to plain restatements, and what they forgive and what not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sign_models.measure import joints, points
from sign_models.measure.dtw import dtw, dtw_many
from sign_models.measure.procrustes import fit
from sign_models.registry import load_body
from sign_models.types import Motion


def plain_dtw(cost: np.ndarray) -> tuple[float, int]:
    """The double loop of the textbook, with the length of the cheapest path (diagonal first among equals)."""
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    length = np.zeros((n + 1, m + 1), dtype=int)
    total[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            steps = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
            best = min(steps, key=lambda cell: total[cell])
            total[i, j] = cost[i - 1, j - 1] + total[best]
            length[i, j] = 1 + length[best]
    return float(total[n, m]), int(length[n, m])


def clip(frames: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Points with a middle that does not move, as those of a signer."""
    generator = np.random.default_rng(seed)
    sizes = {"body": 127, "left_hand": 21, "right_hand": 21}
    shapes = {name: np.random.default_rng(count).normal(size=(1, count, 3)) for name, count in sizes.items()}
    return {name: shape + 0.2 * generator.normal(size=(frames, *shape.shape[1:])) for name, shape in shapes.items()}


def changed(points: dict[str, np.ndarray], how: object) -> dict[str, np.ndarray]:
    return {name: how(value) for name, value in points.items()}  # type: ignore[operator]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10_000), st.booleans())
def test_dtw_equals_the_double_loop(n: int, m: int, seed: int, ties: bool) -> None:
    cost = np.random.default_rng(seed).random((n, m))
    cost = np.round(cost, 1) if ties else cost
    warped = dtw(cost)
    total, length = plain_dtw(cost)
    assert warped.total == pytest.approx(total, abs=1e-9)
    if not ties:  # equal paths may have different lengths, and which is cheapest is a matter of rounding
        assert warped.length == length


def test_matrices_warped_together_are_those_warped_alone() -> None:
    costs = np.random.default_rng(0).random((5, 13, 7))
    assert dtw_many(costs) == [dtw(cost) for cost in costs]


def test_dtw_of_a_clip_with_itself_is_zero_and_slowing_down_is_free() -> None:
    one = clip(9)
    slow = changed(one, lambda x: x.repeat(2, axis=0))
    for measure in (joints.dtw_jpe, joints.dtw_pa_jpe):
        for other in (one, slow):
            warped = measure(joints.MEASURES, other, one)
            assert max(row.total for row in warped.values()) == pytest.approx(0, abs=1e-6)


def test_a_cost_matrix_with_holes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(0, 3\)"):
        dtw(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="finite"):
        dtw(np.array([[np.nan]]))


def umeyama(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Scale, rotation, translation that take the points x onto y (Umeyama 1991), restated."""
    x_mean, y_mean = x.mean(0), y.mean(0)
    covariance = (y - y_mean).T @ (x - x_mean) / len(x)
    u, d, vt = np.linalg.svd(covariance)
    s = np.diag([1, 1, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ s @ vt
    scale = np.trace(np.diag(d) @ s) / (x - x_mean).var(axis=0).sum()
    return scale, rotation, y_mean - scale * rotation @ x_mean


def test_costs_equal_the_definitions_pair_by_pair() -> None:
    one, other = clip(3, 1), clip(4, 2)
    for measure in joints.MEASURES:
        x, y = one[measure.name], other[measure.name]
        picked = list(measure.joints)
        pa, plain = joints.pa_jpe_cost(measure, one, other), joints.jpe_cost(measure, one, other)
        assert measure.origin == 0
        for i in range(3):
            for j in range(4):
                scale, rotation, shift = umeyama(x[i], y[j])
                moved = scale * x[i, picked] @ rotation.T + shift
                assert pa[i, j] == pytest.approx(np.linalg.norm(moved - y[j, picked], axis=1).mean(), abs=1e-9)
                away = (x[i, picked] - x[i, 0]) - (y[j, picked] - y[j, 0])
                assert plain[i, j] == pytest.approx(np.linalg.norm(away, axis=1).mean(), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["any", "mirrored", "flat", "line", "same"]))
def test_the_fast_fit_is_the_slow_one(seed: int, kind: str) -> None:
    """Also where a reflection would fit better, and where points lie in a plane; of a line no rotation is unique."""
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(2, 9, 3)), generator.normal(size=(3, 9, 3))
    if kind == "mirrored":
        y = (x[:1] * np.array([1, 1, -1.0])).repeat(3, 0) + 0.1 * y
    if kind == "flat":
        x[..., 2], y[..., 2] = 0, 0
    if kind == "line":
        x, y = x[..., :1] * np.array([1.0, 2, 0]), y[..., :1] * np.array([0.0, 1, 1])
    if kind == "same":
        y = x[[0, 0, 0]] * 1e-3
    x, y = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    made = fit(x, y)
    for i in range(2):
        for j in range(3):
            scale, rotation, _ = umeyama(x[i], y[j])
            assert made.scale[i, j] == pytest.approx(scale, rel=1e-9)
            fitted = made.scale[i, j] * x[i] @ made.rotation[:, :, i, j].T
            assert np.square(fitted - y[j]).sum() == pytest.approx(
                np.square(scale * x[i] @ rotation.T - y[j]).sum(), rel=1e-9, abs=1e-15
            )
            assert np.linalg.det(made.rotation[:, :, i, j]) == pytest.approx(1)


def test_pa_forgives_a_similarity_and_jpe_does_not() -> None:
    one = clip(5, 2)
    turn = 1.3 * Rotation.from_euler("y", 40, degrees=True).as_matrix().T
    moved = changed(one, lambda x: x @ turn + np.array([1.0, 2.0, 3.0]))
    pa, plain = (measure(joints.MEASURES, moved, one) for measure in (joints.dtw_pa_jpe, joints.dtw_jpe))
    for name in pa:
        assert pa[name].total == pytest.approx(0, abs=1e-6)
        assert plain[name].total > 0.1


def test_jpe_ignores_where_the_origin_joint_is_but_not_in_space() -> None:
    one = clip(5, 3)
    moved = changed(one, lambda x: x + np.array([0.3, 0.0, 0.4]))
    for warped in joints.dtw_jpe(joints.MEASURES, moved, one).values():
        assert warped.total == pytest.approx(0, abs=1e-9)
    for warped in joints.dtw_jpe(joints.IN_SPACE, moved, one).values():
        assert warped.mean == pytest.approx(0.5, abs=1e-9)


def test_joint_table_and_the_papers_average() -> None:
    """Joint numbers and the printed triples of soke.md section 5.1."""
    body, left, right = joints.MEASURES
    assert sorted(body.joints) == [12, 16, 17, 18, 19, 20, 21, 55, 56, 57, 58, 59]
    assert [m.name for m in joints.MEASURES] == ["body", "left_hand", "right_hand"]
    assert [len(m.joints) for m in (body, left, right)] == [12, 21, 21]
    for printed, body_value, hand_value in ((3.34, 6.82, 2.35), (2.72, 6.24, 1.71), (2.13, 4.77, 1.38)):
        values = {"body": body_value, "left_hand": hand_value, "right_hand": hand_value}
        assert joints.average(values) == pytest.approx(printed, abs=0.006)
        assert joints.hand(values | {"left_hand": hand_value + 2}) == pytest.approx(hand_value + 1)


def test_measured_points_are_those_of_the_whole_mesh() -> None:
    """The published hand points: SMPL-X's own joint regressor and tip vertices on the posed mesh."""
    motion = Motion(torch.randn(3, 133, generator=torch.Generator().manual_seed(1)) * 0.3)
    body = load_body()
    mesh = body.pose(motion)
    made = points.measurer().points_of(motion)
    np.testing.assert_allclose(made["body"][:, :55], mesh.joints.numpy(), atol=1e-5)
    np.testing.assert_allclose(made["body"][:, 55], mesh.vertices[:, 9120].numpy(), atol=1e-5)
    regressed = np.einsum("jv,tvc->tjc", body.file.arrays["J_regressor"], mesh.vertices.numpy())
    left = (20, 37, 38, 39, 25, 26, 27, 28, 29, 30, 34, 35, 36, 31, 32, 33)
    right = (21, 52, 53, 54, 40, 41, 42, 43, 44, 45, 49, 50, 51, 46, 47, 48)
    tips = {"left_hand": (5361, 4933, 5058, 5169, 5286), "right_hand": (8079, 7669, 7794, 7905, 8022)}
    for name, rows in (("left_hand", left), ("right_hand", right)):
        plain = [regressed[:, rows[0]]]
        for finger, tip in enumerate(tips[name]):
            plain += [regressed[:, rows[1 + 3 * finger + k]] for k in range(3)] + [mesh.vertices[:, tip].numpy()]
        np.testing.assert_allclose(made[name], np.stack(plain, 1), atol=1e-5)


def test_a_licensed_body_gets_the_published_shape() -> None:
    file = load_body().file
    licensed = replace(file, arrays={k: v for k, v in file.arrays.items() if k != "open_body_version"})
    shaped = points.published_shape(licensed)
    moved = shaped.arrays["v_template"] - file.arrays["v_template"]
    plain = sum(beta * file.arrays["shapedirs"][:, :, k] for k, beta in enumerate(points.FIXED_BETAS))
    np.testing.assert_allclose(moved, plain, atol=1e-6)
    assert points.published_shape(file) is file
