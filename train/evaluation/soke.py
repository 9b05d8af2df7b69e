"""A trained SOKE on clips kept out of training: text in, motion out, compared with the clip."""

import copy
import hashlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sign_models.errors import SignError
from sign_models.measure.points import measurer
from sign_models.registry import load_soke
from sign_models.soke.decoding import Sampling
from sign_models.soke.pipeline import SokePipeline, SokeResult
from sign_models.soke.signs import keys_of
from sign_models.types import Motion
from train.evaluation import tables
from train.evaluation.clips import Case, cases, corpora, reference
from train.evaluation.journal import Journal, each
from train.evaluation.output import told, write
from train.evaluation.scores import distances, likeness
from train.evaluation.seeds import check_seeds
from train.evaluation.summary import Summary, by_language, means, standard_error
from train.evaluation.translator import load
from train.metrics.codebook import uses
from train.metrics.motion import jerk
from train.metrics.text import bleu, rouge_l

ABOUT = "text to motion on clips kept out of training (Tables 1 and 2 of the paper)"
SECTION = "evaluate_soke"

LATENCY = ("words", "tokens", "motion")
"""The stages that turn a text into a motion."""


@dataclass(frozen=True)
class Settings:
    """model: the out folder of ``train.soke_lm``. data: corpora made by ``train.prepare``. split: which clips of them.

    label: the name of the row in the tables. clips: at most so many a language, 0 for all. coverage: share of the
    dictionary that may be retrieved, 0 for none: the prompt is the text alone. temperature 0 is greedy and draws
    nothing, so it has one seed. shortest, longest: frames of references, as in the tokenizer's training.
    body: a licensed SMPL-X file, else the environment's, else the open body. translator: the out folder of
    ``train.back_translation``, for BLEU and ROUGE.
    """

    model: Path
    data: tuple[Path, ...]
    out: Path
    split: str = "test"
    label: str = "SOKE"
    clips: int = 0
    coverage: float = 1.0
    temperature: float = 0.0
    top_k: int = 0
    max_steps: int = 100
    seeds: tuple[int, ...] = (0,)
    shortest: int = 40
    longest: int = 400
    body: Path | None = None
    translator: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.coverage <= 1 or self.clips < 0:
            raise ValueError(f"coverage {self.coverage} must be between 0 and 1, clips {self.clips} not negative.")
        check_seeds(self.seeds, self.temperature)


def evaluate(settings: Settings, pipeline: SokePipeline | None = None) -> Summary:
    """Measures what is not yet in the out folder's journal, and writes results.json and results.md there."""
    evaluation = _Evaluation(settings, pipeline or load_soke(settings.model))
    journal = Journal(settings.out, SECTION, settings)
    items = [
        (f"{case.clip.name} {seed}", (case, seed))
        for seed in settings.seeds
        for case in cases(settings.data, settings.split, settings.clips)
    ]
    rows = each(journal, items, evaluation.measure, settings.label)
    summaries = by_language(rows, evaluation.summary)
    results = {"evaluation": SECTION, "label": settings.label, "corpora": corpora(settings.data),
               "body": evaluation.measurer.name, "settings": told(settings), "summaries": summaries}  # fmt: skip
    write(settings.out, results, _document(results))
    return summaries


