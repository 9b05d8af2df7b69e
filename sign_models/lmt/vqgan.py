"""VideoVqGan: a clip as a small grid of codes, and back (LMT, first stage)."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.lmt.convolutions import Fold, Residual, Unfold
from sign_models.lmt.motion_transformer import MotionConfig, MotionTransformer
from sign_models.lmt.quantizers import QuantizerConfig, look_up, quantizer


@dataclass(frozen=True)
class VqGanConfig:
    """patch: pixels that become one place at the door. strides: (t, h, w) of each further level. widths: channels at
    the door and after each level. blocks: residual blocks of each level, in
    the encoder and in the decoder.

    All strides together are how many frames, rows and columns one code stands for.
    """

    patch: tuple[int, ...] = (1, 4, 4)
    strides: tuple[tuple[int, ...], ...] = ((2, 2, 2), (2, 1, 1))
    widths: tuple[int, ...] = (64, 128, 128)
    blocks: tuple[int, ...] = (2, 2)
    encoder_motion: MotionConfig = field(default_factory=MotionConfig)
    decoder_motion: MotionConfig = field(default_factory=lambda: MotionConfig(layers=0))
    quantizer: QuantizerConfig = field(default_factory=QuantizerConfig)

    def __post_init__(self) -> None:
        if len(self.widths) != len(self.strides) + 1 or any(width % 8 for width in self.widths):
            raise ValueError(
                f"widths {list(self.widths)} needs one number, a multiple of 8, for the door and each of "
                f"{len(self.strides)} strides."
            )
        if len(self.blocks) != 2:
            raise ValueError(f"blocks {list(self.blocks)} needs two numbers, for the encoder and the decoder.")

    @property
    def stride(self) -> tuple[int, int, int]:
        """Frames, rows and columns of one code."""
        t, h, w = self.patch
        for dt, dh, dw in self.strides:
            t, h, w = t * dt, h * dh, w * dw
        return t, h, w

    def grid(self, frames: int, height: int, width: int) -> tuple[int, int, int]:
        """(t', h', w') of a clip; SignError when the strides do not divide it."""
        named = zip(("frames", "height", "width"), (frames, height, width), self.stride, strict=True)
        wrong = [f"{name} {size} (a multiple of {step})" for name, size, step in named if size % step or size < 1]
        if wrong:
            raise SignError(f"The clip cannot be divided into codes: {', '.join(wrong)} is needed; cut or scale it.")
        t, h, w = self.stride
        return frames // t, height // h, width // w


class VideoVqGan(nn.Module):
    """encode (b, 3, t, h, w) in -1..1 -> ids (b, t', h', w'); decode the inverse. Any size the strides divide."""

    def __init__(self, config: VqGanConfig) -> None:
        super().__init__()
        self.config = config
        widths, code = config.widths, config.quantizer.channels
        fore, back = config.blocks
        inner: list[nn.Module] = [Fold(3, widths[0], config.patch)]
        for width, out, stride in zip(widths[:-1], widths[1:], config.strides, strict=True):
            inner += [*_blocks(width, fore), Fold(width, out, stride)]
        inner += [*_blocks(widths[-1], fore), MotionTransformer(widths[-1], config.encoder_motion)]
        self.encoder = nn.Sequential(*inner, nn.GroupNorm(8, widths[-1]), nn.Conv3d(widths[-1], code, 1))
        self.quantizer = quantizer(config.quantizer)
        outer: list[nn.Module] = [nn.Conv3d(code, widths[-1], 1), MotionTransformer(widths[-1], config.decoder_motion)]
        outer += _blocks(widths[-1], back)
        for width, out, stride in reversed(list(zip(widths[:-1], widths[1:], config.strides, strict=True))):
            outer += [Unfold(out, width, stride), *_blocks(width, back)]
        outer += [nn.GroupNorm(8, widths[0]), nn.SiLU(), Unfold(widths[0], 3, config.patch)]
        self.decoder = nn.Sequential(*outer)

    def forward(self, clips: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(b, 3, t, h, w) -> the same from its codes, ids (b, t', h', w'), commitment loss (zero for FSQ)."""
        self.config.grid(*clips.shape[2:])
        codes, ids, commitment = self.quantizer(self.encoder(clips))
        return self.decoder(codes.to(clips.dtype)), ids, commitment

    @torch.no_grad()
    def encode(self, clips: Tensor) -> Tensor:
        self.config.grid(*clips.shape[2:])
        return self.quantizer(self.encoder(clips))[1]

    @torch.no_grad()
    def decode(self, ids: Tensor) -> Tensor:
        """Values may lie a little beyond -1..1."""
        if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < self.config.quantizer.size:
            raise ValueError(f"Codes from {int(ids.min())} to {int(ids.max())} are not in 0 to "
                             f"{self.config.quantizer.size - 1}.")  # fmt: skip
        return self.decoder(look_up(self.quantizer.table(), ids))

    def decode_soft(self, weights: Tensor) -> Tensor:
        """(b, t', h', w', codes) weights of each code -> clips; gradients flow to the weights."""
        codes = torch.einsum("bthwk,kc->bcthw", weights.float(), self.quantizer.table())
        return self.decoder(codes)

    @torch.no_grad()
    def encode_still(self, pictures: Tensor) -> Tensor:
        """(b, 3, h, w) in -1..1 -> ids (b, h', w'): the code of a moment in which nothing moves."""
        frames = pictures[:, :, None].expand(-1, -1, self.config.stride[0], -1, -1)
        return self.encode(frames)[:, 0]


def _blocks(width: int, count: int) -> list[nn.Module]:
    return [Residual(width) for _ in range(count)]
