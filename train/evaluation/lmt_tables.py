"""Markdown laid out as the tables of the LMT paper; its own figures are not available to us and are not made up."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from train.evaluation.summary import ALL

PAPER = "not available to us"

Results = Mapping[str, Any]
"""What ``evaluation.lmt`` writes: label, about, settings, summaries by group."""

SYNTHETIC = (
    "Clips rendered from the project's own dictionary are synthetic: the figures say how well the network follows the "
    "renderer, and cannot be compared with figures on recorded signing."
)
FEW = (
    "A Fréchet distance of few clips is biased upwards; compare it between rows of the same clips only. Intervals: "
    "bootstrap over clips, 95 %; those of distances are moved to lie around the value."
)

Cell = Callable[[Results, Mapping[str, Any]], str]


def table_2(rows: Sequence[Results]) -> str:
    """Attention in the motion transformer: what the first stage loses."""
    return _table("Table 2: attention in the motion transformer", rows, {
        "attention": lambda one, _: str(one["about"]["attention"]), **_rebuilt(),
    }, "The first stage alone: clips become codes and come back. Hands: PSNR in the boxes around them.")  # fmt: skip


def table_4(rows: Sequence[Results]) -> str:
    """Size of the codebook."""
    return _table("Table 4: size of the codebook", rows, {
        "codes": lambda one, _: f"{one['about']['codes']} ({one['about']['quantizer']})", **_rebuilt(),
        "Fréchet, generated": _distance("generated", "frechet"),
        "signs named, generated": _named("generated"),
    }, "Signs named: share of clips in which our recogniser, told the language, names the sign.")  # fmt: skip


def table_5(rows: Sequence[Results]) -> str:
    """Attention of the latent transformer: what is generated."""
    return _table("Table 5: attention of the latent transformer", rows, {
        "mask": lambda one, _: f"{one['about']['mask']}, label {one['about']['label']}",
        "Fréchet": _distance("generated", "frechet"),
        "kernel": _distance("generated", "kernel"),
        "signs named, generated": _named("generated"),
        "signs named, truth": _named("truth"),
        "nats, right / wrong gloss": lambda _, s: (
            f"{_number(s['cross-entropy']['right gloss'], 2)} / {_number(s['cross-entropy']['wrong gloss'], 2)}"
        ),
    }, "Nats a code of the true clip under its own gloss and under others: as low under others means that the gloss is "
       "ignored.")  # fmt: skip


def losses(rows: Sequence[Results]) -> str:
    """Loss terms, and what the paper does not print of what is generated."""
    return _table("Losses, and the generated clips against the true ones", rows, {
        "losses": lambda one, _: ", ".join(one["about"]["losses"]),
        "PSNR / hands, dB": _psnr("generated"),
        "SSIM": lambda _, s: f"{s['generated']['SSIM']:.3f}",
        "perceptual": lambda _, s: f"{s['generated']['perceptual']:.4f}",
        "energy ratio": lambda _, s: f"{s['generated']['energy ratio']:.2f}",
        "diversity": lambda _, s: _number(s["generated"].get("diversity"), 2),
        "looks kept": lambda _, s: f"{s['generated']['looks kept']:.0%}",
        "signs named": _named("generated"),
        "s a clip": lambda _, s: f"{s['seconds a clip']:.2f}",
    }, "Energy ratio: how much moves, the truth being 1. Diversity: how far clips are apart, the truth being 1. Looks "
       "kept: share of clips whose clothes and background have the still's colours.")  # fmt: skip


TABLES = {"table 2": table_2, "table 4": table_4, "table 5": table_5, "losses": losses}


def document(rows: Sequence[Results], tables: Sequence[str] = tuple(TABLES), title: str = "LMT", note: str = "") -> str:
    """All tables, or some; a row that names its tables stands in these alone. note: what else a reader must know."""
    first = rows[0]
    about, groups = first["about"], first["summaries"]
    counts = ", ".join(
        f"{name} {summary['clips']:g} clips of {summary['glosses']:g} signs" for name, summary in groups.items()
    )
    notes = [
        *([note] if note else []),
        SYNTHETIC,
        f"Clips: {counts}. Distances: {about['frechet']}, {about['kernel']}; perceptual: {about['perceptual']}. "
        f'{FEW} The paper\'s own figures: "{PAPER}".',
        "Settings: "
        + ", ".join(
            f"{key} {value}" for key, value in first["settings"].items() if value is not None and key != "choice"
        )
        + ".",
    ]
    own = {name: [one for one in rows if name in one.get("tables", TABLES) and _fits(one, name)] for name in tables}
    return "\n\n".join([f"# {title}", *notes, *(TABLES[name](some) for name, some in own.items() if some)]) + "\n"


def _fits(one: Results, table: str) -> bool:
    """A first stage alone generates nothing."""
    return table in ("table 2", "table 4") or all("generated" in summary for summary in one["summaries"].values())


def _rebuilt() -> dict[str, Cell]:
    return {
        "PSNR / hands, dB": _psnr("reconstruction"),
        "SSIM": lambda _, s: f"{s['reconstruction']['SSIM']:.3f}",
        "perceptual": lambda _, s: f"{s['reconstruction']['perceptual']:.4f}",
        "Fréchet, rebuilt": _distance("reconstruction", "frechet"),
        "signs named, rebuilt": _named("reconstruction"),
    }


def _psnr(version: str) -> Cell:
    return lambda _, s: f"{_number(s[version]['PSNR'], 1)} / {_number(s[version]['hand PSNR'], 1)}"


def _distance(version: str, kind: str) -> Cell:
    def cell(one: Results, summary: Mapping[str, Any]) -> str:
        found = summary.get(version, {}).get(one["about"][kind])
        if found is None:
            return ""
        return f"{found['value']:.3g} ({found['interval'][0]:.3g} to {found['interval'][1]:.3g})"

    return cell


def _named(version: str) -> Cell:
    def cell(_: Results, summary: Mapping[str, Any]) -> str:
        named = summary.get(version, {}).get("named")
        if named is None:
            return ""
        low, high = named["interval"]
        return f"{named['share']:.0%} of {named['of']:g} ({low:.0%} to {high:.0%})"

    return cell


def _table(title: str, rows: Sequence[Results], columns: Mapping[str, Cell], legend: str) -> str:
    lines = [f"## {title}", "", _line(["", "clips", *columns]), _line(["---"] * (2 + len(columns)))]
    for one in rows:
        for group, summary in one["summaries"].items():
            if group != ALL or len(one["summaries"]) == 1:
                lines.append(_line([one["label"], group, *(make(one, summary) for make in columns.values())]))
    lines.append(_line(["the paper", "WLASL, NMFs-CSL", *[PAPER] * len(columns)]))
    return "\n".join([*lines, "", legend])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
