"""Comparisons without a browser: ways, distances, the painted difference, and uploads that are refused."""

import gzip
import io
import json
import pickle
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from demo import compare as comparing
from demo.compare import (
    BANDS,
    DICTIONARY,
    LMT,
    UPLOAD,
    Asked,
    Shelf,
    at_usual_rate,
    compare,
    difference,
    difference_shown,
    manner_of,
    paint,
    ways_of,
)  # fmt: skip
from demo.compare_pages import facts
from demo.reference_motion import read_reference
from demo.service import Service
from sign_models.body import Body
from sign_models.body.body import load
from sign_models.errors import SignError
from sign_models.export.npz import write_npz
from sign_models.measure.dtw import dtw, dtw_path
from sign_models.render import read_video
from sign_models.skeleton import UPPER_BODY
from sign_models.types import Motion


@pytest.fixture(scope="module")
def body() -> Body:
    return load()


@pytest.fixture
def plain(tmp_path: Path) -> Service:
    """Without weights."""
    return Service(tmp_path / "results", soke=tmp_path / "none")


@pytest.fixture
def upload(tmp_path: Path, motion: Motion) -> Path:
    path = tmp_path / "given.npz"
    write_npz(path, motion)
    return path


def raised(motion: Motion, side: str, angle: float) -> Motion:
    """The elbow of one side bent further."""
    features = motion.features.clone()
    features[:, UPPER_BODY.index(f"{side}_elbow") * 3 + 1] += angle
    return replace(motion, features=features)


