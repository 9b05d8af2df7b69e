"""A sign of a result looked at and mended: which entry was used and why, what else there is, and another notation."""

from dataclasses import dataclass, replace

from demo.service import Service, Signed
from sign_models.dictionary.alternatives import Alternative
from sign_models.errors import SignError
from sign_models.hamnosys import parse
from sign_models.hamnosys.reading.symbols import Symbol, to_tags, tokenize
from sign_models.types import Cue, Entry, Hint

MOST_CHARACTERS = 4000
"""Of a notation that is typed."""

KINDS = {
    "base": "handshape", "thumb": "thumb", "bend": "fingers bent", "finger": "fingers point", "palm": "palm faces",
    "site": "place on the body", "side": "which side of the place", "part": "part of the hand", "digit": "finger",
    "move": "straight movement", "circle": "circle", "fingerplay": "fingers play", "wrist": "wrist movement",
    "replace": "then becomes", "crossing": "movement that crosses", "hold": "no movement", "clock": "part of a circle",
    "arc": "path curves", "ripple": "path ripples", "ellipse": "circle is flat", "manner": "manner", "size": "size",
    "contact": "contact", "extended": "arm stretched out", "behind": "behind", "repeat": "repeated",
    "alternating": "hands alternate", "between": "between two", "plus": "other hand follows", "symmetry": "both hands",
    "nondominant": "other hand alone", "nonipsi": "opposite side", "etc": "and the like", "relative": "turns along",
    "mime": "mimed", "mark": "point named before", "open": "bracket opens", "close": "bracket closes",
    "altbegin": "choice begins", "alt": "or", "altend": "choice ends", "space": "space", "remark": "remark",
}  # fmt: skip
"""What kind of symbol of HamNoSys it is, in words."""

DIRECTIONS = {"u": "up", "d": "down", "l": "left", "r": "right", "o": "away", "i": "towards the signer"}
"""The letters of a direction, as the signer sees it."""


@dataclass(frozen=True)
class Chosen:
    """One sign of a result. used: the entry that answered, None for a word that was spelled."""

    signed: Signed
    cue: Cue
    hint: Hint
    used: Entry | None
    others: tuple[Alternative, ...]

    def draft(self) -> Entry:
        """What a new notation is put into: the entry that was used, or a new one for the word."""
        if self.used is not None:
            return self.used
        word = self.hint.word
        sense = "name" if "name" in self.hint.reason else ""
        return Entry(word.upper(), self.signed.result.language, "", (word.lower(),), sense=sense)


def words(signed: Signed) -> list[tuple[str, int]]:
    """(label, number) of every sign of a result, for a chooser."""
    return [(f"{n + 1}. {cue.gloss} ({cue.word})", n) for n, cue in enumerate(signed.result.cues)]


def choose(service: Service, token: str | None, number: int | None) -> Chosen:
    """The sign of that number; SignError when the result is gone or has no such sign."""
    signed = service.known(token) if token else None
    if signed is None:
        raise SignError("This result has been cleared away; sign the text again.")
    cues = signed.result.cues
    if number is None or not 0 <= number < len(cues):
        raise SignError(f"There is no sign {number}; this result has {len(cues)} signs, choose one of them.")
    cue = cues[number]
    hint = next(h for h in signed.result.sentences[cue.sentence].hints if h.span == cue.span and h.entries)
    used = None
    if hint.status == "signed":
        named = (entry for entry in hint.entries if cue.gloss in (entry.gloss, entry.letter))
        used = next(named, hint.entries[0])
    dictionary = service.dictionary(signed.result.language, signed.request.own)
    return Chosen(signed, cue, hint, used, tuple(dictionary.alternatives(hint.word, used)))


def symbols(notation: str) -> list[tuple[str, str]]:
    """(tag, meaning) of each symbol; empty for an empty notation."""
    if not notation:
        return []
    found = [token.symbol for token in tokenize(notation)]
    return [(symbol.tag, f"{KINDS[symbol.kind]}: {_value(symbol)}".rstrip(": ")) for symbol in found]


def _value(symbol: Symbol) -> str:
    """Directions in words, what else there is as the notation names it."""
    if symbol.kind in ("finger", "palm", "move") and set(symbol.value) <= set(DIRECTIONS):
        return " and ".join(DIRECTIONS[letter] for letter in symbol.value)
    return symbol.value


def label(other: Alternative) -> str:
    """An alternative in one line: what it means and how far away it is."""
    entry = other.entry
    about = entry.about or ", ".join(entry.lemmas)
    how = f'distance {other.distance:.2f}, from "{other.word}"' if other.distance else "another sign of this word"
    sense = f", with {entry.sense}" if entry.sense else ""
    return f"{entry.gloss}{sense} ({how}): {about}"


def propose(service: Service, chosen: Chosen, other: int | None, notation: str) -> Entry:
    """The entry that is meant: another one, taken for this word, or the notation that was typed.

    other: number of the alternative whose notation was put into the field. SignError names symbol and place.
    """
    if len(notation) > MOST_CHARACTERS:
        raise SignError(
            f"The notation has {len(notation):,} characters; {MOST_CHARACTERS:,} are the limit: shorten it."
        )
    draft = chosen.draft()
    picked = chosen.others[other].entry if other is not None and 0 <= other < len(chosen.others) else None
    if picked is not None and notation.strip() == picked.hamnosys.strip():
        dictionary = service.dictionary(draft.language, chosen.signed.request.own)
        lemma = dictionary.lemma_of(chosen.hint.word, draft)
        return replace(picked, lemmas=(lemma,), sense=draft.sense)
    if not notation.strip():
        raise SignError("There is no notation; type HamNoSys, as symbols or as names such as hamfist hamextfingeru.")
    parse(notation)
    if notation.strip() == draft.hamnosys.strip():
        return draft
    return replace(draft, hamnosys=to_tags(notation), clip="", about="", sure="medium")
