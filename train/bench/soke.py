"""Generation at full size on a CPU against the published loop, and the starter's sentence.

The published loop decodes the whole prefix again at every step, without a cache, and takes the scores of the whole
vocabulary at every place of it (soke.md section 2.5). Both run here on the same random weights; the floor is the time
to read the decoder's weights once a step, at the speed with which this machine multiplies a matrix by a vector.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from sign_models.errors import SignError
from sign_models.registry import load_soke
from sign_models.soke import decoding
from sign_models.soke.decoding import Sampling
from sign_models.soke.language_model import LanguageModelConfig, SignLM, Source
from sign_models.soke.steps import Precision, Steps, pack
from sign_models.soke.vocabulary import END
from train.bench.pipeline import SENTENCES
from train.bench.report import Figure, Report

T = TypeVar("T")

ABOUT = "SOKE's generation at full size on a CPU, and the starter's sentence"

TEXT_ROWS = 19_003
"""With the rows of signs, languages and parts: 19,504, as many as the published table has."""
PROMPT = 100
"""Rows of a usual prompt: a sentence and three signs."""
BYTES: dict[Precision, int] = {"float32": 4, "bfloat16": 2, "int8": 1}
FASTER: dict[Precision, float | None] = {"float32": 4.0, "bfloat16": None, "int8": 10.0}
ABOVE_FLOOR = 1.3


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=100, help="token steps (default %(default)s)")
    parser.add_argument("--layers", type=int, default=12, help="of encoder and decoder each (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="the best of so many runs counts (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of weights and prompt (default %(default)s)")


@torch.inference_mode()
def measure(options: argparse.Namespace) -> Report:
    model, prompt = _model(options)
    decoder = sum(p.numel() for name, p in model.backbone.decoder.named_parameters() if _read_each_step(name))
    bandwidth = _bandwidth()
    published, expected = _timed(partial(_published_loop, model, prompt, options.steps))
    figures = [
        Figure("published loop", published, "s"),
        Figure("published loop, steps that differ from the one before", _lively(expected), at_least=0.3),
        Figure("memory read by a matrix times a vector", bandwidth / 1e9, "GB/s"),
    ]
    for precision in ("float32", "bfloat16", "int8"):
        figures += _ours(model, prompt, precision, options, published, expected, decoder, bandwidth)
    figures += _starter(options.rounds)
    settings = {name: getattr(options, name) for name in ("steps", "layers", "rounds", "seed")}
    return Report("soke", figures, settings | {"rows": model.vocabulary.rows, "prompt": PROMPT})


def _ours(
    model: SignLM,
    prompt: Tensor,
    precision: Precision,
    options: argparse.Namespace,
    published: float,
    expected: Tensor,
    decoder: int,
    bandwidth: float,
) -> list[Figure]:
    pack(model, precision)
    mask = torch.ones_like(prompt, dtype=torch.bool)
    runs = [_timed(partial(_whole_run, model, prompt, mask, options.steps)) for _ in range(options.rounds)]
    best, made = min(runs, key=lambda run: run[0])
    encoder = min(_timed(partial(model.encode, prompt, mask, ["ase"]))[0] for _ in range(options.rounds))
    pack(model, "float32")
    floor = decoder * BYTES[precision] * options.steps / bandwidth
    same = (made == expected).float()
    first = _first_difference(made, expected)
    exact = 1.0 if precision == "float32" else None
    return [
        Figure(f"{precision}", best, "s"),
        Figure(f"{precision}, times as fast", published / best, at_least=FASTER[precision]),
        Figure(f"{precision}, floor", floor, "s"),
        Figure(f"{precision}, decoding against the floor", (best - encoder) / floor, at_most=ABOVE_FLOOR),
        Figure(f"{precision}, same tokens", float(same.mean()), at_least=exact),
        Figure(f"{precision}, steps before the first other token", first),
        Figure(f"{precision}, same token after the same past", _agreement(model, prompt, expected, precision)),
    ]


def _model(options: argparse.Namespace) -> tuple[SignLM, Tensor]:
    torch.manual_seed(options.seed)
    config = LanguageModelConfig(
        TEXT_ROWS, encoder_layers=options.layers, decoder_layers=options.layers, heads="tied", fusion=0.4, stop="body"
    )
    model = SignLM(config).eval()
    # as they are drawn, every code would be followed by itself: let places and layers count for more
    model.backbone.decoder.embed_positions.weight *= 32
    for name, parameter in model.backbone.decoder.layers.named_parameters():
        if name.endswith("weight") and parameter.ndim == 2:
            parameter *= 2
    prompt = torch.randint(4, TEXT_ROWS, (1, PROMPT))
    return model, prompt


def _whole_run(model: SignLM, prompt: Tensor, mask: Tensor, steps: int) -> Tensor:
    """(k, steps) greedy codes; random weights must not end the sentence early."""
    with _endless(model):
        return decoding.generate(model, prompt, mask, ["ase"], Sampling(max_steps=steps))[0].ids


def _published_loop(model: SignLM, prompt: Tensor, steps: int) -> Tensor:
    """(k, steps) greedy codes in the published way."""
    mask = torch.ones_like(prompt, dtype=torch.bool)
    with _endless(model):
        source = model.encode(prompt, mask, ["ase"])
        made = torch.zeros(1, model.vocabulary.parts, 0, dtype=torch.long)
        for _ in range(steps):
            made = torch.cat([made, _next(model, source, made)[..., None]], dim=-1)
    return made[0]


def _next(model: SignLM, source: Source, made: Tensor) -> Tensor:
    """(b, k) codes after the whole past, out of the scores of the whole table at every place."""
    hidden = model.decode(source, torch.cat([source.start, model.embed_columns(made + 1)], dim=1))
    scores = hidden @ model.backbone.get_input_embeddings().weight.T  # (b, s, rows)
    parts = scores[:, :, model.row_of_column] + model.part_mask  # (b, s, k, v)
    return parts[:, -1].argmax(-1) - 1


def _agreement(model: SignLM, prompt: Tensor, expected: Tensor, precision: Precision) -> float:
    """Share of codes that are chosen alike when the past is the same: one slip does not count for all that follow."""
    if precision == "float32":
        return 1.0
    mask = torch.ones_like(prompt, dtype=torch.bool)
    pack(model, precision)
    with _endless(model):
        source = model.encode(prompt, mask, ["ase"])
        run, inputs, alike = Steps(model, source, expected.shape[1]), source.start, []
        for step in range(expected.shape[1]):
            chosen = model.logits(run(inputs))[0, :, 0].argmax(-1) - 1
            alike.append((chosen == expected[:, step]).float().mean())
            inputs = model.embed_columns(expected[None, :, step : step + 1] + 1)
    pack(model, "float32")
    return float(torch.stack(alike).mean())


@contextmanager
def _endless(model: SignLM) -> Iterator[None]:
    before = model.part_mask.clone()
    model.part_mask[:, END] = -torch.inf
    try:
        yield
    finally:
        model.part_mask.copy_(before)


def _bandwidth() -> float:
    """Bytes a second at which weights that no cache holds are read: the best of a matrix product and a plain sum."""
    weights = [torch.randn(4096, 1024) for _ in range(24)]
    x = torch.randn(1, 1024)
    size = sum(weight.numel() * 4 for weight in weights)

    def products() -> None:
        for weight in weights:
            torch.nn.functional.linear(x, weight)

    def sums() -> None:
        for weight in weights:
            weight.sum()

    return size / min(_timed(work)[0] for work in (products, sums) for _ in range(5))


def _read_each_step(name: str) -> bool:
    """Not tables, of which a step reads a row, nor what makes keys and values of the text, once a sentence."""
    return "embed" not in name and "encoder_attn.k_proj" not in name and "encoder_attn.v_proj" not in name


def _starter(rounds: int) -> list[Figure]:
    """Eight words to motion by the shipped weights, where there are any."""
    first, second = SENTENCES["ase"]
    try:
        pipeline = load_soke()
    except SignError:
        return []
    pipeline.generate(first, "ase")
    runs = [_timed(partial(pipeline.generate, second, "ase"))[0] for _ in range(rounds + 1)]
    return [Figure("starter, eight-word sentence to motion", statistics.median(runs), "s", at_most=0.5)]


def _lively(ids: Tensor) -> float:
    """Equal tokens would prove nothing if all were the same."""
    return float((ids[:, 1:] != ids[:, :-1]).any(0).float().mean())


def _first_difference(one: Tensor, other: Tensor) -> float:
    different = (one != other).any(0).nonzero()
    return float(different[0]) if len(different) else float(one.shape[1])


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result
