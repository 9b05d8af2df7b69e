"""Meshes to pictures: many callers, one GL thread."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sign_models.errors import SignError
from sign_models.render.look import Look
from sign_models.render.take import Take, takes
from sign_models.types import Mesh, Video

if TYPE_CHECKING:
    from sign_models.render.gl import Canvas

log = logging.getLogger(__name__)

Picture = NDArray[np.uint8]
"""(h, w, 3) red, green, blue."""
OnStep = Callable[[int, int], object]
"""Called with the frames done and the frames in all; what it raises ends the work."""

NO_GL = (
    "No picture can be drawn here because OpenGL does not start ({reason}); on Debian or Ubuntu install it with "
    "`apt install libegl1 libgl1 libgl1-mesa-dri`, and leave PYOPENGL_PLATFORM unset or set it to egl."
)


def open_canvas() -> "Canvas":
    """A GL context that belongs to this thread; SignError with the remedy where there is no GL."""
    try:
        from sign_models.render.gl import Canvas

        return Canvas()
    except Exception as error:  # whatever a broken driver or library raises, the user needs the remedy
        raise SignError(NO_GL.format(reason=str(error).strip() or type(error).__name__)) from error


class Renderer:
    """Draws meshes. Safe to share between threads; the GL context opens with the first picture."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gl")
        self._canvas: Canvas | None = None
        self._closed = threading.Event()

    def render(self, mesh: Mesh, colors: Tensor, look: Look | None = None, on_step: OnStep | None = None) -> Video:
        """The whole clip in memory: 0.8 MB a frame at 512 x 512. See ``frames`` for arguments."""
        look = look or Look()
        pictures = torch.empty((len(mesh), look.size, look.size, 3), dtype=torch.uint8)
        for done, picture in enumerate(self.frames(mesh, colors, look, on_step)):
            pictures[done] = torch.from_numpy(picture)
        return Video(pictures, mesh.fps)

    def frames(
        self, mesh: Mesh, colors: Tensor, look: Look | None = None, on_step: OnStep | None = None
    ) -> Iterator[Picture]:
        """Pictures one by one, drawn a little ahead of the reader so that encoding and drawing overlap.

        colors: (v, 3) or (v, 4) sRGB, uint8 or float in 0..1; alpha is not drawn.
        """
        if self._closed.is_set():
            raise ValueError("This Renderer is closed; make a new one.")
        stretches = list(takes(mesh, colors, look or Look()))
        ahead: Future[Picture] | None = None
        done = 0
        try:
            for take in [*stretches, None]:
                ready, ahead = ahead, self._thread.submit(self._draw, take) if take else None
                for picture in ready.result() if ready else ():
                    yield picture
                    done += 1
                    if on_step:
                        on_step(done, len(mesh))
        finally:
            if ahead:
                ahead.cancel()

    def device(self) -> str:
        """Who draws: name of the GL renderer and its version."""
        return self._thread.submit(lambda: self._open().device()).result()

    def close(self) -> None:
        """Ends the GL thread; what is being drawn is finished first."""
        if not self._closed.is_set():
            self._closed.set()
            self._thread.submit(self._drop).result()
            self._thread.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Below: on the GL thread only.

    def _open(self) -> "Canvas":
        if self._canvas is None:
            self._canvas = open_canvas()
        return self._canvas

    def _draw(self, take: Take) -> Picture:
        canvas = self._open()
        try:
            return canvas.draw(take)
        except BaseException:
            self._drop()  # the context may be in any state: the next take gets a new one
            raise

    def _drop(self) -> None:
        canvas, self._canvas = self._canvas, None
        if canvas is not None:
            try:
                canvas.delete()
            except Exception:
                log.warning("A GL context could not be freed after an error; a new one is used.", exc_info=True)
