"""How like the truth generated pictures are: clips (b, t, h, w, 3) uint8 in, one figure a clip (b,) float64 out."""

import torch
from torch import Tensor
from torch.nn import functional

from train.data.video_store import box_mask

PEAK = 255.0
CLOSEST = 100.0
"""dB of PSNR that stand for no difference at all."""
WINDOW, SPREAD = 11, 1.5
"""Side and standard deviation in pixels of the window of SSIM (Wang et al. 2004)."""
K1, K2 = 0.01, 0.03
"""Its constants, as published."""


def psnr(made: Tensor, real: Tensor, mask: Tensor | None = None) -> Tensor:
    """dB over all frames of a clip; over the pixels where mask (b, 1, t, h, w) is 1, nan where it is nowhere."""
    error = (made.double() - real.double()).square().mean(-1)  # (b, t, h, w)
    weight = torch.ones_like(error) if mask is None else mask[:, 0].double()
    mean = (error * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3))
    return (10 * torch.log10(PEAK**2 / mean)).clamp(max=CLOSEST)


def hand_psnr(made: Tensor, real: Tensor, boxes: Tensor) -> Tensor:
    """PSNR inside the hands' boxes (b, t, 2, 4) of the truth."""
    return psnr(made, real, box_mask(boxes, *made.shape[2:4]))


def ssim(made: Tensor, real: Tensor) -> Tensor:
    """Structural similarity, mean over frames, colours and places where the whole window fits."""
    x, y = (clips.double().movedim(-1, 2).flatten(0, 2) for clips in (made, real))
    down, across = (_windows(side) for side in x.shape[1:])
    mean_x, mean_y = (down @ z @ across.T for z in (x, y))
    var_x, var_y, both = (
        down @ (a * b) @ across.T - mean_a * mean_b
        for a, b, mean_a, mean_b in ((x, x, mean_x, mean_x), (y, y, mean_y, mean_y), (x, y, mean_x, mean_y))
    )
    c1, c2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * both + c2)
    likeness = likeness / ((mean_x.square() + mean_y.square() + c1) * (var_x + var_y + c2))
    return likeness.mean((1, 2)).view(len(made), -1).mean(1)


def _windows(side: int) -> Tensor:
    """(side - WINDOW + 1, side): the Gaussian window at each place along one side; both sides' product is the whole."""
    at = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    line = torch.exp(-at.square() / (2 * SPREAD**2))
    return torch.stack([functional.pad(line / line.sum(), (k, side - WINDOW - k)) for k in range(side - WINDOW + 1)])


def energy(clips: Tensor) -> Tensor:
    """How much moves: the mean square of the differences between neighbouring frames, in levels of 255 squared."""
    return clips.double().diff(dim=1).square().mean((1, 2, 3, 4))


def looks(clips: Tensor, boxes: Tensor) -> Tensor:
    """(b, 2, 3): median colours of the clothes (lower middle) and of the background (upper corners), without hands."""
    outside = box_mask(boxes, *clips.shape[2:4])[:, 0] == 0
    high, wide = clips.shape[2:4]
    clothes = torch.zeros(high, wide, dtype=torch.bool)
    clothes[high // 2 :, int(wide * 0.35) : int(wide * 0.65)] = True
    behind = torch.zeros(high, wide, dtype=torch.bool)
    behind[: high // 4, : wide // 6] = behind[: high // 4, -(wide // 6) :] = True
    rows = []
    for clip, free in zip(clips, outside, strict=True):
        rows.append(torch.stack([clip[free & place].double().median(0).values for place in (clothes, behind)]))
    return torch.stack(rows)
