"""mbart-large-cc25, or any MBart in a local folder, as the start of a language model (soke.md section 2.1).

``prune`` keeps only the embedding rows that texts in the chosen languages use: 250,027 rows become about 19,000, which
saves 60 % of the weights. The result is a folder of the same kind: transformers reads it too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import MBartForConditionalGeneration

from sign_models.errors import SignError
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.pieces import SOURCE, SPECIALS, PieceText

_SIZES = {
    "width": "d_model",
    "encoder_layers": "encoder_layers",
    "decoder_layers": "decoder_layers",
    "attention_heads": "encoder_attention_heads",
    "feedforward": "encoder_ffn_dim",
    "positions": "max_position_embeddings",
}
"""Our name of a size -> transformers'."""


@dataclass(frozen=True)
class Pruned:
    """rows: kept of how many. unseen: share of the texts' tokens that got no row of their own."""

    rows: int
    before: int
    unseen: float

    def __str__(self) -> str:
        return f"{self.rows} of {self.before} token rows kept, {self.unseen:.2%} of the texts' tokens without their own"


@dataclass(frozen=True)
class Pretrained:
    """model: a MBartForConditionalGeneration. text: its tokenizer."""

    model: Any
    text: PieceText

    def config(self, model: LanguageModelConfig) -> LanguageModelConfig:
        """``model`` with the sizes and the embedding scale of these weights."""
        theirs = self.model.config
        return replace(
            model,
            text_rows=self.text.rows,
            embedding_scale=None if theirs.scale_embedding else 1.0,
            **{ours: getattr(theirs, name) for ours, name in _SIZES.items()},
        )


def read_pretrained(folder: Path) -> Pretrained:
    """A folder with MBart weights and ``sentencepiece.bpe.model``: as downloaded, as published by SOKE, or pruned."""
    text = PieceText.read(folder)
    if not (folder / "config.json").is_file():
        raise SignError(f"There is no config.json in {folder}; a folder of MBart weights is needed.")
    try:
        model = MBartForConditionalGeneration.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise SignError(f"The weights in {folder} cannot be read ({reason}); download them again.") from error
    if model.config.vocab_size < text.rows:
        raise SignError(f"{folder} has {model.config.vocab_size} embedding rows; its tokenizer needs {text.rows}.")
    return Pretrained(model.eval(), text)


def prune(folder: Path, out: Path, texts: Iterable[str], languages: Sequence[str], least: int = 1) -> Pruned:
    """Keeps the rows of special tokens, of the languages, and of tokens that occur ``least`` times in ``texts``.

    Single characters of the texts are kept too, so that a new word can be spelled. languages: sign-language codes.
    """
    unknown = [code for code in languages if code not in SOURCE]
    if unknown or not languages:
        raise SignError(f'The languages are "{", ".join(languages)}"; choose from {", ".join(SOURCE)}.')
    before = read_pretrained(folder)
    ids, unseen = kept_tokens(before.text, texts, languages, least)
    text = PieceText(before.text.model, ids)
    rows = [before.text.ids.index(token) for token in ids]
    model = before.model
    small = nn.Embedding(len(ids), model.config.d_model, padding_idx=model.config.pad_token_id)
    small.weight.data.copy_(model.get_input_embeddings().weight.data[rows])
    bias = model.final_logits_bias[:, rows].clone()
    model.config.vocab_size = len(ids)
    model.set_input_embeddings(small)
    model.lm_head = nn.Linear(model.config.d_model, len(ids), bias=False)
    model.tie_weights()
    model.final_logits_bias = bias
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    text.save(out)
    return Pruned(len(ids), before.text.rows, unseen)


def kept_tokens(text: PieceText, texts: Iterable[str], languages: Sequence[str], least: int) -> tuple[list[int], float]:
    """The token ids to keep, in their old order; and the share of the texts' tokens that is not kept."""
    counts = Counter(token for line in texts for token in text.tokens(line))
    if not counts:
        raise SignError("There is no text to count tokens in; give files with the sentences of the corpora.")
    often = {token for token, count in counts.items() if count >= least}
    letters = {letter for token in counts for letter in text.characters(token)}
    codes = {text.language_token(SOURCE[code]) for code in languages}
    kept = sorted((set(range(SPECIALS)) | often | letters | codes | {text.mask_token}) & set(text.ids))
    lost = sum(count for token, count in counts.items() if token not in kept)
    return kept, lost / counts.total()


@torch.no_grad()
def start(model: SignLM, pretrained: Pretrained) -> None:
    """Fills ``model`` with pretrained weights; rows of languages and codes are drawn like the text rows are spread."""
    wanted = pretrained.config(model.config)
    wrong = [
        f"{field.name} is {getattr(model.config, field.name)}, not {getattr(wanted, field.name)}"
        for field in fields(wanted)
        if getattr(model.config, field.name) != getattr(wanted, field.name)
    ]
    if wrong:
        raise SignError(f"The model does not fit the weights that it starts from: {'; '.join(wrong)}. Change it.")
    state = pretrained.model.model.state_dict()
    table = model.backbone.get_input_embeddings().weight
    text = state["shared.weight"][: model.config.text_rows]
    new = len(table) - len(text)
    table[: len(text)] = text
    table[len(text) :] = text.mean(0) + text.std(0) * torch.randn(new, table.shape[1])
    own = model.backbone.state_dict()
    for name, value in own.items():
        if not name.endswith(("shared.weight", "embed_tokens.weight")):
            value.copy_(state[name])
