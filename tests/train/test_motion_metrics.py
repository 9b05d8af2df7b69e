import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from train.metrics import joints
from train.metrics.dtw import dtw


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


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10_000))
def test_dtw_equals_the_double_loop(n: int, m: int, seed: int) -> None:
    cost = np.random.default_rng(seed).random((n, m))
    warped = dtw(cost)
    total, length = plain_dtw(cost)
    assert warped.total == pytest.approx(total, abs=1e-9)
    assert warped.length == length


def test_dtw_of_a_clip_with_itself_is_zero_and_slowing_down_is_free() -> None:
    clip = np.random.default_rng(0).normal(size=(9, 144, 3))
    slow = clip.repeat(2, axis=0)
    for measure in joints.MEASURES:
        assert joints.dtw_jpe(measure, clip, clip).total == pytest.approx(0, abs=1e-9)
        assert joints.dtw_jpe(measure, slow, clip).total == pytest.approx(0, abs=1e-9)


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


def test_pa_cost_equals_umeyama_pair_by_pair() -> None:
    generator = np.random.default_rng(1)
    x, y = generator.normal(size=(3, 144, 3)), generator.normal(size=(4, 144, 3))
    for measure in joints.MEASURES:
        cost = joints.pa_jpe_cost(measure, x, y)
        fitted = list(range(144)) if measure.fitted is None else list(measure.fitted)
        picked = list(measure.joints)
        for i in range(3):
            for j in range(4):
                scale, rotation, shift = umeyama(x[i, fitted], y[j, fitted])
                moved = scale * x[i, picked] @ rotation.T + shift
                assert cost[i, j] == pytest.approx(np.linalg.norm(moved - y[j, picked], axis=1).mean(), abs=1e-9)


def test_pa_forgives_a_similarity_and_jpe_does_not() -> None:
    clip = np.random.default_rng(2).normal(size=(5, 144, 3))
    moved = 1.3 * clip @ Rotation.from_euler("y", 40, degrees=True).as_matrix().T + np.array([1.0, 2.0, 3.0])
    for measure in joints.MEASURES:
        assert joints.dtw_pa_jpe(measure, moved, clip).total == pytest.approx(0, abs=1e-6)
        assert joints.dtw_jpe(measure, moved, clip).total > 0.1


def test_jpe_ignores_where_the_origin_joint_is() -> None:
    clip = np.random.default_rng(3).normal(size=(5, 144, 3))
    for measure in joints.MEASURES:
        assert joints.dtw_jpe(measure, clip + 7.0, clip).total == pytest.approx(0, abs=1e-9)


def test_joint_table_and_the_papers_average() -> None:
    """Joint numbers and the printed triples of soke.md section 5.1."""
    body, left, right = joints.MEASURES
    assert sorted(body.joints) == [12, 16, 17, 18, 19, 20, 21, 55, 56, 57, 58, 59]
    assert left.joints[:4] == (20, 37, 38, 39)
    assert right.joints[:4] == (21, 52, 53, 54)
    assert [len(m.joints) for m in joints.MEASURES] == [12, 21, 21]
    for printed, body_value, hand_value in ((3.34, 6.82, 2.35), (2.72, 6.24, 1.71), (2.13, 4.77, 1.38)):
        mean = joints.average({"body": body_value, "left_hand": hand_value, "right_hand": hand_value})
        assert mean == pytest.approx(printed, abs=0.006)
