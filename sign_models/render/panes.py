"""Finished videos put together: panes side by side, captions burned in. The one door to moviepy."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import ImageFont

from sign_models.errors import SignError
from sign_models.types import Video

if TYPE_CHECKING:
    from moviepy import VideoClip

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

TEXT_SHARE = 1 / 18
"""Height of a caption's letters, as a share of the picture's height."""


@dataclass(frozen=True)
class Caption:
    """A line of text to show from ``start`` to ``end`` (seconds)."""

    start: float
    end: float
    text: str


def side_by_side(videos: Sequence[Video]) -> Video:
    """One video with the given ones as panes from left to right; a shorter one stands still on its last frame."""
    from moviepy import clips_array

    if not videos or len({(video.fps, video.frames.shape[1]) for video in videos}) != 1:
        seen = ", ".join(f"{video.frames.shape[1]} pixels at {video.fps:g} fps" for video in videos) or "no video"
        raise SignError(f"Panes need videos of one height and one speed, but these have {seen}; render them alike.")
    longest = max(len(video) for video in videos)
    return _taken(clips_array([[_clip(video, longest) for video in videos]]), videos[0].fps, longest)


def captioned(video: Video, captions: Sequence[Caption]) -> Video:
    """The video with captions over its lower edge, white on a dark bar."""
    from moviepy import CompositeVideoClip, TextClip

    height, width = video.frames.shape[1:3]
    texts = [
        TextClip(
            font=font_for(caption.text),
            text=caption.text,
            font_size=max(10, round(height * TEXT_SHARE)),
            color="white",
            bg_color=(24, 28, 36),
            size=(width, None),
            method="caption",
            text_align="center",
            margin=(8, 6),
            duration=caption.end - caption.start,
        )
        .with_start(caption.start)
        .with_position(("center", "bottom"))
        for caption in captions
        if caption.text.strip() and caption.end > caption.start
    ]
    clip = CompositeVideoClip([_clip(video, len(video)), *texts], size=(width, height))
    return _taken(clip, video.fps, len(video))


@lru_cache(maxsize=256)
def font_for(text: str) -> str | None:
    """Path of an installed font that has every letter of ``text``; None for Pillow's own font where that suffices."""
    own = ImageFont.load_default(20)
    box = _drawn(own, "\uffff")  # what a font shows for a letter it does not have
    lacking = {letter for letter in text if not letter.isspace() and _drawn(own, letter) == box}
    if not lacking:
        return None
    wanted = " ".join(f"{ord(letter):x}" for letter in sorted(set(text)) if not letter.isspace())
    for path in _installed(wanted):
        return path
    raise SignError(
        f"No installed font can show {min(lacking)!r}; install one, on Debian or Ubuntu for example with "
        f"`apt install fontconfig fonts-noto-cjk`."
    )


def _drawn(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def _installed(code_points: str) -> list[str]:
    """Font files with all of these code points (hexadecimal), as fontconfig knows them, the plainest first."""
    try:
        run = subprocess.run(
            ["fc-list", f":charset={code_points}", "--format=%{file}\t%{style}\n"],
            capture_output=True, text=True, check=True, timeout=20,
        )  # fmt: skip
    except FileNotFoundError:
        return []
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    return [path for path, _ in sorted(rows, key=lambda row: _oddness(*row))]


def _oddness(path: str, style: str) -> tuple[bool, bool, int, str]:
    """Sorts plain sans-serif fonts first; the shortest name of a family is its plainest member."""
    name = path.rpartition("/")[2]
    plain = any(word in style for word in ("Regular", "Book"))
    return "Sans" not in name, not plain, len(name), name


def _clip(video: Video, length: int) -> "VideoClip":
    """A moviepy clip of ``length`` frames that holds the last frame of a shorter video."""
    from moviepy import VideoClip

    frames = video.frames.numpy(force=True)

    def at(second: float) -> np.ndarray:
        return frames[min(round(second * video.fps), len(frames) - 1)]

    return VideoClip(at, duration=length / video.fps)


def _taken(clip: "VideoClip", fps: float, length: int) -> Video:
    """The frames of a moviepy clip, asked for at the exact time of each."""
    frames = np.stack([clip.get_frame(frame / fps) for frame in range(length)])
    return Video(torch.from_numpy(frames.astype(np.uint8)), fps)
