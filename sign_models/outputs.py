"""From a signed result to a file: the one place that knows body, renderer and exporters together."""

from bisect import bisect_right
from collections.abc import Callable
from copy import copy
from dataclasses import asdict
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from sign_models.body import Appearance, Body
from sign_models.errors import SignError
from sign_models.export import EXPORTERS, exporter_for
from sign_models.export.captions import Caption as Line
from sign_models.export.captions import to_vtt, write_text
from sign_models.export.timeline import sentence_lines
from sign_models.registry import load_body
from sign_models.render import Caption, Look, Reel, Renderer, captioned, side_by_side, write_video
from sign_models.types import Cue, Mesh, SignResult

if TYPE_CHECKING:
    from sign_models.lmt.beside import GeneratedVideo

OnStep = Callable[[str, float], None]

VIDEO = ".mp4"
SUFFIXES = (VIDEO, *EXPORTERS)
"""What a result can be saved as."""

BACKGROUNDS = {"pale blue": "#e4e9ef", "white": "#ffffff", "sand": "#efe9dd", "slate": "#39424e", "black": "#000000"}
"""Plain backgrounds by name, for choosers; any ``#rrggbb`` works."""


def writable(path: Path) -> None:
    """SignError unless ``path`` names a kind of file that can be written, in a folder that exists."""
    if not path.name.lower().endswith(SUFFIXES):
        raise SignError(f"{path.name!r} cannot be written; the name must end in one of {', '.join(SUFFIXES)}.")
    if not path.parent.is_dir():
        raise SignError(f"The folder {path.parent} does not exist; make it first or choose another place to write to.")


class Studio:
    """A body and a renderer, kept for as long as results are saved. Safe to share between threads."""

    def __init__(self, body: Path | None = None) -> None:
        self.body: Body = load_body(body)
        self.renderer = Renderer()
        self.dressed = lru_cache(maxsize=8)(self._dress)

    def save(
        self,
        result: SignResult,
        path: Path,
        *,
        appearance: Appearance | None = None,
        look: Look | None = None,
        captions: bool = False,
        beside: "GeneratedVideo | None" = None,
        on_step: OnStep | None = None,
    ) -> Path:
        """Writes the kind of file that the suffix asks for; ``on_step(stage, share)`` follows a video.

        Of a video only: captions: sentence and current sign stand below the picture. beside: the video that a network
        has made of the same signs, shown to the right of the avatar on the same clock.
        """
        writable(path)
        appearance, look = appearance or Appearance(), look or Look()
        if path.name.lower().endswith(VIDEO):
            reel = self._drawn(result, appearance, look, on_step)
            if beside is not None:
                panes = [reel, Reel.of(beside.video)]
                reel = side_by_side(panes, look.size, ("Avatar", " ".join(["Generated video", beside.signer]).strip()))
            if captions:
                reel = captioned(reel, captions_of(result, beside))
            return write_video(reel.pictures, path, reel.fps)
        settings = {"text": result.text, "language": result.language, "appearance": asdict(appearance)}
        exporter_for(path)(path, result, self.dressed(appearance), settings)
        return path

    def _drawn(self, result: SignResult, appearance: Appearance, look: Look, on_step: OnStep | None) -> Reel:
        whole = self.body.pose(result.motion)
        mesh = Mesh(whole.vertices, whole.joints, torch.from_numpy(self.body.upper_faces), whole.fps)

        def told(done: int, total: int) -> None:
            if on_step:
                on_step("Rendering the video", done / total)

        frames = self.renderer.frames(mesh, self.dressed(appearance).colors, look, told)
        return Reel(frames, len(mesh), result.motion.fps)

    def _dress(self, appearance: Appearance) -> Body:
        dressed = copy(self.body)  # the arrays are shared, only the colours differ
        dressed.appearance = appearance
        return dressed


def captions_of(result: SignResult, beside: "GeneratedVideo | None" = None) -> list[Caption]:
    """What stands below the picture at each moment: the sentence until the next one begins, and the sign being made.

    beside: has a column of its own, which says where it shows nothing.
    """
    lines = sentence_lines(result.cues, result.sentences)
    end = result.motion.seconds
    starts = [0.0, *(line.start for line in lines[1:]), end]
    times = sorted({*starts, *(time for cue in result.cues for time in (cue.start, cue.end) if 0 < time < end)})
    captions = []
    for start, stop in pairwise(times):
        number = bisect_right(starts, start) - 1
        cue = next((cue for cue in reversed(result.cues) if cue.start <= start < cue.end), None)
        if number < len(lines):
            span = lines[number].span
            signs = [cue.gloss if cue else ""]
            if beside is not None:
                signs.append(next((one.text for one in beside.cues if one.start <= start < one.end), ""))
            captions.append(Caption(start, stop, lines[number].text, tuple(signs), _within(cue, span)))
    return captions


def _within(cue: Cue | None, sentence: tuple[int, int]) -> tuple[int, int] | None:
    """Where the cue's word stands in its sentence."""
    if cue is None or cue.span[0] < sentence[0] or cue.span[1] > sentence[1]:
        return None
    return cue.span[0] - sentence[0], cue.span[1] - sentence[0]


def save_generated(made: "GeneratedVideo", path: Path, size: int) -> Path:
    """Writes a generated video, ``size`` pixels high, and beside it what it shows and what is missing, as .vtt."""
    write_video(made.scaled(size), path)
    lines = [Line(cue.start, cue.end, cue.text) for cue in made.cues]
    write_text(path.with_suffix(".vtt"), to_vtt(lines))
    return path


def generated_beside(path: Path) -> Path:
    """Where the generated video lies that belongs to the result at ``path``."""
    return path.with_name(f"{path.stem}-generated{VIDEO}")


@cache
def studio(body: Path | None = None) -> Studio:
    """The studio of this process, made once a body."""
    return Studio(body)
