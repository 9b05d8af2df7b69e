"""Pictures to an mp4 that plays everywhere, and back. The one door to PyAV."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from av.video.reformatter import Colorspace

from sign_models.errors import SignError
from sign_models.files import atomic
from sign_models.render.renderer import Picture
from sign_models.types import FPS, Video

QUALITY = {"crf": "21", "preset": "superfast", "threads": "1"}
"""x264: no visible loss on a smooth avatar. One thread, because the renderer beside it wants the other cores."""

BT709 = 1
SRGB_TRANSFER = 13
STUDIO_RANGE = 1
"""Codes of H.264's own tables (Annex E), written into the file so that no player has to guess the colours."""


def write_video(frames: Video | Iterable[Picture], path: Path | str, fps: float = FPS) -> Path:
    """Writes H.264 in yuv420p with its index in front, so that a browser plays it while it loads; gives the path.

    frames: a Video (whose own fps counts), or pictures (h, w, 3) uint8 that are taken one by one as they come. Nothing
    is at ``path`` until the last frame is in.
    """
    path = Path(path)
    if path.suffix.lower() != ".mp4":
        raise SignError(f"A video cannot be written as {path.name!r}; end the name with .mp4.")
    pictures = iter(frames.frames.numpy(force=True) if isinstance(frames, Video) else frames)
    rate = Fraction(frames.fps if isinstance(frames, Video) else fps).limit_denominator(1001)
    first = next(pictures, None)
    if first is None:
        raise SignError("There is no frame to write; a video needs at least one.")
    height, width, _ = first.shape
    if height % 2 or width % 2:
        raise SignError(f"A video of {width} x {height} cannot be stored as H.264; make both sides even.")
    with atomic(path) as part, av.open(part, "w", format="mp4", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("libx264", rate=rate, options={**QUALITY, "g": str(max(1, round(rate)))})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = BT709
        context.color_trc, context.color_range = SRGB_TRANSFER, STUDIO_RANGE
        for picture in chain([first], pictures):
            rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            file.mux(stream.encode(rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)))
        file.mux(stream.encode())
    return path


def read_video(path: Path | str) -> Video:
    """All frames of a video file in memory."""
    path = Path(path)
    with _opened(path) as (file, stream):
        rate = stream.average_rate
        pictures = [_rgb(frame) for frame in file.decode(stream)]
    if not pictures or rate is None:
        raise SignError(f"{path.name} holds no frame; give a video that plays.")
    return Video(torch.from_numpy(np.stack(pictures)), float(rate))


def each_frame(path: Path | str) -> Iterator[Picture]:
    """The frames of a video file one after the other, never all in memory."""
    with _opened(Path(path)) as (file, stream):
        for frame in file.decode(stream):
            yield _rgb(frame)


def video_length(path: Path | str) -> tuple[int, float]:
    """Frames in a video file, counted rather than believed, and frames a second; nothing is decoded."""
    with _opened(Path(path)) as (file, stream):
        count = sum(1 for packet in file.demux(stream) if packet.size)
        return count, float(stream.average_rate or 0)


def read_frames(path: Path | str, numbers: Sequence[int]) -> list[Picture]:
    """Frames of a video file by their numbers, which rise but may repeat; only these are kept in memory.

    A number past the last frame that can be decoded gives that last one.
    """
    pictures: list[Picture] = []
    with _opened(Path(path)) as (file, stream):
        frame = None
        for place, frame in enumerate(file.decode(stream)):
            due = len(pictures)
            while due < len(numbers) and numbers[due] <= place:
                due += 1
            if due > len(pictures):
                pictures += [_rgb(frame)] * (due - len(pictures))
            if len(pictures) == len(numbers):
                return pictures
        if frame is None:
            raise SignError(f"{Path(path).name} holds no frame; give a video that plays.")
        return pictures + [_rgb(frame)] * (len(numbers) - len(pictures))


def _rgb(frame: av.VideoFrame) -> Picture:
    picture: Picture = frame.reformat(format="rgb24", src_colorspace=Colorspace.ITU709).to_ndarray()
    return picture


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The file and its first video stream; SignError for whatever is wrong with it, now or while it is read."""
    if not path.is_file():
        raise SignError(f"There is no video {path}; check the name.")
    try:
        with av.open(path) as file:
            yield file, file.streams.video[0]
    except (av.FFmpegError, IndexError) as error:
        raise SignError(
            f"{path.name} cannot be read as a video ({error}); give a file that plays, such as .mp4."
        ) from error


def encoders() -> frozenset[str]:
    """Names of the video encoders that PyAV brings along."""
    return frozenset(av.codecs_available)
