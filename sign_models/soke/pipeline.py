"""SokePipeline: text to motion by the trained network, sentence by sentence."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import torch

from sign_models.errors import SignError
from sign_models.soke import decoding
from sign_models.soke.cues import cues
from sign_models.soke.cutting import most_steps
from sign_models.soke.cutting import pieces as pieces_of
from sign_models.soke.decoding import Sampling
from sign_models.soke.generator import Generator
from sign_models.soke.joining import joined, retimed
from sign_models.soke.prompt import batch, prompt
from sign_models.soke.signs import keys_of
from sign_models.soke.vocabulary import PAD, SIGN_LANGUAGES
from sign_models.types import Cue, Hint, Motion, MotionTokens, Sentence, SignResult, Timings

OnStep = Callable[[str, float], None]
"""Called with the stage and the share of the whole that is done; may raise to stop."""

SHARES = {"words": 0.0, "tokens": 0.1, "motion": 0.9, "cues": 0.95}

OPENED = 16
"""First sentences whose codes are kept until their texts are made whole."""

Retrieved = tuple[tuple[str, ...], MotionTokens]
"""The keys of a piece of the prompt, and its codes."""


class Reader(Protocol):
    """What the pipeline needs of a dictionary."""

    def read(self, text: str, reorder: bool = True) -> list[Sentence]: ...

    def find_in_line(self, text: str, reorder: bool = False) -> list[Hint]: ...


@dataclass(frozen=True, kw_only=True)
class SokeResult(SignResult):
    """tokens: of each sentence. retrieved: (keys, codes) of the signs that its prompt was given.

    starts: seconds at which each sentence begins. step: seconds a token lasts. parts: the names of the rows of tokens.
    mode: how they were decoded. The network does not say which word it signs when: the times of the cues are estimated.
    """

    tokens: tuple[MotionTokens, ...] = ()
    retrieved: tuple[tuple[Retrieved, ...], ...] = ()
    starts: tuple[float, ...] = ()
    step: float = 0.0
    parts: tuple[str, ...] = ()
    mode: str = ""


class SokePipeline:
    """generate(text, language) for every language that has a dictionary here; several threads may use one pipeline."""

    def __init__(self, generator: Generator, dictionary_of: Callable[[str], Reader]) -> None:
        self.generator = generator
        self._dictionary_of = dictionary_of
        self._signs: dict[tuple[str, str], Motion] = {}
        self._opened: dict[tuple[tuple[int, ...], str, Sampling], MotionTokens] = {}

    def generate(
        self,
        text: str,
        language: str,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
        *,
        tempo: float = 1.0,
        reorder: bool = True,
        retrieval: bool = True,
        opening: bool = False,
    ) -> SokeResult:
        """language: ISO 639-3. All sentences of the text are decoded as one batch and joined.

        tempo: the speed at which the motion is played. reorder: read the words in the order of the signed language.
        retrieval: put the dictionary's signs into the prompt. opening: only the first sentence, as it is in the whole.
        """
        if language not in SIGN_LANGUAGES:
            raise SignError(f'SOKE does not sign "{language}"; it knows {", ".join(SIGN_LANGUAGES)}.')
        sampling = sampling or Sampling()
        clock = _Clock(on_step or _silent)
        with clock.stage("words"):
            sentences = self._dictionary_of(language).read(text, reorder)
            sentences = self._short_enough(sentences[:1] if opening else sentences, language)
            retrieved = [self._retrieve(sentence, language) if retrieval else [] for sentence in sentences]
            prompts = [self._prompt(*pair, language) for pair in zip(sentences, retrieved, strict=True)]
        with clock.stage("tokens"):
            tokens = self._tokens(prompts, language, sampling, clock.tell, keep=opening)
            tokens = [
                self._within_bounds(made, sentence, signs, language, sampling)
                for made, sentence, signs in zip(tokens, sentences, retrieved, strict=True)
            ]
        with clock.stage("motion"):
            pieces = [self.generator.tokenizer.motion_of(piece) for piece in tokens]
            motion, frames = joined([retimed(piece, tempo) for piece in pieces])
        starts = [frame / motion.fps for frame in frames]
        with clock.stage("cues"):
            timeline = [
                replace(cue, start=begin + cue.start / tempo, end=begin + cue.end / tempo, sentence=number)
                for number, (piece, begin) in enumerate(zip(pieces, starts, strict=True))
                for cue in self._cues(piece, sentences[number], language)
            ]
        tokenizer = self.generator.tokenizer
        return SokeResult(
            motion=motion,
            cues=tuple(timeline),
            sentences=tuple(sentences),
            text=text,
            language=language,
            timings=Timings(clock.seconds),
            by="soke",
            estimated=True,
            notes=tuple(self._notes(sentences, retrieved, prompts, tokens, language, sampling, retrieval)),
            tokens=tuple(tokens),
            retrieved=tuple(map(tuple, retrieved)),
            starts=tuple(starts),
            step=tokenizer.frames_per_token / motion.fps / tempo,
            parts=tuple(part.name for part in tokenizer.parts),
            mode=self.generator.model.config.mode,
        )

    def _short_enough(self, sentences: Sequence[Sentence], language: str) -> list[Sentence]:
        """Each sentence, or the pieces in which it is signed."""
        most = self.generator.prompt.together
        return [piece for sentence in sentences for piece in pieces_of(sentence, self._steps_of(language), most)]

    def _steps_of(self, language: str) -> Callable[[Hint], int]:
        """How many token steps the signs of a word have."""
        config = self.generator.prompt

        def steps_of(hint: Hint) -> int:
            found = (self.generator.signs.find(language, keys) for keys in keys_of((hint,), config.form))
            return sum(codes.ids.shape[1] for codes in found if codes is not None)

        return steps_of

    def _within_bounds(
        self, made: MotionTokens, sentence: Sentence, signs: Sequence[Retrieved], language: str, sampling: Sampling
    ) -> MotionTokens:
        """``made``; where it goes on longer than its signs can need, the sentence is made again in two pieces.

        Only where the prompt had the codes of every sign: without them nobody knows how long they are.
        """
        form = self.generator.prompt.form
        steps = sum(codes.ids.shape[1] for _, codes in signs)
        most = most_steps(steps)
        known = form == "ordered" and len(signs) == len(keys_of(sentence.hints, form)) > 0
        if not known or made.ids.shape[1] <= most:
            return made
        halves = pieces_of(sentence, self._steps_of(language), math.ceil(steps / 2))
        if len(halves) == 1:  # one word: it repeats itself
            return MotionTokens(made.ids[:, :most])
        found = [self._retrieve(half, language) for half in halves]
        prompts = [self._prompt(half, own, language) for half, own in zip(halves, found, strict=True)]
        again = self._decoded(prompts, language, sampling, _silent)
        return MotionTokens(torch.cat([
            self._within_bounds(codes, half, own, language, sampling).ids
            for codes, half, own in zip(again, halves, found, strict=True)
        ], dim=1))  # fmt: skip

    def hints_of(self, language: str) -> Callable[[str], list[Hint]]:
        """What retrieval finds in a line of any length, in signing order."""
        dictionary = self._dictionary_of(language)
        return lambda line: dictionary.find_in_line(line, reorder=True)

    def _retrieve(self, sentence: Sentence, language: str) -> list[Retrieved]:
        """The signs of a sentence in signing order, as far as their codes are known."""
        keys = keys_of(sentence.hints, self.generator.prompt.form)
        found = ((piece, self.generator.signs.find(language, piece)) for piece in keys)
        return [(piece, codes) for piece, codes in found if codes is not None]

    def _prompt(
        self, sentence: Sentence, signs: Sequence[Retrieved], language: str, limit: int | None = None
    ) -> list[int]:
        parts = self.generator
        config = parts.prompt if limit is None else replace(parts.prompt, limit=limit)
        vocabulary = parts.model.vocabulary
        return prompt(sentence.text, language, signs, parts.text.encode, _codes, vocabulary, config, _name)

    def _tokens(
        self, prompts: Sequence[Sequence[int]], language: str, sampling: Sampling, tell: OnStep, keep: bool
    ) -> list[MotionTokens]:
        """The codes of each prompt. keep: the first begins a text, whose whole need not make it again."""
        key = (tuple(prompts[0]), language, sampling)
        known = self._opened.get(key)
        rest = prompts if known is None else prompts[1:]
        # each sample draws from a stream of its own, so the others are what they are beside the first one
        draws = sampling if known is None else replace(sampling, seed=sampling.seed + 1)
        made = [*([] if known is None else [known]), *(self._decoded(rest, language, draws, tell) if rest else [])]
        if keep:
            self._opened[key] = made[0]
            for old in list(self._opened)[:-OPENED]:
                self._opened.pop(old, None)
        return made

    def _decoded(
        self, prompts: Sequence[Sequence[int]], language: str, sampling: Sampling, tell: OnStep
    ) -> list[MotionTokens]:
        ids, mask = batch(prompts, PAD)
        model = self.generator.model
        device = model.row_of_column.device

        def on_step(step: int, steps: int) -> None:
            tell("tokens", SHARES["tokens"] + (SHARES["motion"] - SHARES["tokens"]) * step / steps)

        return decoding.generate(model, ids.to(device), mask.to(device), [language] * len(prompts), sampling, on_step)

    def _cues(self, motion: Motion, sentence: Sentence, language: str) -> list[Cue]:
        spread = self.generator.tokenizer.std.cpu().numpy()
        return cues(motion, sentence.hints, lambda key: self._sign(language, key), spread)

    def _sign(self, language: str, key: str) -> Motion | None:
        """The motion of one sign as the tokenizer knows it, kept."""
        codes = self.generator.signs.find(language, (key,))
        if codes is None:
            return None
        if (language, key) not in self._signs:
            self._signs[language, key] = self.generator.tokenizer.motion_of(codes)
        return self._signs[language, key]

    def _notes(
        self,
        sentences: Sequence[Sentence],
        retrieved: Sequence[Sequence[Retrieved]],
        prompts: Sequence[Sequence[int]],
        tokens: Sequence[MotionTokens],
        language: str,
        sampling: Sampling,
        retrieval: bool,
    ) -> Iterator[str]:
        """What a user has to know of this result, a sentence each."""
        for sentence, signs, rows, made in zip(sentences, retrieved, prompts, tokens, strict=True):
            name = f'"{_short(sentence.text)}"'
            if made.ids.shape[1] >= sampling.max_steps:
                yield f"The signing of {name} was cut after {sampling.max_steps} steps; write shorter sentences."
            if retrieval and not signs:
                yield f"The dictionary has no sign for {name}, so the network had only the text to go by."
            elif len(rows) < len(self._prompt(sentence, signs, language, limit=1_000_000)):
                yield f"{name} has more signs than the network can be given; write shorter sentences."


def _codes(sign: Retrieved) -> MotionTokens:
    return sign[1]


def _name(sign: Retrieved) -> str:
    return " ".join(sign[0])


class _Clock:
    """Seconds of each stage, told as it begins."""

    def __init__(self, tell: OnStep) -> None:
        self.seconds: dict[str, float] = {}
        self.tell = tell

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.tell(name, SHARES[name])
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _silent(stage: str, share: float) -> None:
    pass
