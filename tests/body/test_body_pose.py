"""Posing: the same as smplx, whatever the chunk; conventions of hands, face and gaze."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sign_models.body import SKIN_TONES, TOPS, Appearance, Body, load
from sign_models.body.file import OPEN_BODY, SHAPES
from sign_models.errors import SignError
from sign_models.face import FACE_INDEX
from sign_models.parts import EXPRESSION_COLUMNS, HAND_COLUMNS
from sign_models.paths import asset
from sign_models.skeleton import INDEX
from sign_models.types import Motion


@pytest.fixture(scope="module")
def body() -> Body:
    return load(asset(OPEN_BODY))


@pytest.fixture(scope="module")
def motion() -> Motion:
    random = torch.Generator().manual_seed(3)
    return Motion(torch.randn(7, 133, generator=random) * 0.4, face=torch.rand(7, 52, generator=random))


def smplx_arguments(body: Body, motion: Motion) -> dict[str, torch.Tensor]:
    pose, face = body.full_pose(motion), body.face_weights(motion)
    t = len(motion)
    spare = torch.zeros(t, 10)
    return {
        "betas": spare,
        "expression": torch.cat([spare, face], 1) if body.is_open else face,
        "global_orient": pose[:, 0],
        "body_pose": pose[:, 1:22].flatten(1),
        "jaw_pose": pose[:, 22],
        "leye_pose": pose[:, 23],
        "reye_pose": pose[:, 24],
        "left_hand_pose": pose[:, 25:40].flatten(1),
        "right_hand_pose": pose[:, 40:].flatten(1),
        "transl": torch.zeros(t, 3),
    }


def test_is_the_same_as_smplx(body: Body, motion: Motion) -> None:
    with torch.no_grad():
        wanted = body.smplx()(**smplx_arguments(body, motion))
    mesh = body.pose(motion)
    torch.testing.assert_close(mesh.vertices, wanted.vertices, atol=1e-5, rtol=0)
    torch.testing.assert_close(mesh.joints, wanted.joints[:, :55], atol=1e-5, rtol=0)


@pytest.fixture(scope="module")
def licensed_like(body: Body, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as a licensed one: pose and expression shapes everywhere, and keys that hold pickled objects."""
    random = np.random.default_rng(1)
    arrays: dict[str, Any] = {key: body.file.arrays[key] for key in SHAPES}
    arrays["posedirs"] = random.normal(0, 1e-4, arrays["posedirs"].shape).astype(np.float16)
    arrays["shapedirs"] = random.normal(0, 1e-3, (len(body.template), 3, 20)).astype(np.float32)
    arrays["part2num"] = np.array({"head": 1}, dtype=object)
    path = tmp_path_factory.mktemp("licensed") / "SMPLX_NEUTRAL.npz"
    np.savez(path, **arrays)
    return path


def test_a_licensed_layout_goes_the_same_way(licensed_like: Path, motion: Motion) -> None:
    body = load(licensed_like)
    assert not body.is_open
    theirs = Motion(motion.features, expression_space="smplx")
    with torch.no_grad():
        wanted = body.smplx()(**smplx_arguments(body, theirs))
    mesh = body.pose(theirs)
    torch.testing.assert_close(mesh.vertices, wanted.vertices, atol=2e-5, rtol=0)
    torch.testing.assert_close(mesh.joints, wanted.joints[:, :55], atol=2e-5, rtol=0)
    assert len(np.unique(body.colors.numpy(), axis=0)) >= 3


def test_chunks_do_not_matter(body: Body, motion: Motion) -> None:
    whole = body.pose(motion, chunk=100)
    for chunk in (1, 3):
        torch.testing.assert_close(body.pose(motion, chunk=chunk).vertices, whole.vertices, atol=1e-6, rtol=0)


def test_no_frames_give_an_empty_mesh(body: Body) -> None:
    mesh = body.pose(Motion(torch.zeros(0, 133)))
    assert len(mesh) == 0
    assert mesh.vertices.shape == (0, len(body.template), 3)


def test_face_weights_win_over_expression_columns(body: Body) -> None:
    features = torch.zeros(1, 133)
    features[0, EXPRESSION_COLUMNS.start] = 1.0  # brows up
    columns_alone = body.pose(Motion(features)).vertices
    brows = torch.zeros(1, 52)
    brows[0, [FACE_INDEX[name] for name in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")]] = 1.0
    torch.testing.assert_close(body.pose(Motion(features, face=brows)).vertices, columns_alone)
    rest = body.pose(Motion(torch.zeros(1, 133))).vertices
    torch.testing.assert_close(body.pose(Motion(features, face=torch.zeros(1, 52))).vertices, rest)
    torch.testing.assert_close(body.pose(Motion(features, expression_space="smplx")).vertices, rest)
    assert (columns_alone - rest).abs().max() > 0.005


def test_gaze_turns_the_eyes(body: Body) -> None:
    face = torch.zeros(1, 52)
    face[0, [FACE_INDEX["eyeLookOutLeft"], FACE_INDEX["eyeLookInRight"]]] = 1.0  # both eyes to the signer's left
    mesh = body.pose(Motion(torch.zeros(1, 133), face=face))
    for vertex in (9448, 9929):
        assert mesh.vertices[0, vertex, 0] - body.template[vertex, 0] > 0.004
    torch.testing.assert_close(mesh.joints[0], torch.from_numpy(body.joints), atol=1e-5, rtol=0)


def test_hands_without_the_mean_get_it_added(body: Body) -> None:
    columns = [*range(*HAND_COLUMNS[0].indices(133)), *range(*HAND_COLUMNS[1].indices(133))]
    relaxed = body.full_pose(Motion(torch.zeros(1, 133), flat_hands=False))[0, INDEX["left_index1"] :].flatten()
    assert relaxed.abs().max() > 0.2
    features = torch.zeros(1, 133)
    features[0, columns] = relaxed
    again = body.pose(Motion(features)).vertices
    torch.testing.assert_close(again, body.pose(Motion(torch.zeros(1, 133), flat_hands=False)).vertices)


def test_colours_follow_the_appearance(body: Body) -> None:
    assert len(SKIN_TONES) >= 5
    light, deep = (body.colors_for(Appearance(skin=name)) for name in ("light", "deep"))
    assert light.shape == (len(body.template), 4)
    assert 0 <= light.min() <= light.max() <= 1
    assert light[9120, :3].sum() > deep[9120, :3].sum() + 0.5  # the nose
    names = list(body.file.arrays["region_names"])
    top = torch.from_numpy(body.file.arrays["regions"][:, names.index("top")] == 255)
    assert top.sum() > 500
    torch.testing.assert_close(light[top], deep[top])
    assert set(TOPS) >= {"navy", "cream"}
    assert Appearance(top="#A0B0C0").top == "#A0B0C0"


@pytest.mark.parametrize("wrong", [{"skin": "plaid"}, {"top": "#12345"}, {"hair": ""}])
def test_an_unknown_colour_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(SignError, match="choose one of"):
        Appearance(**wrong)


def test_a_chunk_of_nothing_is_refused(body: Body) -> None:
    with pytest.raises(ValueError, match="chunk is 0"):
        body.pose(Motion(torch.zeros(1, 133)), chunk=0)
