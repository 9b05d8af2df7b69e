"""python -m train.soke_lm --settings debug --data TOKENS --out FOLDER: the second training, text to sign tokens.

The out folder is what ``sign_models.registry.load_soke`` reads.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.soke.generator import TOKENIZER_FOLDER, Generator, read_tokenizer, save
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.mbart import Pretrained, read_pretrained, start
from sign_models.soke.prompt import PromptConfig, batch, prompt
from sign_models.soke.signs import SignCodes
from sign_models.soke.text import SubwordText, TextVocabulary, read_text
from sign_models.soke.vocabulary import PAD
from train.data.lengths import fit_length, jitter
from train.data.store import Clip, Store, chosen
from train.engine.loop import run
from train.engine.options import Training
from train.engine.task import Terms
from train.settings import from_command_line
from train.soke_tokenizer import padded

SECTION = "soke_lm"


@dataclass(frozen=True)
class Settings:
    """data: the out folder of ``train.soke_encode``. model.text_rows: at most so many rows of text vocabulary are
    learned from the training texts, unless ``text`` names a folder that has one. start_from: a folder of MBart weights
    (``sign-models convert mbart``) with the text vocabulary that belongs to them.

    without_signs: share of examples whose prompt is the text alone, so that both ways work. known_signs: share of the
    dictionary that may be retrieved, for the coverage ablation. corrupt: share of the codes before each step that are
    replaced by random ones in training, so that one wrong code does not lead astray (T2M-GPT, section 3.2). shortest,
    longest: token steps; multiple, drop: the published change of training sequences (crop to a multiple, then lose one
    end token with this probability).
    """

    data: Path
    out: Path
    training: Training
    model: LanguageModelConfig
    prompt: PromptConfig = field(default_factory=PromptConfig)
    text: Path | None = None
    start_from: Path | None = None
    without_signs: float = 0.1
    known_signs: float = 1.0
    corrupt: float = 0.0
    shortest: int = 1
    longest: int = 100
    multiple: int = 1
    drop: float = 0.0
    resume: bool = False
    estimate_only: bool = False


class LanguageModelTask:
    """Prompts and part-wise codes; the loss of ``SignLM``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._config = settings.prompt
        store = Store(settings.data)
        self._clips = {split: [clip for _, clip in chosen([store], split)] for split in ("train", "val")}
        self._store = store
        self.tokenizer = read_tokenizer(settings.data / TOKENIZER_FOLDER)
        self.signs = SignCodes.read(settings.data).subset(settings.known_signs)
        codes = tuple(part.codes for part in self.tokenizer.parts)
        if settings.model.codes != codes:
            raise SignError(f"model.codes is {list(settings.model.codes)}; the tokenizer has {list(codes)}.")
        pretrained = read_pretrained(settings.start_from) if settings.start_from else None
        self.text = self._vocabulary(pretrained)
        if self.text.rows > settings.model.text_rows:
            raise SignError(
                f"The text vocabulary has {self.text.rows} rows; model.text_rows is {settings.model.text_rows}."
            )
        longest = max(
            settings.prompt.limit, settings.longest * (len(codes) if settings.model.mode == "sequential" else 1)
        )
        if longest >= settings.model.positions:
            raise SignError(
                f"Sequences of {longest} need model.positions above that; it is {settings.model.positions}."
            )
        model = SignLM(settings.model)
        if pretrained is not None:
            start(model, pretrained)
            self._config = replace(settings.prompt, language_rows=pretrained.text.language_rows())
        self.model: nn.Module = model

    def lengths(self, split: str) -> list[int]:
        return [min(max(clip.length, self.settings.shortest), self.settings.longest) for clip in self._clips[split]]

    def example(self, split: str, index: int, epoch: int) -> tuple[list[int], str, Tensor]:
        """Rows of the prompt, the language, and codes (s, k)."""
        settings, clip = self.settings, self._clips[split][index]
        generator = np.random.default_rng((settings.training.seed, epoch, index))
        alone = split == "train" and generator.random() < settings.without_signs
        ids = self._store.rows(clip).astype(np.int64)
        ids = ids[fit_length(len(ids), settings.shortest, settings.longest, 1)]
        if split == "train":
            ids = ids[jitter(len(ids), generator, settings.multiple, settings.drop)]
        return self._prompt(clip, alone), clip.language, torch.from_numpy(ids)

    def collate(self, examples: Sequence[tuple[list[int], str, Tensor]]) -> tuple[Any, ...]:
        """text_ids, text_mask (b, n), languages, motion_ids (b, k, s), motion_mask (b, s)."""
        prompts, languages, codes = zip(*examples, strict=True)
        motion, mask = padded(codes)
        return (*batch(prompts, PAD), list(languages), motion.transpose(1, 2).contiguous(), mask)

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        text_ids, text_mask, languages, motion_ids, motion_mask = batch
        seen = self._corrupted(motion_ids) if model.training and self.settings.corrupt else motion_ids
        logits = model(text_ids, text_mask, languages, seen)
        sums, counts = self._own.loss_sums(logits.float(), motion_ids, motion_mask)
        names = tuple(part.name for part in self.tokenizer.parts)
        return Terms(names, sums, counts, (1.0,) * len(names), {"right": _right(logits, motion_ids, motion_mask)})

    def counts(self, batch: Any) -> Tensor:
        """The steps of each part and the ends of its sequences."""
        motion_mask = batch[-1]
        ends = self._own.ends_asked()
        return motion_mask.sum() + len(motion_mask) * ends.to(motion_mask.device)

    def write(self, folder: Path) -> None:
        save(folder, Generator(self._own, self.text, self._config, self.signs, self.tokenizer))

    def _corrupted(self, motion_ids: Tensor) -> Tensor:
        """(b, k, s) with some codes of each part replaced by others of the same part."""
        sizes = torch.tensor(self._own.config.codes, device=motion_ids.device)[:, None]
        others = (torch.rand(motion_ids.shape, device=motion_ids.device) * sizes).long()
        wrong = torch.rand(motion_ids.shape, device=motion_ids.device) < self.settings.corrupt
        return torch.where(wrong, others, motion_ids)

    def _vocabulary(self, pretrained: Pretrained | None) -> TextVocabulary:
        if pretrained is not None:
            return pretrained.text
        if self.settings.text is not None:
            return read_text(self.settings.text)
        return SubwordText.learn([clip.text for clip in self._clips["train"]], self.settings.model.text_rows)

    @property
    def _own(self) -> SignLM:
        assert isinstance(self.model, SignLM)
        return self.model

    def _prompt(self, clip: Clip, alone: bool) -> list[int]:
        config = replace(self._config, form="none") if alone else self._config
        return prompt(
            clip.text,
            clip.language,
            clip.signs,
            self.text.encode,
            lambda keys: self.signs.find(clip.language, keys),
            self._own.vocabulary,
            config,
            " ".join,
        )


@torch.no_grad()
def _right(logits: Tensor, motion_ids: Tensor, motion_mask: Tensor) -> Tensor:
    """Share of codes that the model would have chosen itself."""
    same = (logits[:, :, :-1].argmax(-1) == motion_ids + 1) & motion_mask[:, None]
    return same.sum() / (motion_mask.sum() * motion_ids.shape[1]).clamp_min(1)


def main(arguments: Sequence[str] | None = None) -> int:
    settings = from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    run(lambda: LanguageModelTask(settings), settings, SECTION)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.soke_lm: {error}")
