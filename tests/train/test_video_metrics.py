"""Measures of generated video against plain restatements, and the right name for each."""

from pathlib import Path

import numpy as np
import pytest
import small_i3d
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from sign_models.errors import SignError
from train.metrics import pictures
from train.metrics.clip_features import KNOWN_ANSWER, I3dFeatures
from train.metrics.distances import frechet, interval, kernel, spread


def _clips(seed: int, count: int = 2) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (count, 3, 16, 20, 3), dtype=np.uint8))


def test_psnr_is_scikit_images() -> None:
    made, real = _clips(0), _clips(1)
    wanted = [peak_signal_noise_ratio(real[b].numpy(), made[b].numpy()) for b in range(2)]
    assert pictures.psnr(made, real).tolist() == pytest.approx(wanted)
    assert pictures.psnr(real, real).tolist() == [pictures.CLOSEST] * 2


def test_hand_psnr_counts_the_pixels_of_the_boxes_alone() -> None:
    real = _clips(0, 1)
    boxes = torch.zeros(1, 3, 2, 4)
    boxes[0, 1, 0] = torch.tensor([0.25, 0.5, 0.5, 0.75])  # columns 5 to 9, rows 8 to 11 of frame 1
    made = real.clone()
    made[0, 0] = 255 - made[0, 0]  # far off, but in a frame without hands
    assert pictures.hand_psnr(made, real, boxes).item() == pictures.CLOSEST
    made[0, 1, 8:12, 5:10] = (made[0, 1, 8:12, 5:10].int() + 10).clamp(max=255).to(torch.uint8)
    gap = made[0, 1, 8:12, 5:10].double() - real[0, 1, 8:12, 5:10].double()
    wanted = 10 * np.log10(255**2 / float(gap.square().mean()))
    assert pictures.hand_psnr(made, real, boxes).item() == pytest.approx(wanted)
    assert pictures.hand_psnr(made, real, boxes * 0).isnan().item()


