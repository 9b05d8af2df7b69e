"""Sign to text: an encoder over normalised poses and a decoder of subwords, small enough to train beside a generator.

The model that SOKE's back-translation scores come from was never published, so that scores of different works compare
only when the same reader made them (soke.md section 5.2).
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn
from transformers import GenerationConfig, MBartForConditionalGeneration

from sign_models import checkpoints
from sign_models.parts import FEATURES
from sign_models.soke.backbone import backbone_config
from sign_models.soke.text import SubwordText
from sign_models.soke.vocabulary import BOS, EOS, PAD, SIGN_LANGUAGES
from sign_models.types import Motion

MODEL_FOLDER = "back_translation"


@dataclass(frozen=True)
class TranslatorConfig:
    """text_rows: subwords. frames: of one step of the encoder. beams, longest: of reading; longest in subwords."""

    text_rows: int
    width: int = 256
    encoder_layers: int = 3
    decoder_layers: int = 3
    attention_heads: int = 4
    feedforward: int = 1024
    dropout: float = 0.1
    positions: int = 512
    frames: int = 4
    beams: int = 4
    longest: int = 64


class Translator(nn.Module):
    """forward(features (b, t, 133), mask (b, t), languages, text_ids (b, n)) -> logits (b, n, rows).

    Position i of the logits is for text_ids[:, i]; each text begins with the language's row, which is not asked for.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("std", torch.ones(FEATURES))
        self.stem = nn.Linear(FEATURES * config.frames, config.width)
        self.backbone = MBartForConditionalGeneration(
            backbone_config(config, config.text_rows + len(SIGN_LANGUAGES), scale_embedding=True)
        )

    def set_statistics(self, mean: Tensor, std: Tensor) -> None:
        """mean, std: (133,) of the training poses; a column that never moves gets a spread of 1."""
        self.mean.copy_(mean)
        self.std.copy_(torch.where(std < 1e-6, torch.ones_like(std), std))

    def forward(self, features: Tensor, mask: Tensor, languages: list[str], text_ids: Tensor) -> Tensor:
        steps, step_mask = self._steps(features, mask)
        start = self._start(languages).to(text_ids.device)
        seen = torch.cat([start, text_ids[:, :-1]], dim=1)
        made = self.backbone(inputs_embeds=steps, attention_mask=step_mask, decoder_input_ids=seen, use_cache=False)
        return torch.as_tensor(made.logits)

    @torch.inference_mode()
    def read(self, features: Tensor, language: str) -> list[int]:
        """(t, 133) of one clip -> the rows of its text, by beam search."""
        steps, mask = self._steps(features[None].to(self.mean), torch.ones(1, len(features), dtype=torch.bool))
        how = GenerationConfig(
            num_beams=self.config.beams, max_new_tokens=self.config.longest, pad_token_id=PAD, bos_token_id=BOS,
            eos_token_id=EOS, decoder_start_token_id=int(self._start([language])), do_sample=False,
        )  # fmt: skip
        made = self.backbone.generate(inputs_embeds=steps, attention_mask=mask.to(steps.device), generation_config=how)
        return [row for row in made[0, 1:].tolist() if row not in (BOS, PAD, EOS) and row < self.config.text_rows]

    def _steps(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Poses -> encoder inputs (b, s, d) and their mask; a last step that is not full is filled with zeros."""
        frames = self.config.frames
        normal = (features - self.mean) / self.std * mask[..., None].to(features)
        short = -features.shape[1] % frames
        normal, mask = F.pad(normal, (0, 0, 0, short)), F.pad(mask, (0, short))
        return self.stem(rearrange(normal, "b (s f) c -> b s (f c)", f=frames)), mask[:, ::frames]

    def _start(self, languages: list[str]) -> Tensor:
        """(b, 1) the row that begins a text."""
        return torch.tensor([[self.config.text_rows + SIGN_LANGUAGES.index(language)] for language in languages])


@dataclass(frozen=True)
class Reader:
    """A trained translator and its text vocabulary, in one folder."""

    model: Translator
    text: SubwordText

    def read(self, motion: Motion, language: str) -> str:
        return self.text.decode(self.model.read(motion.features, language)).strip()


def save(folder: Path, reader: Reader) -> None:
    inner = folder / MODEL_FOLDER
    checkpoints.save(inner, reader.model, reader.model.config)
    reader.text.save(inner)


def load(folder: Path) -> Reader:
    """SignError names what is missing or does not fit."""
    inner = folder / MODEL_FOLDER
    model = Translator(checkpoints.read_config(inner, TranslatorConfig))
    checkpoints.read_weights(inner, model)
    return Reader(model.eval(), SubwordText.read(inner))
