"""Answers for every token of a sentence: exact, lemma, compound, near, finger-spelled, left out, in this order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sign_models.dictionary import near
from sign_models.dictionary.lexicon import Lexicon
from sign_models.dictionary.reading import clock, compounds
from sign_models.dictionary.reading.speech import Token, Unit, listed
from sign_models.dictionary.reading.tokens import clean
from sign_models.types import Entry, Hint

MAX_SPELLED = 40
"""Letters or digits of the longest word that is spelled; longer ones are left out."""
HYPHENS = frozenset("-\u2010\u2011")
NAME_LENGTH = 7
"""Letters below which an unknown German noun is rather a name than a mistyped word."""
MAX_WINDOW = 6
"""Words of the longest multi-word unit."""


@dataclass(frozen=True)
class Found:
    """An answer before it is tied to its place in the text."""

    how: str
    reason: str
    entries: tuple[Entry, ...] = ()


def answers(tokens: Sequence[Token], text: str, lexicon: Lexicon, keep_function_words: bool = False) -> list[Unit]:
    """One unit for every word of a sentence, in the order of the text."""
    sentence = Sentence(tokens, text, lexicon, keep_function_words)
    return list(sentence.units())


class Sentence:
    """The tokens of one sentence while they are answered; remembers the words around for the choice of a sense."""

    def __init__(self, tokens: Sequence[Token], text: str, lexicon: Lexicon, keep_function_words: bool) -> None:
        self.tokens = tokens
        self.text = text
        self.lexicon = lexicon
        self.keep_function_words = keep_function_words
        self.opening = next((token.start for token in tokens if not token.is_mark), 0)

    def units(self) -> Iterator[Unit]:
        at = 0
        while at < len(self.tokens):
            if self.tokens[at].is_mark:
                at += 1
                continue
            end, found = self._longest(at)
            yield self._unit(self.tokens[at:end], found)
            at = end

    def _unit(self, tokens: Sequence[Token], found: Found) -> Unit:
        span = (tokens[0].start, tokens[-1].end)
        status = {"spelled": "spelled", "left out": "left_out"}.get(found.how, "signed")
        word = self.text[slice(*span)]
        hint = Hint(word, span, status, found.how, found.reason, found.entries)  # type: ignore[arg-type]
        return Unit(hint, tuple(tokens))

    def _longest(self, at: int) -> tuple[int, Found]:
        """The longest unit that begins here: a multi-word entry or number, else the word alone."""
        for end in self._window_ends(at):
            found = self._window([token for token in self.tokens[at:end] if not token.is_mark])
            if found:
                return end, found
        return at + 1, self._single(at)

    def _window_ends(self, at: int) -> list[int]:
        """Ends of the windows of two words and more, longest first; only hyphens may stand between the words."""
        ends: list[int] = []
        count = 0
        for i in range(at, len(self.tokens)):
            token = self.tokens[i]
            if token.is_mark and token.text in HYPHENS:
                continue
            if token.kind not in ("word", "han", "number") or token.name or token.particle:
                break
            if self.lexicon.speech.joiner == "" and i > at and self.tokens[i - 1].end != token.start:
                break
            count += 1
            if count > 1:
                ends.append(i + 1)
            if count == MAX_WINDOW:
                break
        return ends[::-1]

    def _window(self, tokens: Sequence[Token]) -> Found | None:
        words = [word for token in tokens for word in token.words]
        speech = self.lexicon.speech
        if self.lexicon.longest >= len(words) or not speech.joiner:
            exact = self.lexicon.entries(words)
            if exact:
                return self._signed("exact", "This group of words has a sign.", exact, tokens)
            if speech.joiner:
                inflected, lemma = self.lexicon.inflected(words)
                if inflected:
                    return self._signed("lemma", f'A form of "{lemma}", which has a sign.', inflected, tokens)
        if all(token.kind in ("word", "han") for token in tokens):
            spoken = words if speech.joiner else ["".join(words)]
            value, took = speech.number(spoken)
            if value and took == len(spoken):
                return self._number(value)
        return None

    def _number(self, value: str, year: bool = False) -> Found | None:
        if len(value) > MAX_SPELLED:
            return Found("left out", f"It has {len(value)} digits; at most {MAX_SPELLED} are signed.")
        entries = self.lexicon.number(value, year)
        shown = " ".join(entry.letter or entry.gloss for entry in entries)
        return Found("number", f"A number, signed as {shown}.", entries) if entries else None

    def _single(self, at: int) -> Found:
        token = self.tokens[at]
        if token.left_out and not token.emphasised:
            return Found("left out", token.left_out)
        if token.kind in _REFUSED:
            return Found("left out", _REFUSED[token.kind])
        if token.kind in ("number", "ordinal", "time", "date"):
            return self._figures(at) or Found(
                "left out", f"{self.lexicon.language.name} has no signs for this number yet."
            )
        if token.kind == "symbol":
            return self._symbol(token)
        if len(token.words) > 1:
            return self._abbreviation(token)
        if token.name:
            return self._name(token)
        return self._word(token) or self._spelled(token)

    def _word(self, token: Token) -> Found | None:
        """Everything but letters: the answers in the order of the rules."""
        word = token.norm
        exact = self.lexicon.entries((word,))
        if exact:
            return self._signed("exact", "This word has a sign.", exact, (token,))
        inflected, lemma = self.lexicon.inflected((word,))
        if inflected:
            return self._signed("lemma", f'A form of "{lemma}", which has a sign.', inflected, (token,))
        return self._number_word(word) or self._function_word(token) or self._compound(token) or self._near(token)

    def _number_word(self, word: str) -> Found | None:
        value, took = self.lexicon.speech.number((word,))
        if value and took == 1:
            return self._number(value)
        value = self.lexicon.speech.ordinal(word)
        entries = self.lexicon.ordinal(value) if value else ()
        return Found("number", "An ordinal number, signed as its number.", entries) if entries else None

    def _function_word(self, token: Token) -> Found | None:
        words = (token.norm, *self.lexicon.lemmas(token.norm)[:1])
        reasons = self.lexicon.speech.function_words
        if token.emphasised or self.keep_function_words or token.norm not in reasons:
            return None
        return Found("left out", reasons[words[0]])

    def _compound(self, token: Token) -> Found | None:
        code, lexicon = self.lexicon.speech.code, self.lexicon
        if token.norm in lexicon.speech.opaque or len(token.norm) > MAX_SPELLED:
            return None
        if code == "en" and lexicon.words.known(token.norm):
            return None  # "carpet" is no car and no pet
        barred = lexicon.speech.function_words

        def has(part: str) -> bool:
            return part not in barred and bool(lexicon.inflected((part,))[0])

        parts = compounds.split(token.norm, code, has)
        if not parts:
            return None
        entries = [self._choose(lexicon.inflected((part,))[0], part) for part in parts]
        return Found("compound", f"Made of {' + '.join(parts)}.", tuple(entries))

    def _near(self, token: Token) -> Found | None:
        lexicon = self.lexicon
        word = lexicon.key((token.norm,))
        if not near.SHORTEST <= len(word) <= MAX_SPELLED or not word.isalpha():
            return None
        for stem in lexicon.speech.stems(token.norm):
            likeness = dict(lexicon.near.nearest(word, 20)).get(lexicon.key((stem,)), 0.0)
            if likeness >= near.DERIVED:
                return self._close(token, stem, likeness, near.DERIVED)
        if self._may_be_a_name(token) or lexicon.words.known(token.norm):
            return None
        for lemma, likeness in lexicon.near.nearest(word):
            if likeness >= near.TYPING_ERROR and near.typing_error(word, lemma):
                return self._close(token, lemma, likeness, near.TYPING_ERROR)
        return None

    def _may_be_a_name(self, token: Token) -> bool:
        """Names are like words by accident (Meier, Meer): capitals inside an English sentence, short German nouns."""
        if not token.text[:1].isupper():
            return False
        if self.lexicon.speech.code == "de":
            return len(token.text) < NAME_LENGTH
        return token.start != self.opening

    def _close(self, token: Token, lemma: str, likeness: float, threshold: float) -> Found:
        entries = self.lexicon.entries((lemma,))
        reason = f'Close to "{entries[0][1]}": likeness {likeness:.2f}, {threshold:.2f} is asked.'
        return Found("near", reason, (self._choose(entries, token.text),))

    def _spelled(self, token: Token) -> Found:
        language = self.lexicon.language.name
        if len(token.text) > MAX_SPELLED:
            return Found("left out", f"It has {len(token.text)} letters; at most {MAX_SPELLED} are spelled.")
        short = self.lexicon.speech.short_forms.get(token.norm, "")
        entries, problem = self.lexicon.spelled(short or _letters(token))
        if problem:
            return Found("left out", problem)
        name = token.text[:1].isupper() and token.start != self.opening and self.lexicon.speech.code == "en"
        reason = (
            "A name, so it is finger-spelled."
            if name
            else f"{language} has no sign for it here, so it is finger-spelled."
        )
        return Found("spelled", reason, entries)

    def _name(self, token: Token) -> Found:
        own = [pair for pair in self.lexicon.entries((token.norm,)) if pair[0].sense == "name"]
        if own:
            return self._signed("exact", "This name has a sign.", own, (token,))
        found = self._spelled(token)
        return replace(found, reason="A name, so it is finger-spelled.") if found.entries else found

    def _symbol(self, token: Token) -> Found:
        if not token.norm:
            return Found("left out", "Pictures and symbols are not signed.")
        exact = self.lexicon.entries((token.norm,))
        if exact:
            return self._signed("exact", f'Read as "{token.norm}", which has a sign.', exact, (token,))
        left_out = self._function_word(token)
        if left_out:
            return left_out
        entries, problem = self.lexicon.spelled(token.norm)
        return (
            Found("left out", problem) if problem else Found("spelled", f'Read as "{token.norm}" and spelled.', entries)
        )

    def _abbreviation(self, token: Token) -> Found:
        """Several words behind one token ("e.g."): the signs of all of them, or the letters as typed."""
        whole = self.lexicon.entries(token.words) or self.lexicon.inflected(token.words)[0]
        meaning = " ".join(token.words)
        if whole:
            return self._signed("exact", f'Stands for "{meaning}".', whole, (token,))
        parts = [self._word(replace(token, words=(word,))) for word in token.words]
        entries = tuple(entry for part in parts if part for entry in part.entries)
        if all(parts) and entries:
            return Found("exact", f'Stands for "{meaning}".', entries)
        return self._spelled(token)

    def _figures(self, at: int) -> Found | None:
        token = self.tokens[at]
        if token.kind == "time":
            return self._built("A clock time", self._clock(token))
        if token.kind == "date":
            return self._built("A date", self._date(token))
        if token.kind == "ordinal":
            return self._built("An ordinal number", self.lexicon.ordinal(token.numbers[0]))
        value = token.numbers[0]
        if self._is_telephone(at):
            entries = tuple(entry for digit in value for entry in self.lexicon.number(digit))
            return self._built("Digits of a code", entries)
        return self._number(value, self._is_year(at))

    def _built(self, what: str, entries: tuple[Entry, ...]) -> Found | None:
        shown = " ".join(entry.letter or entry.gloss for entry in entries)
        return Found("number", f"{what}, signed as {shown}.", entries) if entries else None

    def _clock(self, token: Token) -> tuple[Entry, ...]:
        hour, minute, extra = (*token.numbers, "")[:3]
        minute = minute or "0"
        speech = self.lexicon.speech
        half = extra == clock.HALF and all(word.isupper() or self.lexicon.has(word) for word in speech.half_past)
        pattern = speech.half_past if half and speech.half_past else speech.clock
        if int(minute) == 0:  # three o'clock: nothing is said after the hour
            pattern = pattern[: pattern.index("MINUTE")]
        short = speech.two_digit_minutes and int(minute) < 10
        slots = {
            "HOUR": str(int(hour)),
            "NEXT": str(int(hour) % 12 + 1),
            "MINUTE": f"0{int(minute)}" if short else str(int(minute)),
        }
        found: list[Entry] = []
        for slot in (*pattern, speech.period(extra, int(hour))):
            signs = self.lexicon.number(slots[slot]) if slot in slots else self._sign_if_any(slot)
            if slot in slots and not signs:
                return ()
            found += signs
        return tuple(found)

    def _sign_if_any(self, word: str) -> tuple[Entry, ...]:
        return tuple(entry for entry, _ in self.lexicon.entries((word,))[:1])

    def _date(self, token: Token) -> tuple[Entry, ...]:
        year, month, day = token.numbers
        speech, lexicon = self.lexicon.speech, self.lexicon
        name = lexicon.word(speech.short_forms.get(speech.months[int(month) - 1], speech.months[int(month) - 1]))
        number = lexicon.number(str(int(day)))
        last = lexicon.number(year, year=True) if year else ()
        if speech.code == "zh":  # each number before its unit
            parts = [(last, "年"), (lexicon.number(str(int(month))), "月"), (number, "日")]
            return tuple(entry for signs, unit in parts if signs for entry in (*signs, *self._sign_if_any(unit)))
        order = {"en": (name, number, last), "de": (number, name, last)}
        return tuple(entry for part in order[speech.code] for entry in part) if number and name else ()

    def _is_telephone(self, at: int) -> bool:
        """555-1234: numbers joined by hyphens, but neither 10-12 nor 1998-2004; 030 1234: after a leading zero."""
        if not self.tokens[at].numbers[0].isdecimal():
            return False  # 0,5 is an amount, whatever stands beside it
        if at and self.tokens[at - 1].norm in _BEFORE_A_CODE and len(self.tokens[at].text) > 2:
            return True
        next_to_it = (*self.tokens[max(at - 1, 0) : at], *self.tokens[at + 1 : at + 2])
        if any(token.kind == "number" and token.text.isdecimal() and token.text[0] == "0" for token in next_to_it):
            return True
        joined = [self.tokens[at]]
        for step in (-2, 2):
            beside = self.tokens[at + step] if 0 <= at + step < len(self.tokens) else None
            between = self.tokens[at + step // 2] if beside else None
            if beside and between and beside.kind == "number" and between.text in HYPHENS:
                joined.append(beside)
        lengths = {len(token.text) for token in joined if token.text.isdecimal()}
        return len(joined) > 1 and max(lengths, default=0) > 2 and lengths != {4}

    def _is_year(self, at: int) -> bool:
        typed = self.tokens[at].numbers[0]
        if len(typed) != 4 or not typed.isdecimal() or not 1100 <= int(typed) <= 2099:
            return False
        if self.lexicon.speech.code == "zh":
            return at + 1 < len(self.tokens) and self.tokens[at + 1].text.startswith("年")
        before = self.tokens[at - 1].norm if at else ""
        return int(typed) >= 1900 or before in _BEFORE_A_YEAR or before in self.lexicon.speech.months

    def _signed(self, how: str, reason: str, candidates: Sequence[tuple[Entry, str]], tokens: Sequence[Token]) -> Found:
        typed = self.text[tokens[0].start : tokens[-1].end]
        return Found(how, reason, (self._choose(candidates, typed),))

    def _choose(self, candidates: Sequence[tuple[Entry, str]], typed: str) -> Entry:
        """The entry whose sense fits the other words best; then the one written in the same case; then the first."""
        if len(candidates) == 1:
            return candidates[0][0]
        around = self._words_around()
        opens = self.text.startswith(typed, self.opening)

        def fit(pair: tuple[Entry, str]) -> tuple[int, bool]:
            entry, lemma = pair
            sense = {word.strip(".,;:()") for word in entry.sense.lower().split()}
            shared = len(sense & around) if self.lexicon.speech.joiner else sum(word in self.text for word in sense)
            same_case = not opens and lemma[:1].isupper() == typed[:1].isupper()
            return shared, same_case

        return max(candidates, key=fit)[0]

    def _words_around(self) -> set[str]:
        words = {word for token in self.tokens for word in token.words}
        return words | {lemma for word in words for lemma in self.lexicon.lemmas(word)}


def _letters(token: Token) -> str:
    """What is spelled: the word as typed, but a verb joined from two places as its whole."""
    joined = token.norm and token.norm != clean(token.text).lower() and not token.text.endswith(".")
    return token.norm if joined else token.text


_BEFORE_A_CODE = frozenset(listed("call dial ring text extension pin nummer notruf rufnummer wähle 打 拨 拨打"))
"""Words before a number that is read digit by digit: call 911."""
_BEFORE_A_YEAR = frozenset(listed("in since until from of year by before after around im jahr jahre seit von bis ab"))
_REFUSED = {
    "markup": "Markup is not signed; the text is read as plain words.",
    "address": "Web and mail addresses are not signed.",
    "control": "A control character is not text.",
}