class _Evaluation:
    def __init__(self, settings: Settings, pipeline: SokePipeline) -> None:
        parts = pipeline.generator
        self.settings = settings
        self.measurer = measurer(settings.body)
        self._pipeline = pipeline
        if settings.coverage < 1:
            fewer = replace(parts, signs=parts.signs.subset(settings.coverage))
            self._pipeline = copy.copy(pipeline)
            self._pipeline.generator = fewer
        self._warm: set[str] = set()
        self._tokenizer = parts.tokenizer
        self._form = parts.prompt.form
        self._translator = load(settings.translator) if settings.translator else None

    def measure(self, item: tuple[Case, int]) -> dict[str, Any]:
        case, seed = item
        clip = case.clip
        row: dict[str, Any] = {"language": clip.language, "text": clip.text, "seed": seed}
        sampling = self._sampling(clip.name, seed)
        try:
            if clip.language not in self._warm:  # the first text of a language waits for its dictionary
                self._pipeline.generate(clip.text, clip.language, Sampling(max_steps=1))
                self._warm.add(clip.language)
            result = self._pipeline.generate(clip.text, clip.language, sampling)
        except SignError as error:
            return row | {"failed": str(error)}
        wanted = self._reference(case)
        made_points, wanted_points = (self.measurer.points_of(motion) for motion in (result.motion, wanted))
        row |= {"figures": distances(made_points, wanted_points), "frames": [len(result.motion), len(wanted)]}
        row["jerk"] = [jerk(made_points, result.motion.fps), jerk(wanted_points, wanted.fps)]
        if case.other is not None:
            foil = self.measurer.points_of(self._reference(case.other))
            row["likeness"] = [likeness(made_points, wanted_points), likeness(made_points, foil)]
        row |= {"seconds": result.timings.stages, "tokens": _codes(result), "signs": self._signs(result)}
        if self._translator is not None:
            row["read"] = [self._translator.read(motion, clip.language) for motion in (result.motion, wanted)]
        return row

    def summary(self, rows: Sequence[Mapping[str, Any]]) -> Summary:
        good = [row for row in rows if "failed" not in row]
        figures = [row["figures"] for row in good]
        made: Summary = {"clips": len(good), "failed": len(rows) - len(good)}
        if not good:
            return made
        made |= means(figures)
        made["standard error"] = {name: standard_error(figures, name) for name in (tables.PA, tables.JPE)}
        made["faithfulness"] = _ratio([row["likeness"] for row in good if "likeness" in row], "own", "other")
        made["jerk"] = _ratio([row["jerk"] for row in good], "made", "reference")
        made["frames"] = _ratio([row["frames"] for row in good], "made", "reference")
        seconds = [sum(row["seconds"][stage] for stage in LATENCY) for row in good]
        made["latency"] = {"median": statistics.median(seconds), "longest": max(seconds)}
        asked, known = (sum(row["signs"][k] for row in good) for k in range(2))
        made["retrieval"] = {"asked": asked, "known": known, "share": known / max(asked, 1)}
        parts = self._tokenizer.parts
        used = uses([row["tokens"] for row in good], [part.codes for part in parts])
        made["codebook"] = {part.name: vars(use) for part, use in zip(parts, used, strict=True)}
        if self._translator is not None:
            made["back-translation"] = _read_back(good)
        return made

    def _reference(self, case: Case) -> Motion:
        return reference(case, self._tokenizer, self.settings.shortest, self.settings.longest)

    def _sampling(self, name: str, seed: int) -> Sampling:
        """Each clip draws from a stream of its own that depends on its name and the seed alone."""
        number = int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:6], "big")
        settings = self.settings
        return Sampling(settings.temperature, settings.top_k, settings.max_steps, number)

    def _signs(self, result: SokeResult) -> list[int]:
        """How many signs the texts ask for, and how many the prompt was given."""
        asked = sum(len(keys_of(sentence.hints, self._form)) for sentence in result.sentences)
        return [asked, sum(map(len, result.retrieved))]


def _read_back(rows: Sequence[Mapping[str, Any]]) -> Summary:
    """Corpus scores of the texts read from generated motion, and of those read from the clips: the most to hope for.

    A BLEU over several languages would mix ways to cut words, so it is a mean over languages.
    """
    languages = sorted({row["language"] for row in rows})
    made: Summary = {"signature": ""}
    for name, place in (("", 0), (" of the clips", 1)):
        scores = []
        for language in languages:
            own = [row for row in rows if row["language"] == language]
            pair = [row["read"][place] for row in own], [row["text"] for row in own]
            scored = bleu(*pair, language)
            scores.append((scored.score, rouge_l(*pair, language)))
            made["signature"] = scored.signature if len(languages) == 1 else "mean over languages"
        made[f"BLEU-4{name}"], made[f"ROUGE-L{name}"] = (statistics.fmean(one[k] for one in scores) for k in range(2))
    return made


def _codes(result: SokeResult) -> list[list[int]]:
    """(k, s) of all sentences, one after the other."""
    parts = zip(*(tokens.ids.tolist() for tokens in result.tokens), strict=True)
    return [[code for row in rows for code in row] for rows in parts]


def _ratio(pairs: Sequence[Sequence[float]], above: str, below: str) -> dict[str, float]:
    """Means of both and what the first is in parts of the second; empty when there are none."""
    if not pairs:
        return {}
    first, second = (statistics.fmean(pair[k] for pair in pairs) for k in range(2))
    return {above: first, below: second, "ratio": first / second if second else 0.0}


def _document(results: Mapping[str, Any]) -> str:
    rows = [(str(results["label"]), results["summaries"])]
    whole = [table(rows) for table in (tables.table_1, tables.table_2, tables.nearness)]
    return tables.document("SOKE", tables.notes_of(results["corpora"], results["settings"]), whole)
