"""A tokenizer alone: clips kept out of training become tokens and come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sign_models.measure.points import measurer
from sign_models.soke.generator import TOKENIZER_FOLDER, read_tokenizer
from sign_models.soke.tokenizer import SignTokenizer
from train.evaluation import tables
from train.evaluation.clips import Case, cases, corpora, reference
from train.evaluation.journal import Journal, each
from train.evaluation.output import told, write
from train.evaluation.scores import distances
from train.evaluation.summary import Summary, by_language, means
from train.metrics.codebook import uses
from train.metrics.motion import jerk
from train.metrics.reconstruction import errors, mpvpe

ABOUT = "clips to tokens and back (right half of the paper's Table 3)"
SECTION = "evaluate_tokenizer"


@dataclass(frozen=True)
class Settings:
    """model: the out folder of ``train.soke_tokenizer`` or ``train.soke_lm``. The others are those of ``soke``."""

    model: Path
    data: tuple[Path, ...]
    out: Path
    split: str = "test"
    label: str = "tokenizer"
    clips: int = 0
    shortest: int = 40
    longest: int = 400
    body: Path | None = None

    def __post_init__(self) -> None:
        if self.clips < 0:
            raise ValueError(f"clips is {self.clips}; it must not be negative.")


def evaluate(settings: Settings) -> Summary:
    """Measures what is not yet in the out folder's journal, and writes results.json and results.md there."""
    evaluation = _Evaluation(settings, read_tokenizer(settings.model / TOKENIZER_FOLDER))
    journal = Journal(settings.out, SECTION, settings)
    items = [(case.clip.name, case) for case in cases(settings.data, settings.split, settings.clips)]
    rows = each(journal, items, evaluation.measure, settings.label)
    summaries = by_language(rows, evaluation.summary)
    results = {"evaluation": SECTION, "label": settings.label, "corpora": corpora(settings.data),
               "body": evaluation.measurer.name, "settings": told(settings), "summaries": summaries}  # fmt: skip
    whole = [tables.reconstruction([(settings.label, summaries)])]
    notes = tables.notes_of(corpora(settings.data), told(settings))
    write(settings.out, results, tables.document("Tokenizer", notes, whole))
    return summaries


class _Evaluation:
    def __init__(self, settings: Settings, tokenizer: SignTokenizer) -> None:
        self.settings, self.tokenizer = settings, tokenizer
        self.measurer = measurer(settings.body)

    @torch.inference_mode()
    def measure(self, case: Case) -> dict[str, Any]:
        wanted = reference(case, self.tokenizer, self.settings.shortest, self.settings.longest)
        tokens = self.tokenizer.tokens_of(wanted)
        made = self.tokenizer.motion_of(tokens)
        made_points, wanted_points = (self.measurer.points_of(motion) for motion in (made, wanted))
        return {
            "language": case.clip.language,
            "figures": distances(made_points, wanted_points) | {"PA-MPJPE": errors(made_points, wanted_points)},
            "MPVPE": mpvpe(self.measurer.vertices(made), self.measurer.vertices(wanted)),
            "jerk": [jerk(made_points, made.fps), jerk(wanted_points, wanted.fps)],
            "tokens": tokens.ids.tolist(),
        }

    def summary(self, rows: Sequence[Mapping[str, Any]]) -> Summary:
        parts = self.tokenizer.parts
        used = uses([row["tokens"] for row in rows], [part.codes for part in parts])
        made: Summary = {"clips": len(rows), **means([row["figures"] for row in rows])}
        made["MPVPE"] = sum(row["MPVPE"] for row in rows) / len(rows)
        made["jerk"] = {
            "made": sum(row["jerk"][0] for row in rows) / len(rows),
            "reference": sum(row["jerk"][1] for row in rows) / len(rows),
        }
        made["codebook"] = {part.name: vars(use) for part, use in zip(parts, used, strict=True)}
        return made
