"""Captions as WebVTT and SubRip: what is said, and which gloss is signed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sign_models.export.timeline import sentence_lines
from sign_models.files import atomic
from sign_models.types import Cue, Sentence


@dataclass(frozen=True)
class Caption:
    """One line on the screen from ``start`` to ``end`` (seconds)."""

    start: float
    end: float
    text: str


def sentence_captions(cues: Sequence[Cue], sentences: Sequence[Sentence]) -> list[Caption]:
    """The text as it was typed, sentence by sentence."""
    return [Caption(line.start, line.end, line.text) for line in sentence_lines(cues, sentences)]


def gloss_captions(cues: Iterable[Cue]) -> list[Caption]:
    """One caption a cue."""
    return [Caption(cue.start, cue.end, cue.gloss) for cue in cues]


def to_vtt(captions: Iterable[Caption]) -> str:
    """WebVTT text; user text is escaped, so that it can neither end a cue nor open a tag."""
    blocks = [f"{_stamp(c.start, '.')} --> {_stamp(c.end, '.')}\n{_vtt_text(c.text)}\n" for c in _in_order(captions)]
    return "\n".join(["WEBVTT\n", *blocks])


def to_srt(captions: Iterable[Caption]) -> str:
    """SubRip text. The format has no escapes, so angle brackets become look-alike quotation marks."""
    blocks = [
        f"{number}\n{_stamp(c.start, ',')} --> {_stamp(c.end, ',')}\n{_srt_text(c.text)}\n"
        for number, c in enumerate(_in_order(captions), start=1)
    ]
    return "\n".join(blocks)


def write_text(path: Path, text: str) -> None:
    """UTF-8 with line feeds on every system."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def _in_order(captions: Iterable[Caption]) -> list[Caption]:
    return sorted(captions, key=lambda c: c.start)


def _one_line(text: str) -> str:
    """Line breaks and control characters become single spaces: a blank line would end the caption."""
    return re.sub(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).strip()


def _vtt_text(text: str) -> str:
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _srt_text(text: str) -> str:
    return _one_line(text).replace("<", "‹").replace(">", "›")


def _stamp(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
