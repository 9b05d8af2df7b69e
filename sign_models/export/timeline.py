"""The gloss timeline as plain values: one shape for the GLB's extras, the JSON file, the captions and the player."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sign_models.types import Cue, Sentence, SignResult


@dataclass(frozen=True)
class SpokenLine:
    """When a sentence of the text is being signed, in seconds."""

    start: float
    end: float
    text: str
    span: tuple[int, int]


def sentence_lines(cues: Sequence[Cue], sentences: Sequence[Sentence]) -> list[SpokenLine]:
    """One line for each sentence that has signs, from its first cue to its last."""
    lines = []
    for number, sentence in enumerate(sentences):
        own = [cue for cue in cues if cue.sentence == number]
        if own:
            start, end = min(cue.start for cue in own), max(cue.end for cue in own)
            lines.append(SpokenLine(start, end, sentence.text, sentence.span))
    return lines


def timeline(result: SignResult) -> dict[str, Any]:
    """``text``, ``language``, ``fps``, ``duration`` in seconds, ``cues`` and ``sentences``: ready for JSON."""
    return {
        "text": result.text,
        "language": result.language,
        "fps": result.motion.fps,
        "duration": result.motion.seconds,
        "cues": [{**asdict(cue), "span": list(cue.span)} for cue in result.cues],
        "sentences": [
            {**asdict(line), "span": list(line.span)} for line in sentence_lines(result.cues, result.sentences)
        ],
    }
