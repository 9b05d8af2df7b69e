from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from sign_models import checkpoints
from sign_models.soke.autoencoder import AutoencoderConfig
from sign_models.soke.quantizer import EmaQuantizer
from sign_models.soke.tokenizer import SPLITS, PartConfig, SignTokenizer, TokenizerConfig

SMALL = AutoencoderConfig(width=16, code_width=8)


def small(split: str = "body+left+right", codes: int = 12) -> SignTokenizer:
    parts = tuple(PartConfig(part.name, part.columns, codes) for part in SPLITS[split])
    return SignTokenizer(TokenizerConfig(parts=parts, autoencoder=SMALL))


def trained(tokenizer: SignTokenizer, features: Tensor, steps: int = 2) -> SignTokenizer:
    for _ in range(steps):
        tokenizer.train()(features)
    return tokenizer.eval()


def test_published_size() -> None:
    """Parameter counts of soke.md section 1.4: 18,760,747 for the body, 18,766,893 for each hand."""
    tokenizer = SignTokenizer(TokenizerConfig())
    counts = [sum(p.numel() for p in vae.parameters()) for vae in tokenizer.vaes]
    assert counts == [18_760_747, 18_766_893, 18_766_893]


@pytest.mark.parametrize("split", SPLITS)
def test_shapes_of_every_split(split: str) -> None:
    tokenizer = trained(small(split), torch.randn(2, 16, 133))
    ids = tokenizer.encode(torch.randn(2, 16, 133))
    assert ids.shape == (2, len(SPLITS[split]), 4)
    assert tokenizer.decode(ids).shape == (2, 16, 133)


def test_encoder_agrees_with_a_plain_restatement() -> None:
    encoder = small().vaes[0].encoder
    x = torch.randn(1, 24, 43)

    def conv(h: Tensor, layer: torch.nn.Conv1d, **how: int) -> Tensor:
        return F.conv1d(h, layer.weight, layer.bias, **how)

    h = conv(x.transpose(1, 2), encoder.enter, padding=1).relu()
    for shrink, blocks in zip(encoder.shrink, encoder.blocks, strict=True):
        h = conv(h, shrink, stride=2, padding=1)
        for dilation, block in zip((9, 3, 1), blocks, strict=True):
            inner = conv(h.relu(), block.wide, padding=dilation, dilation=dilation)
            h = h + conv(inner.relu(), block.point)
    h = conv(h, encoder.leave, padding=1)
    assert torch.allclose(encoder(x, torch.ones(1, 24, dtype=torch.bool)), h.transpose(1, 2), atol=1e-6)


def test_padding_changes_neither_codes_nor_loss_nor_codebook() -> None:
    torch.manual_seed(0)
    short = torch.randn(1, 16, 133)
    padded = torch.cat([short, torch.full((1, 8, 133), 9.0)], dim=1)
    mask = torch.arange(24)[None] < 16
    alone, together = small(), small()
    together.load_state_dict(alone.state_dict())
    losses = [alone.train()(short), together.train()(padded, mask)]
    assert torch.allclose(losses[0].total, losses[1].total, atol=1e-6)
    for one, other in zip(alone.vaes, together.vaes, strict=True):
        assert torch.allclose(one.quantizer.codebook, other.quantizer.codebook, atol=1e-6)
    alone.eval()
    together.eval()
    assert torch.equal(alone.encode(short), together.encode(padded, mask)[..., :4])
    ids = alone.encode(short)
    extra = F.pad(ids, (0, 2))
    steps = torch.arange(6)[None] < 4
    assert torch.allclose(alone.decode(ids), alone.decode(extra, steps)[:, :16], atol=1e-6)


def test_saved_and_read_it_trains_on_to_the_bit(tmp_path: Path) -> None:
    torch.manual_seed(0)
    first = trained(small(), torch.randn(2, 16, 133))
    checkpoints.save(tmp_path, first, first.config)
    second = SignTokenizer(checkpoints.read_config(tmp_path, TokenizerConfig))
    checkpoints.read_weights(tmp_path, second)
    batch = torch.randn(2, 16, 133)
    for tokenizer in (first, second):
        tokenizer.train()(batch)
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name


