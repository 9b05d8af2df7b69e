import torch

from sign_models.parts import FEATURES
from sign_models.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from sign_models.soke.joining import FASTEST, joined, retimed
from sign_models.types import Motion


def posture(seed: int, size: float = 0.5) -> torch.Tensor:
    return size * torch.randn(FEATURES, generator=torch.Generator().manual_seed(seed)).clamp(-1.5, 1.5)


def turns(features: torch.Tensor) -> torch.Tensor:
    """(t - 1, 41) radians that each joint turns in a frame."""
    matrices = axis_angle_to_matrix(features[:, :123].unflatten(-1, (-1, 3)))
    return matrix_to_axis_angle(matrices[:-1].transpose(-1, -2) @ matrices[1:]).norm(dim=-1)


def held(seed: int, frames: int) -> Motion:
    return Motion(posture(seed).expand(frames, -1))


def test_no_joint_jumps_from_one_motion_to_the_next() -> None:
    pieces = [held(1, 6), held(2, 5), held(3, 4)]
    whole, starts = joined(pieces)
    assert turns(whole.features).max() < 1.05 * FASTEST
    assert starts[0] == 0
    for piece, start in zip(pieces, starts, strict=True):
        assert torch.equal(whole.features[start : start + len(piece)], piece.features)
    assert len(whole) == starts[-1] + 4
    # the way starts and ends slowly
    speed = turns(whole.features[4 : starts[1] + 2]).max(1).values
    assert speed[0] == 0
    assert speed[1] < speed.max() / 2 > speed[-2]


def test_equal_postures_need_no_way_and_one_motion_stays_itself() -> None:
    whole, starts = joined([held(1, 6), held(1, 5)])
    assert (len(whole), starts) == (11, [0, 6])
    alone, _ = joined([held(1, 6)])
    assert torch.equal(alone.features, held(1, 6).features)


def test_tempo_changes_the_length_and_keeps_both_ends() -> None:
    motion, _ = joined([held(1, 1), held(2, 1)])
    slow, quick = retimed(motion, 0.5), retimed(motion, 1.5)
    assert len(slow) == 2 * len(motion) - 1
    assert len(quick) == round((len(motion) - 1) / 1.5) + 1
    for played in (slow, quick):
        assert torch.allclose(played.features[[0, -1]], motion.features[[0, -1]], atol=1e-5)
    assert torch.allclose(slow.features[::2], motion.features, atol=1e-4)
    assert turns(slow.features).max() < 0.6 * turns(motion.features).max()
    assert retimed(motion, 1.0) is motion
