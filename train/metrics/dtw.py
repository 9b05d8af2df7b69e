"""Dynamic time warping over a given cost matrix, a whole anti-diagonal at a time (soke.md section 5.1).

Steps (1, 1), (1, 0), (0, 1) with equal weight and no window, as in the SOKE evaluation.
"""

from dataclasses import dataclass

import numpy as np
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
    if cost.ndim != 2 or not cost.size or not np.isfinite(cost).all():
        raise ValueError(f"The cost matrix has shape {cost.shape}; a finite, non-empty (n, m) is needed.")
    n, m = cost.shape
    # diagonals[d + 2, i] = cheapest path to cell (i, d - i); row -1 and column -1 are infinitely far
    total = np.full((n + m + 1, n + 1), np.inf)
    total[0, 0] = 0.0  # the cell before the first one
    rows = np.arange(n)
    for d in range(n + m - 1):
        i = rows[max(0, d - m + 1) : min(n, d + 1)]
        before = np.minimum(np.minimum(total[d + 1, i], total[d + 1, i + 1]), total[d, i])
        total[d + 2, i + 1] = cost[i, d - i] + before
    return Warped(float(total[n + m, n]), _path_length(total, n, m))


def _path_length(total: Array, n: int, m: int) -> int:
    """Cells of a cheapest path, walked back from the end; ties prefer the diagonal step."""
    i, j, length = n - 1, m - 1, 1
    while i or j:
        d = i + j
        # to (i-1, j-1), (i-1, j), (i, j-1); the shifted table makes the outside infinite
        back = (total[d, i], total[d + 1, i], total[d + 1, i + 1])
        step = int(np.argmin(back))
        i -= step in (0, 1)
        j -= step in (0, 2)
        length += 1
    return length
