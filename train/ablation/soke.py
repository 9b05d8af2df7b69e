"""The ablations of SOKE: trains what rows need, evaluates them, and lays them out as the paper's tables."""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sign_models.errors import SignError
from sign_models.registry import load_dictionary, load_sign
from train import soke_encode
from train.ablation import goals
from train.ablation.rows import Row, chosen, read
from train.ablation.work import Work
from train.bench.report import Figure
from train.evaluation import tables
from train.evaluation.clips import corpora
from train.evaluation.output import read as read_results
from train.evaluation.output import told, write
from train.evaluation.summary import ALL, Summary

ABOUT = "decoding, retrieval, coverage, fusion weight, codebooks and splits of SOKE (Tables 1, 2 and 4)"
SECTION = "ablate_soke"

TRAINED = "trained for these rows"
TRAINING_SETTINGS = ("steps", "tokenizer_steps", "language_model", "seeds")
"""Of no meaning where a trained model is given."""


@dataclass(frozen=True)
class Settings:
    """recipe: the training settings that rows change, by name or file. rows: a file of rows, or a ready one by name.

    only: names of rows or tables, none for all. model: a trained SOKE, on which the rows that need no training are
    measured; the others are left out. Without it everything is trained: steps, tokenizer_steps are the budget of
    one training, 0 for the recipe's. language_model: what every row changes, for a smaller network. seeds: of the
    language models. clips: a language. join: out folders of other ablations whose rows are shown too. note: what a
    reader of the results has to know. translator: the out folder of ``train.back_translation``, for the rows of Table
    1. plan: say what would be trained, and stop.
    """

    data: tuple[Path, ...]
    out: Path
    recipe: str = "starter"
    rows: str = "starter"
    only: tuple[str, ...] = ()
    model: Path | None = None
    steps: int = 0
    tokenizer_steps: int = 0
    language_model: dict[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (1, 2)
    clips: int = 20
    split: str = "test"
    join: tuple[Path, ...] = ()
    note: str = ""
    translator: Path | None = None
    plan: bool = False

    def __post_init__(self) -> None:
        if min(self.steps, self.tokenizer_steps, self.clips) < 0 or not self.seeds:
            raise ValueError(f"steps {self.steps}, tokenizer_steps {self.tokenizer_steps}, clips {self.clips} must not "
                             f"be negative, and seeds {self.seeds} not empty.")  # fmt: skip


def ablate(
    settings: Settings,
    dictionary_of: Callable[[str], Any] = load_dictionary,
    sign_of: soke_encode.SignOf = load_sign,
) -> list[dict[str, Any]]:
    """All rows with their summaries; results.json and results.md are written after each."""
    rows = chosen(read(settings.rows), settings.only)
    if settings.model is not None:
        rows = [row for row in rows if row.needs == "nothing"]
    if not rows:
        raise SignError(f"Every row of {settings.rows} needs training; leave out --model to train.")
    print(plan(rows, settings), file=sys.stderr)
    if settings.plan:
        return []
    settings.out.mkdir(parents=True, exist_ok=True)
    budget = settings.steps, settings.tokenizer_steps
    work = Work(settings.recipe, settings.data, settings.out, *budget, settings.language_model, dictionary_of, sign_of,
                settings.translator)  # fmt: skip
    joined = [read_results(folder)["rows"] for folder in settings.join]
    made: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        print(f"row {number} of {len(rows)}: {row.name}", file=sys.stderr, flush=True)
        made.append(_measure(row, settings, work))
        _write(settings, made, joined)
    return made


def plan(rows: Sequence[Row], settings: Settings) -> str:
    """Which rows need training, and which only another way of decoding."""
    width = max(len(row.name) for row in rows)
    lines = [f"  {row.name:<{width}}  {_needs(row, settings)}" for row in rows]
    return "\n".join([f"{len(rows)} rows, {len(settings.seeds)} seeds where a language model is trained:", *lines])


def _needs(row: Row, settings: Settings) -> str:
    if settings.model is not None:
        return f"decoding only, with {settings.model.name}"
    return {"nothing": "decoding only, with the trained base"}.get(row.needs, f"trains {row.needs}")


def _measure(row: Row, settings: Settings, work: Work) -> dict[str, Any]:
    if settings.model is not None:
        results = [work.measured(row, settings.model, None, settings.clips, settings.split)]
    else:
        results = [
            work.measured(row, work.model(row, seed), seed, settings.clips, settings.split) for seed in settings.seeds
        ]
    summaries = [one["summaries"] for one in results]
    return {
        "name": row.name,
        "tables": list(row.tables),
        "needs": row.needs,
        "model": settings.model.name if settings.model is not None else TRAINED,
        "changes": {"tokenizer": row.tokenizer, "language_model": row.language_model, "evaluate": row.evaluate},
        "steps": {"language_model": settings.steps, "tokenizer": settings.tokenizer_steps}
        if settings.model is None
        else {},
        "seeds": list(settings.seeds) if settings.model is None else [],
        "summaries": mean(summaries),
        **({"by seed": summaries} if len(summaries) > 1 else {}),
    }


def mean(summaries: Sequence[Summary]) -> Any:
    """Mean over seeds of every number; of what is no number the first."""
    first = summaries[0]
    if isinstance(first, Mapping):
        return {key: mean([one[key] for one in summaries if key in one]) for key in first}
    return statistics.fmean(summaries) if isinstance(first, int | float) else first


def _write(settings: Settings, made: Sequence[dict[str, Any]], joined: Sequence[Sequence[dict[str, Any]]]) -> None:
    rows = [*made, *(row for folder in joined for row in folder)]
    # joined rows of the same network may be of other clips; those of another one only tell what compares within it
    others = [folder for folder in joined if folder and folder[0]["model"] != made[0]["model"]]
    reached = goals.goals(made) + [figure for folder in others for figure in goals.compared(folder)]
    named = {name: Path(getattr(settings, name)).stem for name in ("recipe", "rows")}
    unused = TRAINING_SETTINGS if settings.model is not None else ()
    noted = {name: value for name, value in (told(settings) | named).items() if name not in (*unused, "note", "plan")}
    results = {
        "ablation": "soke",
        "corpora": corpora(settings.data),
        "settings": noted,
        "note": settings.note,
        "goals": {figure.name: asdict(figure) | {"met": figure.met} for figure in reached},
        "rows": rows,
    }
    write(settings.out, results, document(rows, results, reached))


def document(rows: Sequence[Mapping[str, Any]], results: Mapping[str, Any], reached: Sequence[Figure]) -> str:
    """The paper's tables, our own lists, and what each row is."""
    layouts = {"table 1": tables.table_1, "table 2": tables.table_2, "table 4": tables.table_4}
    whole = []
    for model in dict.fromkeys(row["model"] for row in rows):  # rows of different networks do not compare
        own = [row for row in rows if row["model"] == model]
        for name in dict.fromkeys(table for row in own for table in row["tables"]):
            here = [row for row in own if name in row["tables"]]
            if name != "table 1" and all(goals.is_base(row) for row in here):
                continue  # nothing to compare
            layout = layouts.get(name, partial(tables.listed, name))
            whole.append(_of_model(model, layout([(_label(row), row["summaries"]) for row in here])))
        whole.append(_of_model(model, tables.nearness([(_label(row), row["summaries"]) for row in own])))
    notes = [*tables.notes_of(results["corpora"], results["settings"]), *([results["note"]] if results["note"] else [])]
    return tables.document("Ablations of SOKE", notes, [goals.table(reached), *whole])


def _of_model(model: str, table: str) -> str:
    """The table with its network in the heading."""
    network = f"network {TRAINED}" if model == TRAINED else f"the given network {model}"
    return table.replace("\n", f" ({network})\n", 1)


def _label(row: Mapping[str, Any]) -> str:
    clips = f"{row['summaries'][ALL]['clips']:.0f} clips"
    if not row["seeds"]:
        return f"{row['name']} ({clips})"
    steps = row["steps"]["language_model"]
    budget = f"{steps} steps" if steps else "whole schedule"
    seeds = "1 seed" if len(row["seeds"]) == 1 else f"{len(row['seeds'])} seeds"
    return f"{row['name']} ({budget}, {seeds}, {clips})"
