"""The starter clips: every sign of the dictionaries, rendered with several signers. The same seed makes the same clips.

Synthetic data: it teaches a network what the synthesizer and the renderer do, not how people sign or look.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sign_models.dictionary.motion.compose import compose
from sign_models.errors import SignError
from sign_models.hamnosys.arm.solver import solve
from sign_models.lmt.rules import ClipRules
from sign_models.registry import load_dictionary, load_pipeline
from sign_models.types import Entry, Hint, Motion, Sentence
from train.data.signers import SIGNERS, Film, View
from train.data.unusable import Unusable
from train.data.video_store import Boxes, Frames, VideoClip

Made = tuple[VideoClip, Frames, Boxes]


@dataclass(frozen=True)
class SignVideos:
    """most: signs a language, in the dictionary's order, which begins with the basic ones; 0 for all.

    letters: finger alphabets and digits as well. signers: how many of the table are trained on. unseen: how many, from
    its end, are never; they sign ``unseen_share`` of the signs. takes: clips of each sign by each signer; the first
    starts from rest, the others where another sign ends. held: share of signer-sign pairs kept out of training, half
    for "val" and half for "test", never two of one sign. lead: seconds of the way to a sign that are shown. tempo:
    (least, most). yaw: degrees, shift: metres, zoom: share, by which the camera is off at most.
    """

    languages: tuple[str, ...] = ("ase", "csl", "gsg")
    most: int = 0
    letters: bool = False
    signers: int = 8
    unseen: int = 2
    unseen_share: float = 0.2
    takes: int = 2
    held: float = 0.1
    lead: float = 0.36
    tempo: tuple[float, ...] = (0.85, 1.2)
    yaw: float = 5.0
    shift: float = 0.012
    zoom: float = 0.03
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.signers <= len(SIGNERS) - self.unseen or self.unseen < 0:
            raise ValueError(
                f"signers is {self.signers}, unseen {self.unseen}; there are {len(SIGNERS)} people, and at least one "
                "must be trained on."
            )
        if len(self.tempo) != 2 or not 0.5 <= self.tempo[0] <= self.tempo[1] <= 1.5:
            raise ValueError(f"tempo is {self.tempo}; two numbers from 0.5 to 1.5 are needed.")
        if self.takes < 1 or not 0 <= self.held * self.signers <= 1:
            raise ValueError(f"takes is {self.takes}, held {self.held}; 1 or more and 0 to 1/signers are needed.")


Split = Literal["train", "val", "test", "signers"]


@dataclass(frozen=True)
class Plan:
    """One clip to be made. signer: its place in the table. before: the sign in whose last posture it starts."""

    entry: Entry
    signer: int
    split: Split
    take: int
    before: Entry | None = None

    @property
    def name(self) -> str:
        return f"{gloss_of(self.entry)}/{SIGNERS[self.signer].name}/{self.take}"


def gloss_of(entry: Entry) -> str:
    """The label of a sign: glosses of different languages may be spelled alike. Digits are letters and signs."""
    return f"{entry.language}:{entry.gloss}"


def entries_of(settings: SignVideos, language: str) -> list[Entry]:
    """The signs of one language that are filmed; one a gloss."""
    entries = {entry.gloss: entry for entry in load_dictionary(language) if settings.letters or not entry.letter}
    chosen = list(entries.values())
    return chosen[: settings.most] if settings.most else chosen


def plans(settings: SignVideos) -> list[Plan]:
    """Every clip of the corpus, in the order in which it is written."""
    made = []
    for language in settings.languages:
        entries = entries_of(settings, language)
        for entry in entries:
            for signer in range(settings.signers):
                split = split_of(entry, signer, settings)
                takes = settings.takes if split == "train" else 1
                made += [
                    Plan(entry, signer, split, take, _before(entry, signer, take, entries, settings))
                    for take in range(takes)
                ]
            for signer in range(len(SIGNERS) - settings.unseen, len(SIGNERS)):
                if _share(f"unseen {signer} {gloss_of(entry)}", settings.seed) < settings.unseen_share:
                    made.append(Plan(entry, signer, "signers", 0))
    return made


def split_of(entry: Entry, signer: int, settings: SignVideos) -> Split:
    """By sign and signer: at most one signer of each sign is held out, the same one whatever else is filmed."""
    place = _share(f"held {gloss_of(entry)}", settings.seed)
    whole = settings.held * settings.signers
    if place >= whole or int(place / settings.held) != signer:  # held 0: whole is 0 too
        return "train"
    return "val" if place % settings.held < settings.held / 2 else "test"


def clips(settings: SignVideos, rules: ClipRules, workers: int = 0) -> Iterator[Made | Unusable]:
    """All clips in order, made by ``workers`` processes; an Unusable in the place of one that cannot be made."""
    if rules.frames < 3 or rules.height != rules.width or rules.fps or rules.crop != "signing space":
        raise SignError(
            "Rendered clips are square, have 3 frames or more and show the whole sign and its signing space; "
            f"{rules.frames} frames, {rules.width} x {rules.height}, fps {rules.fps:g}, crop {rules.crop} do not fit."
        )
    work = partial(film, settings=settings, rules=rules)
    todo = plans(settings)
    if not workers:
        yield from map(work, todo)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, todo, chunksize=16)


def film(plan: Plan, settings: SignVideos, rules: ClipRules) -> Made | Unusable:
    """One clip, varied by seed and name alone."""
    generator = np.random.default_rng(_number(f"{settings.seed} {plan.name}"))
    tempo = float(generator.uniform(settings.tempo[0], settings.tempo[1]))
    yaw, right, up, zoom = generator.uniform(-1, 1, 4)
    view = View(yaw * settings.yaw, (right * settings.shift, up * settings.shift), 1 + zoom * settings.zoom)
    signer = SIGNERS[plan.signer]
    try:
        motion, seconds = signed(plan.entry, plan.before, rules.frames, tempo, settings.lead / tempo)
    except SignError as error:
        return Unusable(plan.name, plan.split, str(error))
    frames, hands = _film().clip(motion, seconds, signer, view, rules.height)
    fps = float(1 / (seconds[-1] - seconds[-2]))
    before = gloss_of(plan.before) if plan.before else ""
    clip = VideoClip(plan.name, gloss_of(plan.entry), plan.entry.language, signer.name, plan.split, fps, before)
    return clip, frames, hands


def signed(
    entry: Entry, before: Entry | None, frames: int, tempo: float, lead: float
) -> tuple[Motion, NDArray[np.float64]]:
    """The motion and the moments (frames,) of it that are shown, in seconds.

    The first moment is rest, or the end of ``before``: the still that a network is given. The others go evenly to the
    end of the sign, from ``lead`` seconds before its beginning.
    """
    pipeline = load_pipeline(entry.language)
    said = [one for one in (before, entry) if one is not None]
    hints = tuple(Hint(one.gloss, (k, k + 1), "signed", "exact", "", (one,)) for k, one in enumerate(said))
    sentence = Sentence(" ".join(one.gloss for one in said), (0, len(said)), "statement", False, hints)
    utterance = compose([sentence], pipeline.track, pipeline.figure, tempo=tempo)
    motion, _ = solve(utterance.track, pipeline.figure)
    cue = utterance.cues[-1]
    first = utterance.cues[0].end if before else 0.0
    start, end = max(cue.start - lead, first), cue.end - 1 / motion.fps  # a cue ends with the first frame after it
    return motion, np.concatenate([[first], np.linspace(start, end, frames)[1:]])


@cache
def _film() -> Film:
    """One a process."""
    return Film()


def _before(entry: Entry, signer: int, take: int, entries: list[Entry], settings: SignVideos) -> Entry | None:
    if not take or len(entries) < 2:
        return None
    others = [one for one in entries if one is not entry]
    return others[_number(f"{settings.seed} before {gloss_of(entry)} {signer} {take}") % len(others)]


def _share(text: str, seed: int) -> float:
    return _number(f"{seed} {text}") / 2**64


def _number(text: str) -> int:
    """A number in 64 bits that depends on the text alone, on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
