"""Trajectory attention against the equation written out, and the other attentions of the motion transformer."""

import math

import pytest
import torch
from torch import Tensor

from sign_models.lmt.motion_transformer import Kind, MotionConfig, MotionTransformer
from sign_models.lmt.trajectory import TrajectoryAttention


def restated(module: TrajectoryAttention, x: Tensor) -> Tensor:
    """Motionformer's equations 3 to 8, place by place, in float64."""
    b, t, n, c = x.shape
    g, e = module.heads, c // module.heads
    q, k, v = (part.view(b, t * n, g, e) for part in module.qkv(x.reshape(b, t * n, c)).chunk(3, -1))
    out = torch.zeros(b, t * n, c, dtype=x.dtype)
    for i in range(t * n):
        points = torch.zeros(b, t, c, dtype=x.dtype)
        for frame in range(t):
            keys, values = (z[:, frame * n : (frame + 1) * n] for z in (k, v))
            weight = (torch.einsum("bge,bnge->bgn", q[:, i], keys) / math.sqrt(e)).softmax(-1)
            points[:, frame] = torch.einsum("bgn,bnge->bge", weight, values).flatten(1)
        query = module.proj_q(points[:, i // n]).view(b, g, e)
        key, value = (z.view(b, t, g, e) for z in module.proj_kv(points).chunk(2, -1))
        if module.values == "published":
            value = points.view(b, t, g, e)
        weight = (torch.einsum("bge,btge->bgt", query, key) / math.sqrt(e)).softmax(-1)
        out[:, i] = torch.einsum("bgt,btge->bge", weight, value).flatten(1)
    return module.proj(out).view(b, t, n, c)


@pytest.mark.parametrize("values", ["projected", "published"])
def test_it_is_the_equation(values: str) -> None:
    torch.manual_seed(0)
    module = TrajectoryAttention(12, 3, values).double()  # type: ignore[arg-type]
    x = torch.randn(2, 3, 5, 12, dtype=torch.float64)
    torch.testing.assert_close(module(x), restated(module, x), atol=1e-12, rtol=1e-10)


def test_the_two_values_differ() -> None:
    torch.manual_seed(0)
    one, other = TrajectoryAttention(8, 2), TrajectoryAttention(8, 2, "published")
    other.load_state_dict(one.state_dict())
    x = torch.randn(1, 2, 4, 8)
    assert (one(x) - other(x)).abs().max() > 0.01


def test_prototypes_approximate_and_cost_grows_with_their_number_alone() -> None:
    torch.manual_seed(0)
    exact = TrajectoryAttention(16, 2).double().eval()
    x = torch.randn(1, 3, 20, 16, dtype=torch.float64)
    errors = []
    for landmarks in (1, 8, 60):
        near = TrajectoryAttention(16, 2, landmarks=landmarks).double().eval()
        near.load_state_dict(exact.state_dict())
        assert torch.equal(near(x), near(x))
        errors.append(float((near(x) - exact(x)).norm() / exact(x).norm()))
    assert errors[0] > errors[1]
    assert errors[2] < 0.2


def test_prototypes_point_away_from_one_another() -> None:
    from sign_models.lmt.trajectory import _prototypes

    axes = torch.eye(4)
    q = torch.cat([axes[:1].repeat(5, 1), axes * 3])[None, None]
    made = _prototypes(q, 4, random=False)[0, 0]
    assert sorted(made.abs().argmax(-1).tolist()) == [0, 1, 2, 3]


def test_gradients_reach_every_weight() -> None:
    for landmarks in (0, 4):
        module = TrajectoryAttention(8, 2, landmarks=landmarks)
        module(torch.randn(1, 2, 6, 8)).square().sum().backward()
        assert all(
            p.grad is not None and p.grad.abs().sum() > 0 for p in [*module.qkv.parameters(), *module.proj.parameters()]
        )
        assert module.proj_kv.weight.grad is not None
        assert module.proj_kv.weight.grad.abs().sum() > 0


def reached(kind: Kind) -> Tensor:
    """(t, h, w) bool: which places change when the place (0, 0, 0) does, in one layer without its convolution."""
    torch.manual_seed(1)
    made = MotionTransformer(8, MotionConfig(kind, 1, 2))
    torch.nn.init.zeros_(made.place.weight)
    x = torch.randn(1, 8, 2, 3, 4)
    other = x.clone()
    other[:, :, 0, 0, 0] += torch.randn(8)
    return (made(x) - made(other)).abs().amax((0, 1)) > 1e-6


def test_each_attention_sees_what_it_should() -> None:
    assert reached("joint").all()
    assert reached("trajectory").all()
    assert reached("divided").all()  # over time, then over the frame
    cross = torch.zeros(2, 3, 4, dtype=torch.bool)
    cross[:, 0, 0] = cross[0, :, 0] = cross[0, 0, :] = True
    assert torch.equal(reached("axial"), cross)


def test_divided_goes_over_time_first() -> None:
    """A change in another frame and another place arrives only through the first frame's own column."""
    torch.manual_seed(1)
    made = MotionTransformer(8, MotionConfig("divided", 1, 2))
    torch.nn.init.zeros_(made.place.weight)
    with torch.no_grad():
        made.layers[0].attention.time.proj.weight.zero_()  # type: ignore[union-attr]
    x = torch.randn(1, 8, 2, 3, 4)
    other = x.clone()
    other[:, :, 0, 0, 0] += torch.randn(8)
    changed = (made(x) - made(other)).abs().amax((0, 1)) > 1e-6
    assert changed[0].all()
    assert not changed[1].any()


@pytest.mark.parametrize(
    "config",
    [MotionConfig("trajectory", landmarks=3), MotionConfig("axial"), MotionConfig("divided"), MotionConfig("joint"),
     MotionConfig("trajectory", layers=0), MotionConfig("trajectory", heads=2),
     MotionConfig("trajectory", values="published")],
)  # fmt: skip
def test_every_setting_is_used_and_any_size_goes_through(config: MotionConfig) -> None:
    def made(of: MotionConfig) -> Tensor:
        torch.manual_seed(0)
        model = MotionTransformer(8, of).eval()
        for p in model.parameters():
            torch.nn.init.normal_(p, std=0.3, generator=torch.Generator().manual_seed(p.numel()))
        return model(torch.randn(1, 8, 3, 2, 5, generator=torch.Generator().manual_seed(5)))

    assert made(config).shape == (1, 8, 3, 2, 5)
    assert (made(config) - made(MotionConfig("trajectory"))).abs().max() > 1e-4


def test_wrong_sizes_are_told() -> None:
    with pytest.raises(ValueError, match="width 10 must be a multiple of heads 4"):
        TrajectoryAttention(10, 4)
