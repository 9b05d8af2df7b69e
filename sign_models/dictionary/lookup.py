"""A dictionary that answers for every word of a text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sign_models.dictionary import checks
from sign_models.dictionary.alternatives import Alternative, alternatives
from sign_models.dictionary.answer import answers
from sign_models.dictionary.entries import shipped_entries
from sign_models.dictionary.lexicon import Lexicon
from sign_models.dictionary.own import own_entries
from sign_models.dictionary.reading import han
from sign_models.dictionary.reading.chinese import CHINESE
from sign_models.dictionary.reading.english import ENGLISH
from sign_models.dictionary.reading.german import GERMAN
from sign_models.dictionary.reading.order import signing_order
from sign_models.dictionary.reading.sentences import end_mark, sentences
from sign_models.dictionary.reading.speech import Mood, Token, Unit
from sign_models.dictionary.reading.tokens import tokens
from sign_models.errors import SignError
from sign_models.languages import Language, language
from sign_models.types import Entry, Hint, Sentence

SPEECH = {speech.code: speech for speech in (ENGLISH, GERMAN, CHINESE)}
"""Spoken language -> how its text is read."""


class SignDictionary:
    """The signs of one language, iterable, and the reading of text in its spoken language."""

    def __init__(self, language: Language, entries: Sequence[Entry]) -> None:
        self.language = language
        self.entries = tuple(entries)
        self._lexicon = Lexicon(language, SPEECH[language.spoken], self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def read(self, text: str, reorder: bool = True) -> list[Sentence]:
        """The sentences of a text in signing order, each with at least one word that is signed or spelled.

        reorder: apply the word-order rules of the signed language; otherwise the order of the text. SignError when
        the text is empty, too long, or has nothing that can be signed.
        """
        checks.check_text(text)
        return self._sentences(text, reorder, checked=True)

    def find(self, text: str) -> list[Hint]:
        """An answer for every word in the order of the text: signed, finger-spelled, or left out, with the reason."""
        hints = [hint for sentence in self.read(text, reorder=False) for hint in sentence.hints]
        return sorted(hints, key=lambda hint: hint.span)

    def find_in_line(self, text: str, reorder: bool = False) -> list[Hint]:
        """Like ``find`` for one line of a file, of any length and also where nothing can be signed.

        reorder: as in ``read``; the hints are then in signing order.
        """
        return [hint for sentence in self._sentences(text, reorder, checked=False) for hint in sentence.hints]

    def letter(self, letter: str) -> Entry | None:
        """The sign of a letter or digit of the finger alphabet."""
        spelled, _ = self._lexicon.spelled(letter)
        return spelled[0] if len(spelled) == 1 else None

    def alternatives(self, word: str, used: Entry | None = None) -> list[Alternative]:
        """What else could stand for a word, nearest first; ``used`` is left out."""
        return alternatives(self._lexicon, word, used)

    def lemma_of(self, word: str, entry: Entry) -> str:
        """The lemma of an entry that a word is a form of; the word itself, in small letters, when it is none."""
        forms = [word.lower(), *self._lexicon.lemmas(word.lower())]
        known = {self._lexicon.key((lemma,)) for lemma in entry.lemmas}
        return next((form for form in forms if self._lexicon.key((form,)) in known), forms[0])

    def warm(self) -> None:
        """Read the tables that are otherwise read with the first sentence that needs them."""
        self._lexicon.near.nearest("warm")
        self.find_in_line(self.language.example + " Xyzzy")

    def _sentences(self, text: str, reorder: bool, checked: bool) -> list[Sentence]:
        found = tokens(text, self._lexicon.speech)
        if checked:
            checks.check_words(found, self.language)
        pieces = [han.cut(piece, self._lexicon) for piece in sentences(found, self._lexicon.speech)]
        read = [self._read(piece, text, reorder) for piece in pieces]
        if not any(_has_signs(sentence) for sentence in read):  # "the" alone is meant: spell it
            read = [self._read(piece, text, reorder, keep_function_words=True) for piece in pieces]
        if checked and not any(_has_signs(sentence) for sentence in read):
            reason = next((hint.reason for sentence in read for hint in sentence.hints), "")
            raise SignError(f"Nothing in the text can be signed in {self.language.name}: {reason}")
        return _joined([sentence for sentence in read if sentence.hints], text)

    def _read(self, piece: Sequence[Token], text: str, reorder: bool, keep_function_words: bool = False) -> Sentence:
        speech, lexicon = self._lexicon.speech, self._lexicon
        marked = _emphasised(speech.place(_named(piece, speech.name_cues), lexicon.words))
        if keep_function_words:
            marked = [token if token.particle else replace(token, left_out="") for token in marked]
        units = answers(marked, text, lexicon, keep_function_words)
        mood: Mood = speech.mood(piece, end_mark(piece))
        negated = any(word in speech.negations for token in marked if not token.left_out for word in token.words)
        if reorder:
            units = signing_order(units, marked, mood, self.language.code, speech, lexicon.lemmas)
        return _sentence(units, piece, text, mood, negated)


def load(name: str, own: Path | tuple[Path, ...] | None = None) -> SignDictionary:
    """The shipped dictionary of a language (code or name), a user's own signs in front of it when given."""
    row = language(name)
    mine = own_entries(own, row) if own else []
    return SignDictionary(row, [*mine, *shipped_entries(row)])


