"""python -m train.motion_report --language ase --sentences 1000 [--seed 0] [--minutes 30]: could a person move so?

Random sentences out of the shipped dictionary (signs, spelled names, numbers, questions, negations, commas) are made
into motion and measured on the mesh, frame by frame; the worst ones are listed with their glosses, to be looked at.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray

from sign_models.dictionary import shipped_entries
from sign_models.errors import SignError
from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.measuring.examine import (
    BEYOND,
    DEPTH,
    FINGER_TURN,
    HAND_TURN,
    WRIST_ACCELERATION,
    WRIST_SPEED,
    Measures,
    measure,
)
from sign_models.languages import LANGUAGES, Language, language
from sign_models.registry import load_pipeline
from sign_models.types import SignResult
from train.bench.report import Figure, Report

Array = NDArray[np.float64]

WORST = 10
"""Sentences listed for each thing that can be wrong."""
_TOLD = 50
"""Sentences after which a log is told how far it is."""


@dataclass(frozen=True)
class Words:
    """What sentences of a spoken language are put together from besides the dictionary's own words."""

    names: tuple[str, ...]
    negation: str
    asking: tuple[str, ...]
    joint: str = " "
    comma: str = ","
    ends: tuple[str, str] = (".", "?")


WORDS = {
    "en": Words(("Anna", "Zoe", "Kjell", "Maggie", "Otto", "Quebec"), "not", ("what", "where", "who", "why", "when")),
    "de": Words(("Jörg", "Xaver", "Schuschnigg", "Emma", "Bopp", "Yvonne"), "nicht", ("was", "wo", "wer", "warum")),
    "zh": Words(("李明", "王芳", "张伟", "陈静"), "不", ("什么", "哪里", "谁", "为什么"), "", "，", ("。", "？")),
}
"""By ISO 639-1 code of the spoken language."""


def sentences(row: Language, count: int, seed: int) -> Iterator[str]:
    """``count`` random sentences; the same ones for the same seed and dictionary."""
    random, words = Random(seed), WORDS[row.spoken]
    lemmas = sorted({lemma for entry in shipped_entries(row) if not entry.letter for lemma in entry.lemmas})
    for _ in range(count):
        chosen = random.sample(lemmas, random.randint(2, 6))
        if random.random() < 0.25:
            chosen.insert(random.randint(0, len(chosen)), random.choice(words.names))
        if random.random() < 0.25:
            chosen.insert(
                random.randint(0, len(chosen)), str(random.choice((random.randint(0, 20), random.randint(0, 1000))))
            )
        if random.random() < 0.2:
            chosen.insert(random.randint(1, len(chosen)), words.negation)
        asks = random.random() < 0.3
        if asks and random.random() < 0.6:
            chosen.insert(0, random.choice(words.asking))
        if len(chosen) > 3 and random.random() < 0.4:
            at = random.randint(1, len(chosen) - 2)
            chosen[at] += words.comma
        yield words.joint.join(chosen) + words.ends[asks]


@dataclass(frozen=True)
class Row:
    """One sentence, what came of it, and the processor's seconds it took."""

    text: str
    result: SignResult
    measures: Measures
    seconds: float

    def gloss_at(self, frame: int) -> str:
        """The sign at a frame, or the two that it lies between."""
        moment = frame / self.result.motion.fps
        before = [cue.gloss for cue in self.result.cues if cue.start <= moment]
        within = [cue.gloss for cue in self.result.cues if cue.start <= moment < cue.end]
        after = [cue.gloss for cue in self.result.cues if cue.start > moment]
        return within[-1] if within else f"{before[-1] if before else 'rest'} > {after[0] if after else 'rest'}"

    def seams(self) -> NDArray[np.intp]:
        """Frames of the accelerations within one frame of where a sign begins or ends."""
        fps = self.result.motion.fps
        edges = {round(moment * fps) for cue in self.result.cues for moment in (cue.start, cue.end)}
        near = {edge + step for edge in edges for step in (-2, -1, 0)}
        return np.array(sorted(k for k in near if 0 <= k < len(self.measures.wrist_acceleration)), dtype=np.intp)


@dataclass(frozen=True)
class MotionReport:
    """The figures, the sentences that were refused with the reason, and the worst of each kind."""

    report: Report
    refused: tuple[tuple[str, str], ...]
    worst: dict[str, tuple[str, ...]]

    def text(self) -> str:
        """For people."""
        lines = [self.report.table()]
        lines += [f"refused: {text} ({why})" for text, why in self.refused]
        for kind, rows in self.worst.items():
            lines += ["", f"{kind}, worst first:", *(f"  {row}" for row in rows)]
        return "\n".join(lines)


def report(code: str, count: int, seed: int, minutes: float | None = None) -> MotionReport:
    """Measures ``count`` random sentences of a language, or as many as there is time for (or until Ctrl-C)."""
    row = language(code)
    pipeline, figure = load_pipeline(row.code), load_figure()
    rows: list[Row] = []
    refused: list[tuple[str, str]] = []
    begun = time.monotonic()
    try:
        for number, text in enumerate(sentences(row, count, seed), 1):
            start = time.process_time()
            try:
                result = pipeline.generate(text)
            except SignError as error:
                refused.append((text, str(error)))
                continue
            seconds = time.process_time() - start
            rows.append(Row(text, result, measure(result.motion, figure), seconds))
            if sys.stderr.isatty() or number % _TOLD == 0:
                ending = "\n" if number == count or not sys.stderr.isatty() else ""
                print(f"\r{number} of {count}", end=ending, file=sys.stderr, flush=True)
            if minutes is not None and time.monotonic() - begun > 60 * minutes:
                break
    except KeyboardInterrupt:
        if not rows:
            raise
    if not rows:
        raise SignError(f"None of {count} sentences of {row} could be signed: {refused[0][1]}")
    done = len(rows) + len(refused)
    settings: dict[str, str | int | float | bool | None] = {
        "language": row.code, "sentences": done, "of": count, "seed": seed,
    }  # fmt: skip
    return MotionReport(Report("motion", _figures(rows, len(refused)), settings), tuple(refused), _worst(rows))


