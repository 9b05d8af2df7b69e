"""What happened inside: words, the signs found for them, and the network's codes, along one time axis."""

from collections.abc import Sequence
from html import escape

from sign_models.manner import MAKERS
from sign_models.soke.pipeline import Retrieved, SokeResult
from sign_models.types import SignResult

PER_SECOND = 125.0
"""Pixels of the axis: twenty for a code at usual tempo, so that most glosses can be read."""

STAGES = {
    "words": "reading the words",
    "signs": "working out the signs",
    "tokens": "choosing codes",
    "motion": "making the motion",
    "cues": "finding when each sign is made",
}
"""Stages of a pipeline in words for people."""


def happening(result: SignResult) -> str:
    """The view as HTML; a script moves the line ``.now`` in it to the time that is shown."""
    lanes = [_words(result)]
    if isinstance(result, SokeResult):
        lanes += [_codes(result, row) for row in range(len(result.parts))]
    width = round(result.motion.seconds * PER_SECOND)
    return (
        f'<details class="inside"><summary>What happened inside</summary>{_summary(result)}'
        f'<div class="lanes" tabindex="0" role="region" aria-label="Timeline of signs and codes">'
        f'<div class="axis" style="width:{width}px"><b class="now" aria-hidden="true"></b>{"".join(lanes)}</div></div>'
        f"{_retrieved(result)}</details>"
    )


def _summary(result: SignResult) -> str:
    times = " · ".join(f"{STAGES[name]} {seconds:.2f} s" for name, seconds in result.timings.stages.items())
    mode = f", {result.mode.replace('_', '-')} decoding" if isinstance(result, SokeResult) else ""
    known = (
        "The times of the signs are estimated: the network does not say which word it signs when. "
        if result.estimated
        else ""
    )
    return f"<p>Signed by the {escape(MAKERS[result.by])}{escape(mode)}. {known}Time taken: {escape(times)}.</p>"


def _words(result: SignResult) -> str:
    cells = "".join(
        f'<span class="sign" style="{_place(cue.start, cue.end)}" title="{escape(cue.word)}: {escape(cue.gloss)}">'
        f"{escape(cue.gloss)}</span>"
        for cue in result.cues
    )
    about = "signs, times estimated" if result.estimated else "signs"
    return f'<div class="lane"><h4>{about}</h4><div class="cells">{cells}</div></div>'


def _codes(result: SokeResult, row: int) -> str:
    cells, said = [], []
    for begin, tokens in zip(result.starts, result.tokens, strict=True):
        codes = tokens.ids[row].tolist()
        said.append(" ".join(map(str, codes)))
        cells += [_cell(code, begin + i * result.step, result.step) for i, code in enumerate(codes)]
    name = escape(result.parts[row].replace("_", " "))
    label = f"Codes of the {name}: {'; '.join(said)}"
    return (
        f'<div class="lane"><h4>{name}</h4>'
        f'<div class="cells" role="img" aria-label="{label}">{"".join(cells)}</div></div>'
    )


def _cell(code: int, start: float, seconds: float) -> str:
    """Equal codes have equal colours; neighbouring numbers have different ones."""
    hue = code * 137 % 360
    return f'<i style="{_place(start, start + seconds)};background:hsl({hue} 55% 62%)" title="code {code}"></i>'


def _place(start: float, end: float) -> str:
    return f"left:{start * PER_SECOND:.1f}px;width:{(end - start) * PER_SECOND:.1f}px"


def _retrieved(result: SignResult) -> str:
    """What the network was given for each sentence."""
    if not isinstance(result, SokeResult):
        return ""
    rows = "".join(
        f"<li><q>{escape(sentence.text)}</q> → {_signs(signs)}</li>"
        for sentence, signs in zip(result.sentences, result.retrieved, strict=True)
    )
    return f'<h4>Signs given to the network</h4><ul class="given">{rows}</ul>'


def _signs(signs: Sequence[Retrieved]) -> str:
    if not signs:
        return "none"
    named = ((" ".join(key.rpartition("/")[2] for key in keys), codes.ids.shape[1]) for keys, codes in signs)
    return ", ".join(f"{escape(name)} ({steps} steps)" for name, steps in named)
