"""Clips that are left out of a corpus: told apart from the others, listed in a file, counted for people."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from sign_models.files import atomic

UNUSABLE_FILE = "unusable.jsonl"

T = TypeVar("T")


@dataclass(frozen=True)
class Unusable:
    """split: empty where there is none."""

    name: str
    split: str
    reason: str


def sorted_out(found: Iterable[T | Unusable], left_out: list[Unusable]) -> Iterator[T]:
    """The usable ones; the others are added to ``left_out``."""
    for one in found:
        if isinstance(one, Unusable):
            left_out.append(one)
        else:
            yield one


def write_unusable(folder: Path, left_out: Sequence[Unusable]) -> None:
    """``unusable.jsonl``: a line each."""
    with atomic(folder / UNUSABLE_FILE) as part:
        part.write_text("".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in left_out), "utf-8")


def tell(folder: Path, kept: int, left_out: Sequence[Unusable]) -> None:
    """One line for a person, and how many of each split were left out."""
    print(f"{kept} clips in {folder}, {len(left_out)} left out", file=sys.stderr)
    for split, many in sorted(Counter(one.split for one in left_out).items()):
        print(f"  {split or 'all'}: {many} in {UNUSABLE_FILE}", file=sys.stderr)
