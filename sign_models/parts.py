"""THE table of parts: which columns of a 133-number pose belong to the body and to each hand (soke.md section 1.1).

Columns: 30 upper body (10 joints, see ``skeleton.UPPER_BODY``) | 45 left hand | 45 right hand | 3 jaw | 10 expression;
all rotations are axis-angle.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

FEATURES = 133

UPPER_BODY_COLUMNS = slice(0, 30)
LEFT_HAND_COLUMNS = slice(30, 75)
RIGHT_HAND_COLUMNS = slice(75, 120)
JAW_COLUMNS = slice(120, 123)
EXPRESSION_COLUMNS = slice(123, 133)
HAND_COLUMNS = (LEFT_HAND_COLUMNS, RIGHT_HAND_COLUMNS)
"""In ``skeleton.HANDS`` order."""


@dataclass(frozen=True)
class Part:
    """One row: a name, its columns in the 133-vector, and its codebook size in the published system."""

    name: str
    columns: tuple[int, ...]
    codes: int

    @property
    def width(self) -> int:
        return len(self.columns)


PARTS: tuple[Part, ...] = (
    Part("body", (*range(0, 30), *range(120, 133)), 96),
    Part("left_hand", tuple(range(30, 75)), 192),
    Part("right_hand", tuple(range(75, 120)), 192),
)


def split(features: Tensor, parts: tuple[Part, ...] = PARTS) -> list[Tensor]:
    """(..., 133) -> one (..., width) tensor a part."""
    return [features[..., list(part.columns)] for part in parts]


def merge(pieces: list[Tensor], parts: tuple[Part, ...] = PARTS) -> Tensor:
    """The inverse of ``split``."""
    whole = torch.cat(pieces, dim=-1)
    columns = [column for part in parts for column in part.columns]
    merged = torch.empty_like(whole)
    merged[..., columns] = whole
    return merged
