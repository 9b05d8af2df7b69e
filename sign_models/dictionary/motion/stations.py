"""What the hands come by, in order: one station a sign, a spelled letter, or a wait, each with its own short track."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sign_models.dictionary.motion.bridges import resample, resample_turns
from sign_models.dictionary.motion.cuts import pick
from sign_models.dictionary.motion.letters import gathered, letter_shift, letter_track
from sign_models.hamnosys.arm.posture import hands_in_use, ready_posture, rest_posture
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.track import Track
from sign_models.types import FPS, CueKind, Entry, Hint, Sentence

Array = NDArray[np.float64]

REST_FRAMES = 6
"""Still frames before the first and after the last movement, so that a loop or a cut never falls into one."""
COMMA_HOLD = 0.16
STATEMENT_HOLD = 0.2
QUESTION_HOLD = 0.44
"""Seconds the last posture is kept; a question's face needs to be seen while the hands stand still."""
WAIT = 0.2
"""Seconds at the ready posture between sentences."""

PAUSES = frozenset(",;:，、；：–—")


@dataclass(frozen=True)
class Label:
    """What a cue says: a sign, or a run of letters, of one hint."""

    gloss: str
    kind: CueKind
    hint: Hint
    sentence: int


@dataclass(frozen=True)
class Station:
    """One stop of the hands. uses: which hands (left, right) it needs. hold: still frames after the track.

    label: None for a wait. letter: part of a spelled run. waiting: a hand with nothing to do need not come here.
    """

    track: Track
    uses: tuple[bool, bool]
    hold: int = 0
    label: Label | None = None
    letter: bool = False
    waiting: bool = False


def stations_of(
    sentences: Sequence[Sentence], track_of: Callable[[Entry], Track], figure: Figure, tempo: float
) -> list[Station]:
    """Rest, every sign and letter of the sentences with waits between them, rest."""
    rest = still(rest_posture(figure), REST_FRAMES)
    stations = [Station(rest, (True, True))]
    for number, sentence in enumerate(sentences):
        signed = list(_sentence_stations(number, sentence, track_of, figure, tempo))
        if signed and stations[-1].label is not None:
            wait = still(ready_posture(figure), max(2, round(WAIT * FPS / tempo)))
            stations.append(Station(wait, (True, True), waiting=True))
        stations += signed
    return [*stations, Station(rest, (True, True))]


def still(posture: Track, frames: int) -> Track:
    """The last posture of a track, kept for some frames."""
    return pick(posture, np.full(frames, len(posture) - 1))


def at_tempo(track: Track, tempo: float) -> Track:
    """The same movement, ``tempo`` times as fast."""
    if tempo == 1.0 or len(track) < 2:
        return track
    frames = max(2, round((len(track) - 1) / tempo) + 1)
    places = np.linspace(0, len(track) - 1, frames)
    return Track(
        wrists=resample(track.wrists, places),
        palms=resample_turns(track.palms, places),
        fingers=resample(track.fingers, places),
        shrug=resample(track.shrug, places),
        head=resample(track.head, places),
        face=np.clip(resample(track.face, places), 0, 1),
    )


def _sentence_stations(
    number: int, sentence: Sentence, track_of: Callable[[Entry], Track], figure: Figure, tempo: float
) -> Iterator[Station]:
    hints = [hint for hint in sentence.hints if hint.entries]
    for place, hint in enumerate(hints):
        stations = list(_hint_stations(number, hint, track_of, figure, tempo))
        if place == len(hints) - 1:
            hold = STATEMENT_HOLD if sentence.mood == "statement" else QUESTION_HOLD
        else:
            hold = COMMA_HOLD if _pause_between(sentence, hint, hints[place + 1]) else 0.0
        stations[-1] = replace(stations[-1], hold=round(hold * FPS / tempo))
        yield from stations


def _pause_between(sentence: Sentence, one: Hint, other: Hint) -> bool:
    start = sentence.span[0]
    between = sentence.text[max(one.span[1] - start, 0) : max(other.span[0] - start, 0)]
    return any(mark in PAUSES for mark in between)


def _hint_stations(
    number: int, hint: Hint, track_of: Callable[[Entry], Track], figure: Figure, tempo: float
) -> Iterator[Station]:
    """The entries of one word; neighbouring letters are one run with one label."""
    entries = list(hint.entries)
    while entries:
        run = [entries.pop(0)]
        if not run[0].letter:
            track = track_of(run[0])
            yield Station(
                at_tempo(track, tempo), hands_in_use(track, figure), label=Label(run[0].gloss, "sign", hint, number)
            )
            continue
        while entries and entries[0].letter:
            run.append(entries.pop(0))
        yield from _run_stations(run, number, hint, track_of, figure, tempo)


def _run_stations(
    run: Sequence[Entry], number: int, hint: Hint, track_of: Callable[[Entry], Track], figure: Figure, tempo: float
) -> Iterator[Station]:
    letters = [entry.letter for entry in run]
    spelled = hint.status == "spelled"
    label = Label(("-" if spelled else " ").join(letters), "spelled" if spelled else "sign", hint, number)
    first = track_of(run[0])
    one_hand = hands_in_use(first, figure)
    for place, entry in enumerate(run):
        track = track_of(entry)
        uses = hands_in_use(track, figure)
        if uses == one_hand:
            track = gathered(track, uses, first)
        moved = letter_shift(at_tempo(track, tempo), uses, letters, place)
        yield Station(letter_track(moved, tempo, place, len(run)), uses, label=label, letter=True)