def _sentence(units: Sequence[Unit], piece: Sequence[Token], text: str, mood: Mood, negated: bool) -> Sentence:
    within = [token for token in piece if token.norm != "\n"]
    span = (within[0].start, within[-1].end)
    return Sentence(text[slice(*span)], span, mood, negated, tuple(unit.hint for unit in units))


def _has_signs(sentence: Sentence) -> bool:
    return any(hint.entries for hint in sentence.hints)


def _joined(read: Sequence[Sentence], text: str) -> list[Sentence]:
    """Sentences without anything signed join their neighbour, so that each has its signs."""
    found: list[Sentence] = []
    for sentence in read:
        if found and not (_has_signs(sentence) and _has_signs(found[-1])):
            found[-1] = _join(found[-1], sentence, text)
        else:
            found.append(sentence)
    return found


def _join(first: Sentence, second: Sentence, text: str) -> Sentence:
    leading = first if _has_signs(first) else second
    span = (first.span[0], second.span[1])
    return replace(leading, text=text[slice(*span)], span=span, hints=first.hints + second.hints)


def _named(piece: Sequence[Token], cues: frozenset[str]) -> list[Token]:
    """Marks the word after "Mr.", "called", "my name is", "Herr", 姓 as a name."""
    words = [token for token in piece if not token.is_mark]
    named = {
        token.start
        for i, token in enumerate(words)
        if i and (token.text[:1].isupper() or token.kind == "han") and _cued(words[:i], token, cues)
    }
    return [replace(token, name=True) if token.start in named else token for token in piece]


def _cued(before: Sequence[Token], token: Token, cues: frozenset[str]) -> bool:
    last, older = before[-1].norm, before[-2].norm if len(before) > 1 else ""
    if token.kind == "han":
        return last == "姓" or (last in cues and older != "你" and len(token.text) > 1 and token.norm != "什么")
    return last in cues or (last in ("is", "'s", "ist") and older == "name")


def _emphasised(piece: Sequence[Token]) -> list[Token]:
    """Marks words in quotes or stars of their own, and capitals in a sentence that is not all capitals."""
    loud = all(token.text.isupper() for token in piece if token.kind == "word" and len(token.text) > 1)
    marked = list(piece)
    for i, token in enumerate(piece):
        before = piece[i - 1].text if i else ""
        after = piece[i + 1].text if i + 1 < len(piece) else ""
        framed = before in _FRAMES and after in _FRAMES
        capitals = not loud and len(token.text) > 1 and token.text.isupper()
        if token.kind == "word" and (framed or capitals):
            marked[i] = replace(token, emphasised=True)
    return marked


_FRAMES = frozenset('"*“”„«»_')
