"""Words that look alike: letter pairs of every lemma in a faiss index (the only door to faiss)."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPING_ERROR = 0.75
"""Least likeness (cosine, 0..1) of a word and the lemma it is taken for."""
DERIVED = 0.6
"""Least likeness of a derived word (happily) and the lemma it comes from (happy)."""

SHORTEST = 4
"""Letters below which a word has no near answer: short words look alike without meaning the same."""
LONG = 8
"""Letters from which two typing errors are forgiven instead of one."""


class NearWords:
    """An index over the lemmas of one language."""

    def __init__(self, lemmas: Sequence[str]) -> None:
        import faiss

        self.lemmas = list(lemmas)
        pieces = sorted({piece for lemma in self.lemmas for piece in _pieces(lemma)})
        self._column = {piece: i for i, piece in enumerate(pieces)}
        self._index: Any = faiss.IndexFlatIP(max(len(pieces), 1))
        if self.lemmas:
            self._index.add(np.stack([self._vector(lemma) for lemma in self.lemmas]))

    def nearest(self, word: str, count: int = 5) -> list[tuple[str, float]]:
        """The likest lemmas with their likeness (cosine, 0..1), best first."""
        if not self.lemmas:
            return []
        likeness, rows = self._index.search(self._vector(word)[None], min(count, len(self.lemmas)))
        return [(self.lemmas[row], float(value)) for row, value in zip(rows[0], likeness[0], strict=True)]

    def _vector(self, word: str) -> NDArray[np.float32]:
        counts = _pieces(word)
        vector = np.zeros(max(len(self._column), 1), dtype=np.float32)
        for piece, count in counts.items():
            if piece in self._column:
                vector[self._column[piece]] = count
        # pieces that no lemma has count in the length, so that strange words are like nothing
        length = sum(count * count for count in counts.values()) ** 0.5
        return vector / max(length, 1e-9)


def _pieces(word: str) -> Counter[str]:
    framed = f"^{word}$"
    return Counter(word) + Counter(a + b for a, b in pairwise(framed))


def typing_error(word: str, lemma: str) -> bool:
    """Whether ``word`` may be a mistyped ``lemma``: same first letter, one slip (two in long words)."""
    if min(len(word), len(lemma)) < SHORTEST or word[0] != lemma[0]:
        return False
    return slips(word, lemma) <= (2 if min(len(word), len(lemma)) >= LONG else 1)


def slips(a: str, b: str) -> int:
    """Letters left out, added, changed, or swapped with their neighbour."""
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        older, before, row = before, row, [i] + [0] * len(b)
        for j in range(1, len(b) + 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