def _figures(rows: list[Row], refused: int) -> list[Figure]:
    def all_of(name: str) -> Array:
        return np.concatenate([np.ravel(getattr(row.measures, name)) for row in rows])

    figures = [
        Figure("sentences refused", refused, at_most=0),
        Figure("motion", sum(row.result.motion.seconds for row in rows), "s"),
    ]
    for name, title in (("in_body", "inside head or trunk"), ("in_hand", "inside the other hand")):
        depth = all_of(name)
        figures.append(Figure(f"deepest {title}", float(100 * depth.max()), "cm", at_most=100 * DEPTH))
        figures.append(Figure(f"frames deeper {title}", float(100 * (depth > DEPTH).mean()), "%", at_most=0))
    beyond = all_of("beyond")
    figures.append(Figure("farthest beyond a joint's range", float(beyond.max()), "degrees", at_most=BEYOND))
    figures.append(Figure("frames beyond a joint's range", float(100 * (beyond > BEYOND).mean()), "%", at_most=0))
    paces = (
        ("wrist_speed", "wrist speed", "m/s", WRIST_SPEED),
        ("wrist_acceleration", "wrist acceleration", "m/s2", WRIST_ACCELERATION),
        ("hand_turn", "hand turning", "rad/s", HAND_TURN),
        ("finger_turn", "finger joint turning", "rad/s", FINGER_TURN),
    )
    for name, title, unit, bound in paces:
        values = all_of(name)
        moving = values[values > 1e-3]
        figures += [Figure(f"{title}, {p}th percentile", float(np.percentile(moving, p)), unit) for p in (50, 95, 99)]
        figures.append(Figure(f"{title}, most", float(values.max()), unit, at_most=bound))
    seams = [float(row.measures.wrist_acceleration[row.seams()].max(initial=0.0)) for row in rows]
    figures.append(Figure("wrist acceleration at a seam, most", max(seams), "m/s2", at_most=WRIST_ACCELERATION))
    hints = [hint for row in rows for hint in row.result.hints]
    for status in ("signed", "spelled", "left_out"):
        share = sum(hint.status == status for hint in hints) / len(hints)
        figures.append(Figure(f"words {status.replace('_', ' ')}", 100 * share, "%"))
    figures.append(Figure("processor time a sentence", float(np.mean([row.seconds for row in rows])), "s"))
    figures.append(Figure("processor time of the slowest sentence", max(row.seconds for row in rows), "s"))
    return figures


def _worst(rows: list[Row]) -> dict[str, tuple[str, ...]]:
    """Of each kind the sentences beyond the bound."""
    kinds = (
        ("inside head or trunk (cm)", "in_body", 100.0, DEPTH),
        ("inside the other hand (cm)", "in_hand", 100.0, DEPTH),
        ("beyond a joint's range (degrees)", "beyond", 1.0, BEYOND),
        ("wrist speed (m/s)", "wrist_speed", 1.0, WRIST_SPEED),
        ("wrist acceleration (m/s2)", "wrist_acceleration", 1.0, WRIST_ACCELERATION),
        ("hand turning (rad/s)", "hand_turn", 1.0, HAND_TURN),
        ("finger joint turning (rad/s)", "finger_turn", 1.0, FINGER_TURN),
    )
    found = {}
    for title, name, scale, bound in kinds:
        told = []
        for row in rows:
            values = getattr(row.measures, name)
            values = values if values.ndim == 1 else values.max(1)
            if len(values) and values.max() > bound:
                told.append((float(values.max()), int(values.argmax()), row))
        told.sort(key=lambda entry: -entry[0])
        if told:
            found[f"{title}, in {len(told)} sentences"] = tuple(
                f"{scale * value:.1f}  frame {frame} ({where})  {row.text}"
                for where, (value, frame, row) in _by_sign(told, name == "beyond")[:WORST]
            )
    return found


def _by_sign(told: list[tuple[float, int, Row]], joints: bool) -> list[tuple[str, tuple[float, int, Row]]]:
    """The worst sentence of each sign or way between signs, with its name and how many more have it.

    joints: whether to name the joint.
    """
    groups: dict[str, list[tuple[float, int, Row]]] = {}
    for entry in told:
        where = entry[2].gloss_at(entry[1]) + (f", {entry[2].measures.worst_joint}" if joints else "")
        groups.setdefault(where, []).append(entry)
    return [(where + (f", {len(same)} times" if len(same) > 1 else ""), same[0]) for where, same in groups.items()]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.motion_report", description=__doc__)
    parser.add_argument("--language", default="ase", choices=LANGUAGES, help="default %(default)s")
    parser.add_argument("--sentences", type=int, default=1000, help="default %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default %(default)s")
    parser.add_argument("--minutes", type=float, help="stop after so many and report what is done; default: all")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of the table")
    options = parser.parse_args(arguments)
    if options.sentences < 1:
        parser.error(f"--sentences is {options.sentences}; give 1 or more")
    if options.minutes is not None and not options.minutes > 0:
        parser.error(f"--minutes is {options.minutes:g}; give more than 0")
    torch.set_num_threads(1)
    made = report(options.language, options.sentences, options.seed, options.minutes)
    print(made.report.line() if options.json else made.text())
    return 0 if all(figure.met is not False for figure in made.report.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