def test_ways_are_what_there_is_something_for(
    plain: Service, tmp_path: Path, soke_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGN_MODELS_LMT", "none")
    assert list(ways_of(plain)) == [DICTIONARY, UPLOAD]
    trained = list(ways_of(Service(tmp_path, soke=soke_folder)))
    assert trained == [
        DICTIONARY, "soke:multi_head", "soke:multi_head:alone", "soke:sequential", "soke:sequential:alone", UPLOAD,
    ]  # fmt: skip
    asked = Asked("Hello.", "ase", ("soke:sequential:alone",), seed=5, temperature=0.7)
    manner = manner_of("soke:sequential:alone", asked)
    assert (manner.mode, manner.retrieval, manner.seed, manner.temperature) == ("sequential", False, 5, 0.7)


def test_dictionary_and_upload_are_made_and_measured(plain: Service, tmp_path: Path, upload: Path, body: Body) -> None:
    shelf = Shelf(tmp_path / "compared", keep=1)
    asked = Asked("Hello.", "ase", (DICTIONARY, UPLOAD), upload=upload)
    steps: list[float] = []
    made = compare(plain, shelf, asked, on_step=lambda stage, share: steps.append(share))
    assert [one.way for one in made.made] == [DICTIONARY, UPLOAD]
    assert steps == sorted(steps)
    assert made.pairs == [(0, 1)]
    assert all(one.seconds for one in made.made)
    reference = shelf.find(made.token, "reference.glb")
    assert reference is not None
    assert reference.read_bytes()[:4] == b"glTF"
    apart = made.differences(body)[0, 1]
    assert apart.jpe["right_hand"] > 0.5
    shown = difference_shown(shelf, made, (0, 1), body)
    assert shelf.find(made.token, shown["glb"].split("/")[-1]) is not None
    bands = shelf.find(made.token, shown["paint"]["bands"].split("/")[-1])
    assert bands is not None
    assert len(gzip.decompress(bands.read_bytes())) == len(shown["paint"]["times"]) * len(body.template)
    for name in ("given.npz", "../" + reference.name, "0-9-difference.glb", "1-2-difference.glb"):
        assert shelf.find(made.token, name) is None
    compare(plain, shelf, asked)  # the shelf keeps one
    assert shelf.find(made.token, "reference.glb") is None
    assert not reference.exists()


def test_blind_draws_two_in_random_order(plain: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(service: Service, asked: Asked, way: str, title: str, place: Path, on_step: object) -> comparing.Made:
        return comparing.Made(way, title, "a.glb", "", None, {}, {}, {})

    monkeypatch.setattr(comparing, "_signed", quick)
    monkeypatch.setattr(comparing, "ways_of", lambda _: {"x": "X", "y": "Y", "z": "Z"})
    asked = Asked("Hello.", "ase", ("x", "y", "z"), "blind")
    orders = {
        tuple(one.way for one in compare(plain, Shelf(tmp_path), asked).made) for _ in range(120)
    }  # fmt: skip
    assert len(orders) == 6
    assert [one.way for one in compare(plain, Shelf(tmp_path), replace(asked, mode="one")).made] == ["x", "y", "z"]


def test_wrong_wishes_are_told(plain: Service, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "compared")
    for ways, told in (
        ((DICTIONARY,), "two or more"),
        ((DICTIONARY, DICTIONARY), "two or more"),
        ((DICTIONARY, "../x"), "no way to sign"),
        ((DICTIONARY, UPLOAD), "Give the file"),
    ):
        with pytest.raises(SignError, match=told):
            compare(plain, shelf, Asked("Hello.", "ase", ways))


def test_a_motion_is_no_distance_from_itself_at_any_pace(motion: Motion, body: Body) -> None:
    short = replace(motion, features=motion.features[:40], face=None)
    slow = replace(short, features=short.features.repeat_interleave(2, 0))
    apart = difference(short, slow, body)
    assert max(*apart.jpe.values(), *apart.in_space.values()) < 1e-4
    assert apart.shares == (1.0, 0.0, 0.0, 0.0, 0.0)
    assert (paint(apart.vertices)[:, :3] == paint(np.zeros(1, np.float32))[0, :3]).all()


def test_the_difference_is_where_it_was_made(motion: Motion, body: Body) -> None:
    short = replace(motion, features=motion.features[:40], face=None)
    apart = difference(short, raised(short, "left", 0.5), body)
    assert apart.in_space["left_hand"] > 5
    assert apart.in_space["right_hand"] < 1e-4
    assert apart.jpe["left_hand"] > 1
    hands = [body.joints[[j for j in range(25, 40)]].mean(0), body.joints[[j for j in range(40, 55)]].mean(0)]
    near = [np.linalg.norm(body.template - hand, axis=1) < 0.06 for hand in hands]
    left, right = (float(apart.vertices[mask].mean()) for mask in near)
    assert left > 5
    assert left > 4 * right
    assert sum(apart.shares) == pytest.approx(1)
    assert apart.worst[1] > 2


def test_the_colours_follow_the_time(motion: Motion, body: Body) -> None:
    short = replace(motion, features=motion.features[:40], face=None)
    late = short.features.clone()
    late[20:] = raised(short, "left", 0.5).features[20:]
    apart = difference(short, replace(short, features=late), body)
    assert apart.moments.tolist() == sorted(set(apart.moments.tolist()))
    assert apart.bands.shape == (len(apart.moments), len(body.template))
    assert not apart.bands[apart.moments < 0.7].any()
    assert apart.bands[apart.moments > 0.9].max(1).min() >= 2


def test_the_video_network_is_a_way(
    plain: Service, tmp_path: Path, lmt_folder: Path, monkeypatch: pytest.MonkeyPatch, body: Body
) -> None:
    monkeypatch.setenv("SIGN_MODELS_LMT", str(lmt_folder))
    assert LMT in ways_of(plain)
    shelf = Shelf(tmp_path / "compared")
    made = compare(plain, shelf, Asked("Hello, Anna.", "ase", (DICTIONARY, LMT)))
    video = made.made[1]
    assert (video.glb, video.motion) == ("", None)
    film = shelf.find(made.token, video.mp4.split("/")[-1])
    assert film is not None
    assert len(read_video(film)) == round(video.timeline["duration"] * video.timeline["fps"])
    assert video.settings["glosses"] == ["ase:HELLO"]
    assert "leaves out 1 of 2 words" in video.notes[0]
    assert set(video.seconds) == {"still", "codes", "pictures"}
    assert made.differences(body) == {}  # a video has no joints
    assert "a video has no joints" in facts(made, {})
    with pytest.raises(SignError, match="learned none of this sentence's signs"):
        compare(plain, shelf, Asked("Anna.", "ase", (DICTIONARY, LMT)))


def test_colours_grow_darker_with_distance() -> None:
    colors = paint(np.array([0, 0.99, 1, 5, 11.9, 12, 400], np.float32))
    light = (colors[:, :3] @ torch.tensor([0.2126, 0.7152, 0.0722])).tolist()
    assert light == sorted(light, reverse=True)
    assert len(set(light)) == len(BANDS)
    assert light[5] == light[6]


def test_a_path_in_time_costs_what_the_warping_says() -> None:
    cost = np.random.default_rng(0).random((9, 14))
    path = dtw_path(cost)
    assert tuple(path[0]) == (0, 0)
    assert tuple(path[-1]) == (8, 13)
    assert {tuple(step) for step in np.diff(path, axis=0)} <= {(0, 1), (1, 0), (1, 1)}
    assert cost[path[:, 0], path[:, 1]].sum() == pytest.approx(dtw(cost).total)
    assert len(path) == dtw(cost).length


def test_an_upload_is_read_back(upload: Path, motion: Motion) -> None:
    read = read_reference(upload)
    assert torch.equal(read.features, motion.features)
    slow = replace(motion, fps=50.0)
    assert len(at_usual_rate(slow)) == len(motion) // 2
    assert at_usual_rate(motion) is motion


def changed(upload: Path, **arrays: np.ndarray | None) -> Path:
    with np.load(upload) as file:
        whole = {name: file[name] for name in file.files} | arrays
    path = upload.with_name("changed.npz")
    np.savez_compressed(path, **{name: array for name, array in whole.items() if array is not None})  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"poses": None}, "lacks poses"),
        ({"poses": np.zeros((100, 60), np.float32)}, "shape"),
        ({"poses": np.zeros((0, 165), np.float32), "expression": np.zeros((0, 10)), "face": None}, "no frames"),
        ({"expression": np.zeros((3, 10), np.float32)}, "shape"),
        ({"face": np.zeros((100, 3), np.float32)}, "shape"),
        ({"poses": np.full((100, 165), "x")}, "kind"),
        ({"poses": np.full((100, 165), 90.0, np.float32)}, "radians"),
        ({"poses": np.full((100, 165), np.nan, np.float32)}, "not finite"),
        ({"mocap_frame_rate": np.array(0.0)}, "frames a second"),
        ({"mocap_frame_rate": np.array(np.nan)}, "frames a second"),
        ({"poses": np.zeros((2000, 165), np.float32), "expression": np.zeros((2000, 10)), "face": None}, "80 s"),
        ({"more": np.zeros(40_000_000, np.uint8)}, "unpacks to"),
    ],
)
def test_uploads_out_of_bounds_are_told(upload: Path, arrays: dict[str, np.ndarray | None], told: str) -> None:
    with pytest.raises(SignError, match=told):
        read_reference(changed(upload, **arrays))


