"""Chinese tokens: runs of characters cut into words, and words nobody signs as one cut into words that have signs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sign_models.dictionary.lexicon import Lexicon
from sign_models.dictionary.reading import compounds
from sign_models.dictionary.reading.chinese import A_NOT_A, MEASURE_WORDS, like_a_name
from sign_models.dictionary.reading.clock import han_times
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


_LONG = 4
"""Characters from which a word without a sign is rather signed by its parts (手机号码: the telephone, its number)."""
_LONG_NUMBER = re.compile("[零〇一二三四五六七八九]{4}(?=年)|[零〇一二两三四五六七八九十百千万亿]{3,}")


def _words(token: Token, lexicon: Lexicon) -> Iterator[Token]:
    """Clock times, then long numbers, then words: the word tables know neither."""
    at = 0
    for start, end, numbers in han_times(token.text, lexicon.speech.number):
        yield from _numbers_and_words(_part(token, at, start), lexicon)
        yield replace(_part(token, start, end), kind="time", numbers=numbers)
        at = end
    yield from _numbers_and_words(_part(token, at, len(token.text)), lexicon)


def _part(token: Token, start: int, end: int) -> Token:
    typed = token.text[start:end]
    return replace(token, text=typed, start=token.start + start, end=token.start + end, words=(typed,))


def _numbers_and_words(token: Token, lexicon: Lexicon) -> Iterator[Token]:
    at = 0
    for match in _LONG_NUMBER.finditer(token.text):
        value, _ = lexicon.speech.number((match[0],))
        if value:
            yield from _plain_words(_part(token, at, match.start()), lexicon)
            yield replace(_part(token, match.start(), match.end()), kind="number", numbers=(value,))
            at = match.end()
    yield from _plain_words(_part(token, at, len(token.text)), lexicon)


def _plain_words(token: Token, lexicon: Lexicon) -> Iterator[Token]:
    if not token.text:
        return
    at = token.start
    for word in lexicon.cut(token.text):
        for piece in _pieces(word, lexicon):
            yield replace(token, text=piece, start=at, end=at + len(piece), words=(piece,))
            at += len(piece)


def _pieces(word: str, lexicon: Lexicon) -> Sequence[str]:
    """The word itself, or the words it is made of when it has no sign and is no compound of signs."""
    if len(word) == 1 or _signed(word, lexicon) or _no_sign_needed(word, lexicon):
        return (word,)
    if word[-1] in MEASURE_WORDS and lexicon.speech.number((word[:-1],))[0]:
        return (word[:-1], word[-1])
    if asked := A_NOT_A.fullmatch(word):
        return asked.groups()
    if word[0] == "姓" and len(word) < 4 and _signed("姓", lexicon):
        return ("姓", word[1:])
    all_signed = compounds.split(word, "zh", lambda part: _signed(part, lexicon))
    if not in_table(word) and like_a_name(word) and not all_signed:
        return (word,)
    counted = _COUNTED.match(word)
    if counted and counted.end() < len(word) and lexicon.speech.number((counted[0],))[0]:
        return (counted[0], *_pieces(word[counted.end() :], lexicon))
    parts = compounds.split(word, "zh", lambda part: _signed(part, lexicon) or _no_sign_needed(part, lexicon))
    if not parts:
        if in_table(word):
            return (word,) if len(word) < _LONG else _known_parts(word, lexicon, shortest=2)
        return _known_parts(word, lexicon)
    if word in lexicon.speech.opaque:
        return (word,)
    one_word = in_table(word) and all(_signed(part, lexicon) and not _no_sign_needed(part, lexicon) for part in parts)
    return (word,) if one_word and not lexicon.speech.negations & set(parts) else parts


def _signed(word: str, lexicon: Lexicon) -> bool:
    return any(map(lexicon.has, (word, *lexicon.lemmas(word))))


def _known_parts(word: str, lexicon: Lexicon, shortest: int = 1) -> Sequence[str]:
    """The longest words with signs from left to right, what is between them as it is.

    shortest: characters of a part; one alone may mean something else (号 is a day of the month).
    """
    parts: list[str] = []
    at, unknown = 0, 0
    while at < len(word):
        ends = range(len(word), at + shortest - 1, -1)
        end = next((end for end in ends if _signed(word[at:end], lexicon)), 0)
        if end:
            parts += [word[unknown:at]] * (unknown < at) + [word[at:end]]
            unknown = end
        at = end or at + 1
    return [*parts, word[unknown:]] if unknown < len(word) else parts


def _no_sign_needed(word: str, lexicon: Lexicon) -> bool:
    speech = lexicon.speech
    return bool(speech.number((word,))[0] or speech.ordinal(word)) or word in speech.function_words
