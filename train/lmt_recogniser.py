"""python -m train.lmt_recogniser --settings starter --data CLIPS --out FOLDER: trains the judge that names signs.

It is trained before the tokenizer, which takes its features as the measure of what looks alike.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from sign_models.errors import SignError
from train.data.augment import varied
from train.data.video_store import VideoStore
from train.engine.loop import run
from train.engine.options import Training
from train.engine.task import Terms
from train.metrics.recogniser import RecogniserConfig, SignRecogniser, save_recogniser
from train.settings import from_command_line

SECTION = "lmt_recogniser"
RECOGNISER_FOLDER = "recogniser"


@dataclass(frozen=True)
class Settings:
    """data: a folder made by ``train.prepare_videos``. every, widths, code: see ``RecogniserConfig``.

    ship: "fp16" writes the network at half the size.
    """

    data: Path
    out: Path
    training: Training
    every: int = 2
    widths: tuple[int, ...] = (40, 80, 128)
    code: int = 192
    ship: Literal["fp32", "fp16"] = "fp32"
    resume: bool = False
    estimate_only: bool = False


class RecogniserTask:
    """Clips and their glosses; cross-entropy among the glosses of the clip's language."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = VideoStore(settings.data)
        self._clips = {split: self.store.indices(split) for split in ("train", "val")}
        if not self._clips["train"]:
            raise SignError(f'There is no clip of the split "train" at {settings.data}.')
        config = RecogniserConfig(self.store.glosses, self.store.rules, settings.every, settings.widths, settings.code)
        self.recogniser = SignRecogniser(config)
        self.model: nn.Module = self.recogniser
        self._place = {gloss: k for k, gloss in enumerate(config.glosses)}

    def lengths(self, split: str) -> list[int]:
        return [self.store.rules.frames] * len(self._clips[split])

    def example(self, split: str, index: int, epoch: int) -> tuple[Tensor, str]:
        """(3, t, h, w) and the gloss."""
        number = self._clips[split][index]
        gloss = self.store.clips[number].gloss
        if split != "train":
            return self.store.batch([number])[0], gloss
        generator = np.random.default_rng((self.settings.training.seed, epoch, index))
        return varied(self.store.frames(number), generator), gloss

    def collate(self, examples: Sequence[tuple[Tensor, str]]) -> tuple[Tensor, Tensor, Tensor]:
        """Clips (b, 3, t, h, w), languages (b,) and the places of their glosses (b,)."""
        glosses = [gloss for _, gloss in examples]
        places = torch.tensor([self._place[gloss] for gloss in glosses])
        return torch.stack([clip for clip, _ in examples]), self.recogniser.language_ids(glosses), places

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        clips, languages, places = batch
        first = int(torch.randint(self.settings.every, ())) if model.training else None
        scores = model(clips, languages, first).float()
        loss = functional.cross_entropy(scores, places, reduction="sum")
        right = (scores.argmax(1) == places).sum()
        count = torch.tensor(float(len(places)), device=clips.device)
        sums = torch.stack([loss, right.to(loss)])
        return Terms(("cross-entropy", "right"), sums, count.expand(2), (1.0, 0.0))

    def write(self, folder: Path) -> None:
        dtype = torch.float16 if self.settings.ship == "fp16" else None
        save_recogniser(folder / RECOGNISER_FOLDER, self.recogniser, dtype)


def main(arguments: Sequence[str] | None = None) -> int:
    settings = from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    run(lambda: RecogniserTask(settings), settings, SECTION)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.lmt_recogniser: {error}")
