"""Tracks put together from frames of other tracks."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from sign_models.hamnosys.track import Track

CHANNELS = tuple(field.name for field in fields(Track) if field.name != "fps")
"""The arrays of a track, all with frames first."""


def pick(track: Track, frames: NDArray[np.intp]) -> Track:
    """The frames with these numbers, in this order; a number may come more than once."""
    return replace(track, **{name: getattr(track, name)[frames] for name in CHANNELS})
