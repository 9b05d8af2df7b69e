"""SignLM: text to part-wise sign tokens with mBART (SOKE section 3.3, "AMG").

Three ways to decode, by setting: ``multi_head`` predicts all parts in one step from one mixed embedding;
``sequential`` flattens the parts into one long sequence; ``parallel`` decodes each part as a sequence of its own.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from torch import Tensor, nn
from transformers import MBartModel

from sign_models.soke.backbone import backbone_config
from sign_models.soke.vocabulary import END, SignVocabulary

IGNORED = -100


@dataclass(frozen=True)
class LanguageModelConfig:
    """Sizes and the choices on which paper and public code differ (soke.md section 10.4).

    fusion: weight of each further part in the mixed embedding, the first part gets the rest (1/3 paper, 0.4 code).
    heads: three heads of their own (paper) or the embedding table as one tied head under part masks (code).
    stop: a sequence ends when any head says so (paper) or only the body's (code).
    embedding_scale: factor on input embeddings; None is sqrt(width), mBART's own. decoder_embedding_scale: that of the
    decoder where it differs (the public code's depends on the version of transformers, soke.md section 2.3).
    mask_cross_attention: hide source padding from the decoder (the public code does not).
    fold_signs: a step of a sign in the prompt takes one place, its parts mixed as in the decoder, instead of one place
    a part (published): a third of the length, and places of prompt and answer that match one to one.
    wave_positions: how high the sine waves are that positions start from, 0 for mBART's small random numbers. With
    waves the place after a place is one turn for all, so a small network soon learns to follow a prompt in order.
    """

    text_rows: int
    codes: tuple[int, ...] = (96, 192, 192)
    width: int = 1024
    encoder_layers: int = 12
    decoder_layers: int = 12
    attention_heads: int = 16
    feedforward: int = 4096
    dropout: float = 0.1
    positions: int = 1024
    mode: Literal["multi_head", "sequential", "parallel"] = "multi_head"
    heads: Literal["separate", "tied"] = "separate"
    fusion: float = 1 / 3
    stop: Literal["any", "body"] = "any"
    embedding_scale: float | None = None
    decoder_embedding_scale: float | None = None
    mask_cross_attention: bool = True
    fold_signs: bool = False
    wave_positions: float = 0.0

    @property
    def vocabulary(self) -> SignVocabulary:
        return SignVocabulary(self.text_rows, self.codes)


@dataclass(frozen=True)
class Source:
    """What the decoder looks at: encoder states (b, n, d), their mask (b, n), and the first embedding (b, 1, d).

    In parallel mode the batch axis is (b k): each part is a sequence of its own.
    """

    states: Tensor
    mask: Tensor
    start: Tensor


class SignLM(nn.Module):
    """forward(text_ids (b, n), text_mask (b, n), languages, motion_ids (b, k, s)) -> logits (b, k, s + 1, v)."""

    row_of_column: Tensor
    part_mask: Tensor
    part_weight: Tensor
    part_of_row: Tensor

    def __init__(self, config: LanguageModelConfig) -> None:
        super().__init__()
        if not 0 <= config.fusion * (len(config.codes) - 1) <= 1:
            raise ValueError(f"fusion is {config.fusion}; at most 1/{len(config.codes) - 1} leaves the body a share.")
        self.config = config
        self.vocabulary = config.vocabulary
        # embeddings are scaled here, once and in sight, since transformers changed it between versions
        self.backbone = MBartModel(backbone_config(config, self.vocabulary.rows, scale_embedding=False))
        if config.wave_positions:
            for half in (self.backbone.encoder, self.backbone.decoder):
                table = half.embed_positions.weight
                table.data.copy_(config.wave_positions * _waves(*table.shape))
        self.scale = math.sqrt(config.width) if config.embedding_scale is None else config.embedding_scale
        own = config.decoder_embedding_scale
        self.decoder_scale = self.scale if own is None else own
        k, v = self.vocabulary.parts, self.vocabulary.columns
        if config.heads == "separate":
            self.head = nn.Parameter(torch.randn(k, v, config.width) * config.width**-0.5)
        weight = torch.full((k,), config.fusion)
        weight[0] = 1 - config.fusion * (k - 1)
        self.register_buffer("row_of_column", self.vocabulary.row_of_column(), persistent=False)
        self.register_buffer("part_of_row", self.vocabulary.part_of_row(), persistent=False)
        self.register_buffer("part_mask", self.vocabulary.mask(), persistent=False)
        self.register_buffer("part_weight", weight, persistent=False)

    def encode(self, text_ids: Tensor, text_mask: Tensor, languages: list[str]) -> Source:
        """text_ids, text_mask: (b, n), mask False for padding; languages: b sign-language codes."""
        embedded = self._embed(text_ids)
        if self.config.fold_signs:
            embedded, text_mask = self._folded(embedded, text_ids, text_mask)
        states = self.backbone.encoder(inputs_embeds=embedded, attention_mask=text_mask).last_hidden_state
        mask = text_mask if self.config.mask_cross_attention else torch.ones_like(text_mask)
        parts = range(self.vocabulary.parts) if self.config.mode == "parallel" else (None,)
        rows = [self.vocabulary.language_row(language, part) for language in languages for part in parts]
        start = self._embed(torch.tensor(rows, device=text_ids.device)[:, None], self.decoder_scale)
        return Source(self._for_parts(states), self._for_parts(mask), start)

    def forward(self, text_ids: Tensor, text_mask: Tensor, languages: list[str], motion_ids: Tensor) -> Tensor:
        """motion_ids: (b, k, s) codes (anything where padded). Logits for every step and the end after the last."""
        source = self.encode(text_ids, text_mask, languages)
        columns = (motion_ids + 1).clamp(0, self.vocabulary.columns - 1)
        hidden = self.decode(source, torch.cat([source.start, self.embed_columns(columns)], dim=1))
        return self.logits(hidden)

    def loss(self, logits: Tensor, motion_ids: Tensor, motion_mask: Tensor) -> Tensor:
        """Sum over parts of the mean cross-entropy of real steps and the end; motion_mask (b, s) False for padding."""
        sums, counts = self.loss_sums(logits, motion_ids, motion_mask)
        return (sums / counts).sum()

    def loss_sums(self, logits: Tensor, motion_ids: Tensor, motion_mask: Tensor) -> tuple[Tensor, Tensor]:
        """(k,) cross-entropy of each part added up, and (k,) over how many steps: so batches can be divided."""
        b, k, s = motion_ids.shape
        target = torch.full((b, k, s + 1), IGNORED, device=motion_ids.device)
        target[..., :s] = torch.where(motion_mask[:, None], motion_ids + 1, IGNORED)
        ends = repeat(motion_mask.sum(1), "b -> b k 1", k=k)
        last = torch.where(self.ends_asked().to(ends.device), END, IGNORED)[None, :, None].expand_as(ends)
        target.scatter_(2, ends, last)
        sums = [
            F.cross_entropy(logits[:, i].transpose(1, 2), target[:, i], ignore_index=IGNORED, reduction="sum")
            for i in range(k)
        ]
        return torch.stack(sums), (target != IGNORED).sum((0, 2))

    def ends_asked(self) -> Tensor:
        """(k,) bool: which parts are asked whether the sentence goes on; in a flattened sequence only the first is."""
        asked = torch.ones(self.vocabulary.parts, dtype=torch.bool)
        asked[1:] = self.config.mode != "sequential"
        return asked

    def embed_columns(self, columns: Tensor) -> Tensor:
        """(b, k, s) head columns -> decoder inputs: (b, s, d), (b, s * k, d) or ((b k), s, d) by mode."""
        rows = self.row_of_column[torch.arange(self.vocabulary.parts, device=columns.device)[:, None], columns]
        embedded = self._embed(rows, self.decoder_scale)  # (b, k, s, d)
        if self.config.mode == "sequential":
            return rearrange(embedded, "b k s d -> b (s k) d")
        if self.config.mode == "parallel":
            return rearrange(embedded, "b k s d -> (b k) s d")
        return torch.einsum("bksd,k->bsd", embedded, self.part_weight)

    def decode(self, source: Source, inputs: Tensor) -> Tensor:
        """inputs: (b, s, d) embeddings of a whole sequence -> hidden states. For one step at a time see ``steps``."""
        out = self.backbone.decoder(
            inputs_embeds=inputs,
            encoder_hidden_states=source.states,
            encoder_attention_mask=source.mask,
            use_cache=False,
        )
        return out.last_hidden_state

    def logits(self, hidden: Tensor) -> Tensor:
        """All hidden states of a sequence -> (b, k, s, v); masked columns are -inf."""
        k = self.vocabulary.parts
        if self.config.mode == "multi_head":
            scores = torch.einsum("bsd,kvd->bksv", hidden, self._head())
        elif self.config.mode == "parallel":
            scores = torch.einsum("bksd,kvd->bksv", rearrange(hidden, "(b k) s d -> b k s d", k=k), self._head())
        else:
            short = -hidden.shape[1] % k  # only the end token follows the last whole step
            whole = rearrange(F.pad(hidden, (0, 0, 0, short)), "b (s k) d -> b k s d", k=k)
            scores = torch.einsum("bksd,kvd->bksv", whole, self._head())
        return scores + self.part_mask[:, None]

    def part_logits(self, hidden: Tensor, part: int) -> Tensor:
        """(b, d) hidden state of one position of the flattened sequence -> (b, v) of that part's head."""
        return hidden @ self._head()[part].T + self.part_mask[part]

    def _head(self) -> Tensor:
        return self.head if self.config.heads == "separate" else self._table()[self.row_of_column]

    def _table(self) -> Tensor:
        return self.backbone.get_input_embeddings().weight

    def _embed(self, rows: Tensor, scale: float | None = None) -> Tensor:
        """scale: the encoder's unless it is given."""
        return F.embedding(rows, self._table()) * (self.scale if scale is None else scale)

    def _folded(self, embedded: Tensor, rows: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Each code joins the code of the first part before it: (b, n', d) and the mask (b, n')."""
        part = self.part_of_row[rows]
        weight = torch.where(part < 0, 1.0, self.part_weight[part.clamp_min(0)]) * mask
        own_place = (part <= 0) & mask
        place = (own_place.cumsum(1) - 1).clamp_min(0)
        count = own_place.sum(1)
        index = place[..., None].expand(embedded.shape)
        folded = torch.zeros_like(embedded).scatter_add(1, index, embedded * weight[..., None])
        longest = int(count.max())
        return folded[:, :longest], torch.arange(longest, device=rows.device) < count[:, None]

    def _for_parts(self, x: Tensor) -> Tensor:
        return x.repeat_interleave(self.vocabulary.parts, dim=0) if self.config.mode == "parallel" else x


def _waves(places: int, width: int) -> Tensor:
    """(places, width) sines, then cosines, of wavelengths from 2 pi to 10,000 times 2 pi places."""
    half = width // 2
    rates = 10_000.0 ** -(torch.arange(half) / half)
    angles = torch.arange(places)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos(), torch.zeros(places, width - 2 * half)], dim=1)
