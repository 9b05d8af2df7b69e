"""Long work as a generator of progress, so that a web framework can show it and stop it."""

from collections.abc import Callable, Generator
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

OnStep = Callable[[str, float], None]
T = TypeVar("T")


class Stopped(Exception):
    """Raised inside the work when nobody waits for it any more."""


def stepwise(work: Callable[[OnStep], T]) -> Generator[tuple[str, float], None, T]:
    """Runs ``work(on_step)`` in a thread; yields its (stage, share) reports and returns its result.

    Closing the generator makes the next ``on_step`` raise ``Stopped``. The work's own exceptions come out here.
    """
    reports: Queue[tuple[str, float] | None] = Queue()
    stop = Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def on_step(stage: str, share: float) -> None:
        if stop.is_set():
            raise Stopped
        reports.put((stage, share))

    def run() -> None:
        try:
            results.append(work(on_step))
        except BaseException as error:  # noqa: BLE001 - handed over to the waiting side, which raises it
            errors.append(error)
        finally:
            reports.put(None)

    Thread(target=run, daemon=True).start()
    try:
        while (report := reports.get()) is not None:
            yield report
    finally:
        stop.set()
    if errors:
        raise errors[0]
    return results[0]
