"""Contacts kept though the arm cannot give the palm that is asked for.

Where wrist and forearm come to their limits the arms turn the hand less than asked. Turned about its wrist, the
fingertip that should touch would be centimetres away; so the wrist makes way and the hand turns about what touches.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.hamnosys.arm.solver import reached
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.hand.parts import hand_skin
from sign_models.hamnosys.smoothing import smooth, widened
from sign_models.hamnosys.surface.sites import surface
from sign_models.hamnosys.track import Track
from sign_models.skeleton import HANDS

Array = NDArray[np.float64]

NOTICED = np.radians(1.0)
"""A palm turned by less keeps its contact anyhow."""
TOUCHES, APART = 0.012, 0.05
"""Metres to other skin up to which a hand turns about its nearest point, and from which on about its wrist."""
EASY_WAY, MORE_WAY = 0.10, 0.03
"""Metres that a wrist makes way, and at most beyond that: a palm that is far from what an arm can do is not chased."""
_TOGETHER = 0.006
"""Metres: points that are nearest by less than this touch together."""
_NEAREST = 0.008
"""Metres by which a nearer frame counts e times as much when the touching point moves over the hand."""
_FRAMES = 2.0
"""Gaussian smoothing of where the hand turns about."""
_THIN = 4
"""Every fourth point of a hand's skin is asked how near it is."""


def in_touch(made: Track, figure: Figure) -> Track:
    """The track with palms that the arms can give, and wrists that make way so that what touches goes on touching."""
    report = reached(made, figure)
    turned = report.relaxed.max(0, initial=0.0) > NOTICED
    if not turned.any():
        return made
    about = _touching(made, figure, turned)
    kept = made
    for last in (False, False, True):
        way = np.einsum("thab,thb->tha", made.palms - report.palms, about)
        # Only the last time, as a palm within the limits is eased a little once more.
        kept = replace(made, wrists=made.wrists + _bounded(way), palms=report.palms if last else made.palms)
        if not last:
            report = reached(kept, figure)
    return kept


def _bounded(way: Array) -> Array:
    length = np.linalg.norm(way, axis=-1, keepdims=True)
    most = np.minimum(length, EASY_WAY) + MORE_WAY * np.tanh(np.maximum(length - EASY_WAY, 0) / MORE_WAY)
    bounded: Array = way * most / np.maximum(length, 1e-9)
    return bounded


def _touching(made: Track, figure: Figure, turned: NDArray[np.bool_]) -> Array:
    """(t, h, 3) metres from the wrist, in the hand's own frame: what each hand turns about; 0 for the wrist itself.

    turned: (h) the hands that are asked about.
    """
    t = len(made)
    skins = [hand_skin(figure, side) for side in HANDS]
    own = [skin.posed(made.fingers[:, h], slice(None, None, _THIN)) for h, skin in enumerate(skins)]
    world = [own[h] @ np.swapaxes(made.palms[:, h], -1, -2) + made.wrists[:, h, None] for h in range(2)]
    between = np.linalg.norm(made.wrists[:, 0] - made.wrists[:, 1], axis=-1)
    body = surface(figure)
    points, gaps = np.zeros((t, 2, 3)), np.full((t, 2), APART)
    for h in np.flatnonzero(turned):
        far = np.abs(body.distance(world[h]))
        for i in np.flatnonzero(between < 0.4):
            other = cKDTree(world[1 - h][i], balanced_tree=False, compact_nodes=False)
            far[i] = np.minimum(far[i], other.query(world[h][i])[0])
        gaps[:, h] = far.min(1)
        near = (far < gaps[:, h, None] + _TOGETHER)[..., None]
        points[:, h] = (own[h] * near).sum(1) / near.sum(1)
    weight = np.exp(-np.minimum(gaps, APART) / _NEAREST)[..., None]
    middle = smooth(points * weight, _FRAMES) / smooth(weight, _FRAMES)
    share = np.clip((APART - gaps) / (APART - TOUCHES), 0, 1)
    held: Array = middle * widened(share * share * (3 - 2 * share), _FRAMES)[..., None]
    return held
