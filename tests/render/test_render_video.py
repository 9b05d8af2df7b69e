from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from sign_models.errors import SignError
from sign_models.render import encoders, read_video, write_video
from sign_models.types import Video


@pytest.fixture(scope="module")
def video() -> Video:
    """Four plain quarters, one of which changes from frame to frame."""
    frames = torch.zeros(30, 64, 96, 3, dtype=torch.uint8)
    frames[:, :32, :48] = torch.tensor([228, 190, 160])
    frames[:, :32, 48:] = torch.tensor([52, 66, 96])
    frames[:, 32:, :48] = torch.tensor([228, 233, 239])
    frames[:, 32:, 48:] = (torch.arange(30, dtype=torch.uint8) * 8)[:, None, None, None]
    return Video(frames, 25.0)


def boxes(path: Path) -> list[bytes]:
    """Names of the top-level boxes of an mp4, in order."""
    data, names, at = path.read_bytes(), [], 0
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    return names


def test_what_is_written_is_read_back(video: Video, tmp_path: Path) -> None:
    back = read_video(write_video(video, tmp_path / "a.mp4"))
    assert back.frames.shape == video.frames.shape
    assert back.fps == 25.0
    inner = np.s_[:, 4:-4, 4:44]  # away from the borders between colours
    assert (back.frames[inner].int() - video.frames[inner].int()).abs()[:, :24].max() <= 5
    moving = back.frames[:, 40:, 60:].float().mean((1, 2, 3))
    assert (moving - torch.arange(30) * 8.0).abs().max() < 4


def test_the_file_is_what_every_browser_plays(video: Video, tmp_path: Path) -> None:
    path = write_video(video, tmp_path / "a.mp4")
    names = boxes(path)
    assert names.index(b"moov") < names.index(b"mdat")
    with av.open(path) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.average_rate, stream.frames, stream.width, stream.height) == (25, 30, 96, 64)
        assert stream.codec_context.colorspace == 1
        keys = [packet.is_keyframe for packet in file.demux(stream) if packet.size]
    assert keys[0]
    assert keys[25]  # a key frame a second, so that scrubbing answers at once


@pytest.mark.parametrize("fps", [12.5, 30.0, 30000 / 1001])
def test_other_speeds_survive(video: Video, tmp_path: Path, fps: float) -> None:
    back = read_video(write_video(iter(video.frames[:5].numpy()), tmp_path / "a.mp4", fps))
    assert back.fps == pytest.approx(fps)
    assert len(back) == 5


def test_frames_are_taken_one_by_one(video: Video, tmp_path: Path) -> None:
    taken: list[int] = []

    def source() -> Iterator[np.ndarray]:
        for number, frame in enumerate(video.frames.numpy()):
            taken.append(number)
            assert not (tmp_path / "a.mp4").exists()
            yield frame

    write_video(source(), tmp_path / "a.mp4")
    assert taken == list(range(30))


def test_an_interrupted_writer_leaves_what_was_there(video: Video, tmp_path: Path) -> None:
    path = write_video(video, tmp_path / "a.mp4")
    before = path.read_bytes()

    def broken() -> Iterator[np.ndarray]:
        yield video.frames[0].numpy()
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        write_video(broken(), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mp4"]


def test_refusals_say_what_to_do(video: Video, tmp_path: Path) -> None:
    with pytest.raises(SignError, match="even"):
        write_video(Video(video.frames[:, :63]), tmp_path / "a.mp4")
    with pytest.raises(SignError, match=r"\.mp4"):
        write_video(video, tmp_path / "a.gif")
    with pytest.raises(SignError, match="at least one"):
        write_video(iter(()), tmp_path / "a.mp4")
    with pytest.raises(SignError, match="does not exist"):
        write_video(video, tmp_path / "none" / "a.mp4")
    with pytest.raises(SignError, match="no video"):
        read_video(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").write_bytes(b"not a video")
    with pytest.raises(SignError, match="cannot be read"):
        read_video(tmp_path / "b.mp4")


def test_the_encoder_is_here() -> None:
    assert "libx264" in encoders()
