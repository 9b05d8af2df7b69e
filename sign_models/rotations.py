"""Axis-angle, matrix and 6D forms of rotations, as torch functions over any leading axes.

6D: the first two columns of the matrix (Zhou et al. 2019, arXiv 1812.07035).
"""

import torch
from torch import Tensor


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """(..., 3) radians -> (..., 3, 3), by Rodrigues' formula with series near zero."""
    angle2 = (axis_angle * axis_angle).sum(-1)[..., None, None]
    angle = angle2.clamp_min(1e-24).sqrt()
    small = angle2 < 1e-8
    sine = torch.where(small, 1 - angle2 / 6, torch.sin(angle) / angle)
    cosine = torch.where(small, 0.5 - angle2 / 24, (1 - torch.cos(angle)) / angle.square())
    x, y, z = axis_angle.unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    identity = torch.eye(3, dtype=axis_angle.dtype, device=axis_angle.device)
    return identity + sine * skew + cosine * (skew @ skew)


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    """(..., 3, 3) -> (..., 3) radians, angle in 0..pi, exact through pi (by way of the unit quaternion)."""
    quaternion = _matrix_to_quaternion(matrix)
    vector, real = quaternion[..., 1:], quaternion[..., :1]
    norm = vector.norm(dim=-1, keepdim=True)
    angle = 2 * torch.atan2(norm, real)
    scale = torch.where(norm < 1e-7, torch.full_like(norm, 2.0), angle / norm.clamp_min(1e-20))
    return vector * scale


def matrix_to_6d(matrix: Tensor) -> Tensor:
    """(..., 3, 3) -> (..., 6)."""
    return matrix[..., :2].transpose(-1, -2).flatten(-2)


def six_d_to_matrix(six: Tensor) -> Tensor:
    """(..., 6) -> (..., 3, 3), by Gram-Schmidt."""
    first, second = six[..., :3], six[..., 3:]
    x = torch.nn.functional.normalize(first, dim=-1)
    y = torch.nn.functional.normalize(second - (x * second).sum(-1, keepdim=True) * x, dim=-1)
    return torch.stack([x, y, torch.linalg.cross(x, y)], dim=-1)


def _matrix_to_quaternion(matrix: Tensor) -> Tensor:
    """(..., 3, 3) -> (..., 4) with the real part first and not negative; the best-conditioned of four formulas."""
    m = matrix
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    four_squares = torch.stack([1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz], -1)
    twice = four_squares.clamp_min(0).sqrt()
    a = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    s = m[..., 1, 0] + m[..., 0, 1], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    candidates = torch.stack(
        [
            torch.stack([twice[..., 0].square(), a[0], a[1], a[2]], -1),
            torch.stack([a[0], twice[..., 1].square(), s[0], s[1]], -1),
            torch.stack([a[1], s[0], twice[..., 2].square(), s[2]], -1),
            torch.stack([a[2], s[1], s[2], twice[..., 3].square()], -1),
        ],
        dim=-2,
    )
    best = four_squares.argmax(-1)[..., None, None].expand(*m.shape[:-2], 1, 4)
    chosen = torch.nn.functional.normalize(candidates.gather(-2, best).squeeze(-2), dim=-1)
    return torch.where(chosen[..., :1] < 0, -chosen, chosen)
