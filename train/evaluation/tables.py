"""Markdown laid out as the tables of the SOKE paper, out of summaries by language."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sign_models.languages import LANGUAGES
from train.evaluation.scores import AVERAGE, HAND, PER_STEP
from train.evaluation.summary import ALL, Summary

PA, JPE = "DTW-PA-JPE", "DTW-JPE"

Labelled = tuple[str, Summary]
"""A row's label and its summaries by language."""

SYNTHETIC = (
    "The clips are synthetic: sentences signed by the HamNoSys synthesizer, on the open body. The figures say how well "
    "the network follows it. They cannot be compared with figures on recorded signing."
)


def table_1(rows: Sequence[Labelled]) -> str:
    """State of the art: both distances of body and hands, and the BLEU-4 of the back-translation."""
    return _table("Table 1: text to sign", rows, {
        f"{PA} body/hand": lambda s: _pair(s, PA),
        f"{JPE} body/hand": lambda s: _pair(s, JPE),
        "BLEU-4 (of the clips)": lambda s: _read_back(s, "BLEU-4"),
        "ROUGE-L (of the clips)": lambda s: _read_back(s, "ROUGE-L"),
    }, f"{_UNIT} BLEU-4, ROUGE-L: of the text that is read back from the generated motion; in brackets, from the clips "
       "themselves by the same reader, which is the most to hope for.")  # fmt: skip


def table_2(rows: Sequence[Labelled]) -> str:
    """Decoding and retrieval: the distance and what a clip takes."""
    return _table("Table 2: decoding and retrieval", rows, {
        f"{PA} avg/body/hand": lambda s: _triple(s, PA),
        "s a clip": lambda s: _number(s.get("latency", {}).get("median"), 2),
    }, f"{_UNIT} Latency: median seconds from text to motion, one clip at a time.")  # fmt: skip


def table_4(rows: Sequence[Labelled]) -> str:
    """Tokenizer splits."""
    return _table("Table 4: split of the tokenizer", rows, {f"{PA} body/hand": lambda s: _pair(s, PA)}, _UNIT)


def listed(title: str, rows: Sequence[Labelled]) -> str:
    """A list of our own: the distance as published."""
    return _table(title.capitalize(), rows, {f"{PA} avg/body/hand": lambda s: _triple(s, PA)}, _UNIT)


def nearness(rows: Sequence[Labelled]) -> str:
    """What the paper does not print: distances in cm a joint and frame, whether the text is followed, steadiness."""
    return _table("Nearness, faithfulness, steadiness", rows, {
        "body/hand/hand in space, cm": lambda s: "/".join((
            _number(s[JPE + PER_STEP]["body"] * 100, 2),
            _number(s[JPE + PER_STEP][HAND] * 100, 2),
            _number(s[f"{JPE} in space{PER_STEP}"][HAND] * 100, 2),
        )),
        "faithfulness": lambda s: _number(s.get("faithfulness", {}).get("ratio"), 2),
        "jerk": lambda s: _number(s.get("jerk", {}).get("ratio"), 2),
        "signs known": lambda s: f"{s['retrieval']['share']:.0%}" if "retrieval" in s else "",
    }, "cm: DTW-JPE per step of the path. Faithfulness: distance to the own reference divided by that to another "
       "sentence's; 1 when the text is ignored. Jerk: that of the reference is 1. Signs known: share of the signs of "
       "the texts that retrieval put into the prompt.")  # fmt: skip


def reconstruction(rows: Sequence[Labelled]) -> str:
    """The tokenizer alone: what is lost when a clip becomes tokens and comes back."""
    return _table("Table 3, right half: reconstruction", rows, {
        "PA-MPJPE body/hand, mm": lambda s: f"{s['PA-MPJPE']['body']:.2f}/{s['PA-MPJPE'][HAND]:.2f}",
        "MPVPE, mm": lambda s: _number(s["MPVPE"], 2),
        f"{PA} body/hand": lambda s: _pair(s, PA),
        "codes used": lambda s: _codes(s, lambda use: f"{use['share']:.0%}"),
        "perplexity": lambda s: _codes(s, lambda use: f"{use['perplexity']:.0f}"),
    }, "PA-MPJPE and MPVPE are means over frames; codes and perplexity by part.")  # fmt: skip


def document(title: str, notes: Sequence[str], tables: Sequence[str]) -> str:
    return "\n\n".join([f"# {title}", *notes, *tables]) + "\n"


def notes_of(corpora: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    told = ", ".join(f"{key} {value}" for key, value in settings.items() if value is not None)
    return [*([SYNTHETIC] if "starter" in corpora else []), f"Settings: {told}."]


_UNIT = "Metres summed along the DTW path, as published; lower is better."


def _table(title: str, rows: Sequence[Labelled], columns: Mapping[str, Callable[[Summary], str]], legend: str) -> str:
    languages = sorted({language for _, summary in rows for language in summary if language != ALL})
    shown = [*languages, *([ALL] if len(languages) > 1 else [])]
    heads = [f"{_name(language)} {column}" for language in shown for column in columns]
    lines = [f"## {title}", "", _line(["", *heads]), _line(["---"] * (1 + len(heads)))]
    for label, summary in rows:
        cells = [
            make(summary[language]) if summary.get(language, {}).get("clips") else ""
            for language in shown
            for make in columns.values()
        ]
        lines.append(_line([label, *cells]))
    return "\n".join([*lines, "", legend])


def _name(language: str) -> str:
    row = LANGUAGES.get(language)
    return row.name if row is not None else "All"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _pair(summary: Summary, name: str) -> str:
    return f"{summary[name]['body']:.2f}/{summary[name][HAND]:.2f}"


def _triple(summary: Summary, name: str) -> str:
    return f"{summary[name][AVERAGE]:.2f}/{_pair(summary, name)}"


def _read_back(summary: Summary, name: str) -> str:
    found = summary.get("back-translation", {})
    return f"{found[name]:.2f} ({found[f'{name} of the clips']:.2f})" if found else ""


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _codes(summary: Summary, make: Callable[[Mapping[str, float]], str]) -> str:
    return "/".join(make(use) for use in summary["codebook"].values())
