"""Videos are drawn in a process of their own: a graphics driver that crashes takes no page down with it."""

import multiprocessing
import threading
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sign_models.body import Appearance
from sign_models.errors import SignError
from sign_models.render import Look
from sign_models.types import SignResult

if TYPE_CHECKING:
    from sign_models.lmt.beside import GeneratedVideo

OnStep = Callable[[str, float], None]

CRASHED = "The renderer stopped without a word and is being started again; ask for the video once more."
PATIENCE = 10.0
"""Seconds a worker gets to end by itself."""


class _Stop(Exception):
    """In the worker: nobody waits for this video any more."""


class VideoWorker:
    """One worker process, begun when it is first needed and again after a crash. Safe to call from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Any = None
        self._pipe: Connection | None = None

    def start(self) -> None:
        """Begins the process, so that the first video does not wait for it."""
        with self._lock:
            self._ready()

    def save(
        self,
        result: SignResult,
        path: Path,
        *,
        appearance: Appearance,
        look: Look,
        captions: bool = False,
        beside: "GeneratedVideo | None" = None,
        on_step: OnStep | None = None,
    ) -> Path:
        """Writes the video of a result, see ``Studio.save``. SignError when it cannot be drawn or the process died.

        What ``on_step`` raises stops the drawing and comes out here.
        """
        with self._lock:
            pipe = self._ready()
            try:
                pipe.send(
                    (result, path, {"appearance": appearance, "look": look, "captions": captions, "beside": beside})
                )
                self._follow(pipe, on_step)
            except (EOFError, OSError) as error:
                self._end()
                for part in path.parent.glob(f".{path.stem}.*.part*"):
                    part.unlink(missing_ok=True)
                raise SignError(CRASHED) from error
        return path

    def close(self) -> None:
        """Ends the process; the next video begins another."""
        with self._lock:
            self._end()

    def _follow(self, pipe: Connection, on_step: OnStep | None) -> None:
        stopped: BaseException | None = None
        while True:
            kind, value = pipe.recv()
            if kind == "done":
                break
            if kind == "error" and stopped is None:
                raise SignError(value)
            if kind == "error":
                break
            if stopped is None and on_step is not None:
                try:
                    on_step(*value)
                except BaseException as error:  # noqa: BLE001 - raised again when the worker has let go of the file
                    stopped = error
                    pipe.send("stop")
        if stopped is not None:
            raise stopped

    def _ready(self) -> Connection:
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self._end()
            spawn = multiprocessing.get_context("spawn")  # a GL context does not survive a fork
            self._pipe, theirs = spawn.Pipe()
            self._process = spawn.Process(target=_work, args=(theirs,), daemon=True, name="sign-models-video")
            self._process.start()
            theirs.close()
        return self._pipe

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(0.1)
            if self._process.is_alive():
                self._process.terminate()
                self._process.join(PATIENCE)
        self._process = self._pipe = None


@cache
def video_worker() -> VideoWorker:
    """The one of this process."""
    return VideoWorker()


def _work(pipe: Connection) -> None:
    """The worker: an order in, reports out, until the other side is gone."""
    from sign_models.outputs import studio

    try:
        while True:
            order = pipe.recv()
            if isinstance(order, str):
                continue  # a stop that came after the end
            result, path, wishes = order
            try:
                studio().save(result, path, **wishes, on_step=_reporter(pipe))
            except SignError as error:
                pipe.send(("error", str(error)))
            except _Stop:
                pipe.send(("error", "stopped"))
            else:
                pipe.send(("done", None))
    except (EOFError, OSError):
        return


def _reporter(pipe: Connection) -> OnStep:
    def told(stage: str, share: float) -> None:
        if pipe.poll():
            pipe.recv()
            raise _Stop
        pipe.send(("step", (stage, share)))

    return told
