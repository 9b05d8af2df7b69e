"""The gloss timeline of what the network made, estimated by laying the motion along the dictionary's signs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sign_models.parts import EXPRESSION_COLUMNS
from sign_models.soke.alignment import align
from sign_models.soke.signs import key_of
from sign_models.types import Cue, CueKind, Entry, Hint, Motion

SignOf = Callable[[str], Motion | None]
"""The motion of a sign by its key; None where it is not known."""


@dataclass(frozen=True)
class Label:
    """What one cue says: a sign, or a run of letters, of one word; and the keys of its signs."""

    gloss: str
    kind: CueKind
    hint: Hint
    keys: tuple[str, ...]


def labels(hints: Sequence[Hint]) -> list[Label]:
    """One a sign and one a run of letters, in signing order: as in a timeline of the dictionary."""
    found = []
    for hint in hints:
        for spelled, run in groupby(hint.entries, key=lambda entry: bool(entry.letter)):
            entries = list(run)
            found += [_run(hint, entries)] if spelled else [_sign(hint, entry) for entry in entries]
    return found


def cues(motion: Motion, hints: Sequence[Hint], sign_of: SignOf, spread: NDArray[np.float32]) -> list[Cue]:
    """Cues in seconds from the start of ``motion``, which signs ``hints``; words without known signs get none.

    spread: (133,) by how much each feature usually varies.
    """
    said = labels(hints)
    signs = [(number, sign_of(key)) for number, label in enumerate(said) for key in label.keys]
    known = [(number, sign.features) for number, sign in signs if sign is not None]
    if not known or len(known) > len(motion):
        return []
    columns = slice(0, EXPRESSION_COLUMNS.start)  # the face belongs to the sentence, not to its signs
    plain = [(features.numpy() / spread)[:, columns] for features in (motion.features, *(sign for _, sign in known))]
    spans = align(plain[0], plain[1:])
    found: list[Cue] = []
    for number, run in groupby(zip(known, spans, strict=True), key=lambda pair: pair[0][0]):
        frames = [span for _, span in run]
        start, end = frames[0][0] / motion.fps, frames[-1][1] / motion.fps
        label = said[number]
        found.append(Cue(start, end, label.gloss, label.kind, label.hint.word, label.hint.span))
    return found


def _sign(hint: Hint, entry: Entry) -> Label:
    return Label(entry.gloss, "sign", hint, (key_of(entry),))


def _run(hint: Hint, entries: Sequence[Entry]) -> Label:
    spelled = hint.status == "spelled"
    gloss = ("-" if spelled else " ").join(entry.letter for entry in entries)
    return Label(gloss, "spelled" if spelled else "sign", hint, tuple(key_of(entry) for entry in entries))
