"""Clips on disk: what is written is what a network is given."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sign_models.errors import SignError
from sign_models.lmt.rules import ClipRules
from train.data.video_store import VideoClip, VideoStore, as_frames, as_input, box_mask, write

RULES = ClipRules(frames=3, height=4, width=6)


def _clips(count: int = 3) -> list[tuple[VideoClip, np.ndarray, np.ndarray]]:
    generator = np.random.default_rng(0)
    return [
        (
            VideoClip(f"clip {k}", f"gsg:Ä{k % 2}", "gsg", "Ada", "train" if k else "val", 12.5),
            generator.integers(0, 256, (3, 4, 6, 3), dtype=np.uint8),
            generator.random((3, 2, 4)).astype(np.float32),
        )
        for k in range(count)
    ]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = _clips()
    assert write(tmp_path, RULES, iter(written)) == 3
    store = VideoStore(tmp_path)
    assert store.rules == RULES
    assert store.clips == tuple(clip for clip, _, _ in written)
    assert store.glosses == ("gsg:Ä0", "gsg:Ä1")
    assert store.indices("train") == [1, 2]
    assert store.indices("val", "train") == [0, 1, 2]
    assert (store.frames(2) == written[2][1]).all()
    batch = store.batch([2, 0])
    assert batch.shape == (2, 3, 3, 4, 6)
    assert batch.dtype == torch.float32
    # one pixel by hand: channel 1 of frame 2, row 3, column 5 of clip 2
    assert batch[0, 1, 2, 3, 5] == pytest.approx(float(written[2][1][2, 3, 5, 1]) / 127.5 - 1)
    assert (store.hands([1])[0].numpy() == written[1][2]).all()


def test_clips_are_not_read_into_memory(tmp_path: Path) -> None:
    write(tmp_path, RULES, _clips())
    store = VideoStore(tmp_path)
    assert isinstance(store._frames, np.memmap)
    store.frames(0)[:] = 7
    assert (store.frames(0) == _clips()[0][1]).all()  # a copy was changed, not the corpus


def test_input_and_back_is_the_same_picture() -> None:
    frames = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16, 1).expand(1, 2, 16, 16, 3)
    clip = as_input(frames)
    assert (float(clip.min()), float(clip.max())) == (-1, 1)
    assert (as_frames(clip) == frames).all()
    assert (as_frames(clip * 3)[..., 0, 0, 0] == 0).all()  # cut off, not wrapped around


def test_a_mask_covers_the_pixels_whose_middle_is_in_a_box() -> None:
    boxes = torch.zeros(1, 2, 2, 4)
    boxes[0, 1, 0] = torch.tensor([0.25, 0.0, 0.75, 0.5])
    boxes[0, 1, 1] = torch.tensor([0.9, 0.9, 1.0, 1.0])  # reaches no pixel's middle in 4 x 4
    mask = box_mask(boxes, 4, 4)
    wanted = torch.zeros(4, 4)
    wanted[0:2, 1:3] = 1
    assert mask.shape == (1, 1, 2, 4, 4)
    assert not mask[0, 0, 0].any()
    assert (mask[0, 0, 1] == wanted).all()


def test_a_corpus_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SignError, match="no clips at"):
        VideoStore(tmp_path)
    write(tmp_path, RULES, _clips())
    lines = (tmp_path / "clips.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "clips.jsonl").write_text("".join(lines[:2]), encoding="utf-8")
    with pytest.raises(SignError, match=r"shape \(3, 3, 4, 6, 3\); its clips and rules need \(2, 3, 4, 6, 3\)"):
        VideoStore(tmp_path)


def test_a_clip_of_another_shape_is_not_written(tmp_path: Path) -> None:
    clip, frames, hands = _clips()[0]
    with pytest.raises(ValueError, match="clip 0 has"):
        write(tmp_path, RULES, [(clip, frames[:2], hands)])
    assert not (tmp_path / "frames.npy").exists()


def test_other_rules_are_refused_by_name() -> None:
    RULES.check(ClipRules(frames=3, height=4, width=6), "the clips in a")
    with pytest.raises(SignError, match=r"The clips in a do not fit the network: frames 8 \(needed: 3\), crop whole"):
        RULES.check(ClipRules(frames=8, height=4, width=6, crop="whole"), "the clips in a")
    with pytest.raises(ValueError, match="cannot be cut"):
        ClipRules(frames=0)
