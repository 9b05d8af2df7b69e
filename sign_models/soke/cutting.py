"""Sentences longer than the network knows, cut into pieces that it can sign; it would lose some of their signs."""

import math
from collections.abc import Callable
from dataclasses import replace

from sign_models.types import Hint, Sentence

MARKS = ".!?。！？…"
"""Ends of a sentence; the last piece keeps it, since a question has a face of its own."""


LONGER, MORE = 1.3, 28


def most_steps(signs: int) -> int:
    """Of a sentence whose signs have ``signs`` token steps together: a network that goes on then repeats itself.

    More than any sentence of the starter corpus needs, at its slowest tempo and with the ways to its signs.
    """
    return math.ceil(LONGER * signs) + MORE


def pieces(sentence: Sentence, steps_of: Callable[[Hint], int], most: int) -> list[Sentence]:
    """Cut between words in signing order, into pieces of much the same length.

    steps_of: token steps of the signs of a word. most: of a piece, 0 for no limit; a longer word stays whole.
    """
    steps = [steps_of(hint) for hint in sentence.hints]
    total = sum(steps)
    if not most or total <= most:
        return [sentence]
    share = total / math.ceil(total / most)
    groups: dict[int, list[Hint]] = {}
    before = 0
    for hint, own in zip(sentence.hints, steps, strict=True):
        groups.setdefault(min(int((before + own / 2) / share), math.ceil(total / most) - 1), []).append(hint)
        before += own
    made = [replace(sentence, text=_text(hints), hints=tuple(hints)) for hints in groups.values()]
    mark = sentence.text.rstrip()[-1:]
    return [*made[:-1], replace(made[-1], text=made[-1].text + mark)] if mark in MARKS else made


def _text(hints: list[Hint]) -> str:
    """The words as they stood in the text."""
    return " ".join(hint.word for hint in sorted(hints, key=lambda hint: hint.span))
