import pytest
import torch

from sign_models.errors import SignError
from sign_models.render import Caption, captioned, side_by_side
from sign_models.render.panes import font_for
from sign_models.types import Video


def plain(color: int, length: int, size: int = 72) -> Video:
    frames = torch.full((length, size, size, 3), color, dtype=torch.uint8)
    frames[..., 0] += torch.arange(length, dtype=torch.uint8)[:, None, None]
    return Video(frames)


def test_panes_stand_side_by_side_and_the_shorter_waits_on_its_last_frame() -> None:
    left, right = plain(40, 5), plain(200, 3)
    both = side_by_side([left, right])
    assert both.frames.shape == (5, 72, 144, 3)
    assert torch.equal(both.frames[:, :, :72], left.frames)
    assert torch.equal(both.frames[:, :, 72:], right.frames[[0, 1, 2, 2, 2]])


def test_panes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SignError, match="72 pixels at 25 fps, 64 pixels"):
        side_by_side([plain(1, 2), plain(1, 2, 64)])
    with pytest.raises(SignError, match="no video"):
        side_by_side([])


def test_a_caption_stands_at_the_bottom_for_its_time_only() -> None:
    video = plain(120, 10)
    told = captioned(video, [Caption(0.08, 0.2, "HELLO")])
    changed = (told.frames != video.frames).any(-1)
    assert changed.any(2).any(1).tolist() == [2 <= frame < 5 for frame in range(10)]
    rows = torch.nonzero(changed.any(2).any(0))
    assert rows.min() > 40
    assert rows.max() == 71
    assert told.frames[3, 50:].max() > 240  # white letters
    assert told.frames[3, -2:].max() < 60  # on a dark bar


def test_empty_captions_change_nothing() -> None:
    video = plain(120, 3)
    assert torch.equal(captioned(video, [Caption(0, 1, "  "), Caption(1, 1, "x")]).frames, video.frames)


def test_letters_that_no_font_has_are_refused_with_the_remedy() -> None:
    assert font_for("Hello, Ann!") is None
    with pytest.raises(SignError, match="apt install"):
        font_for("A \U0010fffd")
