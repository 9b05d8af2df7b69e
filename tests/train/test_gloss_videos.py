"""WLASL and NMFs-CSL in their own layouts, with real tiny mp4 files."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from sign_models.errors import SignError
from sign_models.lmt.rules import ClipRules
from sign_models.render import write_video
from sign_models.types import Video
from train import prepare_videos
from train.data import gloss_videos
from train.data.gloss_videos import clip_of, cropped, moments
from train.data.unusable import Unusable
from train.data.video_store import VideoStore

RULES = ClipRules(frames=4, height=16, width=16, crop="box")


def _video(path: Path, frames: int, fps: float = 25.0) -> None:
    """Frame k is grey of level 20 + 5 k, with a white square at rows 16 to 32, columns 32 to 48 of 48 x 64."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = torch.empty((frames, 48, 64, 3), dtype=torch.uint8)
    pictures[:] = (20 + 5 * torch.arange(frames, dtype=torch.uint8))[:, None, None, None]
    pictures[:, 16:32, 32:48] = 250
    write_video(Video(pictures, fps), path)


def _instance(name: str, **changed: object) -> dict[str, object]:
    return {
        "bbox": [32, 16, 48, 32], "fps": 25, "frame_end": -1, "frame_start": 1, "instance_id": 0, "signer_id": 7,
        "source": "aslbrick", "split": "train", "url": f"http://aslbrick.org/{name}.mp4", "variation_id": 0,
        "video_id": name,
    } | changed  # fmt: skip


@pytest.fixture
def wlasl(tmp_path: Path) -> Path:
    """Five clips: two cut ones, a raw YouTube video with the sign in its middle, one gone, one too short."""
    root = tmp_path / "wlasl"
    entries = [
        {"gloss": "book", "instances": [_instance("00001"), _instance("00002", split="test", signer_id=9)]},
        {"gloss": "thin", "instances": [
            _instance("00003", url="https://www.youtube.com/watch?v=abcDEF-1_23", frame_start=11, frame_end=20),
            _instance("00004"), _instance("00005", split="val"),
        ]},
    ]  # fmt: skip
    root.mkdir()
    (root / "WLASL_v0.3.json").write_text(json.dumps(entries), encoding="utf-8")
    subset = {"00001": {"subset": "val", "action": [0, 1, 12]}, "00003": {"subset": "train", "action": [1, 1, 10]}}
    (root / "nslt_100.json").write_text(json.dumps(subset), encoding="utf-8")
    (root / "missing.txt").write_text("00004\n", encoding="utf-8")
    _video(root / "videos" / "00001.mp4", 12)
    _video(root / "videos" / "00002.mp4", 7)
    _video(root / "raw_videos_mp4" / "abcDEF-1_23.mp4", 30)
    _video(root / "videos" / "00005.mp4", 1)
    return root


def _levels(frames: np.ndarray) -> list[float]:
    """The grey of each frame's corner."""
    return [float(frame[0, 0].mean()) for frame in frames]


