"""How much of a codebook is used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Use:
    """share: codes that appear at all. perplexity: so many equally frequent codes would be as varied."""

    share: float
    perplexity: float


def use(codes: Iterable[int], size: int) -> Use:
    """codes: those of all clips of one part; size: of its codebook."""
    counts = np.bincount(np.fromiter(codes, dtype=np.int64), minlength=size).astype(float)
    if len(counts) > size:
        raise ValueError(f"A code is {len(counts) - 1}; the codebook has {size}.")
    if not counts.sum():
        return Use(0.0, 0.0)
    share = counts[counts > 0] / counts.sum()
    return Use(float((counts > 0).mean()), float(np.exp(-(share * np.log(share)).sum())))


def uses(clips: Iterable[Sequence[Sequence[int]]], sizes: Sequence[int]) -> list[Use]:
    """clips: codes (k, s) of each clip -> the use of each part's codebook."""
    parts: list[list[int]] = [[] for _ in sizes]
    for clip in clips:
        for part, row in zip(parts, clip, strict=True):
            part.extend(row)
    return [use(codes, size) for codes, size in zip(parts, sizes, strict=True)]
