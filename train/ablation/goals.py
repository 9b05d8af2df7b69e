"""What the starter was to reach, and whether it did, out of the rows of its ablations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from train.bench.report import Figure
from train.evaluation.scores import AVERAGE, HAND, PER_STEP
from train.evaluation.summary import ALL
from train.evaluation.tables import JPE, PA

GAIN, BODY_CM, HAND_CM, JERK = 0.20, 2.0, 3.0, 1.1

Row = Mapping[str, Any]


def goals(rows: Sequence[Row]) -> list[Figure]:
    """How near the networks come, and ``compared``; a goal whose rows are not there is not told."""
    return [figure for base in rows if is_base(base) for figure in _near(base)] + compared(rows)


def compared(rows: Sequence[Row]) -> list[Figure]:
    """Only comparisons, and those only between rows of the same training."""
    return [
        figure for base in rows if is_base(base) for figure in _beside(base, [r for r in rows if same_run(r, base)])
    ]


def table(figures: Sequence[Figure]) -> str:
    verdict = {True: "met", False: "missed", None: ""}
    lines = [f"| {f.name} | {f.value:.3g} {f.unit} | {f.goal} | {verdict[f.met]} |" for f in figures]
    return "\n".join(["## Goals", "", "| | measured | goal | |", "| --- | --- | --- | --- |", *lines])


def is_base(row: Row) -> bool:
    """Whether a row changes nothing."""
    return not any(row["changes"].values())


def same_run(one: Row, other: Row) -> bool:
    """Whether two rows come from the same model or from trainings of the same budget and seeds."""
    return all(one[key] == other[key] for key in ("model", "steps", "seeds"))


def _near(base: Row) -> Iterator[Figure]:
    whole = base["summaries"][ALL]
    where = f", {base['model']}"
    yield Figure(f"body joint, DTW path mean{where}", whole[JPE + PER_STEP]["body"] * 100, "cm", at_most=BODY_CM)
    yield Figure(f"hand joint, DTW path mean{where}", whole[JPE + PER_STEP][HAND] * 100, "cm", at_most=HAND_CM)
    in_space = whole[f"{JPE} in space{PER_STEP}"][HAND] * 100
    yield Figure(f"hand joint in space, DTW path mean{where}", in_space, "cm", at_most=HAND_CM)
    yield Figure(f"jerk, the reference's is 1{where}", whole["jerk"]["ratio"], at_most=JERK)


def _beside(base: Row, rows: Sequence[Row]) -> Iterator[Figure]:
    whole = base["summaries"][ALL]
    where = f", {base['model']}"
    own = whole[PA][AVERAGE]
    for row in rows:
        other = row["summaries"][ALL]
        if row["changes"]["evaluate"].get("coverage") == 0.0:
            yield Figure(f'retrieval takes off "{row["name"]}"{where}', 1 - own / other[PA][AVERAGE], at_least=GAIN)
        if row["changes"]["language_model"].get("model", {}).get("mode") == "sequential":
            yield Figure(f"multi-head in parts of sequential, {PA}{where}", own / other[PA][AVERAGE], at_most=1.0)
            latency = whole["latency"]["median"] / other["latency"]["median"]
            yield Figure(f"multi-head in parts of sequential, seconds a clip{where}", latency)