def test_statistics_are_part_of_the_tokenizer() -> None:
    tokenizer = trained(small(), torch.randn(1, 16, 133))
    moved = small()
    moved.load_state_dict(tokenizer.state_dict())
    moved.set_statistics(torch.full((133,), 2.0), torch.full((133,), 3.0))
    ids = tokenizer.encode(torch.randn(1, 16, 133))
    assert torch.allclose(moved.decode(ids), tokenizer.decode(ids) * 3 + 2, atol=1e-5)


def test_quantizer_update_agrees_with_the_published_rule() -> None:
    torch.manual_seed(0)
    quantizer = EmaQuantizer(size=4, width=3, mu=0.9).train()
    first, second = torch.randn(10, 3), torch.randn(10, 3)
    quantizer(first)
    codebook, total, count = first[:4].clone(), first[:4].clone(), torch.ones(4)
    for step, rows in enumerate((first, second)):
        ids = torch.cdist(rows, codebook).argmin(1)
        for code in range(4):
            mine = rows[ids == code]
            count[code] = 0.9 * count[code] + 0.1 * len(mine)
            total[code] = 0.9 * total[code] + 0.1 * mine.sum(0)
            codebook[code] = total[code] / count[code] if count[code] >= 1 else rows[code]
        assert torch.allclose(quantizer.codebook, codebook, atol=1e-5)
        if step == 0:
            quantizer(second)


def test_a_small_batch_is_tiled_into_different_codes() -> None:
    quantizer = EmaQuantizer(size=8, width=4).train()
    quantizer(torch.randn(3, 4))
    assert len(quantizer.codebook.unique(dim=0)) == 8


def test_straight_through_gradient_and_perplexity() -> None:
    quantizer = EmaQuantizer(size=4, width=3).train()
    x = torch.randn(12, 3, requires_grad=True)
    result = quantizer(x)
    result.codes.sum().backward()
    assert torch.allclose(x.grad, torch.ones_like(x))
    share = torch.bincount(result.ids, minlength=4) / 12
    assert torch.isclose(result.perplexity, torch.exp(-(share * (share + 1e-7).log()).sum()))


def test_overfits_two_clips() -> None:
    torch.manual_seed(0)
    time = torch.linspace(0, 6.28, 32)[None, :, None]
    clips = torch.sin(time * torch.rand(2, 1, 133) * 3)
    tokenizer = small(codes=16)
    optimizer = torch.optim.Adam(tokenizer.parameters(), 3e-3)
    for _ in range(200):
        loss = tokenizer.train()(clips).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    tokenizer.eval()
    assert (tokenizer.decode(tokenizer.encode(clips)) - clips).abs().mean() < 0.08


def test_refusals() -> None:
    with pytest.raises(ValueError, match="15 frames; a multiple of 4"):
        small().encode(torch.zeros(1, 15, 133))
    broken = replace(TokenizerConfig(), parts=SPLITS["body+left+right"][:2])
    with pytest.raises(ValueError, match="do not cover"):
        SignTokenizer(broken)


def test_the_fine_split_gives_each_arm_and_the_head_codes_of_their_own() -> None:
    tokenizer = trained(small("head+arms+hands"), torch.randn(2, 16, 133))
    features = torch.randn(1, 16, 133)
    lifted = features.clone()
    lifted[..., 12:15] += 3  # the left shoulder
    changed = (tokenizer.encode(features) != tokenizer.encode(lifted)).any(-1)[0]
    names = [part.name for part, different in zip(tokenizer.parts, changed, strict=True) if different]
    assert names == ["left_arm"]


def test_velocity_is_the_error_of_the_steps_between_frames_of_the_clip_alone() -> None:
    tokenizer = trained(small(), torch.randn(2, 16, 133))
    tokenizer.config = replace(tokenizer.config, velocity=2.0)
    features, mask = torch.randn(2, 16, 133), torch.ones(2, 16, dtype=torch.bool)
    mask[1, 12:] = False
    loss = tokenizer(features, mask)
    made = tokenizer.decode(tokenizer.encode(features, mask), mask[:, ::4])
    off = F.smooth_l1_loss(made.diff(dim=1), features.diff(dim=1), reduction="none").mean(-1)
    assert torch.allclose(loss.velocity, (off[0].sum() + off[1, :11].sum()) / 28, atol=1e-6)
    assert torch.allclose(loss.total, loss.reconstruction + 2 * loss.velocity + 0.02 * loss.commitment)
