"""The convolutional encoder and decoder of one part's VQ-VAE (soke.md section 1.4; layers as in T2M-GPT).

A mask keeps padded frames exactly zero at every layer: a clip gives the same codes alone and in a batch.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn


@dataclass(frozen=True)
class AutoencoderConfig:
    """Published values: width 512, code_width 512, downsamplings 2 (4 frames a token), depth 3, dilation growth 3."""

    width: int = 512
    code_width: int = 512
    downsamplings: int = 2
    depth: int = 3
    dilation_growth: int = 3

    @property
    def frames_per_token(self) -> int:
        return int(2**self.downsamplings)


class ResidualBlock(nn.Module):
    """ReLU, dilated 3-convolution, ReLU, 1-convolution, plus the input."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.wide = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.point = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x: (b, c, t); mask: (b, 1, t)."""
        hidden = self.wide(F.relu(x) * mask)
        return (x + self.point(F.relu(hidden))) * mask


def _residual_blocks(config: AutoencoderConfig) -> nn.ModuleList:
    """Dilations from large to small, in the encoder and in the decoder alike (9, 3, 1 at the published values)."""
    dilations = [config.dilation_growth**i for i in reversed(range(config.depth))]
    return nn.ModuleList(ResidualBlock(config.width, dilation) for dilation in dilations)


class Encoder(nn.Module):
    """(b, t, features) -> (b, s, code_width), s = t / frames_per_token."""

    def __init__(self, features: int, config: AutoencoderConfig) -> None:
        super().__init__()
        self.enter = nn.Conv1d(features, config.width, 3, padding=1)
        self.shrink = nn.ModuleList(
            nn.Conv1d(config.width, config.width, 4, stride=2, padding=1) for _ in range(config.downsamplings)
        )
        self.blocks = nn.ModuleList(_residual_blocks(config) for _ in range(config.downsamplings))
        self.leave = nn.Conv1d(config.width, config.code_width, 3, padding=1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """mask: (b, t) bool, False for padding; lengths are multiples of frames_per_token."""
        m = rearrange(mask, "b t -> b 1 t").to(x.dtype)
        h = F.relu(self.enter(rearrange(x, "b t c -> b c t") * m)) * m
        for shrink, blocks in zip(self.shrink, self.blocks, strict=True):
            h, m = shrink(h), m[..., ::2]
            h = h * m
            for block in blocks:  # type: ignore[attr-defined]
                h = block(h, m)
        return rearrange(self.leave(h) * m, "b c s -> b s c")


class Decoder(nn.Module):
    """(b, s, code_width) -> (b, t, features), t = s * frames_per_token."""

    def __init__(self, features: int, config: AutoencoderConfig) -> None:
        super().__init__()
        self.enter = nn.Conv1d(config.code_width, config.width, 3, padding=1)
        self.blocks = nn.ModuleList(_residual_blocks(config) for _ in range(config.downsamplings))
        self.grow = nn.ModuleList(
            nn.Conv1d(config.width, config.width, 3, padding=1) for _ in range(config.downsamplings)
        )
        self.smooth = nn.Conv1d(config.width, config.width, 3, padding=1)
        self.leave = nn.Conv1d(config.width, features, 3, padding=1)

    def forward(self, codes: Tensor, mask: Tensor) -> Tensor:
        """mask: (b, s) bool, False for padding."""
        m = rearrange(mask, "b s -> b 1 s").to(codes.dtype)
        h = F.relu(self.enter(rearrange(codes, "b s c -> b c s") * m)) * m
        for blocks, grow in zip(self.blocks, self.grow, strict=True):
            for block in blocks:  # type: ignore[attr-defined]
                h = block(h, m)
            m = m.repeat_interleave(2, dim=-1)
            h = grow(h.repeat_interleave(2, dim=-1)) * m
        h = F.relu(self.smooth(h)) * m
        return rearrange(self.leave(h) * m, "b c t -> b t c")
