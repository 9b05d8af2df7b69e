"""Who may look at whom, the cache, and decoding both ways."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from sign_models.lmt.decoding import Sampling, generate
from sign_models.lmt.prior import LatentTransformer, PriorConfig

CONFIG = PriorConfig(codes=11, grid=(3, 2, 2), glosses=4, width=16, layers=2, heads=2, dropout=0.0)


def model(**changes: object) -> LatentTransformer:
    torch.manual_seed(0)
    made = LatentTransformer(replace(CONFIG, **changes)).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for p in made.parameters():  # larger than at the start of a training, so that differences show
            p.mul_(8 if p.ndim > 1 else 1)
    return made


def batch(count: int = 2, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randint(4, (count,), generator=generator),
        torch.randint(11, (count, 2, 2), generator=generator),
        torch.randint(11, (count, 3, 2, 2), generator=generator),
    )


@pytest.mark.parametrize("mask", ["seq2seq", "causal"])
def test_a_late_prefix_code_changes_early_prefix_states_only_in_seq2seq(mask: str) -> None:
    made, (gloss, still, latent) = model(mask=mask), batch()
    other = still.clone()
    other[:, -1, -1] = (other[:, -1, -1] + 1) % 11
    change = (made.states(gloss, still, latent) - made.states(gloss, other, latent)).abs().amax((0, 2))
    assert (change[:4] > 1e-5).all() == (mask == "seq2seq")
    assert (change[:4] == 0).all() == (mask == "causal")
    assert (change[4:] > 1e-5).all()


@pytest.mark.parametrize("mask", ["seq2seq", "causal"])
def test_a_code_never_changes_logits_up_to_its_own(mask: str) -> None:
    made, (gloss, still, latent) = model(mask=mask), batch()
    for k in range(12):
        other = latent.flatten(1).clone()
        other[:, k] = (other[:, k] + 1) % 11
        change = (made(gloss, still, latent) - made(gloss, still, other.view_as(latent))).abs().amax((0, 2))
        assert (change[: k + 1] == 0).all()
        assert k == 11 or (change[k + 1 :] > 1e-6).all()


def test_filled_frames_see_the_prefix_the_frames_before_and_themselves() -> None:
    made, (gloss, still, latent) = model(), batch()
    frames = torch.tensor([[1], [1]])
    shown = torch.full((2, 1, 2, 2), CONFIG.hidden)
    shown[:, 0, 0, 0] = latent[:, 1, 0, 0]

    def filled(*, still: Tensor = still, latent: Tensor = latent, shown: Tensor = shown) -> Tensor:
        logits = made.both(gloss, still, latent, frames, shown)[1]
        assert logits is not None
        return logits

    def changed(where: tuple[int, ...]) -> bool:
        other = latent.clone()
        other[(slice(None), *where)] = (other[(slice(None), *where)] + 1) % 11
        return not torch.equal(filled(latent=other), filled())

    assert changed((0, 1, 1))
    assert not changed((1, 0, 0))  # of its own frame it sees what is shown and no more
    assert not changed((1, 1, 1))
    assert not changed((2, 0, 0))
    other = shown.clone()
    other[:, 0, 0, 0] = (other[:, 0, 0, 0] + 1) % 11
    assert not torch.equal(filled(shown=other), filled())
    assert not torch.equal(filled(still=(still + 1) % 11), filled())
    assert torch.equal(made.both(gloss, still, latent, frames, shown)[0], made(gloss, still, latent))


def test_several_frames_are_filled_apart() -> None:
    made, (gloss, still, latent) = model(), batch()
    frames = torch.tensor([[0, 2], [1, 2]])
    shown = torch.full((2, 2, 2, 2), CONFIG.hidden)
    together = made.both(gloss, still, latent, frames, shown)[1]
    assert together is not None
    for k in range(2):
        alone = made.both(gloss, still, latent, frames[:, k : k + 1], shown[:, :1])[1]
        assert alone is not None
        torch.testing.assert_close(together[:, k : k + 1], alone)


@pytest.mark.parametrize("mask", ["seq2seq", "causal"])
@pytest.mark.parametrize("label", ["prefix", "everywhere"])
def test_cached_decoding_is_uncached_decoding(mask: str, label: str) -> None:
    made, (gloss, still, _) = model(mask=mask, label=label), batch(3)
    cached = generate(made, gloss, still, Sampling("tokens")).flatten(1)
    ids = torch.zeros(3, 12, dtype=torch.long)
    for k in range(12):
        ids[:, k] = made(gloss, still, ids.view(3, 3, 2, 2))[:, k].argmax(-1)
    assert torch.equal(cached, ids)


@pytest.mark.parametrize("passes", [1, 2, 4])
def test_cached_frames_are_uncached_frames(passes: int) -> None:
    made, (gloss, still, _) = model(), batch(3)
    cached = generate(made, gloss, still, Sampling("frames", passes=passes))
    ids = torch.full((3, 3, 2, 2), CONFIG.hidden)
    for frame in range(3):
        for step in range(passes):
            which = torch.full((3, 1), frame)
            logits = made.both(
                gloss, still, ids.masked_fill(ids == CONFIG.hidden, 0), which, ids[:, frame : frame + 1]
            )[1]
            assert logits is not None
            best = logits[:, 0].log_softmax(-1).max(-1)
            own = ids[:, frame].flatten(1)
            leave = 0 if step + 1 == passes else int(torch.cos(torch.tensor(torch.pi / 2 * (step + 1) / passes)) * 4)
            for b in range(3):
                open_ = [i for i in range(4) if own[b, i] == CONFIG.hidden]
                surest = sorted(open_, key=lambda i: -best.values[b, i].item())[: len(open_) - leave]
                own[b, surest] = best.indices[b, surest]
            ids[:, frame] = own.view(3, 2, 2)
    assert torch.equal(cached, ids)


def test_guidance_exaggerates_what_the_gloss_changes() -> None:
    made, (gloss, still, latent) = model(label="everywhere"), batch()
    plain = generate(made, gloss, still, Sampling("tokens"))
    first = made(gloss, still, latent)[:, 0]
    none = made(torch.full_like(gloss, CONFIG.no_gloss), still, latent)[:, 0]
    strong = generate(made, gloss, still, Sampling("tokens", guidance=5.0)).flatten(1)[:, 0]
    assert torch.equal(strong, (none + 5 * (first - none)).argmax(-1))
    assert torch.equal(generate(made, gloss, still, Sampling("tokens", guidance=1.0)), plain)
    untold = generate(made, gloss, still, Sampling("frames", guidance=0.0))
    assert torch.equal(untold, generate(made, (gloss + 1) % 4, still, Sampling("frames", guidance=0.0)))


@pytest.mark.parametrize("mode", ["tokens", "frames"])
def test_a_clip_does_not_depend_on_its_batch(mode: str) -> None:
    made, (gloss, still, _) = model(), batch(3)
    together = generate(made, gloss, still, Sampling(mode, temperature=1.0, seed=4))  # type: ignore[arg-type]
    for i in range(3):
        alone = generate(made, gloss[i : i + 1], still[i : i + 1], Sampling(mode, temperature=1.0, seed=4 + i))  # type: ignore[arg-type]
        assert torch.equal(together[i : i + 1], alone)
    assert not torch.equal(together, generate(made, gloss, still, Sampling(mode, temperature=1.0, seed=9)))  # type: ignore[arg-type]


def test_top_k_and_top_p_leave_out_the_rest() -> None:
    from sign_models.lmt.decoding import _Chooser

    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(1, 2000, 4)
    for sampling, kept in (
        (Sampling(temperature=1.0), {0, 1, 2, 3}),
        (Sampling(temperature=1.0, top_k=2), {0, 1}),
        (Sampling(temperature=1.0, top_p=0.6), {0, 1}),
        (Sampling(temperature=1.0, top_p=0.9), {0, 1, 2}),
        (Sampling(temperature=0.01), {0}),
        (Sampling(), {0}),
    ):
        assert set(_Chooser(sampling, 1)(logits)[0].flatten().tolist()) == kept
    share = (_Chooser(Sampling(temperature=1.0), 1)(logits)[0] == 0).float().mean()
    assert share == pytest.approx(0.5, abs=0.04)
    hot = (_Chooser(Sampling(temperature=3.0), 1)(logits)[0] == 0).float().mean()
    assert hot < share - 0.05


def test_steps_are_told_and_may_stop() -> None:
    made, (gloss, still, _) = model(), batch()
    told: list[tuple[int, int]] = []
    generate(made, gloss, still, Sampling("frames", passes=2), lambda *step: told.append(step))
    assert told == [(k, 6) for k in range(1, 7)]

    def stop(step: int, steps: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(made, gloss, still, Sampling("tokens"), stop)


def test_the_label_is_everywhere_only_when_asked() -> None:
    gloss, still, latent = batch()
    for label in ("prefix", "everywhere"):
        made = model(label=label)
        slots = made.slots(gloss, latent.flatten(1), 0), made.slots((gloss + 1) % 4, latent.flatten(1), 0)
        assert torch.equal(*slots) == (label == "prefix")
        assert not torch.equal(made(gloss, still, latent), made((gloss + 1) % 4, still, latent))


def test_dropout_and_sizes_are_used() -> None:
    gloss, still, latent = batch()
    made = model(dropout=0.5).train()
    assert not torch.equal(made(gloss, still, latent), made(gloss, still, latent))
    assert len(model(layers=3).layers) == 3
    assert model(width=32).head.in_features == 32
    assert model(heads=4).layers[0].heads == 4
    for wrong in ({"heads": 3}, {"grid": (2, 2)}, {"codes": 0}):
        with pytest.raises(ValueError, match="must be a multiple of heads"):
            replace(CONFIG, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="top_p above 0"):
        Sampling(top_p=0.0)


@pytest.mark.parametrize("mode", ["tokens", "frames"])
def test_a_tiny_model_learns_two_clips_by_their_gloss(mode: str) -> None:
    torch.manual_seed(0)
    made = LatentTransformer(replace(CONFIG, width=32, label="everywhere"))
    _, still, latent = batch()
    gloss, still = torch.tensor([0, 1]), still[:1].expand(2, -1, -1)
    optimizer = torch.optim.Adam(made.parameters(), 5e-3)
    frames = torch.arange(3).expand(2, -1)
    for _ in range(80):
        hide = torch.rand(latent.shape) < torch.rand(2, 3, 1, 1).mul(1.2)
        codes, filled = made.both(gloss, still, latent, frames, latent.masked_fill(hide, CONFIG.hidden))
        assert filled is not None
        loss = F.cross_entropy(codes.flatten(0, 1), latent.flatten())
        loss = loss + F.cross_entropy(filled.flatten(0, 2), latent.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    made.eval()
    assert torch.equal(generate(made, gloss, still, Sampling(mode)), latent)  # type: ignore[arg-type]
