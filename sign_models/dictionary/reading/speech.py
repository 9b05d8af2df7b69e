"""What a spoken language brings to reading its text: one row of tables, see english.py, german.py, chinese.py."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sign_models.types import Hint

Kind = Literal["word", "han", "number", "ordinal", "time", "date", "symbol", "mark", "markup", "address", "control"]

Mood: TypeAlias = Literal["statement", "yes_no_question", "wh_question"]


@dataclass(frozen=True)
class Token:
    """One piece of the text as typed.

    start, end: characters in the text. words: what it stands for, lower case, composed; several for an abbreviation
    ("e.g." is for + example). numbers: digits of a number, of a time (hour, minute) or of a date (year or "", month,
    day). left_out: why it is not signed, when that is known from its place in the sentence. name: a name by its place.
    particle: answered for by the verb it belongs to. emphasised: quoted, starred or in capitals, so never left out.
    """

    text: str
    start: int
    end: int
    kind: Kind
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    left_out: str = ""
    name: bool = False
    particle: bool = False
    emphasised: bool = False

    @property
    def norm(self) -> str:
        return self.words[0] if len(self.words) == 1 else ""

    @property
    def is_mark(self) -> bool:
        return self.kind == "mark"


def listed(text: str) -> tuple[str, ...]:
    """Words written in one string, as tables are easiest to read."""
    return tuple(text.split())


NumberReader: TypeAlias = Callable[[Sequence[str]], tuple[str, int]]
"""Words -> (the number the first words say, in digits, or ""; how many words it took)."""


@dataclass(frozen=True)
class Speech:
    """One spoken language.

    joiner: what stands between the words of a multi-word lemma in the index. patterns: numbers, times and
    dates, tried in order. abbreviations: as typed, with their dot -> the words they stand for. closing_abbreviations:
    those that may end a sentence. contractions: a lower-case word -> (length, words) of its pieces. symbols: sign of
    writing -> word. fold: letters that are the same in the index. irregular: word -> lemma where the tables are wrong.
    function_words: word -> why the signed language leaves it out. opaque: words that look like compounds and are none.
    mood, number, ordinal: readers of a sentence and of number words. unit_words: 100 -> "hundred" …. clock: the pattern
    of a clock time; half_past: that of "halb drei" (NEXT is the coming hour). two_digit_minutes: 7:05 is
    signed 7 0 5. period: "pm" and the hour -> the word of its sign.
    short_forms: how a word is spelled that is always spelled (November -> NOV). place: marks what a token's place
    leaves out or joins. name_cues: words before a name. stems, base_forms: what a derived or inflected word is made
    from. times … transparent: word lists of the order rules.
    """

    code: str
    joiner: str
    thousands: str
    patterns: Sequence[tuple[Kind, re.Pattern[str]]]
    abbreviations: Mapping[str, tuple[str, ...]]
    closing_abbreviations: frozenset[str]
    contractions: Callable[[str], tuple[tuple[int, str], ...]]
    symbols: Mapping[str, str]
    fold: Mapping[int, str]
    irregular: Mapping[str, str]
    function_words: Mapping[str, str]
    negations: frozenset[str]
    question_words: frozenset[str]
    mood: Callable[[Sequence[Token], str], Mood]
    number: NumberReader
    ordinal: Callable[[str], str]
    unit_words: Mapping[int, str]
    point: str
    minus: str
    months: tuple[str, ...]
    clock: tuple[str, ...]
    place: Callable[[Sequence[Token], "Words"], list[Token]]
    name_cues: frozenset[str]
    stems: Callable[[str], tuple[str, ...]]
    base_forms: Callable[[str], tuple[str, ...]] = lambda word: ()
    half_past: tuple[str, ...] = ()
    two_digit_minutes: bool = False
    period: Callable[[str, int], str] = lambda said, hour: ""
    short_forms: Mapping[str, str] = field(default_factory=dict)
    opaque: frozenset[str] = field(default_factory=frozenset)
    times: frozenset[str] = field(default_factory=frozenset)
    time_units: frozenset[str] = field(default_factory=frozenset)
    time_modifiers: frozenset[str] = field(default_factory=frozenset)
    day_parts: frozenset[str] = field(default_factory=frozenset)
    degrees: frozenset[str] = field(default_factory=frozenset)
    conjunctions: frozenset[str] = field(default_factory=frozenset)
    transparent: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Unit:
    """A hint with the tokens it answers for."""

    hint: Hint
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Words:
    """What the tables of a language ask about a word: its lemmas, whether it is a known word, whether it has a sign."""

    lemmas: Callable[[str], tuple[str, ...]]
    known: Callable[[str], bool]
    signed: Callable[[str], bool]
