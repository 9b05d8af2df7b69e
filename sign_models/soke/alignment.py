"""When which sign is made: an estimate, for the network does not say.

The motion is laid along the retrieved signs, one after another in signing order, by the cheapest left-to-right path
(Viterbi). Between two signs, and before the first and after the last, lies a wait that any posture fits equally well.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Array = NDArray[np.float64]

UNLIKE = 2.0
"""A frame fits the wait where it is so many times as far from every sign as frames of this motion usually are."""
LEAST = 0.02
"""... but at least so far (mean square, in spreads of the features): a motion may follow its signs to the bit. As much
does a frame of a sign cost that is held or left out: signs run at their own pace if they can."""


def align(motion: Array, signs: Sequence[Array]) -> list[tuple[int, int]]:
    """motion: (t, d) features, signs: (n, d) each, all divided by their spread -> first and last frame + 1 of each.

    Every sign gets at least one frame, in order; ValueError for more signs than frames.
    """
    if len(signs) > len(motion):
        raise ValueError(f"{len(motion)} frames cannot hold {len(signs)} signs.")
    if not signs:
        return []
    signs = _thinned(signs, len(motion))
    owner = np.array([-1, *(number for i, sign in enumerate(signs) for number in (*[i] * len(sign), -1))])
    distance = cdist(motion, np.concatenate(signs), "sqeuclidean") / motion.shape[1]
    wait = max(UNLIKE * float(np.median(distance.min(1))), LEAST)
    cost = np.full((len(motion), len(owner)), wait)
    cost[:, owner >= 0] = distance
    stay = np.where(owner < 0, 0.0, wait)
    leap = np.full(len(owner), wait)
    leap[2:][(owner[2:] < 0) & (owner[:-2] < 0)] = np.inf  # over a sign of one frame
    state = _path(cost, stay, leap)
    path = owner[state]
    frames = [np.flatnonzero(path == i) for i in range(len(signs))]
    return [(int(own[0]), int(own[-1]) + 1) for own in frames]


def _thinned(signs: Sequence[Array], frames: int) -> list[Array]:
    """Signs that together are no longer than the motion."""
    share = min(1.0, frames / sum(map(len, signs)))
    counts = [max(1, int(share * len(sign))) for sign in signs]
    while sum(counts) > frames:  # many signs of one frame each
        counts[int(np.argmax(counts))] -= 1
    return [
        sign[np.linspace(0, len(sign) - 1, count).round().astype(int)]
        for sign, count in zip(signs, counts, strict=True)
    ]


def _path(cost: Array, stay: Array, leap: Array) -> NDArray[np.intp]:
    """(t, m) cost -> (t,) the state of each frame: it stays, goes on by one, or leaves one out.

    stay, leap: (m,) what it costs to stay in a state, and to come to it over the one before.
    """
    t, m = cost.shape
    total = np.full(m, np.inf)
    total[:2] = cost[0, :2]
    came = np.zeros((t, m), dtype=np.intp)
    for frame in range(1, t):
        ways = np.full((3, m), np.inf)
        ways[0] = total + stay
        ways[1, 1:] = total[:-1]
        ways[2, 2:] = total[:-2] + leap[2:]
        came[frame] = ways.argmin(0)
        total = ways.min(0) + cost[frame]
    path = np.zeros(t, dtype=np.intp)
    path[-1] = m - 1 if total[-1] <= total[-2] else m - 2
    for frame in range(t - 1, 0, -1):
        path[frame - 1] = path[frame] - came[frame, path[frame]]
    return path
