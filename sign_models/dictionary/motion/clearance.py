"""Ways between signs bent outward where a hand would cut through the head, the trunk or the other hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sign_models.dictionary.motion.bridges import smoothstep
from sign_models.dictionary.motion.lanes import Gap
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.surface.collision import RADII, hand_balls
from sign_models.hamnosys.track import Track
from sign_models.skeleton import HANDS

Array = NDArray[np.float64]

BODY_MARGIN = 0.025
HAND_MARGIN = 0.006
"""Metres of air wanted in the middle of a way; towards its ends as much as the signs themselves leave."""
LEAST = 5e-4
"""Metres of air whose lack is let be."""
ROUNDS, HAND_ROUNDS = 14, 9
"""Pushes made, and of them those that part the hands: the body has the last word."""
SHOULDER_MARGIN = 0.2
"""Metres between a wrist and its own shoulder on the way: nearer, the elbow cannot fold."""
CALM = 25.0
"""Metres per second squared that a bump may add to a movement; what needs more gets more time."""
_FORWARD = np.array([0.0, 0.0, 1.0])
"""There is always room in front of a signer."""
_SKIN = 0.04
"""Metres below the skin from which the shortest way out is no longer trusted: deep inside it may lead anywhere."""
_FIRST_PEAK = 0.2
"""A bump peaks where it is needed most, but not nearer to an end of the gap than this share of it."""


def clear(track: Track, gaps: Sequence[Gap], figure: Figure) -> tuple[Track, dict[int, int]]:
    """The track with a smooth bump on each gap that needs one; what lies outside the gaps is not touched.

    Also, by the frame where a gap ends, the frames that are missing for its bump to be made without haste.
    """
    wrists = track.wrists.copy()
    # The bump moves hands without turning them, so the balls are found once and only carried along.
    balls = hand_balls(figure, wrists, track.palms, track.fingers)
    open_gaps = set(gaps)
    for number in range(ROUNDS):
        pushes = {gap: _body_push(gap, balls, figure) + _shoulder_push(gap, wrists, figure) for gap in open_gaps}
        if number < HAND_ROUNDS:
            pushes = {gap: push + _hand_push(gap, gaps, balls) for gap, push in pushes.items()}
        pushed = [gap for gap, push in pushes.items() if push.any()]
        if not pushed:
            break
        for gap in pushed:
            wrists[gap.start : gap.end, gap.hand] += pushes[gap]
            balls[gap.start : gap.end, gap.hand] += pushes[gap][:, None]
        # Who was clear stays clear, unless one met on the way has just been moved.
        open_gaps = {gap for gap in gaps if any(gap is other or _meet(gap, other) for other in pushed)}
    added = np.linalg.norm(np.diff(wrists - track.wrists, n=2, axis=0), axis=-1) * track.fps**2
    missing: dict[int, int] = {}
    for gap in gaps:
        haste = added[gap.start - 1 : gap.end, gap.hand].max() / CALM
        frames = int(np.ceil((gap.end - gap.start + 1) * (np.sqrt(haste) - 1)))
        missing[gap.end] = max(missing.get(gap.end, 0), frames)
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
    """(n, 3) metres to add on the gap so that the hand keeps clear of head and trunk."""
    seen = balls[gap.start - 1 : gap.end + 1, gap.hand]
    far, out = figure.distance.with_slope(seen)
    air = (far - RADII).min(-1)
    ball = (far - RADII).argmin(-1)
    share = _share(gap)
    lack = _wanted(share, BODY_MARGIN, air[0], air[-1]) - air[1:-1]
    frames = np.arange(len(ball))
    deep = np.clip(-far[frames, ball] / _SKIN, 0.1, 1)[:, None]
    nearest = np.maximum(out[frames, ball], [-1, -1, 0])
    return _push(lack, share, ((1 - deep) * nearest + deep * _FORWARD)[1:-1])


def _shoulder_push(gap: Gap, wrists: Array, figure: Figure) -> Array:
    """The same for the hand's own shoulder."""
    away = wrists[gap.start - 1 : gap.end + 1, gap.hand] - figure.joint(f"{HANDS[gap.hand]}_shoulder")
    air = np.linalg.norm(away, axis=-1) - SHOULDER_MARGIN
    share = _share(gap)
    lack = _wanted(share, 0.0, air[0], air[-1]) - air[1:-1]
    return _push(lack, share, away[1:-1] / np.linalg.norm(away[1:-1], axis=-1, keepdims=True) + _FORWARD)


def _hand_push(gap: Gap, gaps: Sequence[Gap], balls: Array) -> Array:
    """The same for the other hand; when both are on their way each gives way by half."""
    seen = balls[gap.start - 1 : gap.end + 1]
    mine, other = seen[:, gap.hand], seen[:, 1 - gap.hand]
    if np.linalg.norm(mine[:, 1] - other[:, 1], axis=-1).min() > 0.35:
        return np.zeros((gap.end - gap.start, 3))
    apart = mine[:, :, None] - other[:, None]
    air = np.linalg.norm(apart, axis=-1) - RADII[:, None] - RADII
    air = air.reshape(len(seen), -1).min(-1)
    share = _share(gap)
    lack = _wanted(share, HAND_MARGIN, air[0], air[-1]) - air[1:-1]
    both = any(_meet(gap, other) for other in gaps)
    away = (mine[:, 1] - other[:, 1])[1:-1] + _aside(mine[:, 1] - other[:, 1], gap.hand)
    return _push(lack, share, away) * (0.6 if both else 1.0)


def _aside(apart: Array, hand: int) -> Array:
    """(n, 3) what to add to the (n + 2, 3) ways between two hands so that hands that pass do so side by side.

    Without it two hands that change places push each other back along their ways.
    """
    passing = apart[-1] - apart[0]
    length = np.linalg.norm(passing)
    if length < 0.05:
        return np.zeros_like(apart[1:-1])
    along = passing / length
    forward = apart[0, 2] + apart[-1, 2]
    in_front = forward > 0 if abs(forward) > 0.02 else hand == 1
    # One passes in front, the other a little below; behind there may be a body.
    sideways = np.array([0.0, 0.0, 0.05]) if in_front else np.array([0.0, -0.02, 0.0])
    return np.asarray(-(apart[1:-1] @ along)[:, None] * along + sideways)


def _push(lack: Array, share: Array, direction: Array) -> Array:
    """(n, 3) a bump that peaks about where most air is lacking, high enough there."""
    worst = int(lack.argmax())
    if lack[worst] < LEAST:
        return np.zeros((len(share), 3))
    peak = float(np.clip(share[worst], _FIRST_PEAK, 1 - _FIRST_PEAK))
    bump = smoothstep(np.minimum(share / peak, (1 - share) / (1 - peak)))
    way = direction[worst] / max(float(np.linalg.norm(direction[worst])), 1e-6)
    return np.asarray((lack[worst] / max(bump[worst], 0.3) * bump)[:, None] * way)
