"""How far apart two sets of clips are in the space of some features: Fréchet and kernel distance, and spread."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]


def frechet(made: Array, real: Array) -> float:
    """Squared 2-Wasserstein distance of two Gaussians fitted to (n, d) and (m, d); covariances by n - 1."""
    gap = made.mean(0) - real.mean(0)
    first, second = _covariance(made), _covariance(real)
    # tr sqrt(A B) is the sum of the square roots of the eigenvalues of the symmetric sqrt(A) B sqrt(A)
    root = _root(first)
    common = np.sqrt(np.maximum(linalg.eigvalsh(root @ second @ root), 0)).sum()
    return float(gap @ gap + np.trace(first) + np.trace(second) - 2 * common)


def kernel(made: Array, real: Array, paired: bool = False) -> float:
    """Unbiased squared maximum mean discrepancy with the kernel (x . y / d + 1)^3; may be a little below 0.

    paired: row i of one is made after row i of the other, so that pair is left out as a row and itself are.
    """
    d = made.shape[1]

    def like(x: Array, y: Array) -> Array:
        return np.asarray((x @ y.T / d + 1) ** 3)

    n = len(made)
    within = [(like(x, x).sum() - np.trace(like(x, x))) / (len(x) * (len(x) - 1)) for x in (made, real)]
    across = like(made, real)
    mean = (across.sum() - np.trace(across)) / (n * (n - 1)) if paired else across.mean()
    return float(within[0] + within[1] - 2 * mean)


def spread(features: Array) -> float:
    """Mean distance of two different rows (n, d); 0 for a single one."""
    if len(features) < 2:
        return 0.0
    squares = np.square(features).sum(1)
    gaps = np.sqrt(np.maximum(squares[:, None] + squares - 2 * features @ features.T, 0))
    return float(gaps.sum() / (len(features) * (len(features) - 1)))


def interval(
    rows: int,
    measure: Callable[[NDArray[np.int64]], float],
    draws: int = 200,
    share: float = 0.95,
    seed: int = 0,
    around: float | None = None,
) -> tuple[float, float]:
    """Bootstrap interval: ``measure`` of ``rows`` indices drawn with replacement, the middle ``share`` of ``draws``.

    around: the interval is shifted so that the mean of the draws is this. A distance between sets needs it: draws hold
    some clips twice, so they lie further apart than the sets themselves.
    """
    generator = np.random.default_rng(seed)
    values = [measure(generator.integers(0, rows, rows)) for _ in range(draws)]
    low, high = np.nanquantile(values, [(1 - share) / 2, (1 + share) / 2])
    shift = 0.0 if around is None else around - float(np.nanmean(values))
    return float(low) + shift, float(high) + shift


def _covariance(features: Array) -> Array:
    if len(features) < 2:
        raise ValueError(f"{len(features)} clip has no covariance; 2 or more are needed.")
    return np.atleast_2d(np.cov(features, rowvar=False))


def _root(matrix: Array) -> Array:
    values, vectors = linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
