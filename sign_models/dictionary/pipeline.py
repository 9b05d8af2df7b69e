"""The way from text to motion by a dictionary of signs."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sign_models.dictionary.clips import clip_track
from sign_models.dictionary.motion.compose import compose
from sign_models.errors import SignError
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import Figure, load_figure
from sign_models.hamnosys.reading.nonmanual import parse_nonmanual
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.sign import Configuration, Sign
from sign_models.hamnosys.synthesizer import track
from sign_models.hamnosys.track import Track
from sign_models.languages import Language
from sign_models.types import Entry, Motion, Sentence, SignResult, Timings

OnStep = Callable[[str, float], None]
"""Called with the stage that begins and the share of the whole that is done; may raise to stop."""

SHARES = {"words": 0.0, "signs": 0.1, "motion": 0.7}


class Reader(Protocol):
    """What a pipeline needs of a dictionary."""

    @property
    def language(self) -> Language: ...

    def read(self, text: str, reorder: bool = True) -> list[Sentence]: ...


class DictionaryPipeline:
    """Text -> signs -> one motion. Signs are worked out once and kept; several threads may use one pipeline."""

    def __init__(self, dictionary: Reader, figure: Figure | None = None) -> None:
        self.dictionary = dictionary
        self.figure = figure or load_figure()
        self._tracks: dict[Entry, Track] = {}

    def generate(
        self,
        text: str,
        *,
        tempo: float = 1.0,
        reorder: bool = True,
        opening: bool = False,
        on_step: OnStep | None = None,
    ) -> SignResult:
        """The text in the dictionary's sign language; SignError when nothing of it can be signed.

        reorder: sign in the word order of the signed language, otherwise in that of the text. opening: only the first
        sentence, to the end of its last sign, as the whole will have it.
        """
        clock = _Clock(on_step)
        with clock.stage("words"):
            sentences = self.dictionary.read(text, reorder)
        with clock.stage("signs"):
            meant = _opening(sentences) if opening else sentences
            utterance = compose(meant, self.track, self.figure, tempo=tempo)
        with clock.stage("motion"):
            motion, _ = solve(utterance.track, self.figure)
        cues = utterance.cues
        if opening:
            sentences = sentences[:1]
            cues = tuple(cue for cue in cues if cue.sentence == 0)
            motion = _until(motion, cues[-1].end)
        return SignResult(
            motion=motion,
            cues=cues,
            sentences=tuple(sentences),
            text=text,
            language=self.dictionary.language.code,
            timings=Timings(clock.seconds),
        )

    def track(self, entry: Entry) -> Track:
        """The movement of one sign or letter; SignError, naming the entry, when it cannot be made."""
        known = self._tracks.get(entry)
        if known is None:
            known = self._tracks[entry] = _work_out(entry, self.figure)
        return known


AHEAD = 2
"""Signs of the second sentence that the first is made with: they decide whether a hand stays up or goes down."""


def _opening(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The first sentence, and of the second what it leads to."""
    following = sentences[1:2]
    return [
        *sentences[:1],
        *(replace(one, hints=tuple(hint for hint in one.hints if hint.entries)[:AHEAD]) for one in following),
    ]


def _until(motion: Motion, seconds: float) -> Motion:
    """The motion up to and with the frame at ``seconds``."""
    end = round(seconds * motion.fps) + 1
    face = None if motion.face is None else motion.face[:end]
    return replace(motion, features=motion.features[:end], face=face)


def _work_out(entry: Entry, figure: Figure) -> Track:
    try:
        if entry.clip:
            return clip_track(Path(entry.clip), figure)
        # Without HamNoSys the face, the head or the body alone make the sign.
        sign = parse(entry.hamnosys) if entry.hamnosys else Sign(None, Configuration())
        sign = replace(sign, nonmanual=(*sign.nonmanual, *parse_nonmanual(entry.nonmanual)))
        return track(sign, figure)
    except SignError as error:
        raise SignError(f"The sign {entry.gloss} ({entry.language}) cannot be made: {error}") from error


class _Clock:
    """Seconds of each stage, told as it begins."""

    def __init__(self, on_step: OnStep | None) -> None:
        self.seconds: dict[str, float] = {}
        self._on_step = on_step

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        if self._on_step is not None:
            self._on_step(name, SHARES[name])
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
