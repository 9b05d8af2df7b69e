"""The starter corpus: sentences signed by the HamNoSys synthesizer. A recipe: the same seed makes the same corpus.

Synthetic data: it teaches the network what the synthesizer does, not how people sign.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from typing import Literal

import numpy as np

from sign_models.dictionary.motion.compose import compose
from sign_models.dictionary.pipeline import DictionaryPipeline
from sign_models.errors import SignError
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.track import Track
from sign_models.registry import load_pipeline
from sign_models.skeleton import HANDS, INDEX
from sign_models.soke.signs import keys_of
from sign_models.types import FPS
from train.data.starter_texts import framed, scrambled
from train.data.store import Clip, Rows

TRIES = 40
"""Texts looked at for each one wanted; a small dictionary has only so many different ones."""


@dataclass(frozen=True)
class StarterSettings:
    """sentences: different ones in each language. scrambled: share of them that are words in random order.

    takes: how often each training sentence is signed, each time otherwise. grid: frames; each sign of "train" and "val"
    begins at a multiple of it, so that a sign is cut into the same tokens wherever it stands; 1 leaves the
    synthesizer's own timing. plain: share of training clips that are not varied. The others are, in tempo: (least,
    most); size: largest change of the signing space as a share; place: metres, spread of its shift; transition: share
    of the ways between signs that take a grid step longer; signer: largest change of the lengths of upper arm, forearm
    and shoulder girdle as a share. held_sentences, held_pairs: shares kept out of
    training: whole sentences (once for "val" and once for "test"), and neighbouring signs ("pairs").
    longest: seconds; longer ones are left out.
    """

    sentences: int = 1500
    languages: tuple[str, ...] = ("ase", "csl", "gsg")
    scrambled: float = 0.5
    takes: int = 1
    grid: int = 4
    plain: float = 0.6
    tempo: tuple[float, ...] = (0.88, 1.15)
    size: float = 0.05
    place: float = 0.008
    transition: float = 0.2
    signer: float = 0.04
    held_sentences: float = 0.03
    held_pairs: float = 0.01
    longest: float = 16.0
    seed: int = 1

    def __post_init__(self) -> None:
        if len(self.tempo) != 2 or not 0.5 <= self.tempo[0] <= self.tempo[1] <= 1.5:
            raise ValueError(f"tempo is {self.tempo}; two numbers from 0.5 to 1.5 are needed.")
        if self.grid < 1 or not 0 <= self.signer <= 0.2:
            raise ValueError(f"grid is {self.grid}, signer {self.signer}; 1 or more and 0 to 0.2 are needed.")


Split = Literal["train", "val", "test", "pairs"]
PipelineOf = Callable[[str], DictionaryPipeline]


@dataclass(frozen=True)
class Plan:
    """One clip to be made."""

    text: str
    language: str
    split: Split
    take: int


def plans(settings: StarterSettings, pipeline_of: PipelineOf = load_pipeline) -> list[Plan]:
    """Every clip of the corpus, in the order in which it is written."""
    made = []
    for language in settings.languages:
        dictionary = pipeline_of(language).dictionary
        for text in _texts(settings, language, dictionary):
            split = split_of([key for piece in _keys(dictionary, text) for key in piece], settings)
            takes = settings.takes if split == "train" else 1
            made += [Plan(text, language, split, take) for take in range(takes)]
    return made


def clips(settings: StarterSettings, workers: int = 0) -> Iterator[tuple[Clip, Rows] | SignError]:
    """All clips in order, made by ``workers`` processes; a SignError in the place of one that cannot be made."""
    work = partial(sign, settings=settings)
    todo = plans(settings)
    if not workers:
        yield from map(work, todo)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, todo, chunksize=8)


def sign(
    plan: Plan, settings: StarterSettings, pipeline_of: PipelineOf = load_pipeline
) -> tuple[Clip, Rows] | SignError:
    """One sentence, varied by seed, text and take alone."""
    pipeline = pipeline_of(plan.language)
    generator = np.random.default_rng(_number(f"{settings.seed} {plan.language} {plan.text} {plan.take}"))
    # held-out sentences are signed the plain way; "test" and "pairs", what the network is measured against, are the
    # synthesizer's own to the frame
    varied = plan.split == "train" and generator.random() >= settings.plain
    gridded = plan.split in ("train", "val")
    tempo = float(generator.uniform(settings.tempo[0], settings.tempo[1])) if varied else 1.0
    longer = settings.transition if varied else 0.0

    def wait(frame: int) -> int:
        return -frame % settings.grid + settings.grid * int(generator.random() < longer)

    name = f"{plan.language}-{_number(plan.text):016x}-{plan.take}"
    try:
        sentences = pipeline.dictionary.read(plan.text)
        composed = compose(sentences, pipeline.track, pipeline.figure, tempo=tempo, wait=wait if gridded else None)
        track = vary(composed.track, settings, generator) if varied else composed.track
        motion, _ = solve(track, signer(pipeline.figure, settings, generator) if varied else pipeline.figure)
    except SignError as error:
        return SignError(f'{name} "{plan.text}": {error}')
    if motion.seconds > settings.longest:
        return SignError(f'{name} "{plan.text}": it lasts {motion.seconds:.1f} s, more than {settings.longest:g}')
    rows = motion.features.numpy()
    if gridded:  # whole tokens: nothing is cropped, so the grid stays where it is
        rows = np.pad(rows, ((0, -len(rows) % settings.grid), (0, 0)), mode="edge")
    return Clip(name, plan.language, plan.text, plan.split, FPS), rows


def vary(track: Track, settings: StarterSettings, generator: np.random.Generator) -> Track:
    """The same movement a little larger or smaller and in another place; both hands alike, so they meet as before."""
    middle = track.wrists.mean((0, 1))
    size = 1 + generator.uniform(-settings.size, settings.size)
    shift = generator.normal(0, settings.place, 3).clip(-2 * settings.place, 2 * settings.place)
    return replace(track, wrists=middle + (track.wrists - middle) * size + shift)


def signer(figure: Figure, settings: StarterSettings, generator: np.random.Generator) -> Figure:
    """Somebody with other arms, who brings the hands to the same places: the joints turn otherwise."""
    joints = figure.joints.copy()
    scales = 1 + generator.uniform(-settings.signer, settings.signer, 3)
    for side in HANDS:
        chain = [INDEX[f"{side}_{joint}"] for joint in ("collar", "shoulder", "elbow", "wrist")]
        bones = np.diff(figure.joints[chain], axis=0) * scales[:, None]
        joints[chain[1:]] = figure.joints[chain[0]] + np.cumsum(bones, axis=0)
    return replace(figure, joints=joints)


def split_of(keys: Sequence[str], settings: StarterSettings) -> Split:
    """By the signs of a sentence: two texts with the same signs are never on both sides."""
    pairs = (f"pair {a} {b}" for a, b in pairwise(keys) if "/" not in a + b)  # letters are not words
    if any(_share(pair, settings.seed) < settings.held_pairs for pair in pairs):
        return "pairs"
    place = _share(" ".join(keys), settings.seed)
    if place < 2 * settings.held_sentences:
        return "val" if place < settings.held_sentences else "test"
    return "train"


def _texts(settings: StarterSettings, language: str, dictionary: object) -> list[str]:
    """Different texts, natural and in random order."""
    generator = np.random.default_rng((settings.seed, _number(language)))
    count = round(settings.sentences * settings.scrambled)
    wanted = ((framed, settings.sentences - count), (scrambled, count))
    found: dict[str, None] = {}
    for source, size in wanted:
        stop = len(found) + size
        for _, text in zip(range(size * TRIES), source(dictionary, language, generator), strict=False):  # type: ignore[arg-type]
            if len(found) == stop:
                break
            found[text] = None
    if not found:
        raise SignError(f"The dictionary of {language} has no words to make a corpus of.")
    return list(found)


def _keys(dictionary: object, text: str) -> tuple[tuple[str, ...], ...]:
    return keys_of(dictionary.find_in_line(text, reorder=True), "ordered")  # type: ignore[attr-defined]


def _share(text: str, seed: int) -> float:
    return _number(f"{seed} {text}") / 2**64


def _number(text: str) -> int:
    """A number in 64 bits that depends on the text alone, on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
