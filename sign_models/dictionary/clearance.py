"""Ways between signs bent outward where a hand would cut through the head, the trunk or the other hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sign_models.dictionary.bridges import smoothstep
from sign_models.dictionary.lanes import Gap
from sign_models.hamnosys.collision import RADII, hand_balls
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.track import Track

Array = NDArray[np.float64]

BODY_MARGIN = 0.025
HAND_MARGIN = 0.006
"""Metres of air wanted in the middle of a way; towards its ends as much as the signs themselves leave."""
ROUNDS = 10
CALM = 25.0
"""Metres per second squared that a bump may add to a movement; what needs more gets more time."""
_FORWARD = np.array([0.0, 0.0, 0.6])
"""Added to the way out of the body: there is always room in front of a signer."""
_FLAT = 0.3
"""A push near the end of a way is made as if the bump were at least this high there, so that it does not explode."""


def clear(track: Track, gaps: Sequence[Gap], figure: Figure) -> tuple[Track, dict[int, int]]:
    """The track with a smooth bump on each gap that needs one; what lies outside the gaps is not touched.

    Also, by the frame where a gap ends, the frames that are missing for its bump to be made without haste.
    """
    bumps = {gap: (64 * _share(gap) ** 3 * (1 - _share(gap)) ** 3)[:, None] for gap in gaps}
    wrists = track.wrists.copy()
    # The bump moves hands without turning them, so the balls are found once and only carried along.
    balls = hand_balls(figure, wrists, track.palms, track.fingers)
    open_gaps = set(gaps)
    for _ in range(ROUNDS):
        pushes = {gap: _body_push(gap, balls, figure) + _hand_push(gap, gaps, balls) for gap in open_gaps}
        pushed = [gap for gap, push in pushes.items() if push.any()]
        if not pushed:
            break
        for gap in pushed:
            way = bumps[gap] * pushes[gap]
            wrists[gap.start : gap.end, gap.hand] += way
            balls[gap.start : gap.end, gap.hand] += way[:, None]
        # Who was clear stays clear, unless one met on the way has just been moved.
        open_gaps = {gap for gap in gaps if any(gap is other or _meet(gap, other) for other in pushed)}
    heights = {gap: np.linalg.norm(wrists - track.wrists, axis=-1)[gap.start : gap.end, gap.hand].max() for gap in gaps}
    missing: dict[int, int] = {}
    for gap, height in heights.items():
        # The bump's own acceleration is at most 24 times its height by the square of its time.
        wanted = np.ceil(np.sqrt(24 * height / CALM) * track.fps)
        missing[gap.end] = max(missing.get(gap.end, 0), int(wanted) - (gap.end - gap.start + 1))
    return replace(track, wrists=wrists), {end: frames for end, frames in missing.items() if frames > 0}


def _meet(one: Gap, other: Gap) -> bool:
    return one.hand != other.hand and one.start < other.end and other.start < one.end


def _share(gap: Gap) -> Array:
    """(n,) how far each frame is across the gap, 0..1 without the ends."""
    n = gap.end - gap.start
    return np.arange(1, n + 1) / (n + 1.0)


def _wanted(share: Array, margin: float, first: float, last: float) -> Array:
    """(n,) metres of air: ``margin`` in the middle, at either end what is there already."""
    middle = smoothstep(np.minimum(share, 1 - share) / 0.5)
    ends = np.minimum(margin, np.where(share < 0.5, first, last))
    return middle * margin + (1 - middle) * ends


def _body_push(gap: Gap, balls: Array, figure: Figure) -> Array:
    """(3,) metres to add to the height of the gap's bump."""
    seen = balls[gap.start - 1 : gap.end + 1, gap.hand]
    far, out = figure.distance.with_slope(seen)
    air = (far - RADII).min(-1)
    ball = (far - RADII).argmin(-1)
    share = _share(gap)
    lack = _wanted(share, BODY_MARGIN, air[0], air[-1]) - air[1:-1]
    return _push(lack, share, out[np.arange(len(ball)), ball][1:-1] + _FORWARD)


def _hand_push(gap: Gap, gaps: Sequence[Gap], balls: Array) -> Array:
    """The same for the other hand; when both are on their way each gives way by half."""
    seen = balls[gap.start - 1 : gap.end + 1]
    mine, other = seen[:, gap.hand], seen[:, 1 - gap.hand]
    if np.linalg.norm(mine[:, 1] - other[:, 1], axis=-1).min() > 0.35:
        return np.zeros(3)
    apart = mine[:, :, None] - other[:, None]
    air = np.linalg.norm(apart, axis=-1) - RADII[:, None] - RADII
    air = air.reshape(len(seen), -1).min(-1)
    share = _share(gap)
    lack = _wanted(share, HAND_MARGIN, air[0], air[-1]) - air[1:-1]
    both = any(_meet(gap, other) for other in gaps)
    away = (mine[:, 1] - other[:, 1])[1:-1]
    return _push(lack, share, away / np.linalg.norm(away, axis=-1, keepdims=True)) * (0.6 if both else 1.0)


def _push(lack: Array, share: Array, direction: Array) -> Array:
    worst = int(lack.argmax())
    if lack[worst] < 1e-4:
        return np.zeros(3)
    height = max(64 * share[worst] ** 3 * (1 - share[worst]) ** 3, _FLAT)
    way = direction[worst] / np.linalg.norm(direction[worst])
    return np.asarray(lack[worst] / height * way)
