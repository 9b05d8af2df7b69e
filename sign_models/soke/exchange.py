"""Checkpoints of the generator under the published names, both ways (soke.md section 10.2).

The weights lie under ``lm.language_model.main_lm.`` with the names of transformers' MBart; ``vae.*``, ``hand_vae.*``
and ``rhand_vae.*`` are the tokenizer. What such a file does not say has to be said: λ, where embeddings are scaled, and
the wording of the prompt.
"""

import pickle
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from sign_models.errors import SignError
from sign_models.files import atomic
from sign_models.soke.generator import Generator, read, read_tokenizer, save
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.pieces import MODEL_FILE, PUBLISHED_MAP, PieceText
from sign_models.soke.prompt import PUBLISHED as PUBLISHED_PROMPT
from sign_models.soke.public import PUBLISHED, fill_tokenizer, published_names, read_state
from sign_models.soke.signs import SignCodes
from sign_models.soke.statistics import read_statistics
from sign_models.soke.tokenizer import SignTokenizer
from sign_models.soke.vocabulary import SIGN_LANGUAGES, SPARE_ROWS, SignVocabulary

PREFIX = "lm.language_model.main_lm."
COPIES = ("lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight")
"""Other names of ``model.shared.weight``."""
PARTS = ("vae", "hand_vae", "rhand_vae")
"""Their prefix of each of our parts."""
HEAD_WIDTH = 64
"""Of every attention head of an mBART; a file does not say how many there are."""

Scaled = Literal["encoder", "neither", "both"]
SCALED: dict[Scaled, str] = {"encoder": "up to 4.40", "neither": "4.41", "both": "4.44 and later"}
"""Which embeddings are multiplied by sqrt(width) -> in which versions of transformers."""


@dataclass(frozen=True)
class Unsaid:
    """What a checkpoint does not say. fusion: λ. attention_heads: 0 for one a ``HEAD_WIDTH`` columns.

    named: the prompt writes the word before its codes, as until 22 November 2025. mode: only multi_head and sequential
    have the same rows.
    """

    fusion: float = 0.4
    scaled: Scaled = "both"
    named: bool = False
    mode: Literal["multi_head", "sequential"] = "multi_head"
    attention_heads: int = 0


@dataclass(frozen=True)
class Exchanged:
    """What was found or written."""

    tensors: int
    text_rows: int
    signs: int
    tokenizer: bool

    def __str__(self) -> str:
        tokenizer = "with" if self.tokenizer else "without"
        return (
            f"{self.tensors} tensors of the language model, {self.text_rows} text rows, "
            f"{self.signs} sign rows, {tokenizer} the tokenizer"
        )


def import_generator(
    file: Path,
    out: Path,
    text: Path,
    unsaid: Unsaid | None = None,
    *,
    statistics: Path | None = None,
    tokenizer: Path | None = None,
    signs: SignCodes | None = None,
) -> Exchanged:
    """A published checkpoint -> a folder that ``soke.generator.read`` reads.

    text: the folder of ``sentencepiece.bpe.model`` and ``map_ids.pkl``. The tokenizer comes from the checkpoint, with
    mean and std from ``statistics`` (default: beside ``file``), or from ``tokenizer``, a folder of ours.
    """
    if not file.is_file():
        raise SignError(f"There is no file {file}; give a checkpoint of SOKE's generator.")
    state = read_state(file)
    own = read_tokenizer(tokenizer) if tokenizer else _tokenizer(state, statistics or file.parent)
    weights = _weights(state, file.name)
    pieces = PieceText.read(text)
    codes = tuple(part.codes for part in own.parts)
    model = SignLM(_config(weights, codes, unsaid or Unsaid()))
    if pieces.rows > model.config.text_rows:
        raise SignError(
            f"{file.name} has {model.config.text_rows} text rows; the map in {text.name} names {pieces.rows}."
        )
    _fill(model, weights)
    prompt = replace(PUBLISHED_PROMPT, named=(unsaid or Unsaid()).named, by_word=signs is not None,
                     language_rows=pieces.language_rows())  # fmt: skip
    save(out, Generator(model, pieces, prompt, signs or SignCodes({}), own))
    new = sum(size + SPARE_ROWS for size in codes) + len(SIGN_LANGUAGES)
    return Exchanged(len(weights), model.config.text_rows, new, tokenizer is None)


def export_generator(folder: Path, file: Path) -> Exchanged:
    """A folder of ours -> a checkpoint under the published names, with the text's files beside it."""
    generator = read(folder)
    model, config = generator.model, generator.model.config
    if config.heads != "tied" or config.mode == "parallel":
        raise SignError(
            f"The model has {config.heads} heads and decodes by {config.mode}; the published names have room for tied "
            "heads, multi_head or sequential."
        )
    rows = _published_rows(model.vocabulary)
    state = {f"model.{name}": value for name, value in model.backbone.state_dict().items()}
    table = state["model.shared.weight"][rows]
    state |= dict.fromkeys(("model.shared.weight", *COPIES), table)
    state["final_logits_bias"] = torch.zeros(1, len(rows))
    whole = {PREFIX + name: value for name, value in state.items()}
    tokens = _tokenizer_state(generator.tokenizer)
    with atomic(file) as part:
        torch.save({"state_dict": whole | tokens}, part)
    if isinstance(generator.text, PieceText):
        (file.parent / MODEL_FILE).write_bytes(generator.text.model)
        pairs = {token: row for row, token in enumerate(generator.text.ids) if token >= 0}
        (file.parent / PUBLISHED_MAP).write_bytes(pickle.dumps(pairs))
    else:
        shutil.copy(folder / "language_model" / "text.json", file.parent)
    return Exchanged(len(state), config.text_rows, len(rows) - config.text_rows, bool(tokens))


