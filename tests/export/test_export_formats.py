"""npz, BVH, .pose, captions and the table: written, then read back."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sign_models.body.body import FINGERTIPS, Body
from sign_models.errors import SignError
from sign_models.export import EXPORTERS, Rig, exporter_for, read_npz, read_pose
from sign_models.export.captions import Caption, to_srt, to_vtt
from sign_models.export.pose import POINTS
from sign_models.export.poses import joint_turns, positions
from sign_models.skeleton import INDEX, JOINTS, PARENTS
from sign_models.types import Motion, SignResult


def write(suffix: str, folder: Path, result: SignResult, rig: Rig) -> Path:
    path = folder / f"out{suffix}"
    exporter_for(path)(path, result, rig, {"seed": 3})
    assert [p.name for p in folder.iterdir()] == [path.name]
    return path


def test_npz_comes_back_unchanged(tmp_path: Path, result: SignResult, rig: Rig) -> None:
    motion = result.motion
    back = read_npz(write(".npz", tmp_path, result, rig))
    torch.testing.assert_close(back.features, motion.features)
    torch.testing.assert_close(back.face, motion.face)
    assert (back.fps, back.flat_hands, back.expression_space) == (motion.fps, True, "open")


def test_npz_keeps_the_conventions_it_was_given(tmp_path: Path, result: SignResult, rig: Rig) -> None:
    motion = Motion(result.motion.features, fps=30.0, flat_hands=False, expression_space="smplx")
    path = tmp_path / "a.npz"
    EXPORTERS[".npz"](path, SignResult(motion, (), (), "", "ase", result.timings), rig, {})
    back = read_npz(path)
    assert (back.fps, back.flat_hands, back.expression_space, back.face) == (30.0, False, "smplx", None)


def test_npz_has_the_keys_of_amass(tmp_path: Path, result: SignResult, rig: Rig) -> None:
    with np.load(write(".npz", tmp_path, result, rig), allow_pickle=False) as file:
        arrays = dict(file)
    frames = len(result.motion)
    shapes = {"poses": (frames, 165), "trans": (frames, 3), "betas": (16,), "root_orient": (frames, 3)}
    assert {name: arrays[name].shape for name in shapes} == shapes
    assert str(arrays["gender"]) == "neutral"
    assert str(arrays["surface_model_type"]) == "smplx"
    assert float(arrays["mocap_frame_rate"]) == 25
    slices = ("root_orient", "pose_body", "pose_jaw", "pose_eye", "pose_hand")
    np.testing.assert_array_equal(np.concatenate([arrays[name] for name in slices], axis=1), arrays["poses"])
    elbow = INDEX["left_elbow"] * 3
    np.testing.assert_array_equal(arrays["poses"][:, elbow : elbow + 3], result.motion.features[:, 18:21])


def test_npz_refuses_other_files(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"not a zip")
    with pytest.raises(SignError, match="cannot be read"):
        read_npz(path)
    np.savez(path, poses=np.zeros((3, 165)))
    with pytest.raises(SignError, match="lacks expression"):
        read_npz(path)
    np.savez(path, poses=np.array([{"a": 1}], dtype=object))
    with pytest.raises(SignError, match="cannot be read"):
        read_npz(path)


def read_bvh(path: Path) -> tuple[list[str], np.ndarray, list[int], np.ndarray, float]:
    """Names, offsets (j, 3), parents and channel values (t, 3 + 3 j) of a BVH, and its frame time."""
    lines = path.read_text().splitlines()
    names: list[str] = []
    offsets: list[list[float]] = []
    parents: list[int] = []
    stack: list[int | None] = []
    pending: int | None = None
    for number, line in enumerate(lines):
        words = line.split()
        if words[0] in ("ROOT", "JOINT"):
            parents.append(next((j for j in reversed(stack) if j is not None), -1))
            pending = len(names)
            names.append(words[1])
        elif words[0] == "End":
            pending = None
        elif words[0] == "{":
            stack.append(pending)
        elif words[0] == "}":
            stack.pop()
        elif words[0] == "OFFSET" and stack[-1] is not None:
            offsets.append([float(w) for w in words[1:]])
        elif words[0] == "CHANNELS":
            assert words[-3:] == ["Zrotation", "Xrotation", "Yrotation"]
        elif words[0] == "MOTION":
            values = np.array([[float(w) for w in row.split()] for row in lines[number + 3 :]])
            assert lines[number + 1] == f"Frames: {len(values)}"
            return names, np.array(offsets), parents, values, float(lines[number + 2].split()[-1])
    raise AssertionError("no MOTION")


def test_bvh_stands_where_the_motion_stands(tmp_path: Path, result: SignResult, rig: Rig) -> None:
    names, offsets, parents, values, frame_time = read_bvh(write(".bvh", tmp_path, result, rig))
    assert sorted(names) == sorted(JOINTS)
    assert {n: names[p] for n, p in zip(names, parents, strict=True) if p >= 0} == {
        n: JOINTS[p] for n, p in zip(JOINTS, PARENTS, strict=True) if p >= 0
    }
    assert frame_time == pytest.approx(1 / 25)
    assert values.shape == (len(result.motion), 3 + 3 * 55)
    angles = np.radians(values[:, 3:].reshape(len(values), 55, 3))
    world = np.zeros((len(values), 55, 3, 3))
    places = np.zeros((len(values), 55, 3))
    for joint, parent in enumerate(parents):
        z, x, y = (  # composed by hand, so that the order of the channels is checked and not just undone
            Rotation.from_rotvec(angles[:, joint, i : i + 1] * axis).as_matrix()
            for i, axis in enumerate(([0, 0, 1], [1, 0, 0], [0, 1, 0]))
        )
        above = world[:, parent] if parent >= 0 else np.eye(3)
        world[:, joint] = above @ (z @ x @ y)
        places[:, joint] = places[:, parent] + above @ offsets[joint] if parent >= 0 else values[:, :3]
    expected = positions(joint_turns(result.motion, rig), rig) * 100
    order = [INDEX[name] for name in names]
    np.testing.assert_allclose(places, expected[:, order], atol=0.01)


def test_joints_stand_where_the_body_model_puts_them(result: SignResult, rig: Body) -> None:
    places = positions(joint_turns(result.motion, rig), rig)
    mesh = rig.pose(result.motion)
    np.testing.assert_allclose(places[:, :55], mesh.joints, atol=1e-4)
    tips = mesh.vertices[:, np.array(FINGERTIPS).reshape(-1)].numpy()
    assert np.linalg.norm(places[:, 55:] - tips, axis=-1).max() < 0.004


def test_pose_comes_back_in_metres(tmp_path: Path, result: SignResult, rig: Rig) -> None:
    path = write(".pose", tmp_path, result, rig)
    back, fps = read_pose(path)
    expected = positions(joint_turns(result.motion, rig), rig)
    assert back.shape == (len(result.motion), len(POINTS), 3)
    assert fps == 25
    np.testing.assert_allclose(back, expected - expected[:, :1], atol=1e-4)


def test_pose_is_a_picture_the_right_way_up(tmp_path: Path, result: SignResult, rig: Rig) -> None:
    from pose_format import Pose

    pose = Pose.read(write(".pose", tmp_path, result, rig).read_bytes())
    points = dict(zip(pose.header.components[0].points, np.asarray(pose.body.data[0, 0]), strict=True))
    assert points["head"][1] < points["pelvis"][1]
    assert points["left_shoulder"][0] > points["right_shoulder"][0]
    assert points["left_foot"][2] < points["left_ankle"][2]
    every = np.asarray(pose.body.data)
    assert every.min() >= 0
    assert (every <= [2000, 2400, 2000]).all()
    assert (pose.body.confidence == 1).all()


def test_pose_of_another_kind_is_refused(tmp_path: Path) -> None:
    from pose_format import Pose
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import PoseHeader, PoseHeaderComponent, PoseHeaderDimensions

    component = PoseHeaderComponent("FACE", ["a"], [], [], "XYC")
    body = NumPyPoseBody(25, np.zeros((1, 1, 1, 2), np.float32), np.ones((1, 1, 1), np.float32))
    with (tmp_path / "a.pose").open("wb") as file:
        Pose(PoseHeader(0.2, PoseHeaderDimensions(1, 1, 1), [component]), body).write(file)
    with pytest.raises(SignError, match="FACE"):
        read_pose(tmp_path / "a.pose")


STAMP = re.compile(r"(\d\d):(\d\d):(\d\d)[.,](\d\d\d)")


def seconds(stamp: str) -> float:
    match = STAMP.fullmatch(stamp)
    assert match, stamp
    h, m, s, ms = (int(g) for g in match.groups())
    return h * 3600 + m * 60 + s + ms / 1000


def read_captions(text: str) -> list[tuple[float, float, str]]:
    """VTT or SRT blocks: (start, end, text)."""
    found = []
    for block in text.removeprefix("WEBVTT\n").strip().split("\n\n"):
        lines = block.strip().split("\n")
        if lines[0].isdigit():
            lines = lines[1:]
        start, end = lines[0].split(" --> ")
        found.append((seconds(start), seconds(end), "\n".join(lines[1:])))
    return found


@pytest.mark.parametrize("suffix", [".vtt", ".srt"])
def test_captions_say_each_sentence_that_is_signed(tmp_path: Path, result: SignResult, rig: Rig, suffix: str) -> None:
    captions = read_captions(write(suffix, tmp_path, result, rig).read_text(encoding="utf-8"))
    assert [(start, end) for start, end, _ in captions] == [(0.4, 1.9), (2.1, 3.6)]
    assert captions[0][2] == "Hello Ana."


@pytest.mark.parametrize("suffix", [".gloss.vtt", ".gloss.srt"])
def test_captions_say_each_gloss(tmp_path: Path, result: SignResult, rig: Rig, suffix: str) -> None:
    captions = read_captions(write(suffix, tmp_path, result, rig).read_text(encoding="utf-8"))
    assert captions == [(cue.start, cue.end, cue.gloss) for cue in result.cues]


def test_captions_escape_what_would_be_markup() -> None:
    nasty = [Caption(0, 1, "a --> b\n\n2\n<i>x</i> & y"), Caption(3661.5, 3662, "late")]
    assert read_captions(to_vtt(nasty)) == [
        (0, 1, "a --&gt; b 2 &lt;i&gt;x&lt;/i&gt; &amp; y"),
        (3661.5, 3662, "late"),
    ]
    assert read_captions(to_srt(nasty))[0] == (0, 1, "a --› b 2 ‹i›x‹/i› & y")


@given(st.text(min_size=1, max_size=60))
def test_no_text_breaks_out_of_its_caption(text: str) -> None:
    captions = [Caption(0, 1, text + "x"), Caption(1, 2, "next")]
    for written in (to_vtt(captions), to_srt(captions)):
        blocks = read_captions(written)
        assert [block[:2] for block in blocks] == [(0, 1), (1, 2)]
        assert "\n" not in blocks[0][2]
        assert "<" not in blocks[0][2]


def test_json_holds_timeline_and_settings(tmp_path: Path, result: SignResult, rig: Rig) -> None:
    values = json.loads(write(".json", tmp_path, result, rig).read_text(encoding="utf-8"))
    assert values["duration"] == 4
    assert values["settings"] == {"seed": 3}
    assert values["cues"][1] == {
        "start": 1.2, "end": 1.9, "gloss": "A-N-A", "kind": "spelled", "word": "Ana", "span": [6, 9], "sentence": 0,
    }  # fmt: skip


def test_the_table_answers_by_suffix(tmp_path: Path) -> None:
    assert exporter_for(Path("A.GLB")) is EXPORTERS[".glb"]
    assert exporter_for(Path("a.gloss.vtt")) is EXPORTERS[".gloss.vtt"]
    assert exporter_for(Path("a.b.vtt")) is EXPORTERS[".vtt"]
    with pytest.raises(SignError, match=r"'a\.fbx' does not say.*\.glb, \.npz"):
        exporter_for(Path("a.fbx"))
