"""Codes and back: shapes, refusals, quantizers, judges, perceptual losses; every setting does something."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.lmt import perceptual as perceptual_room
from sign_models.lmt.discriminators import DiscriminatorConfig, Discriminators
from sign_models.lmt.motion_transformer import MotionConfig
from sign_models.lmt.perceptual import Features, Gradients, perceptual
from sign_models.lmt.quantizers import QuantizerConfig, look_up, quantizer
from sign_models.lmt.vqgan import VideoVqGan, VqGanConfig

FSQ = QuantizerConfig("fsq", levels=(4, 4, 4))
VQ = QuantizerConfig("vq", codes=24, width=8)
SMALL = VqGanConfig(widths=(8, 16, 16), blocks=(1, 1), encoder_motion=MotionConfig(layers=1, heads=2), quantizer=FSQ)


def clips(frames: int = 8, height: int = 16, width: int = 24, count: int = 2, seed: int = 0) -> Tensor:
    return torch.rand(count, 3, frames, height, width, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def model(config: VqGanConfig = SMALL) -> VideoVqGan:
    torch.manual_seed(0)
    made = VideoVqGan(config)
    made(clips())  # fills the codebook, or the mean that is subtracted
    return made.eval()


@pytest.mark.parametrize("kind", [FSQ, VQ])
@pytest.mark.parametrize("size", [(4, 8, 8), (12, 16, 40)])
def test_any_size_the_strides_divide_becomes_codes_and_a_clip(
    kind: QuantizerConfig, size: tuple[int, int, int]
) -> None:
    made = model(replace(SMALL, quantizer=kind))
    ids = made.encode(clips(*size))
    assert ids.shape == (2, size[0] // 4, size[1] // 8, size[2] // 8)
    assert 0 <= int(ids.min()) <= int(ids.max()) < kind.size
    assert made.decode(ids).shape == (2, 3, *size)
    again, same, _ = made(clips(*size))
    assert torch.equal(same, ids)
    torch.testing.assert_close(again, made.decode(ids), atol=1e-5, rtol=1e-4)


def test_a_size_that_the_strides_do_not_divide_is_told() -> None:
    with pytest.raises(SignError, match=r"frames 6 \(a multiple of 4\), width 20 \(a multiple of 8\)"):
        model().encode(clips(6, 16, 20))
    with pytest.raises(ValueError, match="not in 0 to 63"):
        model().decode(torch.full((1, 1, 1, 1), 64))


def test_a_still_is_the_code_of_a_clip_in_which_nothing_moves() -> None:
    made = model()
    picture = clips(1)[:, :, 0]
    assert torch.equal(made.encode_still(picture), made.encode(picture[:, :, None].expand(-1, -1, 4, -1, -1))[:, 0])


@pytest.mark.parametrize("kind", [FSQ, VQ])
def test_sure_weights_decode_as_their_codes_and_gradients_reach_them(kind: QuantizerConfig) -> None:
    made = model(replace(SMALL, quantizer=kind))
    ids = made.encode(clips())
    sure = nn.functional.one_hot(ids, kind.size).float().requires_grad_()
    soft = made.decode_soft(sure)
    torch.testing.assert_close(soft, made.decode(ids), atol=1e-5, rtol=1e-4)
    soft.square().sum().backward()
    assert sure.grad is not None
    assert (sure.grad.abs().sum(-1) > 0).all()


def test_every_setting_changes_the_network() -> None:
    def made(config: VqGanConfig) -> tuple[int, Tensor]:
        one = model(config)
        return sum(p.numel() for p in one.parameters()), one(clips())[0]

    size, out = made(SMALL)
    for change in (
        {"patch": (1, 2, 2), "strides": ((2, 2, 2), (2, 2, 2))},
        {"strides": ((2, 1, 1), (2, 2, 2))},
        {"widths": (8, 24, 16)},
        {"blocks": (2, 1)},
        {"blocks": (1, 2)},
        {"encoder_motion": MotionConfig("axial", 1, 2)},
        {"decoder_motion": MotionConfig(layers=1, heads=2)},
        {"quantizer": VQ},
    ):
        other_size, other = made(replace(SMALL, **change))  # type: ignore[arg-type]
        assert other_size != size or not torch.allclose(other, out), change
    with pytest.raises(ValueError, match="one number, a multiple of 8, for the door and each of 2"):
        replace(SMALL, widths=(8, 16))
    with pytest.raises(ValueError, match="two numbers, for the encoder and the decoder"):
        replace(SMALL, blocks=(1,))


def test_fsq_needs_its_normalisation() -> None:
    """Inputs far from zero use many codes all the same, and at use as in training."""
    made = quantizer(QuantizerConfig("fsq", levels=(8, 8)))
    x = torch.randn(4, 2, 2, 8, 8) * 0.1 + 5
    for _ in range(120):
        _, ids, _ = made(x)
    assert len(ids.unique()) > 16
    made.eval()
    assert (made(x)[1] == ids).float().mean() > 0.9
    codes, ids, loss = made(x)
    torch.testing.assert_close(look_up(made.table(), ids), codes, atol=1e-5, rtol=0)
    assert float(loss) == 0


@pytest.mark.parametrize("cosine", [False, True])
def test_vq_starts_from_data_learns_by_averages_and_restarts_dead_codes(cosine: bool) -> None:
    torch.manual_seed(0)
    made = quantizer(replace(VQ, codes=8, width=2, cosine=cosine, decay=0.5))
    far = torch.randn(2, 2, 2, 4, 4) + 10
    made(far)
    assert float(made.table().mean()) > 0.5  # not where it was drawn
    other = torch.randn(2, 2, 2, 4, 4) * 0.5 + torch.tensor([-9.0, 9.0]).view(1, 2, 1, 1, 1)
    for _ in range(12):
        codes, ids, loss = made(other)
    assert len(ids.unique()) >= 4
    if not cosine:
        assert (made.table()[:, 0] < 0).all()
        assert (codes - other).abs().mean() < 1
    made.eval()
    codes, ids, _ = made(other)
    torch.testing.assert_close(look_up(made.table(), ids), codes, atol=1e-5, rtol=1e-4)
    assert loss.item() > 0


def test_vq_settings_are_used() -> None:
    def table(**changes: object) -> Tensor:
        torch.manual_seed(0)
        made = quantizer(replace(VQ, codes=8, width=2, **changes))  # type: ignore[arg-type]
        for seed in range(4):
            made(torch.randn(2, 2, 2, 4, 4, generator=torch.Generator().manual_seed(seed)))
        return made.table().clone()

    plain = table()
    assert not torch.allclose(table(decay=0.5), plain)
    assert not torch.allclose(table(cosine=True), plain)
    assert not torch.allclose(table(restart=1000.0), plain)


def test_bfloat16_does_not_change_codes_once_features_are_given() -> None:
    for kind in (FSQ, VQ):
        made = quantizer(kind)
        x = torch.randn(2, kind.channels, 2, 4, 4)
        made(x)
        made.eval()
        with torch.autocast("cpu", torch.bfloat16):
            low = made(x)[1]
        assert torch.equal(low, made(x)[1])


def test_a_tiny_network_learns_two_clips() -> None:
    torch.manual_seed(0)
    made = VideoVqGan(replace(SMALL, widths=(16, 16, 16)))
    wanted = nn.functional.interpolate(clips(4, 4, 4), size=(8, 16, 16), mode="trilinear")
    optimizer = torch.optim.Adam(made.parameters(), 5e-3)
    errors = []
    for _ in range(90):
        loss = (made(wanted)[0] - wanted).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    assert errors[-1] < errors[0] / 3


def test_judges_and_maker_are_trained_apart() -> None:
    torch.manual_seed(0)
    judges = Discriminators(DiscriminatorConfig(width=8, layers=2))
    made, real = clips(seed=1).requires_grad_(), clips(seed=2)
    verdict, fooled, matching = judges(made, real)
    verdict.backward(retain_graph=True)
    assert made.grad is None
    assert all(p.grad is not None for p in judges.parameters())
    judges.zero_grad()
    (fooled + matching).backward()
    assert made.grad is not None
    assert all(p.grad is None for p in judges.parameters())


def test_judges_learn_to_tell_and_look_at_motion() -> None:
    torch.manual_seed(0)
    judges = Discriminators(DiscriminatorConfig(width=8, layers=2, pictures=8))
    real = clips(8, 16, 16, 1)[:, :, :1].expand(-1, -1, 8, -1, -1)  # nothing moves
    made = clips(8, 16, 16, 1)[:, :, :1] * torch.tensor([1.0, -1.0] * 4).view(1, 1, 8, 1, 1)
    optimizer = torch.optim.Adam(judges.parameters(), 2e-3)
    first = judges(made, real)[0].item()
    for _ in range(40):
        loss = judges(made, real)[0]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert judges(made, real)[0].item() < first / 2
    shuffled = real[:, :, torch.randperm(8)]
    still = judges.picture(real)[-1]
    torch.testing.assert_close(judges.picture(shuffled)[-1].mean(), still.mean())
    assert not torch.allclose(judges.motion(made.flip(2))[-1], judges.motion(made)[-1])
    sizes = [
        sum(p.numel() for p in Discriminators(DiscriminatorConfig(*at)).parameters())
        for at in ((8, 2), (16, 2), (8, 3))
    ]
    assert sizes[0] < sizes[1]
    assert sizes[0] < sizes[2]


def test_matching_is_nothing_for_the_real_clip() -> None:
    judges = Discriminators(DiscriminatorConfig(width=8, layers=2))
    assert float(judges(clips(), clips())[2]) == 0
    assert float(judges(clips(seed=3), clips())[2]) > 0


def test_gradients_see_edges_and_not_brightness() -> None:
    look = Gradients()
    real = clips()
    assert float(look(real, real)) == 0
    assert float(look(real + 0.3, real)) == pytest.approx(0, abs=1e-6)
    blurred = nn.functional.avg_pool3d(real, (1, 3, 3), 1, (0, 1, 1))
    assert float(look(blurred, real)) > 0.05
    assert float(Gradients(scales=1)(blurred, real)) != float(look(blurred, real))


def test_the_perceptual_part_is_chosen_by_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    network = nn.Conv3d(3, 4, 1)
    monkeypatch.setattr(perceptual_room.Lpips, "available", classmethod(lambda cls: False))
    assert perceptual("auto").name == "multi-scale gradients"
    assert perceptual("auto", lambda x: [network(x)]).name == "features of our sign recogniser"
    assert perceptual("gradients", lambda x: [network(x)]).name == "multi-scale gradients"
    with pytest.raises(SignError, match="LPIPS needs the lpips package"):
        perceptual("lpips")
    with pytest.raises(SignError, match="no recogniser is given"):
        perceptual("recogniser")


STAND_IN = """
import torch

