"""The last word on skin in skin: measured on the mesh, as the arms really bring the hands, and pushed out where needed.

Signs and the ways between them are made so that hands keep clear of body and each other; but arms turn a hand less than
asked, the head moves, and skin is no ball. What is then still deeper inside than flesh gives way is taken out here.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.measuring.passing import Depths, depth_in_body, depth_in_hand
from sign_models.hamnosys.surface.posed import posed
from sign_models.hamnosys.track import Track, palm_centres

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

ALLOWED = 0.008
"""Metres that a hand may be inside head, trunk or the other hand: contacts press a little."""
_ASKED = 0.0065
"""Metres from which on hands that seem by a few points to be in each other are measured."""
LEFT = 0.005
"""Metres of it that are left when it is taken out."""
ROUNDS = 5
"""Pushes at most: a hand that is taken out of one thing may come into another, and the arm turns it anew."""
_BRIDGED = 4
"""Frames between two passages that are taken for one."""
_LEAST_ALONG = 0.4
"""Least cosine taken between the way out of a frame and that of its passage: what is left the next round takes."""
_AGREED = 0.4
"""Length of the mean of a passage's ways out from which on they agree."""
_WOVEN = 2.5
"""Metres that woven hands are pushed for each metre that they are inside: their skin is nearer than the way out."""
_CALM, _CALM_A_METRE = 1.5, 20.0
"""Frames of Gaussian over which a hand makes way, and how many more for every metre."""


def kept_clear(track: Track, figure: Figure) -> Track:
    """The track with wrists moved smoothly where a hand would be more than ``ALLOWED`` inside something.

    Where that cannot be had (hands woven into each other), what comes nearest to it.
    """
    best, least = track, np.inf
    for number in range(ROUNDS + 1):
        motion, _ = solve(track, figure)
        body = posed(motion, figure)
        in_body, in_hand = depth_in_body(body), depth_in_hand(body, _ASKED)
        worst = max(float(in_body.metres.max(initial=0.0)), float(in_hand.metres.max(initial=0.0)))
        if worst < least:
            best, least = track, worst
        if worst <= ALLOWED or number == ROUNDS:
            break
        track = replace(track, wrists=track.wrists + _out_of_body(in_body) + _out_of_hand(in_hand, track))
    return best


def _out_of_body(found: Depths) -> Array:
    """(t, h, 3) metres for each hand."""
    return np.stack([_push(found.metres[:, h], found.ways[:, h]) for h in range(2)], 1)


def _out_of_hand(found: Depths, track: Track) -> Array:
    """(t, h, 3) metres: each hand makes way by half."""
    # What is the way out for the left hand is the opposite for the right one; of a pair, the mean is fair to both.
    ways = found.metres[:, 1, None] * found.ways[:, 1] - found.metres[:, 0, None] * found.ways[:, 0]
    ways = ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
    # Hands that are woven into each other both point the same way out: neither is to be believed.
    ways[np.einsum("tc,tc->t", found.ways[:, 0], found.ways[:, 1]) > 0] = 0.0
    centres = np.stack([palm_centres(track, h) for h in range(2)], 1)
    push = _push(found.metres.max(1), ways, centres[:, 1] - centres[:, 0]) / 2
    return np.stack([-push, push], 1)


def _push(depth: Array, ways: Array, apart: Array | None = None) -> Array:
    """(t) metres and (t, 3) ways out -> (t, 3) a smooth push that takes out what is too deep, passage by passage.

    apart: (t, 3) from the one to the other, for passages whose ways out do not agree.
    """
    total = np.zeros_like(ways)
    for frames in _passages(depth > ALLOWED):
        way = (depth[frames, None] * ways[frames]).sum(0)
        agreed = np.linalg.norm(way) / depth[frames].sum()
        if agreed > _AGREED or apart is None:
            way = way / max(float(np.linalg.norm(way)), 1e-9)
            along = np.maximum(ways[frames] @ way, _LEAST_ALONG)
            needed = np.maximum(depth[frames] - LEFT, 0) / along
        else:
            # Back to the side that they came from, or go to.
            since = max(int(frames[0]) - 1, 0)
            way = apart[since] if since else apart[min(int(frames[-1]) + 1, len(apart) - 1)]
            way = way / max(float(np.linalg.norm(way)), 1e-9)
            needed = np.maximum(depth[frames] - LEFT, 0) * _WOVEN
        far = np.zeros(len(depth))
        far[frames] = needed
        total += _eased(far)[:, None] * way
    return total


def _eased(far: Array) -> Array:
    """(t) metres needed -> (t) at least about as much, coming and going smoothly, nothing at the very ends."""
    width = _CALM + _CALM_A_METRE * float(far.max())
    reach = 2 * int(np.ceil(1.2 * width)) + 1
    return np.asarray(gaussian_filter1d(maximum_filter1d(far, reach), width, mode="nearest"))


def _passages(inside: NDArray[np.bool_]) -> Iterator[Indices]:
    """The stretches of frames in which something is inside something."""
    frames = np.flatnonzero(inside)
    for run in np.split(frames, np.flatnonzero(np.diff(frames) > _BRIDGED) + 1):
        if len(run):
            yield np.arange(run[0], run[-1] + 1)
