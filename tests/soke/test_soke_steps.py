"""One step at a time equals the whole sequence; packed weights are close and are really used; every choice counts."""

from dataclasses import replace
from typing import get_args

import pytest
import torch

from sign_models.soke import decoding
from sign_models.soke.decoding import Sampling
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.steps import Precision, Steps, pack

SMALL = LanguageModelConfig(text_rows=20, codes=(5, 7, 7), width=64, encoder_layers=2, decoder_layers=3,
                            attention_heads=4, feedforward=96, dropout=0.0, positions=64)  # fmt: skip
TEXT = torch.tensor([[5, 6, 7, 2], [8, 2, 1, 1]])
MASK = TEXT != 1
LANGUAGES = ["ase", "gsg"]


def small(**changes: object) -> SignLM:
    torch.manual_seed(0)
    model = SignLM(replace(SMALL, **changes)).eval()  # type: ignore[arg-type]
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.15)  # norms and biases too
    return model


@torch.inference_mode()
@pytest.mark.parametrize("mode", ["multi_head", "parallel"])
def test_steps_equal_the_whole_sequence(mode: str) -> None:
    model = small(mode=mode)
    codes = torch.stack([torch.randint(0, size, (2, 9)) for size in SMALL.codes], dim=1)
    whole = model(TEXT, MASK, LANGUAGES, codes)
    source = model.encode(TEXT, MASK, LANGUAGES)
    steps, inputs = Steps(model, source, 10), source.start
    for step in range(10):
        logits = model.logits(steps(inputs))[:, :, 0]
        assert torch.allclose(logits, whole[:, :, step], atol=1e-4)
        inputs = model.embed_columns(codes[:, :, step : step + 1] + 1) if step < 9 else inputs


@torch.inference_mode()
@pytest.mark.parametrize("precision", get_args(Precision))
def test_packed_weights_give_almost_the_same(precision: Precision) -> None:
    model = small()
    source = model.encode(TEXT, MASK, LANGUAGES)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    exact = Steps(model, source, 1)(source.start)
    close = Steps(pack(model, precision), source, 1)(source.start)
    error = float((close - exact).norm() / exact.norm())
    assert error == 0 if precision == "float32" else 1e-5 < error < 0.05
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    pack(model, "float32")
    assert torch.equal(Steps(model, source, 1)(source.start), exact)


@torch.inference_mode()
def test_int8_without_quantised_tensors_rounds_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small()
    source = model.encode(TEXT, MASK, LANGUAGES)
    quantised = Steps(pack(model, "int8"), source, 1)(source.start)
    monkeypatch.delattr(torch, "quantize_per_channel")
    plain = Steps(pack(model, "int8"), source, 1)(source.start)
    pack(model, "float32")
    exact = Steps(model, source, 1)(source.start)
    assert not torch.equal(plain, exact)
    assert (plain - quantised).norm() < 0.1 * (plain - exact).norm()


def test_a_stream_gives_each_step_as_it_is_made() -> None:
    model = small()
    calls: list[int] = []
    model.backbone.decoder.layer_norm.register_forward_hook(lambda *_: calls.append(1))
    made = decoding.stream(model, TEXT, MASK, LANGUAGES, Sampling(max_steps=6))
    codes, going = next(made)
    assert (codes.shape, going.tolist(), len(calls)) == ((2, 3), [True, True], 1)
    next(made)
    assert len(calls) == 2


def test_each_sample_stops_by_itself() -> None:
    model = small()
    result = decoding.generate(model, TEXT, MASK, LANGUAGES, Sampling(1.0, 0, 40, seed=5))
    lengths = [tokens.ids.shape[1] for tokens in result]
    assert lengths[0] != lengths[1]
    assert max(lengths) < 40


def test_temperature_and_top_k_narrow_the_choice() -> None:
    model = small()

    def drawn(sampling: Sampling) -> list[set[int]]:
        first = [
            decoding.generate(model, TEXT[:1], MASK[:1], ["ase"], replace(sampling, seed=seed, max_steps=1))[0].ids[
                :, 0
            ]
            for seed in range(60)
        ]
        return [{int(codes[part]) for codes in first} for part in range(3)]

    greedy, two, wide = (drawn(Sampling(*how)) for how in ((0.0, 0), (5.0, 2), (5.0, 0)))
    assert [len(codes) for codes in greedy] == [1, 1, 1]
    assert [len(codes) for codes in two] == [2, 2, 2]
    assert all(best < narrow < broad for best, narrow, broad in zip(greedy, two, wide, strict=True))
    assert drawn(Sampling(1e-4, 0)) == greedy
    assert drawn(Sampling(5.0, 1)) == greedy


def test_raising_in_on_step_stops_at_once() -> None:
    def stop(step: int, steps: int) -> None:
        assert steps == 30
        if step == 1:
            raise KeyboardInterrupt

    model = small()
    calls: list[int] = []
    model.backbone.decoder.layer_norm.register_forward_hook(lambda *_: calls.append(1))
    with pytest.raises(KeyboardInterrupt):
        decoding.generate(model, TEXT[:1], MASK[:1], ["ase"], Sampling(1.0, 0, 30, seed=1), stop)
    assert len(calls) == 1


@torch.inference_mode()
def test_scale_of_the_decoder_alone() -> None:
    one, other = small(embedding_scale=2.0), small(embedding_scale=2.0, decoder_embedding_scale=1.0)
    codes = torch.zeros(2, 3, 4, dtype=torch.long)
    assert torch.equal(one.encode(TEXT, MASK, LANGUAGES).states, other.encode(TEXT, MASK, LANGUAGES).states)
    assert torch.equal(one.embed_columns(codes), 2 * other.embed_columns(codes))
    assert torch.equal(one.encode(TEXT, MASK, LANGUAGES).start, 2 * other.encode(TEXT, MASK, LANGUAGES).start)


def test_heads_are_three_of_their_own_or_the_table() -> None:
    separate, tied = small(heads="separate"), small(heads="tied")
    assert separate.head.shape == (3, 8, 64)
    assert not hasattr(tied, "head")
    codes = torch.zeros(2, 3, 4, dtype=torch.long)
    row = int(tied.vocabulary.row_of_column()[1, 3])
    for model, moves in ((separate, False), (tied, True)):
        before = model(TEXT, MASK, LANGUAGES, codes)
        with torch.no_grad():
            model.backbone.get_input_embeddings().weight[row] += 1
        after = model(TEXT, MASK, LANGUAGES, codes)
        changed = (before != after).nan_to_num().any(0).any(1)  # (k, v)
        assert bool(changed.any()) == moves
        if moves:
            assert changed.nonzero().tolist() == [[1, 3]]