class LPIPS(torch.nn.Module):
    def __init__(self, net, verbose):
        super().__init__()
        assert net == "vgg"
        self.weight = torch.nn.Parameter(torch.tensor(2.0))

    def forward(self, made, real):
        return self.weight * (made - real).square().mean((1, 2, 3), keepdim=True)
"""


def test_lpips_is_taken_when_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lpips.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert perceptual("auto").name == "multi-scale gradients"  # the package alone would go and fetch its weights
    weights = tmp_path / perceptual_room.Lpips.weights
    weights.parent.mkdir()
    weights.touch()
    look = perceptual("auto", lambda x: [x])
    assert look.name == perceptual("lpips").name == "LPIPS (VGG16)"
    made = clips(seed=1).requires_grad_()
    loss = look(made, clips())
    assert float(loss.detach()) == pytest.approx(2 * float((made.detach() - clips()).square().mean()), rel=1e-5)
    loss.backward()
    assert made.grad is not None
    assert not list(look.parameters())
    assert perceptual("gradients").name == "multi-scale gradients"


def test_features_measure_and_stay_as_they_are() -> None:
    network = nn.Conv3d(3, 4, 1)
    look = Features("features of a test", lambda x: [network(x)])
    made = clips(seed=1).requires_grad_()
    assert float(look(clips(), clips())) == 0
    loss = look(made, clips())
    assert float(loss) > 0
    loss.backward()
    assert made.grad is not None
    assert not list(look.parameters())
    assert not look.state_dict()
