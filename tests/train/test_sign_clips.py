"""How2Sign, CSL-Daily and Phoenix-2014T: fixtures in their true layouts, read into one corpus."""

import csv
import gzip
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from sign_models.errors import SignError
from sign_models.parts import EXPRESSION_COLUMNS, JAW_COLUMNS, LEFT_HAND_COLUMNS, RIGHT_HAND_COLUMNS
from sign_models.soke import statistics
from sign_models.unpickle import read_gzip_pickle, read_pickle
from train import prepare
from train.data import pose_files
from train.data.lengths import fit_length, jitter, thin_to
from train.data.pose_files import KEYS
from train.data.store import Store, chosen
from train.data.store import statistics as measured
from train.data.unusable import UNUSABLE_FILE, Unusable


def poses(frames: int, seed: int = 0) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {key: generator.normal(size=(frames, width)).astype(np.float32) for key, width in KEYS.items()}


def expected(arrays: dict[str, np.ndarray]) -> np.ndarray:
    body = arrays["smplx_body_pose"][:, 33:]  # from the neck on
    rest = ("smplx_lhand_pose", "smplx_rhand_pose", "smplx_jaw_pose", "smplx_expr")
    return np.concatenate([body, *(arrays[key] for key in rest)], axis=1)


def frame_files(folder: Path, arrays: dict[str, np.ndarray], name: str) -> None:
    """One pickle a frame; ``name`` has a place for the number."""
    folder.mkdir(parents=True)
    for i in range(len(arrays["smplx_expr"])):
        frame = {key: value[i] for key, value in arrays.items()}
        (folder / name.format(i)).write_bytes(pickle.dumps(frame))


