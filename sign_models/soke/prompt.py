"""The encoder's input: the text, and what the sign dictionary knows of its words (SOKE section 3.4).

Facts: soke.md section 3.3. Two forms: ``published`` gives the first three keywords at ten steps each in the published
wording; ``ordered`` gives every word in signing order, spelled words too, as long as the room lasts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import torch
from torch import Tensor

from sign_models.soke.vocabulary import EOS, SIGN_LANGUAGES, SignVocabulary
from sign_models.types import MotionTokens

Sign = TypeVar("Sign")
"""What a word or sign is named by: a ``Hint``, or in training the key of its codes."""

Form = Literal["none", "published", "ordered"]

KEYWORD = {"ase": " Key word {}, ", "csl": " 关键词 {}, ", "gsg": " Schlüsselwort {}, "}
"""The published wording, numbered from 1."""

NAMED = " [{}]: "
"""The wording before 22 November 2025."""


@dataclass(frozen=True)
class PromptConfig:
    """limit: rows of a whole prompt. words, steps: at most so many keywords and token steps each (3 and 10 published;
    0 words: all of them).

    named: the published form as it was before 22 November 2025, with each word instead of its number. language_rows:
    the row of the text's language for each of ``SIGN_LANGUAGES``, which then ends the prompt (mBART's form). by_word:
    the signs are named by words, not by the glosses of our dictionaries (``word2code.json``, clips of single words).
    together: a sentence whose signs have more steps than this is signed in pieces; 0 for never.
    """

    form: Form = "ordered"
    limit: int = 256
    words: int = 0
    steps: int = 10
    named: bool = False
    by_word: bool = False
    together: int = 0
    language_rows: tuple[int, ...] = ()


PUBLISHED = PromptConfig(form="published", words=3, steps=10)


def interleaved(tokens: MotionTokens, vocabulary: SignVocabulary, steps: int) -> list[int]:
    """Codes (k, s) -> rows body, left, right, body, …; longer signs are thinned evenly to ``steps``."""
    ids = tokens.ids
    if ids.shape[1] > steps:
        ids = ids[:, torch.linspace(0, ids.shape[1] - 1, steps).round().long()]
    rows = vocabulary.row_of_column()
    return [int(rows[k, 1 + code]) for step in ids.T.tolist() for k, code in enumerate(step)]


def prompt(
    text: str,
    language: str,
    hints: Sequence[Sign],
    encode: Callable[[str], list[int]],
    tokens_of: Callable[[Sign], MotionTokens | None],
    vocabulary: SignVocabulary,
    config: PromptConfig,
    name_of: Callable[[Sign], str] = str,
) -> list[int]:
    """Rows of one encoder input. tokens_of answers None for a hint without a sign; name_of gives its word.

    A text that alone fills the limit is cut there, as in the published code; hints that do not fit are left out whole.
    """
    end = _end(language, config)
    rows = encode(text)[: config.limit - len(end)]
    room = config.limit - len(end) - len(rows)
    number = 0
    for hint in hints if config.form != "none" else ():
        tokens = tokens_of(hint)
        if tokens is None or (config.words and number == config.words):
            continue
        number += 1
        piece = _heading(number, language, hint, encode, name_of, config)
        piece = piece + interleaved(tokens, vocabulary, config.steps)
        if len(piece) > room:
            break
        rows += piece
        room -= len(piece)
    return [*rows, *end]


def _heading(
    number: int,
    language: str,
    hint: Sign,
    encode: Callable[[str], list[int]],
    name_of: Callable[[Sign], str],
    config: PromptConfig,
) -> list[int]:
    """What stands before the codes of a sign."""
    if config.form != "published":
        return []
    return encode(NAMED.format(name_of(hint)) if config.named else KEYWORD[language].format(number))


def _end(language: str, config: PromptConfig) -> list[int]:
    return [EOS, *(config.language_rows[SIGN_LANGUAGES.index(language)] for _ in config.language_rows[:1])]


def batch(prompts: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Prompts -> (b, n) rows padded at the end, and their mask."""
    longest = max(len(rows) for rows in prompts)
    ids = torch.full((len(prompts), longest), pad)
    for i, rows in enumerate(prompts):
        ids[i, : len(rows)] = torch.tensor(rows)
    lengths = torch.tensor([len(rows) for rows in prompts])
    return ids, torch.arange(longest)[None] < lengths[:, None]
