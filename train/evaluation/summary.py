"""Means over clips, by language and over all of them."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from train.evaluation.scores import AVERAGE, Figures

ALL = "all"

Summary = dict[str, Any]


def by_language(rows: Sequence[Mapping[str, Any]], summarise: Callable[[Sequence[Any]], Summary]) -> Summary:
    """language -> summary, and ``all``."""
    languages = sorted({row["language"] for row in rows})
    own = {language: summarise([row for row in rows if row["language"] == language]) for language in languages}
    return own | {ALL: summarise(rows)}


def means(figures: Sequence[Figures]) -> Figures:
    """Mean over clips of every figure."""
    if not figures:
        return {}
    return {
        name: {part: statistics.fmean(one[name][part] for one in figures) for part in parts}
        for name, parts in figures[0].items()
    }


def standard_error(figures: Sequence[Figures], name: str) -> float:
    """Of the mean over clips of an average; 0 for a single clip."""
    values = [one[name][AVERAGE] for one in figures]
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