def test_wlasl_becomes_a_corpus_and_says_what_it_left_out(wlasl: Path, tmp_path: Path) -> None:
    settings = {"corpus": "wlasl", "rules": {"frames": 4, "height": 16, "width": 16, "crop": "box", "margin": 0.5}}
    file = tmp_path / "settings.yaml"
    file.write_text(json.dumps({"prepare_videos": settings}), encoding="utf-8")
    out = tmp_path / "clips"
    assert prepare_videos.main(["--settings", str(file), "--root", str(wlasl), "--out", str(out)]) == 0
    store = VideoStore(out)
    assert [(c.name, c.gloss, c.signer, c.split) for c in store.clips] == [
        ("00001", "ase:BOOK", "7", "train"), ("00002", "ase:BOOK", "9", "test"), ("00003", "ase:THIN", "7", "train"),
    ]  # fmt: skip
    assert store.rules.margin == 0.5
    # whole clips: 12 frames in 4 at 25 a second play at 3 * 25 / 11
    assert store.clips[0].fps == pytest.approx(3 * 25 / 11)
    assert _levels(store.frames(0)) == pytest.approx([20, 40, 55, 75], abs=3)  # frames 0, 4, 7, 11
    # the cut out of the raw video: frames 11 to 20, counted from 1
    assert store.clips[2].fps == pytest.approx(3 * 25 / 9)
    assert _levels(store.frames(2)) == pytest.approx([20 + 5 * k for k in (10, 13, 16, 19)], abs=3)
    # the box with half its side around: the white square fills the middle half
    middle = store.frames(0)[:, 5:11, 5:11]
    assert middle.min() > 230
    left_out = [json.loads(line) for line in (out / "unusable.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["name"]: row["split"] for row in left_out} == {"00004": "train", "00005": "val"}
    assert "missing" in left_out[0]["reason"]
    assert left_out[1]["reason"] == "it has 1 frames; 2 are needed"


def test_a_split_file_chooses_clips_and_splits(wlasl: Path) -> None:
    found = list(gloss_videos.wlasl(wlasl, "nslt_100.json"))
    assert [(one.name, one.split) for one in found] == [("00001", "val"), ("00003", "train")]
    with pytest.raises(SignError, match=r"There is no nslt_300\.json"):
        list(gloss_videos.wlasl(wlasl, "nslt_300.json"))


def test_another_process_makes_the_same_clips_in_the_same_order(wlasl: Path) -> None:
    one, two = (list(gloss_videos.clips("wlasl", wlasl, "", RULES, workers)) for workers in (0, 1))
    for a, b in zip(one, two, strict=True):
        if isinstance(a, Unusable):
            assert a == b
        else:
            assert not isinstance(b, Unusable)
            assert a[0] == b[0]
            assert (a[1] == b[1]).all()


def test_a_video_that_is_gone_or_broken_is_told(wlasl: Path) -> None:
    (wlasl / "videos" / "00002.mp4").unlink()
    (wlasl / "videos" / "00001.mp4").write_bytes(b"no video at all")
    made = [clip_of(found, RULES) for found in gloss_videos.wlasl(wlasl)]
    reasons = {one.name: one.reason for one in made if isinstance(one, Unusable)}
    assert "cannot be read as a video" in reasons["00001"]
    assert "There is no video" in reasons["00002"]


def test_a_name_cannot_lead_out_of_the_data_set(wlasl: Path) -> None:
    entries = [{"gloss": "x", "instances": [_instance("../../secret")]}]
    (wlasl / "WLASL_v0.3.json").write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(SignError, match="not a name inside the data set"):
        list(gloss_videos.wlasl(wlasl))


def test_an_index_of_another_layout_is_told(wlasl: Path) -> None:
    (wlasl / "WLASL_v0.3.json").write_text('[{"gloss": "x"}]', encoding="utf-8")
    with pytest.raises(SignError, match="not laid out as WLASL's"):
        list(gloss_videos.wlasl(wlasl))
    (wlasl / "WLASL_v0.3.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SignError, match="holds a dict; a list is needed"):
        list(gloss_videos.wlasl(wlasl))


def test_nmfs_csl_is_read_by_its_lists(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("label,gloss\n0,爱\n12,爸爸\n", encoding="utf-8")
    (tmp_path / "train.csv").write_text("video,label\ncolor/P07_12_1.mp4,12\n", encoding="utf-8")
    (tmp_path / "test.csv").write_text("video,label,signer\ncolor/b.mp4,0,9\n", encoding="utf-8")
    _video(tmp_path / "color" / "P07_12_1.mp4", 9, 30.0)
    made = list(gloss_videos.clips("nmfs_csl", tmp_path, "", ClipRules(4, 16, 16, crop="whole")))
    clip, frames, hands = made[0]  # type: ignore[misc]
    assert (clip.gloss, clip.signer, clip.split, clip.language) == ("csl:爸爸", "P07", "train", "csl")
    assert clip.fps == pytest.approx(3 * 30 / 8)
    # the whole height of 48, the middle 48 of 64 columns: the square spans 24 to 40 of 48, thirds of 16
    assert frames[0, 7, 9:13].min() > 230
    assert frames[0, 7, :6].max() < 60
    assert not hands.any()
    assert isinstance(made[1], Unusable)
    assert made[1].name == "color/b.mp4"
    (tmp_path / "test.csv").write_text("video,label\nb.mp4,3\n", encoding="utf-8")
    with pytest.raises(SignError, match=r"the label 3 of b\.mp4 is not in labels\.csv"):
        list(gloss_videos.nmfs_csl(tmp_path))


def test_a_rate_takes_a_window_from_the_middle() -> None:
    rules = ClipRules(frames=4, height=16, width=16, fps=12.5, crop="whole")
    numbers, fps = moments(10, 30, 25.0, rules)
    assert (numbers, fps) == ([16, 18, 20, 22], 12.5) or (numbers, fps) == ([17, 19, 21, 23], 12.5)
    with pytest.raises(SignError, match=r"it lasts 0\.20 s; 4 frames at 12\.5 a second need 0\.32 s"):
        moments(0, 5, 25.0, rules)


def test_a_box_at_the_edge_repeats_the_edge() -> None:
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[:, :10] = 200
    rules = ClipRules(frames=4, height=16, width=16, crop="box", margin=0.5)
    made = cropped(picture, (0.0, 6.0, 8.0, 14.0), rules)  # 16 wide, from column -4 to 12
    assert made.shape == (16, 16, 3)
    assert (made[:, :14] == 200).all()
    assert (made[:, 14:] == 0).all()
    with pytest.raises(SignError, match="no box"):
        cropped(picture, None, rules)
