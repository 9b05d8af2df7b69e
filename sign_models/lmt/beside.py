"""The generated video beside a signed utterance: in step with it, sign by sign, and plain about what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from sign_models.errors import SignError
from sign_models.lmt.decoding import Sampling
from sign_models.lmt.pipeline import LmtPipeline, OnStep
from sign_models.types import Cue, SignResult, Timings, Video

LEAD = 0.36
"""Seconds of the way to a sign that its clip shows, as in the clips that were learned from (``SignVideos.lead``)."""

CARD, BAR = 96, 160
"""Greys of the card that is shown where a sign is missing, and of the bar on it: nobody takes it for a picture."""

NOT_LEARNED = "not learned by the video network"


@dataclass(frozen=True)
class GeneratedCue:
    """What the video shows from ``start`` to ``end`` (seconds). known: False where it shows the card."""

    start: float
    end: float
    gloss: str
    known: bool

    @property
    def text(self) -> str:
        """What a caption says."""
        return self.gloss if self.known else f"{self.gloss}: {NOT_LEARNED}"


@dataclass(frozen=True)
class GeneratedVideo:
    """video: as many frames as the motion, at its rate, so that both run on one clock. signer: whose still it began
    with, empty for a still of one's own. seed: of the sampling."""

    video: Video
    cues: tuple[GeneratedCue, ...]
    signer: str
    seed: int
    timings: Timings

    @property
    def missing(self) -> tuple[str, ...]:
        """Glosses it does not show, each once."""
        return tuple(dict.fromkeys(cue.gloss for cue in self.cues if not cue.known))

    @property
    def note(self) -> str:
        """One sentence for people, empty when nothing is missing."""
        if not self.missing:
            return ""
        left = sum(not cue.known for cue in self.cues)
        return f"The generated video leaves out {left} of {len(self.cues)} signs, which its network has not learned."

    def scaled(self, size: int) -> Video:
        """The video ``size`` pixels high, smoothed."""
        height, width = self.video.frames.shape[1:3]
        if size == height:
            return self.video
        pictures = self.video.frames.permute(0, 3, 1, 2)
        wide = functional.interpolate(pictures, (size, round(size * width / height)), mode="bilinear", antialias=True)
        return Video(wide.permute(0, 2, 3, 1).contiguous(), self.video.fps)


def in_step(
    pipeline: LmtPipeline,
    result: SignResult,
    sampling: Sampling | None = None,
    on_step: OnStep | None = None,
    *,
    signer: str = "",
    still: Tensor | None = None,
) -> GeneratedVideo:
    """The signs of ``result``, each at the time at which the avatar makes it, by one of ``pipeline.signers`` or by
    whom ``still`` (h, w, 3) uint8 shows.

    A sign begins in the last picture of the known sign before it. SignError when none of them is known.
    """
    sampling = sampling or Sampling()
    first, name = pipeline.still(still, signer)
    cues = tuple(_cue(cue, result.language, pipeline) for cue in result.cues)
    known = [f"{result.language}:{cue.gloss}" for cue in cues if cue.known]
    if not known:
        raise SignError(_none_known(result, pipeline))
    clips = pipeline.clips(known, first, sampling, on_step)
    frames = _laid(cues, iter(clips.frames), first, len(result.motion), result.motion.fps)
    return GeneratedVideo(Video(frames, result.motion.fps), cues, name, sampling.seed, clips.timings)


def _cue(cue: Cue, language: str, pipeline: LmtPipeline) -> GeneratedCue:
    """A letter is no sign, though a sign may be called by the same name."""
    known = cue.kind == "sign" and pipeline.knows(f"{language}:{cue.gloss}")
    return GeneratedCue(cue.start, cue.end, cue.gloss, known)


def _laid(cues: tuple[GeneratedCue, ...], clips: Iterator[Tensor], still: Tensor, count: int, fps: float) -> Tensor:
    """(count, h, w, 3): each clip from ``LEAD`` before its sign to the end of it; the last picture stays between."""
    frames, done, before = still.new_empty((count, *still.shape)), 0, 0.0
    for cue in cues:
        first = min(max(round(max(cue.start - LEAD, before) * fps), done), count)
        end = min(max(round(cue.end * fps), first), count)
        frames[done:first] = still
        if cue.known:
            clip = next(clips)
            frames[first:end] = clip[
                torch.linspace(0, len(clip) - 1, max(end - first, 1)).round().long()[: end - first]
            ]
            still = clip[-1]
        else:
            frames[first:end] = _card(still)
        done, before = end, cue.end
    frames[done:] = still
    return frames


def _card(like: Tensor) -> Tensor:
    """A grey picture with a bar across its middle."""
    card = torch.full_like(like, CARD)
    height, width = card.shape[:2]
    card[height * 15 // 32 : height * 17 // 32, width // 4 : width * 3 // 4] = BAR
    return card


def _none_known(result: SignResult, pipeline: LmtPipeline) -> str:
    own = [gloss.split(":", 1)[1] for gloss in pipeline.glosses if gloss.startswith(f"{result.language}:")]
    told = f"of this language it knows {', '.join(own[:30])}{' …' if len(own) > 30 else ''}" if own else (
        "it knows none of this language")  # fmt: skip
    return f"No generated video: its network has learned none of the text's signs; {told}."
