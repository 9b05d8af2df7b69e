"""The tables of one dictionary: its lemmas, letters and numbers, ready to be asked."""

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

from sign_models.dictionary import spelling
from sign_models.dictionary.near import NearWords
from sign_models.dictionary.reading import lemmas as forms
from sign_models.dictionary.reading import numbers
from sign_models.dictionary.reading.segment import Cut, segmenter
from sign_models.dictionary.reading.speech import Speech, Words
from sign_models.dictionary.reading.tokens import HAN, tokens
from sign_models.languages import Language
from sign_models.types import Entry

FORMS_TRIED = 4
"""Forms of each word that are tried in a multi-word entry."""


class Lexicon:
    """Entries by lemma, letter and number; the heavy tables are read when first asked for."""

    def __init__(self, language: Language, speech: Speech, entries: Sequence[Entry]) -> None:
        self.language = language
        self.speech = speech
        self.letters = spelling.letters_of(entries)
        self._by_key: dict[str, list[tuple[Entry, str]]] = {}
        self._opening_words: set[str] = set()
        self.longest = 1
        for entry in entries:
            if not entry.letter or entry.letter.isdigit():
                self._add(entry)
        self._numbers = self._number_signs(entries)
        self._ordinals = {
            value: entry
            for entry in reversed(entries)
            for lemma in entry.lemmas
            if (value := speech.ordinal(lemma.lower()))
        }
        self.words = Words(lemmas=self.lemmas, known=lambda word: forms.known(word, speech), signed=self.has)

    def _add(self, entry: Entry) -> None:
        for lemma in entry.lemmas:
            words = [word for token in tokens(lemma, self.speech) if not token.is_mark for word in token.words]
            if not words:
                continue
            self._by_key.setdefault(self.key(words), []).append((entry, lemma))
            self._opening_words.add(self.key(words[:1]))
            self.longest = max(self.longest, len(words))

    def _number_signs(self, entries: Sequence[Entry]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for entry in entries:
            for name in (entry.letter, entry.gloss):
                if name.isdecimal():
                    found.setdefault(name, entry)
        units = set(self.speech.unit_words.values()) - {self.speech.unit_words.get(10)}
        for entry in entries:
            for lemma in entry.lemmas:
                words = [word for token in tokens(lemma, self.speech) for word in token.words if not token.is_mark]
                value, took = self.speech.number(words)
                if value and took == len(words) and lemma.lower() not in units:
                    found.setdefault(value, entry)
        return found

    def key(self, words: Iterable[str]) -> str:
        """The form in which words are compared: lower case, without accents, ß as ss, umlauts as ae oe ue."""
        joined = self.speech.joiner.join(words).lower().translate(dict(self.speech.fold))
        if joined.isascii():
            return joined
        return "".join(c for c in unicodedata.normalize("NFD", joined) if not unicodedata.combining(c))

    def has(self, word: str) -> bool:
        return self.key((word,)) in self._by_key

    def entries(self, words: Sequence[str]) -> list[tuple[Entry, str]]:
        """The entries of a word or multi-word lemma as it is, each with the lemma as its author wrote it."""
        return self._by_key.get(self.key(words), [])

    def inflected(self, words: Sequence[str]) -> tuple[list[tuple[Entry, str]], str]:
        """The entries of a word or multi-word lemma in any inflection, with the lemma that was found."""
        choices = [(word, *self.lemmas(word))[:FORMS_TRIED] for word in words]
        if len(words) > 1 and not any(self.key((form,)) in self._opening_words for form in choices[0]):
            return [], ""
        for combination in itertools.product(*choices):
            found = self.entries(combination)
            if found:
                return found, self.speech.joiner.join(combination)
        return [], ""

    def lemmas(self, word: str) -> tuple[str, ...]:
        return forms.lemmas(word, self.speech)

    def number(self, typed: str, year: bool = False) -> tuple[Entry, ...]:
        """The signs of a number in plain digits ("1998", "3.5"); empty when they are not all there."""
        keys = numbers.numeral(typed, self.language.code, self._has_number, year)
        return tuple(entry for key in keys for entry in self._number_entries(key))

    def ordinal(self, value: str) -> tuple[Entry, ...]:
        own = self._ordinals.get(value)
        return (own,) if own else self.number(value)

    def _has_number(self, key: str) -> bool:
        return bool(self._number_entries(key))

    def _number_entries(self, key: str) -> tuple[Entry, ...]:
        if key == "point":
            return self.word(self.speech.point)
        scale = next((scale for scale, name in numbers.UNITS.items() if name == key), 0)
        if scale:
            found = self.entries((self.speech.unit_words.get(scale, ""),))
            return (found[0][0],) if found else ()
        entry = self._numbers.get(key)
        return (entry,) if entry else ()

    def word(self, word: str) -> tuple[Entry, ...]:
        """The sign of a word that was not typed (percent, a month), or its letters."""
        found = self.entries((word,))
        return (found[0][0],) if found else self.spelled(word)[0]

    def spelled(self, word: str) -> tuple[tuple[Entry, ...], str]:
        return spelling.spell(word, self.language, self.letters)

    @cached_property
    def near(self) -> NearWords:
        return NearWords([key for key in self._by_key if " " not in key])

    @cached_property
    def cut(self) -> Cut:
        return segmenter(key for key in self._by_key if HAN.match(key))