def annotations(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wb") as file:
        pickle.dump(rows, file)


@pytest.fixture
def how2sign(tmp_path: Path) -> Path:
    header = ("VIDEO_ID", "SENTENCE_NAME", "SENTENCE", "START_REALIGNED", "END_REALIGNED", "fps")
    rows = {
        "train": [("v", "good_1-5-rgb_front", "Hi, there.", "0", "2", "24"), ("v", "fast", "So.", "0", "1", "48"),
                  ("v", "long", "Very.", "1", "31", "24"), ("v", "gap", "No.", "0", "1", "24"),
                  ("v", "none", "No.", "0", "1", "24"), ("v", "short", "No.", "0", "1", "24")],
        "val": [("v", "video_level", "One file.", "0", "1", "24")],
        "test": [],
    }  # fmt: skip
    for split, lines in rows.items():
        folder = tmp_path / split / "re_aligned"
        folder.mkdir(parents=True)
        with (folder / f"how2sign_realigned_{split}_preprocessed_fps.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *lines])
    for name, frames in (("good_1-5-rgb_front", 12), ("fast", 20), ("gap", 6), ("short", 3)):
        frame_files(tmp_path / "train" / "poses" / name, poses(frames), f"{name}_{{}}_3D.pkl")
    (tmp_path / "train" / "poses" / "gap" / "gap_2_3D.pkl").unlink()
    videos = tmp_path / "val" / "poses_video_level"
    videos.mkdir()
    (videos / "video_level.pkl").write_bytes(pickle.dumps(poses(9)))
    return tmp_path


def prepared(corpus: str, root: Path, out: Path, **more: object) -> tuple[Store, dict[str, str]]:
    settings = prepare.Settings(corpus, out, root, **more)  # type: ignore[arg-type]
    _, left_out = prepare.prepare(settings)
    lines = (out / UNUSABLE_FILE).read_text(encoding="utf-8").splitlines()
    assert [Unusable(**json.loads(line)) for line in lines] == left_out
    return Store(out), {clip.name: clip.reason for clip in left_out}


def test_how2sign(how2sign: Path, tmp_path: Path) -> None:
    store, left_out = prepared("how2sign", how2sign, tmp_path / "out")
    assert [(clip.name, clip.split, clip.language, clip.text, clip.fps, clip.length) for clip in store.clips] == [
        ("good_1-5-rgb_front", "train", "ase", "Hi, there.", 24.0, 12),
        ("fast", "train", "ase", "So.", 24.0, 10),
        ("video_level", "val", "ase", "One file.", 24.0, 9),
    ]
    assert np.allclose(store.rows(store.clips[0]), expected(poses(12)))
    assert np.allclose(store.rows(store.clips[1]), expected(poses(20))[::2])
    assert np.allclose(store.rows(store.clips[2]), expected(poses(9)))
    assert left_out == {
        "long": "it lasts 30.0 s; 30 s and more are left out",
        "gap": "frame 2 of 5 is missing",
        "none": "it has no poses",
        "short": "it has 3 frames; 4 are needed",
    }


def test_excluded_names_and_a_missing_folder(how2sign: Path, tmp_path: Path) -> None:
    names = tmp_path / "bad.txt"
    names.write_text("fast\n", encoding="utf-8")
    store, left_out = prepared("how2sign", how2sign, tmp_path / "out", excluded=names)
    assert left_out["fast"] == "it is on the list of excluded clips"
    assert len(store.clips) == 2
    with pytest.raises(SignError, match="--root"):
        prepared("phoenix", tmp_path / "nowhere", tmp_path / "out2")
    with pytest.raises(SignError, match=r"no csl_clean\.train"):
        prepared("csl_daily", how2sign, tmp_path / "out3")


def test_csl_daily_and_phoenix(tmp_path: Path) -> None:
    csl, phoenix = tmp_path / "csl", tmp_path / "phoenix"
    for split in ("train", "val", "test"):
        own = "dev" if split == "val" else split
        annotations(csl / f"csl_clean.{split}", [{"name": f"S_{split}", "text": "你好。", "gloss": "x"}])
        annotations(phoenix / f"phoenix14t.{own}", [{"name": f"{own}/11August", "text": "regen", "num_frames": 5}])
        frame_files(csl / "poses" / f"S_{split}", poses(5), "{:06d}.pkl")
        frame_files(phoenix / own / "11August", poses(6), "images{:04d}.pkl")
    annotations(csl / "csl_clean.test", [{"name": "S_test", "text": "你好。"}, {"name": "S_empty", "text": "无。"}])
    (csl / "poses" / "S_empty").mkdir()
    store, left_out = prepared("csl_daily", csl, tmp_path / "a")
    assert [(clip.name, clip.split, clip.language, clip.length, clip.fps) for clip in store.clips] == [
        (f"S_{split}", split, "csl", 5, 30.0) for split in ("train", "val", "test")
    ]
    assert left_out == {"S_empty": "it has 0 frames; 4 are needed"}
    store, _ = prepared("phoenix", phoenix, tmp_path / "b")
    assert [(clip.name, clip.split, clip.language) for clip in store.clips] == [
        ("train/11August", "train", "gsg"),
        ("dev/11August", "val", "gsg"),
        ("test/11August", "test", "gsg"),
    ]
    assert np.allclose(store.rows(store.clips[1]), expected(poses(6)))


def test_a_name_cannot_lead_out_of_the_data_set(tmp_path: Path) -> None:
    annotations(tmp_path / "csl_clean.train", [{"name": "../secret", "text": "x"}])
    with pytest.raises(SignError, match="not a name inside"):
        prepared("csl_daily", tmp_path, tmp_path / "out")


class Harm:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch harmed",)


def test_nothing_in_a_pickle_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps({"smplx_expr": Harm()}))
    with pytest.raises(SignError, match=r"system.*may be harmful"):
        read_pickle(path)
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(SignError, match="may be harmful"):
        read_gzip_pickle(packed)
    path.write_bytes(pickle.dumps(np.load))
    with pytest.raises(SignError, match="may be harmful"):
        read_pickle(path)
    path.write_bytes(b"junk")
    with pytest.raises(SignError, match="not a readable pickle"):
        read_pickle(path)
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_arrays_of_every_protocol_are_read(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"
    value = {"a": np.arange(6, dtype=np.float64).reshape(2, 3), "b": np.float32(2), "c": "text"}
    path.write_bytes(pickle.dumps(value, protocol))
    read = read_pickle(path)
    assert np.array_equal(read["a"], value["a"])
    assert (read["b"], read["c"]) == (2, "text")


def test_wrong_pose_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"

    def read(value: object) -> None:
        path.write_bytes(pickle.dumps(value))
        pose_files.read_video_file(path)

    good = poses(4)
    with pytest.raises(SignError, match="no smplx_expr"):
        read({key: value for key, value in good.items() if key != "smplx_expr"})
    with pytest.raises(SignError, match="smplx_jaw_pose has shape"):
        read(good | {"smplx_jaw_pose": np.zeros((4, 2))})
    with pytest.raises(SignError, match="must agree"):
        read(good | {"smplx_jaw_pose": np.zeros((3, 3))})
    with pytest.raises(SignError, match="not finite"):
        read(good | {"smplx_jaw_pose": np.full((4, 3), np.nan)})
    with pytest.raises(SignError, match="holds a list"):
        read([1])


def test_published_columns_end_up_in_their_parts() -> None:
    columns = statistics.from_published(torch.arange(179))
    assert columns[LEFT_HAND_COLUMNS].tolist() == list(range(66, 111))
    assert columns[RIGHT_HAND_COLUMNS].tolist() == list(range(111, 156))
    assert columns[JAW_COLUMNS].tolist() == [156, 157, 158]
    assert columns[EXPRESSION_COLUMNS].tolist() == list(range(169, 179))


def test_other_statistics_than_the_published_are_refused(tmp_path: Path) -> None:
    for name in statistics.HASHES:
        torch.save(torch.arange(179.0), tmp_path / name)
    with pytest.raises(SignError, match=r"not the published mean\.pt"):
        statistics.read_statistics(tmp_path)
    mean, _ = statistics.read_statistics(tmp_path, check=False)
    assert mean.tolist() == statistics.from_published(torch.arange(179.0)).tolist()
    torch.save(torch.zeros(5), tmp_path / "std.pt")
    with pytest.raises(SignError, match="5 numbers"):
        statistics.read_statistics(tmp_path, check=False)


def test_lengths_follow_the_published_rules() -> None:
    assert fit_length(43, 40, 400, 4).tolist() == list(range(1, 41))
    assert fit_length(44, 40, 400, 4).tolist() == list(range(44))
    short = fit_length(10, 40, 400, 4)
    assert (len(short), short[0], short[-1]) == (40, 0, 9)
    long = fit_length(1000, 40, 400, 4)
    assert (len(long), long[0], long[-1]) == (400, 0, 999)
    assert len(np.unique(long)) == 400
    assert thin_to(10, 24, 24).tolist() == list(range(10))
    assert thin_to(10, 30, 24).tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    cuts = [range(22)[jitter(22, np.random.default_rng(seed), 4, 1 / 3)] for seed in range(300)]
    assert {(cut.start, cut.stop) for cut in cuts} == {(1, 21), (2, 21), (1, 20)}
    assert 0.25 < np.mean([len(cut) == 19 for cut in cuts]) < 0.42


def test_mean_and_spread_of_a_corpus(how2sign: Path, tmp_path: Path) -> None:
    store, _ = prepared("how2sign", how2sign, tmp_path / "out")
    rows = np.concatenate([store.rows(clip) for _, clip in chosen([store], "train")]).astype(float)
    mean, std = measured([store], "train", 133)
    assert np.allclose(mean, rows.mean(0))
    assert np.allclose(std, rows.std(0))
