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
HAND_MARGIN = 0.012
"""Metres of air wanted in the middle of a way; towards its ends as much as the signs themselves leave."""
ROUNDS = 10
_FORWARD = np.array([0.0, 0.0, 0.6])
"""Added to the way out of the body: there is always room in front of a signer."""
_FLAT = 0.3
"""A push near the end of a way is made as if the bump were at least this high there, so that it does not explode."""


def clear(track: Track, gaps: Sequence[Gap], figure: Figure) -> Track:
    """The track with a smooth bump on each gap that needs one; what lies outside the gaps is not touched."""
    bumps = [(64 * _share(gap) ** 3 * (1 - _share(gap)) ** 3)[:, None] for gap in gaps]
    wrists = track.wrists.copy()
    # The bump moves hands without turning them, so the balls are found once and only carried along.
    balls = hand_balls(figure, wrists, track.palms, track.fingers)
    for _ in range(ROUNDS):
        pushes = [_body_push(gap, balls, figure) + _hand_push(gap, gaps, balls) for gap in gaps]
        if not any(push.any() for push in pushes):
            break
        for gap, bump, push in zip(gaps, bumps, pushes, strict=True):
            wrists[gap.start : gap.end, gap.hand] += bump * push
            balls[gap.start : gap.end, gap.hand] += (bump * push)[:, None]
    return replace(track, wrists=wrists)


def _share(gap: Gap) -> Array:
    """(n,) how far each frame is across the gap, 0..1 without the ends."""
    n = gap.end - gap.start
    return np.arange(1, n + 1) / (n + 1.0)


def _wanted(share: Array, margin: float, first: float, last: float) -> Array:
    """(n,) metres of air: ``margin`` in the middle, at either end what is there already."""
    middle = smoothstep(np.minimum(share, 1 - share) / 0.35)
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
    both = any(g.hand != gap.hand and g.start < gap.end and gap.start < g.end for g in gaps)
    away = (mine[:, 1] - other[:, 1])[1:-1]
    return _push(lack, share, away / np.linalg.norm(away, axis=-1, keepdims=True)) * (0.6 if both else 1.0)


def _push(lack: Array, share: Array, direction: Array) -> Array:
    worst = int(lack.argmax())
    if lack[worst] < 1e-4:
        return np.zeros(3)
    height = max(64 * share[worst] ** 3 * (1 - share[worst]) ** 3, _FLAT)
    way = direction[worst] / np.linalg.norm(direction[worst])
    return np.asarray(lack[worst] / height * way)
