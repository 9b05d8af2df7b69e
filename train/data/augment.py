"""Clips varied so that a judge of signs looks at the signing, not at the signer, the light or the sharpness."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

MOST_SHIFT = 0.07
"""Share of the picture by which it is moved."""
MOST_STRETCH = 0.08
"""Share of the clip that is cut off at its beginning and at its end, the rest being spread over all frames."""
LIGHT, GAMMA = 0.3, 0.35
"""Largest change of each colour's strength, as a share, and of the gamma, as a power."""
SWAPPED, BLURRED = 0.5, 0.3
"""How often the three colours change places, and how often the picture loses half its sharpness."""
NOISE = 0.03


def varied(frames: NDArray[np.uint8], generator: np.random.Generator) -> Tensor:
    """(t, h, w, 3) -> (3, t, h, w) float32 in -1..1, another time, place and colouring of the same sign."""
    clip = torch.from_numpy(_retimed(frames, generator)).permute(3, 0, 1, 2).float() / 255
    clip = _moved(clip, generator)
    if generator.random() < SWAPPED:
        clip = clip[torch.from_numpy(generator.permutation(3))]
    gain = torch.from_numpy(generator.uniform(1 - LIGHT, 1 + LIGHT, (3, 1, 1, 1))).float()
    clip = clip ** float(np.exp(generator.uniform(-GAMMA, GAMMA))) * gain
    if generator.random() < BLURRED:
        small = functional.avg_pool2d(clip, 2)
        clip = functional.interpolate(small, clip.shape[-2:], mode="bilinear", align_corners=False)
    noise = generator.standard_normal(tuple(clip.shape), np.float32)
    return (clip * 2 - 1 + NOISE * generator.random() * torch.from_numpy(noise)).clamp(-1, 1)


def _retimed(frames: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    last = len(frames) - 1
    cut = generator.uniform(0, MOST_STRETCH, 2) * last
    times = np.linspace(cut[0], last - cut[1], len(frames))
    return frames[np.rint(times).astype(int)]


def _moved(clip: Tensor, generator: np.random.Generator) -> Tensor:
    """The edges are repeated where the picture ends."""
    high, wide = clip.shape[-2:]
    rows, columns = (
        torch.from_numpy((np.arange(size) + shift).clip(0, size - 1))
        for size in (high, wide)
        for shift in [round(float(generator.uniform(-MOST_SHIFT, MOST_SHIFT)) * size)]
    )
    return clip[:, :, rows][..., columns]
