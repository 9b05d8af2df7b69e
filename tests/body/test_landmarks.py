"""The points beside the joints: the same as smplx gives out, with and without the contour of the face."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import smplx
import torch

from sign_models.body import Body, load
from sign_models.body.file import OPEN_BODY, SHAPES
from sign_models.body.landmarks import Landmarks
from sign_models.paths import asset
from sign_models.types import Motion


@pytest.fixture(scope="module")
def body() -> Body:
    return load(asset(OPEN_BODY))


@pytest.fixture(scope="module")
def with_contour(body: Body, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the layout of a licensed one."""
    random = np.random.default_rng(4)
    arrays: dict[str, Any] = {key: body.file.arrays[key] for key in SHAPES}
    arrays["posedirs"] = random.normal(0, 1e-4, arrays["posedirs"].shape).astype(np.float16)
    arrays["shapedirs"] = random.normal(0, 1e-3, (len(body.template), 3, 20)).astype(np.float32)
    arrays["dynamic_lmk_faces_idx"] = random.integers(0, len(arrays["f"]), (79, 17))
    arrays["dynamic_lmk_bary_coords"] = random.dirichlet(np.ones(3), (79, 17)).astype(np.float32)
    path = tmp_path_factory.mktemp("licensed") / "SMPLX_NEUTRAL.npz"
    np.savez(path, **arrays)
    return path


def smplx_joints(path: Path, pose: torch.Tensor, expression: torch.Tensor, contour: bool) -> torch.Tensor:
    model = smplx.SMPLX(str(path), num_betas=10, num_expression_coeffs=10, use_pca=False, flat_hand_mean=True,
                        use_face_contour=contour, batch_size=len(pose))  # fmt: skip
    with torch.no_grad():
        made = model(
            expression=expression,
            global_orient=pose[:, 0],
            body_pose=pose[:, 1:22].flatten(1),
            jaw_pose=pose[:, 22],
            leye_pose=pose[:, 23],
            reye_pose=pose[:, 24],
            left_hand_pose=pose[:, 25:40].flatten(1),
            right_hand_pose=pose[:, 40:].flatten(1),
        )
    return made.joints


@pytest.mark.parametrize("contour", [True, False])
def test_they_are_those_of_smplx(with_contour: Path, contour: bool, tmp_path: Path) -> None:
    path = with_contour
    if not contour:
        path = tmp_path / "SMPLX_NEUTRAL.npz"
        with np.load(with_contour) as data:
            np.savez(path, **{key: data[key] for key in SHAPES})
    body = load(path)
    random = torch.Generator().manual_seed(3)
    features = torch.randn(9, 133, generator=random) * 0.4
    features[:, 1] = torch.linspace(-1.2, 1.2, 9)  # the neck turns further than the table of the contour goes
    motion = Motion(features, expression_space="smplx")
    mesh, pose = body.pose(motion), body.full_pose(motion)
    made = torch.cat([mesh.joints, Landmarks.of(body.file)(mesh.vertices, pose)], dim=1)
    wanted = smplx_joints(path, pose, body.face_weights(motion), contour)
    assert made.shape[1] == (144 if contour else 127)
    torch.testing.assert_close(made, wanted, atol=2e-5, rtol=0)


def test_fewer_vertices_give_the_same_points(body: Body) -> None:
    motion = Motion(torch.randn(3, 133, generator=torch.Generator().manual_seed(1)) * 0.3)
    mesh, pose = body.pose(motion), body.full_pose(motion)
    landmarks = Landmarks.of(body.file)
    kept = landmarks.vertices
    assert len(kept) < 200
    fewer = landmarks.among(kept)(mesh.vertices[:, kept], pose)
    torch.testing.assert_close(fewer, landmarks(mesh.vertices, pose))
