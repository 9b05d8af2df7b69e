"""The ablations of LMT: trains both stages of each row, evaluates them, and lays them out as the paper's tables."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from train import lmt_prior, lmt_vqgan
from train import settings as settings_io
from train.ablation.rows import Overrides, Row, chosen, merged, read
from train.ablation.trainings import budget, folder, train_once
from train.data.video_choice import Choice, chosen_clips
from train.data.video_store import VideoStore
from train.evaluation import lmt as evaluation
from train.evaluation import lmt_tables
from train.evaluation.output import read as read_results
from train.evaluation.output import told, write

ABOUT = "attention, codebook, mask and losses of LMT (Tables 2, 4 and 5 and the loss terms)"
SECTION = "ablate_lmt"

FIRST_STAGE_ALONE = {"table 2"}
"""A row that stands in this table alone needs no second stage."""


@dataclass(frozen=True)
class Settings:
    """data: clips made by ``train.prepare_videos``. recogniser: made by ``train.lmt_recogniser``. recipe: the training
    settings that rows change, by name or file. rows: a file of rows, or a ready one by name; in it "tokenizer" is the
    first stage, "language_model" the second. only: names of rows or tables, none for all.

    steps, tokenizer_steps: budget of one training of the second and of the first stage, 0 for the recipe's. tokenizer,
    language_model, evaluate: what every row changes, for smaller networks or fewer signs; a row's own changes come
    after. seeds: of both stages. clips: at most so many of each group. join: out folders of evaluations that are shown
    in every table too. note: what a reader of the results has to know. plan: say what would be trained, and stop.
    """

    data: Path
    recogniser: Path
    out: Path
    recipe: str = "starter"
    rows: str = "lmt"
    only: tuple[str, ...] = ()
    steps: int = 0
    tokenizer_steps: int = 0
    tokenizer: Overrides = field(default_factory=dict)
    language_model: Overrides = field(default_factory=dict)
    evaluate: Overrides = field(default_factory=dict)
    seeds: tuple[int, ...] = (1, 2)
    clips: int = 0
    join: tuple[Path, ...] = ()
    note: str = ""
    plan: bool = False

    def __post_init__(self) -> None:
        if min(self.steps, self.tokenizer_steps, self.clips) < 0 or not self.seeds:
            raise ValueError(f"steps {self.steps}, tokenizer_steps {self.tokenizer_steps}, clips {self.clips} must not "
                             f"be negative, and seeds {self.seeds} not empty.")  # fmt: skip


def ablate(settings: Settings) -> list[dict[str, Any]]:
    """All rows with their summaries; results.json and results.md are written after each."""
    rows = chosen(read(settings.rows), settings.only)
    print(plan(rows, settings), file=sys.stderr)
    if settings.plan:
        return []
    settings.out.mkdir(parents=True, exist_ok=True)
    work = _Work(settings)
    joined = [_joined(read_results(folder)) for folder in settings.join]
    made: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        print(f"row {number} of {len(rows)}: {row.name}", file=sys.stderr, flush=True)
        made.append(_row(row, settings, [work.measured(row, seed) for seed in settings.seeds]))
        tables = [name for name in lmt_tables.TABLES if any(name in one["tables"] for one in made)]
        rows_shown = [*made, *joined]
        results = {"ablation": "lmt", "settings": _told(settings), "note": settings.note, "rows": rows_shown}
        write(settings.out, results, lmt_tables.document(rows_shown, tables, "Ablations of LMT", settings.note))
    return made


def _joined(results: Mapping[str, Any]) -> dict[str, Any]:
    """An evaluation as a row of every table."""
    row = {name: results[name] for name in ("label", "about", "settings", "summaries")}
    return {"name": results["label"], "tables": list(lmt_tables.TABLES), "changes": {}, "steps": {}, "seeds": [], **row}


def _told(settings: Settings) -> dict[str, Any]:
    return {name: value for name, value in told(settings).items() if name not in ("note", "plan")}


def plan(rows: Sequence[Row], settings: Settings) -> str:
    """Which rows train which stages."""
    width = max(len(row.name) for row in rows)
    lines = [f"  {row.name:<{width}}  trains {_needs(row)}" for row in rows]
    return "\n".join([f"{len(rows)} rows, {len(settings.seeds)} seeds, stages that rows share trained once:", *lines])


def _needs(row: Row) -> str:
    if set(row.tables) == FIRST_STAGE_ALONE:
        return "the first stage alone"
    return "both stages" if row.tokenizer or not row.language_model else "the second stage on the base's first"


def _row(row: Row, settings: Settings, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    steps = {"first stage": settings.tokenizer_steps, "second stage": settings.steps}
    budgets = ", ".join(f"{name} {count} steps" for name, count in steps.items() if count)
    return {
        "name": row.name,
        "label": f"{row.name} ({budgets or 'whole schedule'}, {len(settings.seeds)} seeds)",
        "tables": list(row.tables),
        "changes": {"first stage": row.tokenizer, "second stage": row.language_model, "evaluate": row.evaluate},
        "steps": steps,
        "seeds": list(settings.seeds),
        "about": results[0]["about"],
        "settings": results[0]["settings"],
        "summaries": mean([one["summaries"] for one in results]),
        "by seed": [one["summaries"] for one in results],
    }


def mean(values: Sequence[Any]) -> Any:
    """Over seeds, of every number, the ends of intervals among them; of what is no number the first."""
    first = values[0]
    if isinstance(first, Mapping):
        return {key: mean([one[key] for one in values if key in one]) for key in first}
    if isinstance(first, list | tuple):
        return [mean(places) for places in zip(*values, strict=True)]
    known = [value for value in values if isinstance(value, int | float)]
    return sum(known) / len(known) if known else first


class _Work:
    """The trainings and measurements of all rows."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._given = {"data": str(settings.data), "recogniser": str(settings.recogniser)}
        self._store = VideoStore(settings.data)

    def vqgan(self, row: Row, seed: int) -> Path:
        """The out folder of the row's first stage, trained when it is not there yet."""
        out = folder(self.settings.out, "vqgan", row.tokenizer, {}, seed)
        values = self._values(self._section(lmt_vqgan.SECTION, row.tokenizer), seed, self.settings.tokenizer_steps)
        chosen_settings = settings_io.build(lmt_vqgan.Settings, values | {"out": str(out)}, lmt_vqgan.SECTION)
        train_once(out, chosen_settings, lmt_vqgan.VqGanTask, lmt_vqgan.SECTION)
        return out

    def prior(self, row: Row, seed: int) -> Path:
        """The out folder of the row's second stage, which is the whole bundle."""
        out = folder(self.settings.out, "prior", row.tokenizer, row.language_model, seed)
        values = self._values(self._section(lmt_prior.SECTION, row.language_model), seed, self.settings.steps)
        values |= {"out": str(out), "vqgan": str(self.vqgan(row, seed))}
        chosen_settings = settings_io.build(lmt_prior.Settings, values, lmt_prior.SECTION)
        train_once(out, chosen_settings, lmt_prior.PriorTask, lmt_prior.SECTION)
        return out

    def measured(self, row: Row, seed: int) -> dict[str, Any]:
        """The results of evaluating the row's bundle; read where they are already."""
        slug = "".join(letter if letter.isalnum() else "-" for letter in row.name).strip("-")
        out = self.settings.out / "rows" / f"{slug}-seed{seed}"
        values = self._section(evaluation.SECTION, row.evaluate)
        alone = set(row.tables) == FIRST_STAGE_ALONE
        model = self.vqgan(row, seed) if alone else self.prior(row, seed)
        values |= self._given | {"model": str(model), "out": str(out), "label": row.name, "clips": self.settings.clips}
        if alone:  # it does not say itself what it was trained on
            values["choice"] = self._section(lmt_vqgan.SECTION, row.tokenizer).get("choice", {})
        evaluation.evaluate(settings_io.build(evaluation.Settings, values, evaluation.SECTION))
        return read_results(out)

    def _section(self, name: str, changes: Overrides) -> dict[str, Any]:
        """The recipe's section with what every row changes and what this one does."""
        common = {lmt_vqgan.SECTION: self.settings.tokenizer, lmt_prior.SECTION: self.settings.language_model,
                  evaluation.SECTION: self.settings.evaluate}  # fmt: skip
        return merged(merged(settings_io.read_section(self.settings.recipe, name), common[name]), changes)

    def _values(self, section: Overrides, seed: int, steps: int) -> dict[str, Any]:
        values = section | self._given
        choice = settings_io.build(Choice, values.get("choice", {}), "choice")
        clips = len(chosen_clips(self._store, choice, "train"))
        values["training"] = budget({**values["training"], "seed": seed}, steps, clips)
        return values
