"""Where the hands are in space as a handful of balls, to see what they touch."""

import numpy as np
from numpy.typing import NDArray

from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.smoothing import to_matrix
from sign_models.skeleton import FINGERS, HANDS, INDEX

Array = NDArray[np.float64]

RADII = np.concatenate([[0.026, 0.018], np.tile([0.011, 0.009, 0.008, 0.007], len(FINGERS))])
"""Metres, for the wrist, the middle of the palm, then three joints and the tip of each finger."""


def hand_balls(figure: Figure, wrists: Array, palms: Array, fingers: Array) -> Array:
    """Ball centres (t, h, 22, 3) in metres for wrists (t, h, 3), palms (t, h, 3, 3) and fingers (t, h, 15, 3)."""
    t = len(wrists)
    turns = to_matrix(fingers).reshape(t, 2, len(FINGERS), 3, 3, 3)
    chains = np.stack([_finger_chains(figure, h) for h in range(2)])
    steps = np.diff(chains, axis=2)
    frame = palms[:, :, None]
    place = wrists[:, :, None] + np.einsum("thab,hfb->thfa", palms, chains[:, :, 0])
    balls = [place]
    for k in range(3):
        frame = frame @ turns[:, :, :, k]
        place = place + np.einsum("thfab,hfb->thfa", frame, steps[:, :, k])
        balls.append(place)
    centre = (wrists + balls[0][:, :, 1]) / 2
    return np.concatenate([np.stack([wrists, centre], 2), np.stack(balls, 3).reshape(t, 2, -1, 3)], 2)


def body_clearance(figure: Figure, balls: Array) -> Array:
    """(t, h, 22, 3) -> (t, h) metres between each hand's skin and the head or trunk; negative when inside."""
    clear: Array = (figure.distance(balls) - RADII).min(-1)
    return clear


def _finger_chains(figure: Figure, h: int) -> Array:
    """(5, 4, 3) rest joints and tip of each finger, from the wrist. The tip is moved in by its ball's radius."""
    wrist = figure.joint(f"{HANDS[h]}_wrist")
    joints = np.stack([figure.joints[[INDEX[f"{HANDS[h]}_{f}{k}"] for k in (1, 2, 3)]] for f in FINGERS])
    last = figure.tips[h] - joints[:, 2]
    length = np.linalg.norm(last, axis=-1, keepdims=True)
    tips = joints[:, 2] + last * (1 - RADII[-1] / length)
    return np.concatenate([joints, tips[:, None]], 1) - wrist
