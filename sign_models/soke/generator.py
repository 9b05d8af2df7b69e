"""All that text needs to become tokens and motion, in one folder: language model, text, prompt, signs, tokenizer."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from sign_models import checkpoints
from sign_models.errors import SignError
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.prompt import PromptConfig
from sign_models.soke.signs import SignCodes
from sign_models.soke.text import TextVocabulary, read_text
from sign_models.soke.tokenizer import SignTokenizer, TokenizerConfig

MODEL_FOLDER, TOKENIZER_FOLDER, PROMPT_FILE = "language_model", "tokenizer", "prompt.json"


@dataclass(frozen=True)
class Generator:
    """The parts of a trained SOKE."""

    model: SignLM
    text: TextVocabulary
    prompt: PromptConfig
    signs: SignCodes
    tokenizer: SignTokenizer


def save(folder: Path, generator: Generator) -> None:
    inner = folder / MODEL_FOLDER
    checkpoints.save(inner, generator.model, generator.model.config)
    generator.text.save(inner)
    prompt = json.dumps(dataclasses.asdict(generator.prompt), indent=2)
    (inner / PROMPT_FILE).write_text(prompt + "\n", encoding="utf-8")
    save_tokenizer(folder / TOKENIZER_FOLDER, generator.tokenizer)
    generator.signs.save(folder)


def read(folder: Path) -> Generator:
    """SignError names what is missing or does not fit."""
    inner = folder / MODEL_FOLDER
    if not inner.is_dir():
        raise SignError(
            f"There is no trained SOKE in {folder}: {MODEL_FOLDER} is missing; `python -m train.soke_lm` makes one."
        )
    model = SignLM(checkpoints.read_config(inner, LanguageModelConfig))
    checkpoints.read_weights(inner, model)
    tokenizer = read_tokenizer(folder / TOKENIZER_FOLDER)
    codes = tuple(part.codes for part in tokenizer.parts)
    if codes != tuple(model.config.codes):
        raise SignError(
            f"{folder}: the language model is for codebooks of {model.config.codes}, the tokenizer has {codes}."
        )
    return Generator(model.eval(), read_text(inner), _prompt(inner), SignCodes.read(folder), tokenizer)


def save_tokenizer(folder: Path, tokenizer: SignTokenizer) -> None:
    checkpoints.save(folder, tokenizer, tokenizer.config)


def read_tokenizer(folder: Path) -> SignTokenizer:
    tokenizer = SignTokenizer(checkpoints.read_config(folder, TokenizerConfig))
    checkpoints.read_weights(folder, tokenizer)
    return tokenizer.eval()


def _prompt(folder: Path) -> PromptConfig:
    path = folder / PROMPT_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return PromptConfig(**values | {"language_rows": tuple(values.get("language_rows", ()))})
    except (OSError, ValueError, TypeError) as error:
        raise SignError(
            f"{path} does not hold the settings of a prompt ({error}); restore or retrain the model."
        ) from error