def test_ssim_is_scikit_images() -> None:
    made, real = _clips(0), _clips(1)
    made = (made.int() // 2 + real.int() // 2).to(torch.uint8)
    wanted = [
        np.mean([
            structural_similarity(
                a, b, channel_axis=-1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
            )
            for a, b in zip(made[k].numpy(), real[k].numpy(), strict=True)
        ])
        for k in range(2)
    ]  # fmt: skip
    assert pictures.ssim(made, real).tolist() == pytest.approx(wanted, abs=1e-6)
    assert pictures.ssim(real, real).tolist() == pytest.approx([1, 1])


def test_energy_is_the_mean_square_of_frame_differences() -> None:
    clips = _clips(0)
    wanted = [float(np.mean(np.diff(clip.numpy().astype(float), axis=0) ** 2)) for clip in clips]
    assert pictures.energy(clips).tolist() == pytest.approx(wanted)
    assert pictures.energy(clips[:, :1].expand(-1, 5, -1, -1, -1)).tolist() == [0, 0]


def test_looks_are_the_colours_of_clothes_and_background_not_of_hands() -> None:
    clip = torch.full((1, 4, 32, 32, 3), 200, dtype=torch.uint8)
    clip[:, :, 16:, 8:24] = torch.tensor([10, 60, 20], dtype=torch.uint8)
    boxes = torch.zeros(1, 4, 2, 4)
    boxes[:, :, 0] = torch.tensor([0.25, 0.5, 0.75, 0.95])  # hands before most of the clothes
    clip[:, :, 16:30, 8:24] = 150
    assert pictures.looks(clip, boxes)[0].tolist() == [[10, 60, 20], [200, 200, 200]]


def test_frechet_is_the_closed_form() -> None:
    generator = np.random.default_rng(0)
    # one dimension: (m1 - m2)^2 + (s1 - s2)^2
    a, b = generator.normal(1, 2, (50, 1)), generator.normal(3, 1, (70, 1))
    wanted = (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2
    assert frechet(a, b) == pytest.approx(wanted)
    # many: the trace of the plain matrix square root of the product of covariances
    from scipy.linalg import sqrtm

    x, y = generator.normal(0, 1, (40, 5)) @ generator.normal(0, 1, (5, 5)), generator.normal(1, 2, (60, 5))
    first, second = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    gap = x.mean(0) - y.mean(0)
    wanted = gap @ gap + np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet(x, y) == pytest.approx(float(wanted))
    assert frechet(x, x) == pytest.approx(0, abs=1e-6)
    assert frechet(x[:4], y[:4]) > 0  # fewer clips than features: singular, but no failure
    with pytest.raises(ValueError, match="2 or more"):
        frechet(x[:1], y)


def test_kernel_is_the_double_sum() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(0, 1, (6, 3)), generator.normal(1, 1, (5, 3))

    def like(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / 3 + 1) ** 3)

    own = [np.mean([like(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j]) for z in (x, y)]
    assert kernel(x, y) == pytest.approx(own[0] + own[1] - 2 * np.mean([like(a, b) for a in x for b in y]))


def test_kernel_of_pairs_is_zero_for_perfect_copies() -> None:
    x = np.random.default_rng(0).normal(0, 1, (6, 3))
    assert kernel(x, x, paired=True) == pytest.approx(0)
    assert kernel(x, x) < -0.1  # every row has its copy among the others, which the plain form takes for nearness


def test_spread_is_the_mean_distance_of_pairs() -> None:
    points = np.array([[0.0, 0], [3, 4], [0, 8]])
    assert spread(points) == pytest.approx((5 + 8 + 5) / 3)
    assert spread(points[:1]) == 0


def test_an_interval_holds_what_it_should_as_often_as_it_should() -> None:
    generator = np.random.default_rng(0)
    hits = 0
    for trial in range(100):
        values = generator.normal(0, 1, 40)

        def mean(chosen: np.ndarray, values: np.ndarray = values) -> float:
            return float(values[chosen].mean())

        low, high = interval(40, mean, draws=200, seed=trial)
        hits += low <= 0 <= high
    assert 85 <= hits <= 99


def test_an_interval_can_be_moved_around_a_value() -> None:
    values = np.arange(30.0)
    plain = interval(30, lambda chosen: float(values[chosen].max()))
    moved = interval(30, lambda chosen: float(values[chosen].max()), around=29.0)
    assert moved[1] - moved[0] == pytest.approx(plain[1] - plain[0])
    assert plain[1] <= 29 < moved[1]  # a largest value is never passed by draws: their mean lies below it
    assert moved[0] < 29


def test_only_a_network_with_the_known_answer_measures_fvd(tmp_path: Path) -> None:
    # black and white lie 2 factor apart: the squared distance of the known answer
    good = I3dFeatures(small_i3d.saved(tmp_path / "good.pt", KNOWN_ANSWER**0.5 / 2))
    assert good.frechet == "FVD"
    frames = torch.cat([torch.full((1, 12, 8, 8, 3), level, dtype=torch.uint8) for level in (0, 255)])
    features = good.of(frames)
    assert np.square(features[0] - features[1]).sum() == pytest.approx(KNOWN_ANSWER, rel=1e-3)
    with pytest.raises(SignError, match=r"puts black and white clips 100\.00 apart, I3D 151\.26"):
        I3dFeatures(small_i3d.saved(tmp_path / "other.pt", 5.0))
    with pytest.raises(SignError, match="10 frames or more; these clips have 9"):
        good.of(frames[:, :9])


def test_what_is_no_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(SignError, match="no I3D network"):
        I3dFeatures(tmp_path / "nothing.pt")
    (tmp_path / "text.pt").write_text("not a network", encoding="utf-8")
    with pytest.raises(SignError, match=r"text\.pt is not I3D"):
        I3dFeatures(tmp_path / "text.pt")
