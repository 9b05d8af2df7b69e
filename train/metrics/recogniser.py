"""A network that names the sign in a clip: the judge of generated clips, and the source of features to compare them by.

Trained on the project's own clips (``train.lmt_recogniser``). It is told the language: the sign for "I" is the same in
three of them, and no look at a clip could tell which is meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from sign_models import checkpoints
from sign_models.lmt.rules import ClipRules
from train.data.video_store import VideoStore, as_input

PATCH = 4
"""Side in pixels of the squares that become one place of the first layer."""
GRID = (2, 4, 4)
"""Time, height and width to which the last layer is pooled: where and when matters in signing."""
GROUPS = 8


@dataclass(frozen=True)
class RecogniserConfig:
    """glosses: "language:GLOSS", in the order of the answers. rules: of the clips it was trained on.

    every: looks at every so many frames. widths: channels of the three stages, multiples of 8. code: of its features.
    """

    glosses: tuple[str, ...]
    rules: ClipRules
    every: int = 2
    widths: tuple[int, ...] = (40, 80, 128)
    code: int = 192


class _Stage(nn.Module):
    """Space, then time: (b, c, t, h, w) -> the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.space = nn.Conv3d(width, width, (1, 3, 3), padding=(0, 1, 1))
        self.time = nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0))
        self.norms = nn.ModuleList(nn.GroupNorm(GROUPS, width) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.space(functional.silu(self.norms[0](x)))
        return x + self.time(functional.silu(self.norms[1](x)))


class SignRecogniser(nn.Module):
    """Clips (b, 3, t, h, w) in -1..1, h and w multiples of 16, to gloss scores."""

    spoken: Tensor

    def __init__(self, config: RecogniserConfig) -> None:
        super().__init__()
        self.config = config
        first, second, third = config.widths
        self.stem = nn.Conv3d(6 * PATCH**2, first, 1)
        self.down = nn.ModuleList(
            [nn.Conv3d(first, second, (1, 2, 2), (1, 2, 2)), nn.Conv3d(second, third, (2, 2, 2), (2, 2, 2))]
        )
        self.stages = nn.ModuleList(_Stage(width) for width in config.widths)
        self.last_norm = nn.GroupNorm(GROUPS, third)
        self.to_code = nn.Linear(third * GRID[0] * GRID[1] * GRID[2], config.code)
        self.dropout = nn.Dropout(0.3)
        self.answer = nn.Linear(config.code, len(config.glosses))
        languages = sorted({language_of(gloss) for gloss in config.glosses})
        self._language = {name: k for k, name in enumerate(languages)}
        spoken = [self._language[language_of(gloss)] for gloss in config.glosses]
        self.register_buffer("spoken", torch.tensor(spoken), persistent=False)

    def features(self, clips: Tensor, first: int | None = None) -> list[Tensor]:
        """Maps (b, c, t', h', w') after each of the three stages, fine to coarse, and the code (b, code).

        first: the frame it begins with, of which every ``config.every``-th is seen; the last of them by default.
        """
        every = self.config.every
        seen = clips[:, :, every - 1 if first is None else first :: every]
        # beside the picture, how each frame differs from the middle of all: hands without the clothes behind them
        both = torch.cat([seen, seen - seen.mean(2, keepdim=True)], dim=1)
        x = self.stem(rearrange(both, "b c t (h y) (w x) -> b (c y x) t h w", y=PATCH, x=PATCH))
        maps = [self.stages[0](x)]
        for down, stage in zip(self.down, self.stages[1:], strict=True):
            maps.append(stage(down(maps[-1])))
        pooled = functional.adaptive_avg_pool3d(functional.silu(self.last_norm(maps[-1])), GRID)
        return [*maps, self.to_code(pooled.flatten(1))]

    def forward(self, clips: Tensor, languages: Tensor, first: int | None = None) -> Tensor:
        """Scores (b, glosses), -inf for the glosses of other languages; ``languages`` from ``language_ids``."""
        scores = self.answer(self.dropout(self.features(clips, first)[-1]))
        return scores.masked_fill(self.spoken[None] != languages[:, None], -torch.inf)

    def language_ids(self, glosses: Sequence[str]) -> Tensor:
        """(b,) the language of each gloss as ``forward`` takes it."""
        return torch.tensor([self._language[language_of(gloss)] for gloss in glosses])

    @torch.no_grad()
    def names(self, clips: Tensor, glosses: Sequence[str]) -> list[str]:
        """What it takes each clip for, told that it is of the language of ``glosses`` (b)."""
        device = self.answer.weight.device
        scores = self(clips.to(device), self.language_ids(glosses).to(device))
        return [self.config.glosses[int(k)] for k in scores.argmax(1)]


def language_of(gloss: str) -> str:
    """ "ase:HELLO" -> "ase"."""
    return gloss.split(":", 1)[0]


def save_recogniser(folder: Path, recogniser: SignRecogniser, dtype: torch.dtype | None = None) -> None:
    """dtype: torch.float16 halves the file."""
    checkpoints.save(folder, recogniser, recogniser.config, dtype=dtype)


def read_recogniser(folder: Path) -> SignRecogniser:
    """For use, not for training; its parameters take no gradient."""
    recogniser = SignRecogniser(checkpoints.read_config(folder, RecogniserConfig))
    checkpoints.read_weights(folder, recogniser)
    return recogniser.eval().requires_grad_(False)


def accuracy(recogniser: SignRecogniser, store: VideoStore, indices: Sequence[int], batch: int = 64) -> float:
    """The share of clips whose sign is named rightly."""
    right = 0
    for part in _parts(indices, batch):
        wanted = [store.clips[i].gloss for i in part]
        right += sum(a == b for a, b in zip(recogniser.names(store.batch(part), wanted), wanted, strict=True))
    return right / len(indices)


def codes(recogniser: SignRecogniser, frames: Tensor, batch: int = 64) -> Tensor:
    """(n, t, h, w, 3) uint8 -> features (n, code) float64, to measure distances between sets of clips."""
    device = recogniser.answer.weight.device
    with torch.no_grad():
        made = [recogniser.features(as_input(part).to(device))[-1].cpu().double() for part in frames.split(batch)]
    return torch.cat(made)


def _parts(indices: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(indices), size):
        yield list(indices[start : start + size])