class _Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('unpickled')",)


def _header_that_lies() -> bytes:
    """An array of 10^12 numbers with none behind it."""
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 165), }"
    text += b" " * (63 - (10 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def test_harmful_uploads_are_refused_unread(upload: Path, tmp_path: Path) -> None:
    objects = tmp_path / "objects.npz"
    np.savez(objects, poses=np.array([_Harm()], dtype=object))
    plain = tmp_path / "plain.npz"
    plain.write_bytes(pickle.dumps(_Harm()))
    large = tmp_path / "large.npz"
    large.write_bytes(b"\0" * 1_000_001)
    lying = tmp_path / "lying.npz"
    with zipfile.ZipFile(lying, "w") as archive:
        archive.writestr("poses.npy", _header_that_lies())
    many = tmp_path / "many.npz"
    with zipfile.ZipFile(many, "w") as archive:
        for k in range(100):
            buffer = io.BytesIO()
            np.save(buffer, np.zeros(1))
            archive.writestr(f"{k}.npy", buffer.getvalue())
    half = tmp_path / "half.npz"
    half.write_bytes(upload.read_bytes()[:2000])
    for path, told in (
        (objects, "Python objects"), (plain, "no .npz"), (large, "1000001 bytes"), (lying, "no .npz"),
        (many, "100 arrays"), (half, "no .npz"),
    ):  # fmt: skip
        with pytest.raises(SignError, match=told):
            read_reference(path)


def test_settings_of_a_comparison_are_plain_values(plain: Service, tmp_path: Path, upload: Path) -> None:
    made = compare(plain, Shelf(tmp_path / "c"), Asked("Hello.", "ase", (DICTIONARY, UPLOAD), upload=upload))
    rows = json.loads(json.dumps([one.settings for one in made.made]))
    assert rows[0]["by"] == "dictionary"
    assert rows[1]["fps"] == 25
