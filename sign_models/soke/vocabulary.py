"""SignVocabulary: where the signs live among the language model's embedding rows (soke.md section 2.1).

Rows: the text tokenizer's ids, then one token a sign language, then one a (sign language, part) for parallel decoding,
then the codes of each part followed by three spare rows (the published layout keeps them too).

A head answers in columns of its own: column 0 is the end of the sequence, column c + 1 is code c.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

SIGN_LANGUAGES = ("ase", "csl", "gsg")
"""Order of the language tokens."""

BOS, PAD, EOS, UNK = 0, 1, 2, 3
"""mBART's special rows."""

END = 0
"""Head column that ends a sequence."""

SPARE_ROWS = 3


@dataclass(frozen=True)
class SignVocabulary:
    """text_rows: size of the text vocabulary; codes: codebook size of each part, in parts order."""

    text_rows: int
    codes: tuple[int, ...]

    @property
    def parts(self) -> int:
        return len(self.codes)

    @property
    def columns(self) -> int:
        """Width v of every head: the largest codebook and the end."""
        return 1 + max(self.codes)

    @property
    def rows(self) -> int:
        return self._first_code_row(self.parts)

    def language_row(self, language: str, part: int | None = None) -> int:
        """The row that starts a sequence: the language's, or its own one for a part decoded alone."""
        index = SIGN_LANGUAGES.index(language)
        if part is None:
            return self.text_rows + index
        return self.text_rows + len(SIGN_LANGUAGES) + index * self.parts + part

    def row_of_column(self) -> Tensor:
        """(k, v) embedding row of each head column; ``PAD`` where a smaller codebook has no such code."""
        table = torch.full((self.parts, self.columns), PAD)
        table[:, END] = EOS
        for part, size in enumerate(self.codes):
            first = self._first_code_row(part)
            table[part, 1 : 1 + size] = torch.arange(first, first + size)
        return table

    def part_of_row(self) -> Tensor:
        """(rows,) the part whose code a row is, -1 for text, languages and spare rows."""
        table = torch.full((self.rows,), -1)
        for part, size in enumerate(self.codes):
            first = self._first_code_row(part)
            table[first : first + size] = part
        return table

    def mask(self) -> Tensor:
        """(k, v) additive: 0 where the column exists, -inf where it does not."""
        return torch.where(self.row_of_column() == PAD, -torch.inf, 0.0)

    def _first_code_row(self, part: int) -> int:
        before = len(SIGN_LANGUAGES) * (1 + self.parts)
        return self.text_rows + before + sum(size + SPARE_ROWS for size in self.codes[:part])
