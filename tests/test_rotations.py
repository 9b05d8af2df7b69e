import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from sign_models import rotations


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-4, 0.5, 3.0, np.pi - 1e-4])
def test_axis_angle_agrees_with_scipy_both_ways(angle: float) -> None:
    axes = np.random.default_rng(0).normal(size=(50, 3))
    vectors = angle * axes / np.linalg.norm(axes, axis=1, keepdims=True)
    matrices = rotations.axis_angle_to_matrix(torch.from_numpy(vectors))
    assert np.allclose(matrices, Rotation.from_rotvec(vectors).as_matrix(), atol=1e-9)
    assert np.allclose(rotations.matrix_to_axis_angle(matrices), vectors, atol=1e-6)


def test_half_turns_survive() -> None:
    vectors = np.pi * np.eye(3)
    matrices = torch.from_numpy(Rotation.from_rotvec(vectors).as_matrix())
    back = rotations.matrix_to_axis_angle(matrices)
    assert np.allclose(rotations.axis_angle_to_matrix(back), matrices, atol=1e-9)


def test_6d_is_the_first_two_columns_and_comes_back() -> None:
    matrices = torch.from_numpy(Rotation.random(20, random_state=1).as_matrix())
    six = rotations.matrix_to_6d(matrices)
    assert torch.equal(six[0], torch.cat([matrices[0, :, 0], matrices[0, :, 1]]))
    assert torch.allclose(rotations.six_d_to_matrix(2 * six), matrices)
