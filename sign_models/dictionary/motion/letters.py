"""Showing letters: the hand stands still long enough to be read, drifts outward, slides for a double letter."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sign_models.dictionary.motion.cuts import pick
from sign_models.hamnosys.track import Track, palm_centres
from sign_models.types import FPS

Array = NDArray[np.float64]

HOLD = 0.2
"""Seconds a still letter stands at tempo 1."""
READABLE = 0.16
"""Seconds a still letter stands at any tempo: below this, letters are felt but not read."""
FIRST_EXTRA, LAST_EXTRA = 0.08, 0.12
"""Seconds more for the first and the last letter, as spellers do."""

DRIFT = 0.008
"""Metres a letter moves on outward from the one before."""
SLIDE = 0.035
"""Metres a repeated letter slides outward."""
MOST_DRIFT = 0.10
"""Metres the whole word may move; a long word drifts less a letter."""

_STILL_METRES, _STILL_RADIANS = 0.015, 0.15


def is_still(track: Track) -> bool:
    """Whether a letter is a posture (A) and not a movement (J, Z)."""
    travel = np.linalg.norm(track.wrists - track.wrists[:1], axis=-1).max()
    turn = np.linalg.norm(track.palms - track.palms[:1], axis=(-2, -1)).max() / np.sqrt(2)
    bend = np.linalg.norm(track.fingers - track.fingers[:1], axis=-1).max()
    return bool(travel < _STILL_METRES and max(turn, bend) < _STILL_RADIANS)


def letter_track(track: Track, tempo: float, place: int, count: int) -> Track:
    """A letter as it is shown: a posture held long enough to be read, a movement as it is."""
    extra = FIRST_EXTRA * (place == 0) + LAST_EXTRA * (place == count - 1)
    frames = round(max(READABLE, (HOLD + extra) / tempo) * FPS)
    last = len(track) - 1
    if is_still(track):
        return pick(track, np.full(frames, last // 2))
    # The end of the movement is part of what is read: it stands for half the time of a letter.
    return pick(track, np.append(np.arange(len(track)), np.full(frames // 2, last)))


def gathered(track: Track, uses: tuple[bool, bool], first: Track) -> Track:
    """A one-handed letter brought to where the first letter of its word is shown; others stay where they are."""
    if uses[0] == uses[1]:
        return track
    hand = 0 if uses[0] else 1
    wrists = track.wrists.copy()
    wrists[:, hand] += palm_centres(first, hand)[0] - palm_centres(track, hand)[0]
    return replace(track, wrists=wrists)


def letter_shift(track: Track, uses: tuple[bool, bool], letters: Sequence[str], place: int) -> Track:
    """The letter at ``place``, moved outward: the right hand to the signer's right, a left hand to the left."""
    steps = [SLIDE if letters[i] == letters[i - 1] else DRIFT for i in range(1, len(letters))]
    scale = min(1.0, MOST_DRIFT / max(sum(steps), 1e-9))
    outward = -1.0 if uses[1] else 1.0
    shift = np.array([outward * scale * sum(steps[:place]), 0.0, 0.0])
    return replace(track, wrists=track.wrists + shift * np.array(uses, dtype=float)[:, None])
