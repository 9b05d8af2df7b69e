"""DTW-JPE and DTW-PA-JPE of one pair of clips: seconds, against the plain double loop over all cells."""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sign_models.measure import joints
from sign_models.measure.dtw import dtw_many
from train.bench.report import Figure, Report

Array = NDArray[np.float64]

ABOUT = "the motion metrics of one clip, against the plain double loop"

ROUNDS = 5
SPEED_UP, EQUAL = 50, 1e-9


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frames", type=int, default=200, help="of both clips (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="default %(default)s")


def measure(options: argparse.Namespace) -> Report:
    one, other = (_clip(options.frames, options.seed + k) for k in range(2))
    figures = []
    for name, fast, cell in (
        ("DTW-JPE", joints.dtw_jpe, _plain_jpe),
        ("DTW-PA-JPE", joints.dtw_pa_jpe, _plain_pa_jpe),
    ):
        quick = min(_seconds(partial(fast, joints.MEASURES, one, other)) for _ in range(ROUNDS))
        values = {part: warped.total for part, warped in fast(joints.MEASURES, one, other).items()}
        start = time.perf_counter()
        plain = {row.name: _double_loop(row, cell, one, other) for row in joints.MEASURES}
        slow = time.perf_counter() - start
        figures += [
            Figure(f"{name}, body and hands", quick * 1000, "ms"),
            Figure(f"{name}, plain double loop", slow, "s"),
            Figure(f"{name}, times as fast", slow / quick, at_least=SPEED_UP),
            Figure(f"{name}, largest difference", max(abs(values[part] - plain[part]) for part in plain), "m",
                   at_most=EQUAL),
        ]  # fmt: skip
    figures += _warping_alone(np.stack([joints.jpe_cost(row, one, other) for row in joints.MEASURES]))
    return Report("dtw", figures, {"frames": options.frames, "seed": options.seed})


def _warping_alone(costs: Array) -> list[Figure]:
    quick = min(_seconds(lambda: dtw_many(costs)) for _ in range(ROUNDS))
    slow = sum(_seconds(partial(_accumulate, cost.shape, partial(_given, cost))) for cost in costs)
    return [
        Figure("warping alone, costs given", quick * 1000, "ms"),
        Figure("warping alone, times as fast", slow / quick, at_least=SPEED_UP),
    ]


def _double_loop(row: joints.Measure, cell: Callable[..., float], one: joints.Points, other: joints.Points) -> float:
    """The textbook: every cell of the table makes its own local cost."""
    x, y = one[row.name], other[row.name]
    return _accumulate((len(x), len(y)), lambda i, j: cell(row, x[i], y[j]))


def _accumulate(shape: tuple[int, ...], cost: Callable[[int, int], float]) -> float:
    n, m = shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(m):
            total[i + 1, j + 1] = cost(i, j) + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return float(total[n, m])


def _given(costs: Array, i: int, j: int) -> float:
    return float(costs[i, j])


def _plain_jpe(row: joints.Measure, x: Array, y: Array) -> float:
    picked = list(row.joints)
    return float(np.linalg.norm((x[picked] - x[row.origin]) - (y[picked] - y[row.origin]), axis=1).mean())


def _plain_pa_jpe(row: joints.Measure, x: Array, y: Array) -> float:
    x0, y0 = x - x.mean(0), y - y.mean(0)
    u, s, vt = np.linalg.svd(x0.T @ y0)
    sign = np.sign(np.linalg.det(u @ vt))
    turn = u @ np.diag([1, 1, sign]) @ vt
    scale = (s[0] + s[1] + sign * s[2]) / np.square(x0).sum()
    picked = list(row.joints)
    return float(np.linalg.norm(scale * x0[picked] @ turn - y0[picked], axis=1).mean())


def _clip(frames: int, seed: int) -> dict[str, Array]:
    generator = np.random.default_rng(seed)
    shapes = {"body": 144, "left_hand": joints.HAND_POINTS, "right_hand": joints.HAND_POINTS}
    return {
        name: np.random.default_rng(count).normal(size=(1, count, 3)) + 0.1 * generator.normal(size=(frames, count, 3))
        for name, count in shapes.items()
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
