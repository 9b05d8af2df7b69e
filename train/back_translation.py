"""python -m train.back_translation --settings debug --data [CORPUS] --out FOLDER: sign to text, to score signing.

``train.evaluate soke --translator FOLDER`` reads generated signing with it and compares the texts.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.parts import FEATURES
from sign_models.soke.text import SubwordText
from sign_models.soke.vocabulary import EOS, PAD
from train.data.lengths import fit_length
from train.data.store import Clip, Store, chosen, statistics
from train.engine.loop import run
from train.engine.options import Training
from train.engine.task import Terms
from train.evaluation.translator import Reader, Translator, TranslatorConfig, save
from train.settings import from_command_line
from train.soke_tokenizer import padded

SECTION = "back_translation"


@dataclass(frozen=True)
class Settings:
    """data: folders made by ``train.prepare``. model.text_rows: at most so many subwords are learned from the training
    texts, unless ``text`` names a folder that has a vocabulary. shortest, longest: frames. least_std: as in the
    tokenizer's training. smoothing: of the labels.
    """

    data: tuple[Path, ...]
    out: Path
    training: Training
    model: TranslatorConfig
    text: Path | None = None
    shortest: int = 40
    longest: int = 400
    least_std: float = 0.0
    smoothing: float = 0.1
    resume: bool = False
    estimate_only: bool = False


class TranslationTask:
    """Poses and texts; cross-entropy of the subwords and the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        stores = [Store(folder) for folder in settings.data]
        self._clips = {split: list(chosen(stores, split)) for split in ("train", "val")}
        if settings.text is not None:
            self.text = SubwordText.read(settings.text)
        else:
            self.text = SubwordText.learn([clip.text for _, clip in self._clips["train"]], settings.model.text_rows)
        if self.text.rows > settings.model.text_rows:
            raise SignError(
                f"The text vocabulary has {self.text.rows} rows; model.text_rows is {settings.model.text_rows}."
            )
        if settings.longest // settings.model.frames >= settings.model.positions:
            raise SignError(f"{settings.longest} frames need model.positions above {settings.model.positions}.")
        model = Translator(settings.model)
        mean, std = (torch.from_numpy(values).float() for values in statistics(stores, "train", FEATURES))
        model.set_statistics(mean, std.clamp_min(settings.least_std))
        self.model: nn.Module = model

    def lengths(self, split: str) -> list[int]:
        return [len(self._frames(clip)) for _, clip in self._clips[split]]

    def example(self, split: str, index: int, epoch: int) -> tuple[Tensor, str, Tensor]:
        """Poses (t, 133), the language, and the rows of the text with its end."""
        store, clip = self._clips[split][index]
        poses = torch.from_numpy(store.rows(clip)[self._frames(clip)]).float()
        rows = self.text.encode(clip.text)[: self.settings.model.longest - 1]
        return poses, clip.language, torch.tensor([*rows, EOS])

    def collate(self, examples: Sequence[tuple[Tensor, str, Tensor]]) -> tuple[Any, ...]:
        """features (b, t, 133), mask (b, t), languages, text_ids (b, n), text_mask (b, n)."""
        poses, languages, texts = zip(*examples, strict=True)
        features, mask = padded(poses)
        rows, text_mask = padded(texts)
        return features, mask, list(languages), rows.masked_fill(~text_mask, PAD), text_mask

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        features, mask, languages, text_ids, text_mask = batch
        logits = model(features, mask, languages, text_ids).float()
        smoothing = self.settings.smoothing if model.training else 0.0
        loss = F.cross_entropy(logits.transpose(1, 2), text_ids, reduction="none", label_smoothing=smoothing)
        count = text_mask.sum()
        right = ((logits.argmax(-1) == text_ids) & text_mask).sum() / count.clamp_min(1)
        return Terms(("text",), (loss * text_mask).sum()[None], count[None], (1.0,), {"right": right.detach()})

    def counts(self, batch: Any) -> Tensor:
        return batch[-1].sum()[None]

    def write(self, folder: Path) -> None:
        assert isinstance(self.model, Translator)
        save(folder, Reader(self.model, self.text))

    def _frames(self, clip: Clip) -> Any:
        settings = self.settings
        return fit_length(clip.length, settings.shortest, settings.longest, settings.model.frames)


def main(arguments: Sequence[str] | None = None) -> int:
    settings = from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    run(lambda: TranslationTask(settings), settings, SECTION)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.back_translation: {error}")
