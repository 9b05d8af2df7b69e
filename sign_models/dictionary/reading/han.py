"""Chinese tokens: runs of characters cut into words, and words nobody signs as one cut into words that have signs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sign_models.dictionary.lexicon import Lexicon
from sign_models.dictionary.reading import compounds
from sign_models.dictionary.reading.chinese import A_NOT_A, like_a_name
from sign_models.dictionary.reading.segment import in_table
from sign_models.dictionary.reading.speech import Token

_COUNTED = re.compile("[零〇一二两三四五六七八九十百千万]{2,}")
"""A number at the beginning of a word (二十五岁); one character alone is often no number (一起)."""


def cut(tokens: Sequence[Token], lexicon: Lexicon) -> list[Token]:
    """Every run of Chinese characters as its words; other tokens as they are."""
    found: list[Token] = []
    for token in tokens:
        found += _words(token, lexicon) if token.kind == "han" else [token]
    return found


def _words(token: Token, lexicon: Lexicon) -> Iterator[Token]:
    at = token.start
    for word in lexicon.cut(token.text):
        for piece in _pieces(word, lexicon):
            yield replace(token, text=piece, start=at, end=at + len(piece), words=(piece,))
            at += len(piece)


def _pieces(word: str, lexicon: Lexicon) -> Sequence[str]:
    """The word itself, or the words it is made of when it has no sign and is no compound of signs."""
    if len(word) == 1 or _signed(word, lexicon) or _no_sign_needed(word, lexicon):
        return (word,)
    if asked := A_NOT_A.fullmatch(word):
        return asked.groups()
    if not in_table(word) and like_a_name(word):
        return (word,)
    counted = _COUNTED.match(word)
    if counted and counted.end() < len(word) and lexicon.speech.number((counted[0],))[0]:
        return (counted[0], *_pieces(word[counted.end() :], lexicon))
    parts = compounds.split(word, "zh", lambda part: _signed(part, lexicon) or _no_sign_needed(part, lexicon))
    if not parts:
        return (word,) if in_table(word) else _known_parts(word, lexicon)
    if word in lexicon.speech.opaque:
        return (word,)
    one_word = in_table(word) and all(_signed(part, lexicon) for part in parts)
    return (word,) if one_word and not lexicon.speech.negations & set(parts) else parts


def _signed(word: str, lexicon: Lexicon) -> bool:
    return any(map(lexicon.has, (word, *lexicon.lemmas(word))))


def _known_parts(word: str, lexicon: Lexicon) -> Sequence[str]:
    """The longest words with signs from left to right, what is between them as it is."""
    parts: list[str] = []
    at, unknown = 0, 0
    while at < len(word):
        end = next((end for end in range(len(word), at, -1) if _signed(word[at:end], lexicon)), 0)
        if end:
            parts += [word[unknown:at]] * (unknown < at) + [word[at:end]]
            unknown = end
        at = end or at + 1
    return [*parts, word[unknown:]] if unknown < len(word) else parts


def _no_sign_needed(word: str, lexicon: Lexicon) -> bool:
    speech = lexicon.speech
    return bool(speech.number((word,))[0] or speech.ordinal(word)) or word in speech.function_words
