"""SokePipeline: text to motion by the trained network, sentence by sentence."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor

from sign_models.errors import SignError
from sign_models.soke import decoding
from sign_models.soke.decoding import Sampling
from sign_models.soke.generator import Generator
from sign_models.soke.prompt import batch, prompt
from sign_models.soke.signs import keys_of
from sign_models.soke.vocabulary import PAD, SIGN_LANGUAGES
from sign_models.types import Motion, MotionTokens, Sentence, SignResult, Timings

OnStep = Callable[[str, float], None]
"""Called with the stage and the share of the whole that is done; may raise to stop."""

BLEND = 4
"""Frames over which two sentences are joined."""


class Reader(Protocol):
    """What the pipeline needs of a dictionary."""

    def read(self, text: str) -> list[Sentence]: ...


@dataclass(frozen=True)
class SokeResult(SignResult):
    """tokens: of each sentence. retrieved: (keys, codes) of the signs that its prompt was given.

    There are no cues: the network does not say which word it signs when.
    """

    tokens: tuple[MotionTokens, ...] = ()
    retrieved: tuple[tuple[tuple[tuple[str, ...], MotionTokens], ...], ...] = ()


class SokePipeline:
    """generate(text, language) for every language that has a dictionary here."""

    def __init__(self, generator: Generator, dictionary_of: Callable[[str], Reader]) -> None:
        self.generator = generator
        self._dictionary_of = dictionary_of

    def generate(
        self, text: str, language: str, sampling: Sampling | None = None, on_step: OnStep | None = None
    ) -> SokeResult:
        """language: ISO 639-3. All sentences of the text are decoded as one batch and joined."""
        if language not in SIGN_LANGUAGES:
            raise SignError(f'SOKE does not sign "{language}"; it knows {", ".join(SIGN_LANGUAGES)}.')
        tell = on_step or _silent
        times = [time.perf_counter()]
        tell("words", 0.0)
        sentences = self._dictionary_of(language).read(text)
        retrieved = [self._retrieve(sentence, language) for sentence in sentences]
        times.append(time.perf_counter())
        tell("tokens", 0.1)
        tokens = self._tokens(sentences, retrieved, language, sampling or Sampling(), tell)
        times.append(time.perf_counter())
        tell("motion", 0.9)
        motion = joined([self.generator.tokenizer.motion_of(piece) for piece in tokens])
        times.append(time.perf_counter())
        stages = dict(zip(("words", "tokens", "motion"), (b - a for a, b in pairwise(times)), strict=True))
        return SokeResult(
            motion, (), tuple(sentences), text, language, Timings(stages), tuple(tokens), tuple(map(tuple, retrieved))
        )

    def _retrieve(self, sentence: Sentence, language: str) -> list[tuple[tuple[str, ...], MotionTokens]]:
        """The signs of a sentence in signing order, as far as their codes are known."""
        keys = keys_of(sentence.hints, self.generator.prompt.form)
        found = ((piece, self.generator.signs.find(language, piece)) for piece in keys)
        return [(piece, codes) for piece, codes in found if codes is not None]

    def _tokens(
        self,
        sentences: Sequence[Sentence],
        retrieved: Sequence[Sequence[tuple[tuple[str, ...], MotionTokens]]],
        language: str,
        sampling: Sampling,
        tell: OnStep,
    ) -> list[MotionTokens]:
        ids, mask = self._prompts(sentences, retrieved, language)
        model = self.generator.model
        device = model.row_of_column.device

        def on_step(step: int, steps: int) -> None:
            tell("tokens", 0.1 + 0.8 * step / steps)

        return decoding.generate(model, ids.to(device), mask.to(device), [language] * len(sentences), sampling, on_step)

    def _prompts(
        self,
        sentences: Sequence[Sentence],
        retrieved: Sequence[Sequence[tuple[tuple[str, ...], MotionTokens]]],
        language: str,
    ) -> tuple[Tensor, Tensor]:
        parts = self.generator
        rows = [
            prompt(
                sentence.text,
                language,
                signs,
                parts.text.encode,
                lambda sign: sign[1],
                parts.model.vocabulary,
                parts.prompt,
            )
            for sentence, signs in zip(sentences, retrieved, strict=True)
        ]
        return batch(rows, PAD)


def joined(motions: Sequence[Motion]) -> Motion:
    """One motion: each begins where the last one ended, the difference fading over the first ``BLEND`` frames."""
    pieces = [motions[0].features]
    for motion in motions[1:]:
        fade = torch.linspace(1, 0, BLEND + 2)[1:-1, None][: len(motion)]
        features = motion.features.clone()
        features[: len(fade)] += fade * (pieces[-1][-1] - features[: len(fade)])
        pieces.append(features)
    first = motions[0]
    return Motion(torch.cat(pieces), first.fps, None, first.flat_hands, first.expression_space)


def _silent(stage: str, share: float) -> None:
    pass
