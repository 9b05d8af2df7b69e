"""The GLB against the Khronos validator, and read back number by number."""

import json
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pygltflib
import pytest
import torch
from scipy.spatial.transform import Rotation

from sign_models.body.body import Body
from sign_models.errors import SignError
from sign_models.export import EXPORTERS, Rig, timeline
from sign_models.export.glb import write_glb
from sign_models.export.poses import joint_turns
from sign_models.face import FACE_INDEX
from sign_models.parts import FEATURES
from sign_models.skeleton import INDEX, JOINTS
from sign_models.types import Motion, SignResult

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / ".tools" / "node_modules"
TYPES: dict[int, Any] = {5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def khronos(path: Path) -> dict[str, Any]:
    assert shutil.which("node"), "node is missing; `make test` installs it."
    assert (MODULES / "gltf-validator").is_dir(), "gltf-validator is missing; `make test` installs it into .tools."
    script = Path(__file__).with_name("validate_glb.cjs")
    done = subprocess.run(["node", script, MODULES, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


class Read:
    """A GLB read back."""

    def __init__(self, path: Path) -> None:
        self.gltf = pygltflib.GLTF2.load(str(path))
        self.blob = self.gltf.binary_blob()

    def view(self, number: int, kind: Any, width: int) -> np.ndarray:
        view = self.gltf.bufferViews[number]
        raw = self.blob[view.byteOffset : view.byteOffset + view.byteLength]
        return np.frombuffer(raw, kind).reshape(-1, width)

    def accessor(self, number: int) -> np.ndarray:
        """(n, c); normalised integers as fractions, sparse ones filled in."""
        a = self.gltf.accessors[number]
        kind, width = TYPES[a.componentType], WIDTHS[a.type]
        if a.sparse is None:
            values = self.view(a.bufferView, kind, width)
            return values / np.float64(np.iinfo(kind).max) if a.normalized else values
        full = np.zeros((a.count, width), kind)
        indices = self.view(a.sparse.indices.bufferView, TYPES[a.sparse.indices.componentType], 1)[:, 0]
        full[indices] = self.view(a.sparse.values.bufferView, kind, width)
        return full

    @property
    def shapes(self) -> list[str]:
        names: list[str] = self.gltf.meshes[0].extras["targetNames"]
        return names

    def channels(self) -> dict[tuple[int, str], np.ndarray]:
        animation = self.gltf.animations[0]
        return {
            (c.target.node, c.target.path): self.accessor(animation.samplers[c.sampler].output)
            for c in animation.channels
        }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, result: SignResult, rig: Rig) -> Path:
    path = tmp_path_factory.mktemp("glb") / "wave.glb"
    EXPORTERS[".glb"](path, result, rig, {"seed": 3, "note": "Übung 手语"})
    return path


@pytest.fixture(scope="module")
def read(written: Path) -> Read:
    return Read(written)


def test_khronos_finds_nothing_wrong(written: Path) -> None:
    issues = khronos(written)["issues"]
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_khronos_would_find_something_wrong(tmp_path: Path, written: Path) -> None:
    broken = bytearray(written.read_bytes())
    at = broken.index(b'"skeleton":0')
    broken[at : at + 12] = b'"skeleton":9'
    (tmp_path / "broken.glb").write_bytes(broken)
    assert khronos(tmp_path / "broken.glb")["issues"]["numErrors"] > 0


@pytest.mark.parametrize("frames", [1, 2])
def test_a_still_motion_is_valid_too(tmp_path: Path, rig: Rig, frames: int) -> None:
    write_glb(tmp_path / "still.glb", Motion(torch.zeros(frames, FEATURES)), rig)
    assert khronos(tmp_path / "still.glb")["issues"]["numErrors"] == 0


def test_small_and_quick(tmp_path: Path, result: SignResult, rig: Rig, written: Path) -> None:
    assert written.stat().st_size < 1_500_000
    started = time.perf_counter()
    EXPORTERS[".glb"](tmp_path / "again.glb", result, rig, {})
    assert time.perf_counter() - started < 0.4


def test_eight_at_once_are_eight_right_files(tmp_path: Path, rig: Rig, motion: Motion) -> None:
    def one(number: int) -> bytes:
        path = tmp_path / f"{number}.glb"
        write_glb(path, Motion(motion.features[number : number + 30]), rig)
        return path.read_bytes()

    alone = [one(number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == alone


def test_rotations_come_back_and_never_turn_the_long_way(read: Read, rig: Rig, motion: Motion) -> None:
    pose = joint_turns(motion, rig)
    channels = read.channels()
    assert (INDEX["left_knee"], "rotation") not in channels
    for name in ("left_shoulder", "right_elbow", "head", "jaw", "left_index2", "right_pinky3"):
        turns = channels[INDEX[name], "rotation"]
        assert ((turns[1:] * turns[:-1]).sum(1) > 0.9).all()
        away = Rotation.from_quat(turns) * Rotation.from_rotvec(pose[:, INDEX[name]]).inv()
        assert away.magnitude().max() < 2e-4


def test_full_turns_stay_continuous(tmp_path: Path, rig: Rig) -> None:
    features = torch.zeros(100, FEATURES)
    features[:, 2] = torch.linspace(-7, 7, 100)
    write_glb(tmp_path / "turn.glb", Motion(features), rig)
    turns = Read(tmp_path / "turn.glb").channels()[INDEX["neck"], "rotation"]
    assert ((turns[1:] * turns[:-1]).sum(1) > 0.9).all()


def test_face_shapes_come_back(read: Read, rig: Rig, motion: Motion) -> None:
    assert motion.face is not None
    shapes = read.shapes
    assert {"browInnerUp", "mouthPucker", "eyeBlinkLeft", "tongueOut"} <= set(shapes)
    assert "jawOpen" not in shapes  # neither in an expression column nor used here
    weights = read.channels()[len(JOINTS), "weights"].reshape(len(motion), len(shapes))
    for name in ("browInnerUp", "tongueOut", "mouthPucker"):
        np.testing.assert_allclose(weights[:, shapes.index(name)], motion.face[:, FACE_INDEX[name]], atol=1e-6)
    for name, target in zip(shapes, read.gltf.meshes[0].primitives[0].targets, strict=True):
        away = np.abs(read.accessor(target["POSITION"]) - rig.shapes[name])
        assert away.max() <= 1e-4, name


def test_colours_are_linear_light(read: Read, rig: Rig) -> None:
    linear = read.accessor(read.gltf.meshes[0].primitives[0].attributes.COLOR_0)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(srgb[:, :3], rig.colors.numpy()[:, :3], atol=1e-3)
    assert linear[:, :3].mean() < rig.colors.numpy()[:, :3].mean()


def test_the_body_stands_where_the_body_model_puts_it(read: Read, rig: Body, motion: Motion) -> None:
    """Poses the file's mesh by glTF's own rules at one frame and compares with the body itself."""
    frame = 40
    gltf, channels = read.gltf, read.channels()
    world: dict[int, np.ndarray] = {}

    def visit(node: int, above: np.ndarray) -> None:
        local = np.eye(4)
        turn = channels.get((node, "rotation"))
        local[:3, :3] = Rotation.from_quat(gltf.nodes[node].rotation if turn is None else turn[frame]).as_matrix()
        local[:3, 3] = gltf.nodes[node].translation
        world[node] = above @ local
        for child in gltf.nodes[node].children or []:
            visit(child, world[node])

    visit(0, np.eye(4))
    skin, primitive = gltf.skins[0], gltf.meshes[0].primitives[0]
    inverse = read.accessor(skin.inverseBindMatrices).reshape(-1, 4, 4).transpose(0, 2, 1)
    joints = np.stack([world[node] @ inverse[i] for i, node in enumerate(skin.joints)])
    weights, which = read.accessor(primitive.attributes.WEIGHTS_0), read.accessor(primitive.attributes.JOINTS_0)
    shaped = read.accessor(primitive.attributes.POSITION).astype(float)
    amounts = channels[len(JOINTS), "weights"].reshape(len(motion), -1)[frame]
    for amount, target in zip(amounts, primitive.targets, strict=True):
        shaped += amount * read.accessor(target["POSITION"])
    posed = np.einsum("vk,vkij,vj->vi", weights, joints[which], np.c_[shaped, np.ones(len(shaped))])[:, :3]
    assert motion.face is not None
    expected = rig.pose(Motion(motion.features[[frame]], face=motion.face[[frame]])).vertices[0].numpy()
    away = np.linalg.norm(posed - expected, axis=1)
    assert np.quantile(away, 0.95) < 0.002  # metres: four joints a vertex instead of all
    assert away.max() < 0.02
    assert np.linalg.norm(expected - rig.template, axis=1).max() > 0.3


def test_weights_sum_to_one_and_idle_joints_are_zero(read: Read) -> None:
    attributes = read.gltf.meshes[0].primitives[0].attributes
    weights, joints = read.accessor(attributes.WEIGHTS_0), read.accessor(attributes.JOINTS_0)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-9)
    assert (joints[weights == 0] == 0).all()


def test_timeline_and_settings_are_inside(read: Read, result: SignResult) -> None:
    inside = read.gltf.animations[0].extras
    assert inside == timeline(result)
    assert [cue["gloss"] for cue in inside["cues"]] == ["HELLO", "A-N-A", "HOW", "YOU"]
    assert [line["text"] for line in inside["sentences"]] == ["Hello Ana.", "How <are> you --> & me?"]
    assert read.gltf.asset.extras == {"settings": {"seed": 3, "note": "Übung 手语"}}


def test_expression_columns_stand_in_for_a_missing_face(tmp_path: Path, rig: Rig, motion: Motion) -> None:
    write_glb(tmp_path / "a.glb", Motion(motion.features), rig)
    read = Read(tmp_path / "a.glb")
    weights = read.channels()[len(JOINTS), "weights"].reshape(len(motion), -1)
    assert weights[:, read.shapes.index("browInnerUp")].max() > 0.9
    write_glb(tmp_path / "b.glb", Motion(motion.features, expression_space="smplx"), rig)
    assert Read(tmp_path / "b.glb").channels()[len(JOINTS), "weights"].max() == 0


def test_a_body_with_other_shapes_shows_its_own(tmp_path: Path, rig: Rig, motion: Motion) -> None:
    names = [f"smplx_expression_{i}" for i in range(10)]

    class Licensed:
        """The body with ten nameless expressions, as a licensed file has them."""

        shapes: ClassVar = dict(zip(names, list(rig.shapes.values())[:10], strict=True))

        def __getattr__(self, name: str) -> Any:
            return getattr(rig, name)

        def face_weights(self, motion: Motion) -> torch.Tensor:
            return motion.features[:, 123:]

    write_glb(tmp_path / "a.glb", motion, Licensed())
    read = Read(tmp_path / "a.glb")
    assert read.shapes == names
    weights = read.channels()[len(JOINTS), "weights"].reshape(len(motion), 10)
    np.testing.assert_allclose(weights, motion.features[:, 123:], atol=1e-6)


def test_an_empty_motion_is_refused(tmp_path: Path, rig: Rig) -> None:
    with pytest.raises(SignError, match="no frames"):
        write_glb(tmp_path / "a.glb", Motion(torch.zeros(0, FEATURES)), rig)
    assert not list(tmp_path.iterdir())
