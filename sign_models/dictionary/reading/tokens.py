"""Cuts a text into tokens whose spans point into the text exactly as the user typed it."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from sign_models.dictionary.reading.clock import HALF
from sign_models.dictionary.reading.speech import Kind, Speech, Token

HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
APOSTROPHES = "'\u2019\u02bc\uff07"
MARKUP = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>|<!--.{0,300}?-->|&(?:#x?[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s\u3000-\uffff<>\"]+"
    r"|[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|org|net|edu|gov|io|de|cn)\b(?:/[^\s\u3000-\uffff]*)?"
)

_EVERYWHERE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("markup", MARKUP),
    ("address", ADDRESS),
    ("symbol", re.compile(r"(?<!\S)[-\u2212](?=\d)")),
)

_DEGREES = re.compile(r"°\s?[CF]\b")

# One letter for each character of the text, so that runs can be told by one expression.
_CLASS_OF_CATEGORY = {"Nd": "d", "Cc": "c", "Cf": "f", "Zs": " ", "Zl": "n", "Zp": "n"}
_CLASS_OF_GROUP = {"L": "a", "M": "m", "P": "p", "S": "x", "N": "x", "Z": " ", "C": "x"}
_RUNS = re.compile(
    r"(?P<word>a(?:[amf]|d|'(?=[amf]))*)|(?P<han>h+)|(?P<number>d[dmf]*)|(?P<space>[ nf]+)|(?P<mark>[p'])"
    r"|(?P<control>c+)|(?P<symbol>[xm][xmf]*)"
)


@lru_cache(maxsize=4096)
def _class(character: str) -> str:
    if character in "\n\r":
        return "n"
    if character == "\t":
        return " "
    if HAN.match(character):
        return "h"
    if character in APOSTROPHES:
        return "'"
    category = unicodedata.category(character)
    return _CLASS_OF_CATEGORY.get(category) or _CLASS_OF_GROUP[category[0]]


def clean(text: str) -> str:
    """Composed, half-width, without invisible characters, straight apostrophes: the form that words are compared in."""
    composed = unicodedata.normalize("NFKC", text)
    for apostrophe in APOSTROPHES[1:]:
        composed = composed.replace(apostrophe, "'")
    return "".join(c for c in composed if unicodedata.category(c) != "Cf")


def digits(text: str) -> str:
    """Decimal digits of any script as 0-9; everything else as it is."""
    return "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in clean(text))


def tokens(text: str, speech: Speech) -> list[Token]:
    """Every piece of the text but its spaces; line ends are marks."""
    classes = "".join(map(_class, text))
    found: list[Token] = []
    at = 0
    while at < len(text):
        special = _special(text, at, classes, speech)
        if special:
            found.append(special)
            at = special.end
            continue
        run = _RUNS.match(classes, at)
        assert run is not None, classes[at]  # every class begins one of the runs
        found += _run_tokens(text, run, classes, speech)
        at = run.end()
    return found


def _special(text: str, at: int, classes: str, speech: Speech) -> Token | None:
    """Markup, addresses, abbreviations, times, dates and numbers: pieces that hold marks of their own."""
    here = classes[at]
    if here not in "adpx" or (here in "ad" and at > 0 and classes[at - 1] in "ad"):
        return None
    for kind, pattern in _EVERYWHERE:
        if match := pattern.match(text, at):
            return Token(match[0], at, match.end(), kind, (speech.minus,) if kind == "symbol" else ())
    if here == "x" and (degrees := _DEGREES.match(text, at)):
        return Token(degrees[0], at, degrees.end(), "symbol", (speech.symbols["°C"],))
    if here == "a":
        return _abbreviation(text, at, speech)
    for kind, pattern in speech.patterns if here == "d" else ():
        if match := pattern.match(text, at):
            numbers = tuple(_plain(group, speech) for group in _in_order(match))
            return Token(match[0], at, match.end(), kind, (clean(match[0]).lower(),), numbers)
    return None


def _in_order(match: re.Match[str]) -> tuple[str, ...]:
    """The named groups of a number, time or date in the order of ``Token.numbers``, empty where not typed."""
    groups = match.groupdict()
    if "half" in groups:  # 8点半
        return groups["hour"] or "", "30", HALF
    return tuple(groups[name] or "" for name in ("value", "hour", "minute", "year", "month", "day") if name in groups)


def _plain(number: str, speech: Speech) -> str:
    """A number as typed -> digits with a point: 1,000.5 and 1.000,5 are 1000.5."""
    decimal = "," if speech.thousands == "." else "."
    return digits(number).replace(speech.thousands, "").replace(decimal, ".")


_DOTTED = re.compile(r"(?:[^\W\d_]{1,8}\.[ \u00a0]?){1,3}")
_LETTERS = re.compile(r"(?:[^\W\d_]\.){2,}")


def _abbreviation(text: str, at: int, speech: Speech) -> Token | None:
    run = _DOTTED.match(text, at)
    if not run:
        return None
    for end in sorted({at + i + 1 for i, c in enumerate(run[0]) if c == "."}, reverse=True):
        typed = text[at:end]
        meaning = speech.abbreviations.get(typed) or speech.abbreviations.get(typed.replace(" ", ""))
        if meaning:
            return Token(typed, at, end, "word", meaning)
    letters = _LETTERS.match(text, at)
    if letters:
        return Token(letters[0], at, letters.end(), "word", (letters[0].replace(".", "").lower(),))
    return None


def _run_tokens(text: str, run: re.Match[str], classes: str, speech: Speech) -> Iterator[Token]:
    kind, start, end = run.lastgroup, run.start(), run.end()
    typed = text[start:end]
    if kind == "space":
        yield from _line_ends(text, start, end, classes)
    elif kind == "word":
        yield from _word(typed, start, speech)
    elif kind == "number":
        plain_digits = "".join(c for c in digits(typed) if c.isdigit())
        yield Token(typed, start, end, "number", (plain_digits,), (plain_digits,))
    elif kind == "symbol":
        yield _symbol(typed, start, end, speech)
    else:
        if kind == "mark" and (name := speech.symbols.get(clean(typed))):
            yield Token(typed, start, end, "symbol", (name,))
            return
        plain: dict[str | None, Kind] = {"han": "han", "mark": "mark", "control": "control"}
        yield Token(typed, start, end, plain[kind], (clean(typed),))


def _line_ends(text: str, start: int, end: int, classes: str) -> Iterator[Token]:
    for at in range(start, end):
        if classes[at] == "n":
            yield Token(text[at], at, at + 1, "mark", ("\n",))
            return  # one end of a sentence, however many empty lines


def _word(typed: str, start: int, speech: Speech) -> Iterator[Token]:
    plain = clean(typed).lower()
    pieces = speech.contractions(plain)
    lengths = [length for length, _ in pieces]
    if pieces and sum(lengths) == len(typed):
        at = 0
        for length, words in pieces:
            yield Token(typed[at : at + length], start + at, start + at + length, "word", tuple(words.split()))
            at += length
    elif pieces:  # invisible characters inside: the whole word stands for all its pieces
        yield Token(typed, start, start + len(typed), "word", tuple(" ".join(words for _, words in pieces).split()))
    else:
        yield Token(typed, start, start + len(typed), "word", (plain,))


def _symbol(typed: str, start: int, end: int, speech: Speech) -> Token:
    plain = clean(typed)
    if plain in speech.symbols:
        return Token(typed, start, end, "symbol", (speech.symbols[plain],))
    if plain.isdecimal() and plain.isascii():  # circled and raised digits
        return Token(typed, start, end, "number", (plain,), (plain,))
    return Token(typed, start, end, "symbol")
