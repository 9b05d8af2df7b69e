"""SignTokenizer: a motion as part-wise tokens and back (SOKE section 3.2, "DETO").

One object holds all parts, and the mean and spread of the features, so that codes can be decoded without the data set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from sign_models.parts import FEATURES, PARTS, UPPER_BODY_COLUMNS, Part, merge, split
from sign_models.skeleton import HANDS, UPPER_BODY
from sign_models.soke.autoencoder import AutoencoderConfig, Decoder, Encoder
from sign_models.soke.quantizer import EmaQuantizer
from sign_models.types import Motion, MotionTokens


@dataclass(frozen=True)
class PartConfig:
    """One row of a split: its name, its columns of the 133-vector, its codebook size."""

    name: str
    columns: tuple[int, ...]
    codes: int


def _rows(parts: Sequence[Part]) -> tuple[PartConfig, ...]:
    return tuple(PartConfig(part.name, part.columns, part.codes) for part in parts)


def _columns(*joints: str) -> tuple[int, ...]:
    starts = (UPPER_BODY_COLUMNS.start + 3 * UPPER_BODY.index(joint) for joint in joints)
    return tuple(column for start in starts for column in range(start, start + 3))


_BODY, _LEFT, _RIGHT = PARTS
_ARM = ("collar", "shoulder", "elbow", "wrist")

SPLITS: dict[str, tuple[PartConfig, ...]] = {
    "body+left+right": _rows(PARTS),
    "body+hands": (
        *_rows([_BODY]),
        PartConfig("hands", (*_LEFT.columns, *_RIGHT.columns), _LEFT.codes),
    ),
    "whole": (PartConfig("whole", tuple(range(FEATURES)), _LEFT.codes),),
    "head+arms+hands": (
        PartConfig("head", _columns("neck", "head") + _BODY.columns[30:], 64),
        *(PartConfig(f"{side}_arm", _columns(*(f"{side}_{joint}" for joint in _ARM)), 256) for side in HANDS),
        *_rows([_LEFT, _RIGHT]),
    ),
}
"""The splits of the paper's Table 4, and a finer one of our own: few codes for both arms and the face at once
cannot place a hand, and give a sign of one hand other codes whenever the other hand does something else."""


@dataclass(frozen=True)
class TokenizerConfig:
    """parts: one VQ-VAE each. commitment: weight of that loss (0.02 published). mu: decay of the codebook averages.

    velocity: weight of the error of the steps from frame to frame (0 published), against jumps between tokens.

    fps, flat_hands, expression_space: what the training motions were, see ``Motion``.
    """

    parts: tuple[PartConfig, ...] = SPLITS["body+left+right"]
    autoencoder: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    commitment: float = 0.02
    velocity: float = 0.0
    mu: float = 0.99
    fps: float = 25.0
    flat_hands: bool = True
    expression_space: Literal["open", "smplx"] = "open"

    @property
    def frames_per_token(self) -> int:
        return self.autoencoder.frames_per_token


@dataclass(frozen=True)
class TokenizerLoss:
    """total = reconstruction + weights * (velocity, commitment); perplexity: (k,) codes in use, no gradient.

    frames: () over how many the losses are means, so that parts of a batch can be put together.
    """

    total: Tensor
    reconstruction: Tensor
    velocity: Tensor
    commitment: Tensor
    perplexity: Tensor
    frames: Tensor


class PartVqVae(nn.Module):
    """The VQ-VAE of one part."""

    def __init__(self, part: PartConfig, config: TokenizerConfig) -> None:
        super().__init__()
        self.encoder = Encoder(len(part.columns), config.autoencoder)
        self.quantizer = EmaQuantizer(part.codes, config.autoencoder.code_width, config.mu)
        self.decoder = Decoder(len(part.columns), config.autoencoder)


class SignTokenizer(nn.Module):
    """encode (b, t, 133) -> (b, k, s); decode (b, k, s) -> (b, t, 133); t = s * frames_per_token."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.config = config
        self.parts = tuple(Part(part.name, tuple(part.columns), part.codes) for part in config.parts)
        if sorted(c for part in self.parts for c in part.columns) != list(range(FEATURES)):
            raise ValueError(f"The parts {[p.name for p in self.parts]} do not cover columns 0 to {FEATURES - 1} once.")
        self.vaes = nn.ModuleList(PartVqVae(part, config) for part in config.parts)
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("std", torch.ones(FEATURES))

    @property
    def frames_per_token(self) -> int:
        return self.config.frames_per_token

    def set_statistics(self, mean: Tensor, std: Tensor) -> None:
        """mean, std: (133,) of the training features; a column that never moves gets a spread of 1."""
        self.mean.copy_(mean)
        self.std.copy_(torch.where(std < 1e-6, torch.ones_like(std), std))

    def encode(self, features: Tensor, mask: Tensor | None = None) -> Tensor:
        """(b, t, 133) axis-angle -> (b, k, s) ids; mask: (b, t), False for padding, whose ids mean nothing."""
        mask = self._mask(features, mask)
        pieces = split(self._normalise(features), self.parts)
        steps = mask[:, :: self.frames_per_token]
        ids = []
        for vae, piece in zip(self._vaes(), pieces, strict=True):
            latent = vae.encoder(piece, mask)
            ids.append(vae.quantizer.nearest(rearrange(latent, "b s c -> (b s) c")).view(steps.shape))
        return torch.stack(ids, dim=1)

    def decode(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """(b, k, s) ids -> (b, t, 133) axis-angle; mask: (b, s), False for padding."""
        if mask is None:
            mask = torch.ones(ids.shape[0], ids.shape[2], dtype=torch.bool, device=ids.device)
        pieces = [vae.decoder(vae.quantizer.lookup(ids[:, k]), mask) for k, vae in enumerate(self._vaes())]
        return merge(pieces, self.parts) * self.std + self.mean

    def forward(self, features: Tensor, mask: Tensor | None = None) -> TokenizerLoss:
        """The training loss: smooth L1 on normalised features plus commitment, padding left out of both."""
        mask = self._mask(features, mask)
        steps = mask[:, :: self.frames_per_token]
        target = self._normalise(features)
        pieces, commitments, perplexities = [], [], []
        for vae, piece in zip(self._vaes(), split(target, self.parts), strict=True):
            latent = vae.encoder(piece, mask)
            quantized = vae.quantizer(rearrange(latent, "b s c -> (b s) c"), steps.flatten())
            codes = rearrange(quantized.codes, "(b s) c -> b s c", b=len(features))
            pieces.append(vae.decoder(codes, steps))
            commitments.append(quantized.commitment)
            perplexities.append(quantized.perplexity)
        made = merge(pieces, self.parts)
        frames = mask.sum().clamp_min(1)
        reconstruction = (F.smooth_l1_loss(made, target, reduction="none").mean(-1) * mask).sum() / frames
        steps_off = F.smooth_l1_loss(made.diff(dim=1), target.diff(dim=1), reduction="none").mean(-1)
        velocity = (steps_off * mask[:, 1:]).sum() / frames
        commitment = torch.stack(commitments).sum()
        total = reconstruction + self.config.velocity * velocity + self.config.commitment * commitment
        return TokenizerLoss(
            total, reconstruction, velocity, commitment, torch.stack(perplexities).detach(), mask.sum()
        )

    @torch.no_grad()
    def tokens_of(self, motion: Motion) -> MotionTokens:
        """One motion; frames beyond the last whole token are left out."""
        whole = len(motion) - len(motion) % self.frames_per_token
        return MotionTokens(self.encode(motion.features[None, :whole].to(self.mean))[0].cpu())

    @torch.no_grad()
    def motion_of(self, tokens: MotionTokens) -> Motion:
        """One motion of s * frames_per_token frames."""
        features = self.decode(tokens.ids[None].to(self.mean.device))[0].cpu()
        config = self.config
        return Motion(features, config.fps, flat_hands=config.flat_hands, expression_space=config.expression_space)

    def _vaes(self) -> list[PartVqVae]:
        return list(self.vaes)  # type: ignore[arg-type]

    def _normalise(self, features: Tensor) -> Tensor:
        return (features - self.mean) / self.std

    def _mask(self, features: Tensor, mask: Tensor | None) -> Tensor:
        if features.shape[1] % self.frames_per_token:
            raise ValueError(f"{features.shape[1]} frames; a multiple of {self.frames_per_token} is needed.")
        if mask is None:
            return torch.ones(features.shape[:2], dtype=torch.bool, device=features.device)
        return mask
