"""Videos from a process of their own: the same pictures, progress, stopping, and life after a crash."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from demo.video_worker import VideoWorker
from sign_models.body import Appearance
from sign_models.errors import SignError
from sign_models.outputs import studio
from sign_models.render import Look, read_video
from sign_models.types import SignResult

LOOK = Look(size=64)


@pytest.fixture(scope="module")
def worker() -> Iterator[VideoWorker]:
    made = VideoWorker()
    made.start()
    yield made
    made.close()


def test_the_pictures_are_those_drawn_here(worker: VideoWorker, result: SignResult, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    worker.save(
        result, tmp_path / "there.mp4", appearance=Appearance(), look=LOOK, on_step=lambda *step: told.append(step)
    )
    studio().save(result, tmp_path / "here.mp4", look=LOOK)
    there, here = (read_video(str(tmp_path / name)).frames.float() for name in ("there.mp4", "here.mp4"))
    assert there.shape == here.shape
    assert float((there - here).abs().mean()) < 0.5
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert np.all([stage == "Rendering the video" for stage, _ in told])


class Enough(Exception):
    pass


def test_stopping_leaves_nothing_and_the_next_video_is_made(
    worker: VideoWorker, result: SignResult, tmp_path: Path
) -> None:
    def stop(stage: str, share: float) -> None:
        if share > 0.1:
            raise Enough

    with pytest.raises(Enough):
        worker.save(result, tmp_path / "a.mp4", appearance=Appearance(), look=LOOK, on_step=stop)
    assert list(tmp_path.iterdir()) == []
    worker.save(result, tmp_path / "b.mp4", appearance=Appearance(), look=LOOK)
    assert [path.name for path in tmp_path.iterdir()] == ["b.mp4"]


def test_what_cannot_be_written_is_told(worker: VideoWorker, result: SignResult, tmp_path: Path) -> None:
    with pytest.raises(SignError, match="does not exist"):
        worker.save(result, tmp_path / "no" / "a.mp4", appearance=Appearance(), look=LOOK)


def test_a_crash_is_told_and_the_next_video_is_made(worker: VideoWorker, result: SignResult, tmp_path: Path) -> None:
    crashed = threading.Event()

    def crash(stage: str, share: float) -> None:
        if not crashed.is_set():
            os.kill(worker._process.pid, signal.SIGSEGV)
            crashed.set()

    with pytest.raises(SignError, match="ask for the video once more"):
        worker.save(result, tmp_path / "a.mp4", appearance=Appearance(), look=LOOK, on_step=crash)
    assert list(tmp_path.iterdir()) == []
    worker.save(result, tmp_path / "b.mp4", appearance=Appearance(), look=LOOK)
    assert read_video(str(tmp_path / "b.mp4")).fps == 25
