"""Dynamic time warping over given cost matrices, a whole anti-diagonal at a time (soke.md section 5.1).

Steps (1, 1), (1, 0), (0, 1) with equal weight and no window, as in the SOKE evaluation. Matrices of one size are warped
together: most of the time goes into starting an operation, not into its numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Warped:
    """total: cost summed along the cheapest path (the published number); length: cells on that path."""

    total: float
    length: int

    @property
    def mean(self) -> float:
        """Cost a cell of the path: comparable between clips of different lengths."""
        return self.total / self.length


def dtw(cost: Array) -> Warped:
    """cost: (n, m), finite, n and m at least 1."""
    return dtw_many(cost[None])[0]


def dtw_many(costs: Array) -> list[Warped]:
    """costs: (k, n, m), each matrix warped by itself."""
    _checked(costs)
    k, n, m = costs.shape
    total = _totals(costs)
    return [Warped(float(total[n + m, i, n]), len(_path(total[:, i], n, m))) for i in range(k)]


def dtw_path(cost: Array) -> NDArray[np.int64]:
    """cost: (n, m). The cells of its cheapest path from first to last, (length, 2)."""
    _checked(cost[None])
    return np.array(_path(_totals(cost[None])[:, 0], *cost.shape)[::-1], np.int64)


def _checked(costs: Array) -> None:
    if costs.ndim != 3 or not costs.size or not np.isfinite(costs).all():
        raise ValueError(f"The cost matrices have shape {costs.shape[1:]}; finite, non-empty (n, m) are needed.")


def _totals(costs: Array) -> Array:
    """(n + m + 1, k, n + 1): [d + 2, :, i + 1] is the cheapest path to cell (i, d - i); the outside is infinitely far.

    A diagonal is one row of numbers, so that each of its three operations is a single pass.
    """
    k, n, m = costs.shape
    skewed = np.full((n + m - 1, k, n + 1), np.inf)  # cost of cell (i, d - i) at [d, :, i + 1]
    row, matrix, number = skewed.strides
    as_strided(skewed[:, :, 1:], (k, n, m), (matrix, row + number, row))[:] = costs
    total = np.full((n + m + 1, k, n + 1), np.inf)
    total[0, :, 0] = 0.0  # the cell before the first one
    flat = total.reshape(n + m + 1, -1)
    below, here = list(flat[:, :-1]), list(flat[:, 1:])
    for d, cost in enumerate(skewed.reshape(n + m - 1, -1)[:, 1:]):
        best = here[d + 2]
        np.minimum(below[d + 1], here[d + 1], out=best)
        np.minimum(best, below[d], out=best)
        np.add(best, cost, out=best)
    return total


def _path(total: Array, n: int, m: int) -> list[tuple[int, int]]:
    """Cells of a cheapest path, walked back from the end; ties prefer the diagonal step, then the one in n."""
    i, d, at = n - 1, n + m - 2, total.item
    cells = [(i, d - i)]
    while d:
        diagonal, down, across = at(d, i), at(d + 1, i), at(d + 1, i + 1)
        if diagonal <= down and diagonal <= across:
            i, d = i - 1, d - 2
        elif down <= across:
            i, d = i - 1, d - 1
        else:
            d -= 1
        cells.append((i, d - i))
    return cells
