"""The motion transformer of LMT's encoder and decoder, and the four attentions it may use: one setting."""

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from sign_models.lmt.trajectory import TrajectoryAttention, Values

Kind = Literal["trajectory", "axial", "divided", "joint"]


@dataclass(frozen=True)
class MotionConfig:
    """attention: see the classes below. values, landmarks: of trajectory attention alone, see ``trajectory``."""

    attention: Kind = "trajectory"
    layers: int = 2
    heads: int = 4
    values: Values = "projected"
    landmarks: int = 0


class MotionTransformer(nn.Module):
    """(b, c, t, h, w) -> the same shape, for any t, h and w: places are told by a convolution, not by a table."""

    def __init__(self, width: int, config: MotionConfig) -> None:
        super().__init__()
        self.place = nn.Conv3d(width, width, 3, padding=1, groups=width)
        self.layers = nn.ModuleList(_Layer(width, config) for _ in range(config.layers))

    def forward(self, x: Tensor) -> Tensor:
        x = rearrange(x + self.place(x), "b c t h w -> b t h w c")
        for layer in self.layers:
            x = layer(x)
        return rearrange(x, "b t h w c -> b c t h w")


class _Layer(nn.Module):
    def __init__(self, width: int, config: MotionConfig) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = _attention(width, config)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Trajectory(nn.Module):
    """Trajectory attention on a grid (b, t, h, w, c)."""

    def __init__(self, width: int, config: MotionConfig) -> None:
        super().__init__()
        self.inner = TrajectoryAttention(width, config.heads, config.values, config.landmarks)

    def forward(self, x: Tensor) -> Tensor:
        h = x.shape[2]
        y = self.inner(rearrange(x, "b t h w c -> b t (h w) c"))
        return rearrange(y, "b t (h w) c -> b t h w c", h=h)


class Joint(nn.Module):
    """Every place of every frame looks at all others."""

    def __init__(self, width: int, config: MotionConfig) -> None:
        super().__init__()
        self.inner = _SelfAttention(width, config.heads)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x.flatten(1, 3)).view(x.shape)


class Axial(nn.Module):
    """The sum of three attentions, along time, height and width (VideoGPT, arXiv 2104.10157): LMT's comparison."""

    def __init__(self, width: int, config: MotionConfig) -> None:
        super().__init__()
        self.time, self.height, self.width = (_SelfAttention(width, config.heads) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        b, t, h, w, _ = x.shape
        along_t = rearrange(self.time(rearrange(x, "b t h w c -> (b h w) t c")), "(b h w) t c -> b t h w c", b=b, h=h)
        along_h = rearrange(self.height(rearrange(x, "b t h w c -> (b t w) h c")), "(b t w) h c -> b t h w c", b=b, t=t)
        return along_t + along_h + self.width(x.reshape(b * t * h, w, -1)).view(x.shape)


class Divided(nn.Module):
    """Attention over time, then over the places of each frame (TimeSformer, arXiv 2102.05095)."""

    def __init__(self, width: int, config: MotionConfig) -> None:
        super().__init__()
        self.time, self.space = (_SelfAttention(width, config.heads) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        b, _, h, _, _ = x.shape
        moved = self.time(rearrange(x, "b t h w c -> (b h w) t c"))
        moved = rearrange(moved, "(b h w) t c -> b t h w c", b=b, h=h)
        seen = x + moved
        return moved + self.space(rearrange(seen, "b t h w c -> (b t) (h w) c")).view(x.shape)


class _SelfAttention(nn.Module):
    """(b, s, c) -> (b, s, c)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = rearrange(self.qkv(x), "b s (three g e) -> three b g s e", three=3, g=self.heads)
        return self.proj(rearrange(F.scaled_dot_product_attention(q, k, v), "b g s e -> b s (g e)"))


_KINDS: dict[Kind, type[nn.Module]] = {"trajectory": Trajectory, "axial": Axial, "divided": Divided, "joint": Joint}


def _attention(width: int, config: MotionConfig) -> nn.Module:
    made: nn.Module = _KINDS[config.attention](width, config)
    return made
