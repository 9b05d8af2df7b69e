"""The convolutions of LMT's encoder and decoder: patches in, factorised residual blocks, strides, patches out.

The paper names only a 3D convolutional encoder; the form is ours (lmt.md section 8: three times as fast as convolutions
at full resolution, and as good). Sizes are (t, h, w).
"""

import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

Size = tuple[int, ...]


class Residual(nn.Module):
    """A convolution inside each frame, then one along time; the second starts as nothing."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, width), nn.GroupNorm(8, width)
        self.space = nn.Conv3d(width, width, (1, 3, 3), padding=(0, 1, 1))
        self.time = nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0))
        nn.init.zeros_(self.time.weight)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.space(F.silu(self.norm1(x)))
        return x + self.time(F.silu(self.norm2(hidden)))


class Fold(nn.Module):
    """Blocks of size ``stride`` become one place: (b, c, t, h, w) -> (b, out, t / st, h / sh, w / sw)."""

    def __init__(self, width: int, out: int, stride: Size) -> None:
        super().__init__()
        self.stride = stride
        self.mix = nn.Conv3d(width * _volume(stride), out, 1)

    def forward(self, x: Tensor) -> Tensor:
        t, h, w = self.stride
        return self.mix(rearrange(x, "b c (t p) (h q) (w r) -> b (c p q r) t h w", p=t, q=h, r=w))


class Unfold(nn.Module):
    """The inverse of ``Fold``."""

    def __init__(self, width: int, out: int, stride: Size) -> None:
        super().__init__()
        self.stride = stride
        self.mix = nn.Conv3d(width, out * _volume(stride), 1)

    def forward(self, x: Tensor) -> Tensor:
        t, h, w = self.stride
        return rearrange(self.mix(x), "b (c p q r) t h w -> b c (t p) (h q) (w r)", p=t, q=h, r=w)


def _volume(stride: Size) -> int:
    t, h, w = stride
    return t * h * w
