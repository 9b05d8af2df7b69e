"""From a signed result to a file: the one place that knows body, renderer and exporters together."""

from collections.abc import Callable
from copy import copy
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path

import torch

from sign_models.body import Appearance, Body
from sign_models.errors import SignError
from sign_models.export import EXPORTERS, exporter_for
from sign_models.registry import load_body
from sign_models.render import Look, Renderer, write_video
from sign_models.types import Mesh, SignResult

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
        on_step: OnStep | None = None,
    ) -> Path:
        """Writes the kind of file that the suffix asks for; ``on_step(stage, share)`` follows a video."""
        writable(path)
        appearance, look = appearance or Appearance(), look or Look()
        if path.name.lower().endswith(VIDEO):
            return self._video(result, path, appearance, look, on_step)
        settings = {"text": result.text, "language": result.language, "appearance": asdict(appearance)}
        exporter_for(path)(path, result, self.dressed(appearance), settings)
        return path

    def _video(
        self, result: SignResult, path: Path, appearance: Appearance, look: Look, on_step: OnStep | None
    ) -> Path:
        whole = self.body.pose(result.motion)
        mesh = Mesh(whole.vertices, whole.joints, torch.from_numpy(self.body.upper_faces), whole.fps)

        def told(done: int, total: int) -> None:
            if on_step:
                on_step("Rendering the video", done / total)

        frames = self.renderer.frames(mesh, self.dressed(appearance).colors, look, told)
        return write_video(frames, path, result.motion.fps)

    def _dress(self, appearance: Appearance) -> Body:
        dressed = copy(self.body)  # the arrays are shared, only the colours differ
        dressed.appearance = appearance
        return dressed


@cache
def studio(body: Path | None = None) -> Studio:
    """The studio of this process, made once a body."""
    return Studio(body)
