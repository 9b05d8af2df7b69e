"""What else could stand for a word: other signs of it, and signs of words that look like it."""

from dataclasses import dataclass

from sign_models.dictionary.lexicon import Lexicon
from sign_models.types import Entry

MOST = 12
"""Alternatives that are offered at most."""
FARTHEST = 0.6
"""Distance of the farthest word that is offered: 0 is the same word, 1 shares no letter."""


@dataclass(frozen=True)
class Alternative:
    """Another entry. word: the lemma it was found by. distance: of the two words, 0 for another sign of the same."""

    entry: Entry
    word: str
    distance: float


def alternatives(lexicon: Lexicon, word: str, used: Entry | None = None) -> list[Alternative]:
    """Other entries for ``word``, nearest first: those of the same lemma, then those of lemmas written alike.

    used: the entry that answered, which is left out; its lemmas count as the word too.
    """
    found: dict[Entry, Alternative] = {}
    forms = dict.fromkeys((word, *lexicon.lemmas(word.lower()), *(used.lemmas if used else ())))
    for form in forms:
        for entry, lemma in lexicon.entries((form,)):
            found.setdefault(entry, Alternative(entry, lemma, 0.0))
    for near, likeness in lexicon.near.nearest(lexicon.key((word,)), 2 * MOST):
        if 1 - likeness <= FARTHEST:
            for entry, lemma in lexicon.entries((near,)):
                found.setdefault(entry, Alternative(entry, lemma, max(0.0, 1 - likeness)))
    others = [one for entry, one in found.items() if entry != used]
    return sorted(others, key=lambda one: one.distance)[:MOST]
