"""LmtPipeline: glosses and a still picture become one video, sign after sign."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from einops import rearrange
from torch import Tensor

from sign_models.errors import SignError
from sign_models.lmt.bundle import Lmt
from sign_models.lmt.decoding import Sampling, generate
from sign_models.lmt.rules import ClipRules
from sign_models.types import Cue, Timings, Video

OnStep = Callable[[str, float], None]
"""(what is being done, share done 0..1); may raise to stop."""


@dataclass(frozen=True)
class LmtResult:
    """video: all signs, one after the other. cues: when each is shown. signer: whose still it began with, or ""."""

    video: Video
    cues: tuple[Cue, ...]
    ids: Tensor
    signer: str
    timings: Timings


@dataclass(frozen=True)
class LmtClips:
    """frames: a clip (t, h, w, 3) uint8 a sign, whose first frame is the still it starts from. ids (n, t', h', w')."""

    frames: tuple[Tensor, ...]
    ids: Tensor
    signer: str
    timings: Timings


class LmtPipeline:
    """generate(glosses, still or signer) -> LmtResult. A gloss is "ase:HELLO"."""

    def __init__(self, lmt: Lmt) -> None:
        self.lmt = lmt
        self._label = {gloss: i for i, gloss in enumerate(lmt.about.glosses)}

    @property
    def glosses(self) -> tuple[str, ...]:
        """What it can sign."""
        return self.lmt.about.glosses

    @property
    def signers(self) -> tuple[str, ...]:
        """Who can sign it; a still of anyone else in the trained style is accepted as well."""
        return tuple(self.lmt.stills)

    @property
    def rules(self) -> ClipRules:
        """What a still must be like."""
        return self.lmt.rules

    def knows(self, gloss: str) -> bool:
        return gloss in self._label

    @torch.inference_mode()
    def generate(
        self,
        glosses: Sequence[str],
        still: Tensor | None = None,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
        *,
        signer: str = "",
    ) -> LmtResult:
        """still: (h, w, 3) uint8, the first frame. signer: one of ``signers`` in its place; the first if neither is
        given. Each sign starts from the last frame of the one before it."""
        clips = self.clips(glosses, still, sampling, on_step, signer=signer)
        # a clip's first frame is the still; it is shown once, at the very beginning
        pieces = [clip if k == 0 else clip[1:] for k, clip in enumerate(clips.frames)]
        video, cues = self._joined(list(glosses), [self._label[gloss] for gloss in glosses], pieces)
        return LmtResult(video, cues, clips.ids, clips.signer, clips.timings)

    @torch.inference_mode()
    def clips(
        self,
        glosses: Sequence[str],
        still: Tensor | None = None,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
        *,
        signer: str = "",
    ) -> LmtClips:
        """The signs one by one, for whoever gives them times of their own; see ``generate``."""
        sampling = sampling or Sampling()
        labels = [self._known(gloss) for gloss in glosses]
        if not labels:
            raise SignError("There is no gloss to sign; give at least one.")
        frame, name = self.still(still, signer)
        seconds = {"still": 0.0, "codes": 0.0, "pictures": 0.0}
        clips, ids = [], []
        for k, label in enumerate(labels):
            start = time.perf_counter()
            still_ids = self.lmt.vqgan.encode_still(_as_input(frame)[None])
            read = time.perf_counter()
            codes = generate(self.lmt.prior, torch.tensor([label]), still_ids, sampling, _told(on_step, k, len(labels)))
            made = time.perf_counter()
            clips.append(_as_frames(self.lmt.vqgan.decode(codes))[0])
            seconds["still"] += read - start
            seconds["codes"] += made - read
            seconds["pictures"] += time.perf_counter() - made
            ids.append(codes[0])
            frame = clips[-1][-1]
        return LmtClips(tuple(clips), torch.stack(ids), name, Timings(seconds))

    def _joined(self, glosses: list[str], labels: list[int], pieces: list[Tensor]) -> tuple[Video, tuple[Cue, ...]]:
        """One video at the highest of the signs' rates; slower signs hold some frames longer."""
        rates = [self.lmt.about.fps[label] for label in labels]
        fps, shown, cues, start = max(rates), [], [], 0
        for k, (gloss, rate, piece) in enumerate(zip(glosses, rates, pieces, strict=True)):
            count = max(round(len(piece) * fps / rate), len(piece))
            shown.append(piece[(torch.arange(count) * len(piece)) // count])
            word = gloss.split(":", 1)[-1]
            cues.append(Cue(start / fps, (start + count) / fps, word, "sign", word, (k, k + 1)))
            start += count
        return Video(torch.cat(shown), fps), tuple(cues)

    def _known(self, gloss: str) -> int:
        if gloss not in self._label:
            language = gloss.split(":", 1)[0]
            same = [name for name in self.glosses if name.startswith(f"{language}:")] or list(self.glosses)
            raise SignError(
                f'"{gloss}" is not among the {len(self.glosses)} signs this network has learned; it knows '
                f"{', '.join(same[:30])}{' …' if len(same) > 30 else ''}."
            )
        return self._label[gloss]

    def still(self, still: Tensor | None = None, signer: str = "") -> tuple[Tensor, str]:
        """The frame (h, w, 3) uint8 to start from, and whose it is; SignError for one that does not fit."""
        if still is not None:
            _check(still, self.rules)
            return still, ""
        if not self.signers:
            raise SignError("This network brings no signers along; give a still picture.")
        name = signer or self.signers[0]
        if name not in self.lmt.stills:
            raise SignError(f'There is no signer "{name}"; choose one of {", ".join(self.signers)}, or give a still.')
        return self.lmt.stills[name], name


def read_still(path: Path | str, rules: ClipRules) -> Tensor:
    """A picture file as (h, w, 3) uint8; SignError when it is no picture or not of the size the network was trained on.

    It is neither scaled nor cropped: the signer must be where the network has learned that a signer is.
    """
    from PIL import Image, UnidentifiedImageError

    path = Path(path)
    try:
        with Image.open(path) as picture:
            size = picture.size
            if size != (rules.width, rules.height):
                raise SignError(_size_told(path.name, size[1], size[0], rules))
            values = bytearray(picture.convert("RGB").tobytes())
    except FileNotFoundError as error:
        raise SignError(f"There is no picture {path}; check the name.") from error
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise SignError(f"{path.name} cannot be read as a picture; give a PNG or JPEG file.") from error
    return torch.frombuffer(values, dtype=torch.uint8).view(rules.height, rules.width, 3)


def _check(still: Tensor, rules: ClipRules) -> None:
    if still.ndim != 3 or still.shape[2] != 3 or still.dtype != torch.uint8:
        raise SignError(
            f"The still has shape {tuple(still.shape)} and type {still.dtype}; (height, width, 3) of uint8 is needed."
        )
    if tuple(still.shape[:2]) != (rules.height, rules.width):
        raise SignError(_size_told("The still", still.shape[0], still.shape[1], rules))


def _size_told(name: str, height: int, width: int, rules: ClipRules) -> str:
    return (
        f"{name} is {width} x {height} pixels; this network was trained on {rules.width} x {rules.height} "
        f'(crop "{rules.crop}"): scale it to that.'
    )


def _told(on_step: OnStep | None, sign: int, signs: int) -> Callable[[int, int], None] | None:
    if on_step is None:
        return None
    return lambda step, steps: on_step("codes", (sign + step / steps) / signs)


def _as_input(frame: Tensor) -> Tensor:
    return rearrange(frame.float() / 127.5 - 1, "h w c -> c h w")


def _as_frames(clips: Tensor) -> Tensor:
    frames = ((clips.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return rearrange(frames, "b c t h w -> b t h w c")
