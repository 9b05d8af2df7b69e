"""python -m train.soke_tokenizer --settings debug --data [CORPUS] --out FOLDER: the first training, motion to tokens.

Under ``accelerate launch`` or ``torchrun`` the same command uses several devices or machines.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.parts import FEATURES
from sign_models.soke.autoencoder import AutoencoderConfig
from sign_models.soke.generator import TOKENIZER_FOLDER, save_tokenizer
from sign_models.soke.statistics import read_statistics
from sign_models.soke.tokenizer import SPLITS, PartConfig, SignTokenizer, TokenizerConfig
from train.data.lengths import fit_length
from train.data.store import Clip, Store, chosen, statistics
from train.engine.loop import run
from train.engine.options import Training
from train.engine.task import Terms
from train.settings import from_command_line

SECTION = "soke_tokenizer"


@dataclass(frozen=True)
class Settings:
    """data: folders made by ``train.prepare``. split, codes: which parts, and the codebook size of each.

    velocity: see ``TokenizerConfig``. shortest, longest: frames; clips outside are stretched or thinned.
    window: train on random windows of so many frames, 0 for whole clips. statistics: a folder with mean.pt and std.pt;
    without one they are taken from the training data. least_std: no column is scaled up as if it moved less than this
    (radians); 0 for the published way.
    """

    data: tuple[Path, ...]
    out: Path
    training: Training
    split: Literal["body+left+right", "body+hands", "whole", "head+arms+hands"] = "body+left+right"
    codes: tuple[int, ...] = (96, 192, 192)
    autoencoder: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    commitment: float = 0.02
    velocity: float = 0.0
    mu: float = 0.99
    fps: float = 25.0
    flat_hands: bool = True
    expression_space: Literal["open", "smplx"] = "open"
    shortest: int = 40
    longest: int = 400
    window: int = 0
    statistics: Path | None = None
    check_statistics: bool = True
    least_std: float = 0.0
    resume: bool = False
    estimate_only: bool = False


class TokenizerTask:
    """Whole clips or windows of them, padded; the loss of ``SignTokenizer``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        stores = [Store(folder) for folder in settings.data]
        self._clips = {split: list(chosen(stores, split)) for split in ("train", "val")}
        tokenizer = SignTokenizer(_config(settings))
        mean, std = _statistics(settings, stores)
        tokenizer.set_statistics(mean, std.clamp_min(settings.least_std))
        self.model: nn.Module = tokenizer

    def lengths(self, split: str) -> list[int]:
        return [len(self._frames(clip)) for _, clip in self._clips[split]]

    def example(self, split: str, index: int, epoch: int) -> Tensor:
        """(t, 133) frames of one clip."""
        store, clip = self._clips[split][index]
        rows = store.rows(clip)[self._frames(clip)]
        window = self.settings.window
        if window and split == "train" and len(rows) > window:
            # a window starts with a token, as clips and signs do
            step = self.settings.autoencoder.frames_per_token
            generator = np.random.default_rng((self.settings.training.seed, epoch, index))
            start = step * generator.integers((len(rows) - window) // step + 1)
            rows = rows[start : start + window]
        return torch.from_numpy(rows).float()

    def collate(self, examples: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """(b, t, 133) and the mask (b, t)."""
        return padded(examples)

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        features, mask = batch
        made = model(features, mask)
        means = torch.stack([made.reconstruction, made.velocity, made.commitment])
        extra = {f"perplexity {part.name}": made.perplexity[k] for k, part in enumerate(self._tokenizer.parts)}
        names, weights = (
            ("reconstruction", "velocity", "commitment"),
            (1.0, self.settings.velocity, self.settings.commitment),
        )
        return Terms(names, means * made.frames, made.frames.expand(3), weights, extra)

    def write(self, folder: Path) -> None:
        save_tokenizer(folder / TOKENIZER_FOLDER, self._tokenizer)

    @property
    def _tokenizer(self) -> SignTokenizer:
        assert isinstance(self.model, SignTokenizer)
        return self.model

    def _frames(self, clip: Clip) -> Any:
        settings = self.settings
        return fit_length(clip.length, settings.shortest, settings.longest, settings.autoencoder.frames_per_token)


def padded(examples: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Tensors (n, ...) -> (b, longest, ...) padded with zeros at the end, and the mask (b, longest)."""
    lengths = torch.tensor([len(example) for example in examples])
    whole = nn.utils.rnn.pad_sequence(list(examples), batch_first=True)
    return whole, torch.arange(whole.shape[1])[None] < lengths[:, None]


def _config(settings: Settings) -> TokenizerConfig:
    rows = SPLITS[settings.split]
    if len(settings.codes) != len(rows):
        raise SignError(f"The split {settings.split} has {len(rows)} parts; codes has {len(settings.codes)} sizes.")
    frames = settings.autoencoder.frames_per_token
    if settings.shortest % frames or settings.longest % frames or settings.window % frames:
        raise SignError(
            f"shortest {settings.shortest}, longest {settings.longest} and window {settings.window} must be multiples "
            f"of {frames}, the frames of a token."
        )
    parts = tuple(PartConfig(row.name, row.columns, codes) for row, codes in zip(rows, settings.codes, strict=True))
    return TokenizerConfig(
        parts,
        settings.autoencoder,
        settings.commitment,
        settings.velocity,
        settings.mu,
        settings.fps,
        settings.flat_hands,
        settings.expression_space,
    )


def _statistics(settings: Settings, stores: Sequence[Store]) -> tuple[Tensor, Tensor]:
    if settings.statistics is not None:
        return read_statistics(settings.statistics, check=settings.check_statistics)
    mean, std = statistics(stores, "train", FEATURES)
    return torch.from_numpy(mean).float(), torch.from_numpy(std).float()


def main(arguments: Sequence[str] | None = None) -> int:
    settings = from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    run(lambda: TokenizerTask(settings), settings, SECTION)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.soke_tokenizer: {error}")
