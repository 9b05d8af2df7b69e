"""Signs and spelled letters joined into one movement that starts and ends at rest, with its gloss timeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sign_models.dictionary.motion.clearance import clear
from sign_models.dictionary.motion.lanes import Placed, join, lay_out
from sign_models.dictionary.motion.mood import with_mood
from sign_models.dictionary.motion.stations import stations_of
from sign_models.errors import SignError
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.mending.kept_clear import kept_clear
from sign_models.hamnosys.track import Track
from sign_models.types import FPS, Cue, Entry, Sentence

TEMPOS = (0.5, 1.5)
"""Slowest and fastest tempo."""


@dataclass(frozen=True)
class Utterance:
    """What is signed: the hands' track and what is said when."""

    track: Track
    cues: tuple[Cue, ...]


def compose(
    sentences: Sequence[Sentence],
    track_of: Callable[[Entry], Track],
    figure: Figure,
    *,
    tempo: float = 1.0,
    wait: Callable[[int], int] | None = None,
) -> Utterance:
    """One track over all sentences: signs at ``tempo``, minimum-jerk ways between them, letters, pauses, face and head.

    track_of: the movement of one entry at 25 fps, from its first posture to its last; a hand it does not use waits at
    ``rest_posture``. wait: told the frame at which a sign could begin, it answers how many frames later it does.
    Raises SignError for a tempo outside 0.5 to 1.5 and for sentences in which nothing can be signed.
    """
    if not TEMPOS[0] <= tempo <= TEMPOS[1]:
        raise SignError(f"The tempo is {tempo:g}; choose one from {TEMPOS[0]} to {TEMPOS[1]}.")
    if not any(hint.entries for sentence in sentences for hint in sentence.hints):
        raise SignError(_nothing(sentences))
    stations = stations_of(sentences, track_of, figure, tempo)
    placed = lay_out(stations, tempo, wait=wait)
    track, missing = clear(*join(placed, figure, tempo), figure)
    if missing:
        more = {number: missing.get(place.start, 0) for number, place in enumerate(placed)}
        placed = lay_out(stations, tempo, more, wait)
        track, _ = clear(*join(placed, figure, tempo), figure)
    return Utterance(kept_clear(with_mood(track, sentences, placed, figure), figure), _cues(placed))


def _nothing(sentences: Sequence[Sentence]) -> str:
    left_out = [hint for sentence in sentences for hint in sentence.hints]
    if not left_out:
        return "The text has no word that could be signed; type a sentence."
    first = left_out[0]
    why = first.reason.rstrip(".")
    return f'Nothing here can be signed: all {len(left_out)} words were left out, such as "{first.word}" ({why}).'


def _cues(placed: Sequence[Placed]) -> tuple[Cue, ...]:
    """One cue a sign and one a run of letters, from the first to the last frame of what is shown."""
    cues: list[Cue] = []
    previous = None
    for place in placed:
        label = place.station.label
        if label is None:
            continue
        start = cues.pop().start if label is previous else place.start / FPS
        previous = label
        hint = label.hint
        cues.append(Cue(start, place.end / FPS, label.gloss, label.kind, hint.word, hint.span, label.sentence))
    return tuple(cues)
