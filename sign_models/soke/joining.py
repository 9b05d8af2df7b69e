"""Motions put together and played faster or slower, rotations turned the short way round."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from sign_models.parts import EXPRESSION_COLUMNS
from sign_models.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from sign_models.types import Motion

FASTEST = 0.18
"""Radians a frame: no joint turns faster in the way from one sentence to the next."""
LONGEST = 20
"""Frames of such a way at most."""
EASE = 1.875
"""Peak speed of a minimum-jerk way over its mean speed."""


def joined(motions: Sequence[Motion]) -> tuple[Motion, list[int]]:
    """One motion, with a minimum-jerk way from the end of each to the start of the next; and where each begins."""
    pieces, starts, place = [motions[0].features], [0], len(motions[0])
    for before, motion in pairwise(motions):
        way = _way(before.features[-1], motion.features[0])
        pieces += [way, motion.features]
        starts.append(place + len(way))
        place = starts[-1] + len(motion)
    first = motions[0]
    return Motion(torch.cat(pieces), first.fps, None, first.flat_hands, first.expression_space), starts


def retimed(motion: Motion, tempo: float) -> Motion:
    """The same movement at ``tempo`` times its speed, from its first posture to its last."""
    if tempo == 1 or len(motion) < 2:
        return motion
    count = max(2, round((len(motion) - 1) / tempo) + 1)
    place = torch.linspace(0, len(motion) - 1, count)
    low = place.long().clamp_max(len(motion) - 2)
    features = _between(motion.features[low], motion.features[low + 1], (place - low)[:, None])
    return Motion(features, motion.fps, None, motion.flat_hands, motion.expression_space)


def _way(start: Tensor, end: Tensor) -> Tensor:
    """(133,), (133,) -> the postures between them."""
    frames = min(LONGEST, math.ceil(EASE * float(_turns(start, end).norm(dim=-1).max()) / FASTEST))
    share = torch.linspace(0, 1, frames + 2)[1:-1, None]
    eased = share**3 * (10 - 15 * share + 6 * share**2)
    return _between(start.expand(frames, -1), end.expand(frames, -1), eased)


def _between(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """(t, 133) each, share (t, 1) in 0..1 -> (t, 133): rotations on the shortest arc, the face in a straight line."""
    first = _rotations(start)
    turned = first @ axis_angle_to_matrix(_turns(start, end) * share[..., None])
    face = torch.lerp(start[..., EXPRESSION_COLUMNS], end[..., EXPRESSION_COLUMNS], share)
    return torch.cat([matrix_to_axis_angle(turned).flatten(-2), face], dim=-1)


def _turns(start: Tensor, end: Tensor) -> Tensor:
    """(..., 133) -> (..., 41, 3) how each joint turns from one posture to the other."""
    return matrix_to_axis_angle(_rotations(start).transpose(-1, -2) @ _rotations(end))


def _rotations(features: Tensor) -> Tensor:
    return axis_angle_to_matrix(features[..., : EXPRESSION_COLUMNS.start].unflatten(-1, (-1, 3)))
