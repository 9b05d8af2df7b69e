"""Texts of the starter corpus: sentence frames filled with dictionary words, and words in random order.

Free text will put known words together in ways no frame has, so half of the corpus is words in any order.
"""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from sign_models.types import Entry, Hint

FRAMES = Path(__file__).with_name("starter.toml")

_SLOT = re.compile(r"\{(\w+)\}")
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳娜敏静丽强磊军洋勇杰明华玲"
FEWEST, MOST = 1, 7
"""Words of a text in random order."""
ENDS = ("", ".", ".", "?")
"""What stands after them: people type it, and a question has a face of its own."""


class Finder(Protocol):
    """What is asked of a dictionary."""

    @property
    def entries(self) -> Sequence[Entry]: ...

    def find_in_line(self, text: str) -> list[Hint]: ...


def framed(dictionary: Finder, language: str, generator: np.random.Generator) -> Iterator[str]:
    """Endless natural sentences; the same frame with other fillers each time."""
    table = tomllib.loads(FRAMES.read_text(encoding="utf-8"))[language]
    fillers = {name: _signed(dictionary, words) for name, words in table["fillers"].items()}
    frames = [frame for frame in table["frames"] if _usable(frame, fillers, dictionary)]
    while frames:
        frame = frames[generator.integers(len(frames))]
        text = _SLOT.sub(lambda slot: _filling(slot[1], fillers, language, generator), frame)
        yield text[:1].upper() + text[1:]


def scrambled(dictionary: Finder, language: str, generator: np.random.Generator) -> Iterator[str]:
    """Endless runs of words, names and numbers in random order."""
    words = known_words(dictionary)
    while words:
        count = int(generator.integers(FEWEST, MOST + 1))
        picked = [words[i] for i in generator.integers(len(words), size=count)]
        if generator.random() < 0.3:
            kind = "name" if generator.random() < 0.7 else "number"
            picked[int(generator.integers(count))] = _filling(kind, {}, language, generator)
        yield " ".join(picked) + ENDS[int(generator.integers(len(ENDS)))]


def known_words(dictionary: Finder) -> list[str]:
    """One word or phrase a sign: its first lemma that is answered with that sign alone."""
    found = []
    for entry in dictionary.entries:
        for lemma in entry.lemmas:
            hints = dictionary.find_in_line(lemma)
            if [e for hint in hints for e in hint.entries] == [entry]:
                found.append(lemma)
                break
    return found


def name(language: str, generator: np.random.Generator) -> str:
    """A name that no dictionary has, so that it is spelled."""
    if language == "csl":
        given = "".join(_GIVEN[i] for i in generator.integers(len(_GIVEN), size=int(generator.integers(1, 3))))
        return _FAMILY[int(generator.integers(len(_FAMILY)))] + given
    letters = _VOWELS + _CONSONANTS
    size = int(generator.integers(3, 8))
    spelled = [letters[int(generator.integers(len(letters)))] for _ in range(size)]
    for i in range(1, size, 2):  # every second letter a vowel, so that it reads like a name
        spelled[i] = _VOWELS[int(generator.integers(len(_VOWELS)))]
    return string.capwords("".join(spelled))


def number(generator: np.random.Generator) -> str:
    """Every length from one to four digits is as likely."""
    digits = int(generator.integers(1, 5))
    return str(int(generator.integers(10 ** (digits - 1) if digits > 1 else 0, 10**digits)))


def _filling(kind: str, fillers: Mapping[str, Sequence[str]], language: str, generator: np.random.Generator) -> str:
    if kind == "name":
        return name(language, generator)
    if kind == "number":
        return number(generator)
    words = fillers[kind]
    return words[int(generator.integers(len(words)))]


def _signed(dictionary: Finder, words: Sequence[str]) -> list[str]:
    """Those that the dictionary signs and does not spell."""
    return [word for word in words if _all_signed(dictionary.find_in_line(word))]


def _usable(frame: str, fillers: Mapping[str, Sequence[str]], dictionary: Finder) -> bool:
    slots = _SLOT.findall(frame)
    if any(slot not in ("name", "number") and not fillers[slot] for slot in slots):
        return False
    example = {"name": "Xuqib", "number": "3"} | {name: words[0] for name, words in fillers.items() if words}
    hints = dictionary.find_in_line(_SLOT.sub(lambda slot: example[slot[1]], frame))
    return sum(hint.status == "spelled" for hint in hints) == slots.count("name")


def _all_signed(hints: Sequence[Hint]) -> bool:
    return any(hint.entries for hint in hints) and all(hint.status != "spelled" for hint in hints)
