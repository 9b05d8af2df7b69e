"""The codebook of LMT: learned by moving averages (the paper), or finite scalar quantization. The one door to
``vector-quantize-pytorch``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn
from vector_quantize_pytorch import FSQ, VectorQuantize


@dataclass(frozen=True)
class QuantizerConfig:
    """kind "vq": ``codes`` rows of ``width``, filled from the first batch, decay ``decay`` of the averages; a code
    whose moving count falls below ``restart`` is replaced by a row of the batch. cosine: codes are compared by angle.

    kind "fsq" (arXiv 2309.15505): ``levels`` steps of each of the few channels; every combination is a code.
    """

    kind: Literal["vq", "fsq"] = "vq"
    codes: int = 1024
    width: int = 64
    cosine: bool = False
    decay: float = 0.99
    restart: float = 1.0
    levels: tuple[int, ...] = (8, 5, 5, 5)

    @property
    def size(self) -> int:
        """How many codes there are."""
        return self.codes if self.kind == "vq" else math.prod(self.levels)

    @property
    def channels(self) -> int:
        return self.width if self.kind == "vq" else len(self.levels)


class VqQuantizer(nn.Module):
    """forward (b, c, t, h, w) -> straight-through codes of the same shape, ids (b, t, h, w), commitment loss."""

    def __init__(self, config: QuantizerConfig) -> None:
        super().__init__()
        self.inner = VectorQuantize(
            dim=config.width,
            codebook_size=config.codes,
            decay=config.decay,
            kmeans_init=True,
            kmeans_iters=2,
            use_cosine_sim=config.cosine,
            threshold_ema_dead_code=config.restart,
            rotation_trick=False,
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 would pick other codes
            flat = rearrange(x.float(), "b c t h w -> b (t h w) c")
            codes, ids, loss = self.inner(flat)
        return _grid(codes, x.shape), ids.view(len(x), *x.shape[2:]), loss.sum()

    def table(self) -> Tensor:
        """(codes, c)."""
        table: Tensor = self.inner.codebook
        return table


class FsqQuantizer(nn.Module):
    """The same, without a loss. Channels are normalised first: without that nearly all inputs fall on a few codes."""

    table_: Tensor

    def __init__(self, config: QuantizerConfig) -> None:
        super().__init__()
        self.norm = nn.BatchNorm3d(len(config.levels))
        self.inner = FSQ(levels=list(config.levels))
        every = torch.arange(config.size)
        self.register_buffer("table_", self.inner.indices_to_codes(every[None])[0].float(), persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with torch.autocast(x.device.type, enabled=False):
            flat = rearrange(self.norm(x.float()), "b c t h w -> b (t h w) c")
            codes, ids = self.inner(flat)
        return _grid(codes, x.shape), ids.long().view(len(x), *x.shape[2:]), x.new_zeros(())

    def table(self) -> Tensor:
        return self.table_


Quantizer = VqQuantizer | FsqQuantizer


def quantizer(config: QuantizerConfig) -> Quantizer:
    return VqQuantizer(config) if config.kind == "vq" else FsqQuantizer(config)


def look_up(table: Tensor, ids: Tensor) -> Tensor:
    """table (codes, c), ids (b, t, h, w) -> (b, c, t, h, w)."""
    return rearrange(F.embedding(ids, table), "b t h w c -> b c t h w")


def _grid(codes: Tensor, shape: Sequence[int]) -> Tensor:
    _, _, t, h, w = shape
    return rearrange(codes, "b (t h w) c -> b c t h w", t=t, h=h, w=w)
