"""Which frames of a clip are used: the published length and frame rate rules (soke.md sections 1.3 and 2.2)."""

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError

Index = NDArray[np.int64]


def fit_length(length: int, shortest: int, longest: int, multiple: int) -> Index:
    """Frames to keep of ``length``: a short clip is stretched, a long one thinned, any other cropped in the middle.

    The result has a multiple of ``multiple`` frames, as long as ``shortest`` and ``longest`` are such multiples too.
    """
    if length < 1 or shortest % multiple or longest % multiple or not 0 < shortest <= longest:
        raise ValueError(
            f"length {length}, shortest {shortest}, longest {longest}: multiples of {multiple} are needed."
        )
    if length < shortest:
        return np.linspace(0, length - 1, shortest).astype(np.int64)
    if length > longest:
        return np.linspace(0, length - 1, longest).astype(np.int64)
    whole = length // multiple * multiple
    start = (length - whole) // 2
    return np.arange(start, start + whole)


def thin_to(length: int, fps: float, most: float) -> Index:
    """Frames of a clip at ``fps`` that remain at ``most`` frames a second; all of them when it is no faster."""
    if fps <= 0:
        raise SignError(f"A clip has {fps:g} frames a second; a rate above 0 is needed.")
    if fps <= most:
        return np.arange(length)
    count = int(most * length / fps)
    return np.arange(count) * length // max(count, 1)


def jitter(length: int, generator: np.random.Generator, multiple: int, share: float) -> slice:
    """The published change of token sequences: a middle crop to ``multiple``, then with ``share`` one end loses one."""
    whole = max(length // multiple * multiple, min(length, multiple))
    start = (length - whole) // 2
    stop = start + whole
    if whole > 1 and generator.random() < share:
        head = generator.random() < 0.5
        start, stop = start + head, stop - (not head)
    return slice(start, stop)