def _weights(state: Mapping[str, Any], name: str) -> dict[str, Tensor]:
    """The language model's tensors without prefix and copies."""
    found = {key.removeprefix(PREFIX): value for key, value in state.items() if key.startswith(PREFIX)}
    table = next((found[key] for key in ("model.shared.weight", *COPIES) if key in found), None)
    if table is None:
        other = " (it looks like MaDiS)" if any("emb_mapper" in key for key in state) else ""
        raise SignError(f'{name} has no "{PREFIX}model.shared.weight"{other}; a generator of SOKE is needed.')
    found["model.shared.weight"] = table
    for copy in COPIES:
        if copy in found and not torch.equal(found.pop(copy), table):
            raise SignError(f"{name}: {copy} differs from model.shared.weight, of which it should be a copy.")
    bias = found.pop("final_logits_bias", None)
    if bias is not None and bias.any():
        raise SignError(f"{name}: final_logits_bias is not zero, and this model has no such bias.")
    return found


def _config(weights: Mapping[str, Tensor], codes: tuple[int, ...], unsaid: Unsaid) -> LanguageModelConfig:
    """Sizes from shapes, the rest as it is said."""
    rows, width = weights["model.shared.weight"].shape
    layers = {
        side: 1
        + max((int(key.split(".")[3]) for key in weights if key.startswith(f"model.{side}.layers.")), default=-1)
        for side in ("encoder", "decoder")
    }
    try:
        feedforward = len(weights["model.encoder.layers.0.fc1.weight"])
        positions = len(weights["model.encoder.embed_positions.weight"]) - 2
    except KeyError as error:
        raise SignError(f"The checkpoint has no {error}; it is not whole.") from error
    signs = len(SIGN_LANGUAGES) + sum(size + SPARE_ROWS for size in codes)
    return LanguageModelConfig(
        text_rows=rows - signs,
        codes=codes,
        width=width,
        encoder_layers=layers["encoder"],
        decoder_layers=layers["decoder"],
        attention_heads=unsaid.attention_heads or max(1, width // HEAD_WIDTH),
        feedforward=feedforward,
        positions=positions,
        mode=unsaid.mode,
        heads="tied",
        fusion=unsaid.fusion,
        stop="body",
        embedding_scale=1.0 if unsaid.scaled == "neither" else None,
        decoder_embedding_scale=None if unsaid.scaled == "both" else 1.0,
        mask_cross_attention=False,
    )


@torch.no_grad()
def _fill(model: SignLM, weights: Mapping[str, Tensor]) -> None:
    own = {f"model.{name}": value for name, value in model.backbone.state_dict().items()}
    for copy in COPIES:
        own.pop(copy, None)
    table = own.pop("model.shared.weight")
    given = {name: value for name, value in weights.items() if name != "model.shared.weight"}
    wrong = [f"{name} is missing" for name in own.keys() - given.keys()]
    wrong += [f"{name} is unknown" for name in given.keys() - own.keys()]
    wrong += [
        f"{name} is {tuple(given[name].shape)}, not {tuple(own[name].shape)}"
        for name in own.keys() & given.keys()
        if own[name].shape != given[name].shape
    ]
    if wrong:
        raise SignError(f"The file is not SOKE's generator: {'; '.join(sorted(wrong)[:6])} ({len(wrong)} differences).")
    for name, value in own.items():
        value.copy_(given[name])
    vocabulary = model.vocabulary
    table[_published_rows(vocabulary)] = weights["model.shared.weight"]
    for language in SIGN_LANGUAGES:  # rows that only parallel decoding uses
        for part in range(vocabulary.parts):
            table[vocabulary.language_row(language, part)] = table[vocabulary.language_row(language)]


def _published_rows(vocabulary: SignVocabulary) -> list[int]:
    """Our row of each of theirs: theirs have no rows of (language, part)."""
    first = vocabulary.text_rows + len(SIGN_LANGUAGES)
    return [*range(first), *range(first + len(SIGN_LANGUAGES) * vocabulary.parts, vocabulary.rows)]


def _tokenizer(state: Mapping[str, Any], statistics: Path) -> SignTokenizer:
    tokenizer = SignTokenizer(PUBLISHED)
    inside = {key: value for key, value in state.items() if key.split(".")[0] in PARTS}
    if not inside:
        raise SignError("The checkpoint holds no tokenizer; give the folder of a converted one with --tokenizer.")
    fill_tokenizer(tokenizer, inside)
    tokenizer.mean[:], tokenizer.std[:] = read_statistics(statistics)
    return tokenizer


def _tokenizer_state(tokenizer: SignTokenizer) -> dict[str, Tensor]:
    """Under the published names; nothing when its layers or parts are not the published ones."""
    names = published_names()
    parts = [vae.state_dict() for vae in tokenizer.vaes]
    if len(parts) != len(PARTS) or any(not names.keys() <= part.keys() for part in parts):
        return {}
    return {
        f"{prefix}.{theirs}": part[ours]
        for prefix, part in zip(PARTS, parts, strict=True)
        for ours, theirs in names.items()
    }
