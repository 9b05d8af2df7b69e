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
    if costs.ndim != 3 or not costs.size or not np.isfinite(costs).all():
        raise ValueError(f"The cost matrices have shape {costs.shape[1:]}; finite, non-empty (n, m) are needed.")
    _, n, m = costs.shape
    total = _totals(np.ascontiguousarray(costs, dtype=np.float64))
    return [Warped(float(one[n + m, n]), _path_length(one, n, m)) for one in total]


def _totals(costs: Array) -> Array:
    """(k, n + m + 1, n + 1): [d + 2, i + 1] is the cheapest path to cell (i, d - i); the outside is infinitely far."""
    k, n, m = costs.shape
    total = np.full((k, n + m + 1, n + 1), np.inf)
    total[:, 0, 0] = 0.0  # the cell before the first one
    # cell (i, d - i) lies d + i * (m - 1) numbers after the first; rows are longer than needed, so the end is padded
    room = np.zeros((k, n * m + n))
    room[:, : n * m] = costs.reshape(k, -1)
    outer, inner = room.strides
    diagonals = as_strided(room, (n + m - 1, k, n), (inner, outer, inner * (m - 1)), writeable=False)
    for d in range(n + m - 1):
        low, high = max(0, d - m + 1), min(n, d + 1)
        here = total[:, d + 2, low + 1 : high + 1]
        np.minimum(total[:, d + 1, low:high], total[:, d + 1, low + 1 : high + 1], out=here)
        np.minimum(here, total[:, d, low:high], out=here)
        here += diagonals[d, :, low:high]
    return total


def _path_length(total: Array, n: int, m: int) -> int:
    """Cells of a cheapest path, walked back from the end; ties prefer the diagonal step, then the one in n."""
    i, d, length, at = n - 1, n + m - 2, 1, total.item
    while d:
        diagonal, down, across = at(d, i), at(d + 1, i), at(d + 1, i + 1)
        if diagonal <= down and diagonal <= across:
            i, d = i - 1, d - 2
        elif down <= across:
            i, d = i - 1, d - 1
        else:
            d -= 1
        length += 1
    return length
