"""Moving pictures put together while they pass by: panes side by side, captions below. The one door to moviepy.

No more than a frame of each is in memory, so the length of a video does not matter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sign_models.errors import SignError
from sign_models.render.lettering import Caption, Lettering
from sign_models.render.renderer import Picture
from sign_models.render.video import each_frame, video_length
from sign_models.types import Video

if TYPE_CHECKING:
    from moviepy import VideoClip

LONGEST = 60 * 60 * 25
"""Frames of what is put together: an hour."""


@dataclass(frozen=True)
class Reel:
    """Pictures (h, w, 3) that can be taken once, one after the other; count: how many there are."""

    pictures: Iterable[Picture]
    count: int
    fps: float

    @classmethod
    def of(cls, video: Video | Path) -> "Reel":
        """A video in memory or in a file."""
        if isinstance(video, Path):
            return cls(each_frame(video), *video_length(video))
        return cls(iter(video.frames.numpy(force=True)), len(video), video.fps)

    @property
    def seconds(self) -> float:
        return self.count / self.fps


def side_by_side(reels: Sequence[Reel], height: int, titles: Sequence[str] = ()) -> Reel:
    """All as panes of that height from left to right, at the first one's rate and on one clock, each below its title.

    One that ends before the others stands still on its last picture.
    """
    from moviepy import ImageClip, clips_array

    if not reels or min(reel.count for reel in reels) < 1:
        raise SignError("A pane has no picture; give videos with at least one frame each.")
    fps = reels[0].fps
    count = round(max(reel.seconds for reel in reels) * fps)
    if count > LONGEST:
        raise SignError(f"The panes last {count / fps:.0f} s; {LONGEST / 25:.0f} s are the limit: sign a shorter text.")
    clips = [_clip(reel, count / fps) for reel in reels]
    both = clips_array([[_scaled(clip, height) for clip in clips]])
    if titles:
        named = Caption(0, 0, "", tuple(titles))
        heading = Lettering([named], both.w, height).draw(named)
        both = clips_array([[ImageClip(heading, duration=both.duration)], [both]])
    return _taken(both, fps, count)


def captioned(reel: Reel, captions: Sequence[Caption]) -> Reel:
    """The pictures with a bar of captions below them, so that no hand is covered."""
    from moviepy import VideoClip, clips_array

    clip = _clip(reel, reel.seconds)
    lettering = Lettering(captions, *clip.size)
    if not lettering.height:
        return _taken(clip, reel.fps, reel.count)
    ordered = sorted(captions, key=lambda one: one.start)

    def bar(second: float) -> Picture:
        now = second + 0.5 / reel.fps
        return lettering.draw(next((one for one in ordered if one.start <= now < one.end), None))

    return _taken(clips_array([[clip], [VideoClip(bar, duration=reel.seconds)]]), reel.fps, reel.count)


def _scaled(clip: "VideoClip", height: int) -> "VideoClip":
    if clip.h == height:
        return clip
    width = round(clip.w * height / clip.h)
    return clip.resized((width + width % 2, height))


def _clip(reel: Reel, seconds: float) -> "VideoClip":
    """A moviepy clip that is asked for rising times; it holds the last picture of a shorter reel."""
    from moviepy import VideoClip

    pictures = iter(reel.pictures)
    shown, place = next(pictures), 0

    def at(second: float) -> Picture:
        nonlocal shown, place
        wanted = min(int(second * reel.fps + 1e-6), reel.count - 1)
        while place < wanted:
            shown, place = next(pictures, shown), place + 1
        return shown

    return VideoClip(at, duration=seconds)


def _taken(clip: "VideoClip", fps: float, count: int) -> Reel:
    def pictures() -> Iterator[Picture]:
        for number in range(count):
            yield clip.get_frame(number / fps).astype("uint8")

    return Reel(pictures(), count, fps)
