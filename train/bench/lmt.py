"""LMT: seconds for a clip, frame by frame against code by code; trajectory attention against the plain form."""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from sign_models.lmt import bundle
from sign_models.lmt.bundle import Lmt
from sign_models.lmt.decoding import Sampling, generate
from sign_models.lmt.pipeline import LmtPipeline
from sign_models.lmt.trajectory import TrajectoryAttention
from sign_models.paths import assets_folder
from train.bench.report import Figure, Report

ABOUT = "LMT: a sign's clip, frame by frame against code by code, trajectory attention against its plain form"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="", help="out folder of train.lmt_prior (default: the starter)")
    parser.add_argument("--rounds", type=int, default=5, help="times each is measured (default %(default)s)")
    parser.add_argument("--passes", type=int, default=Sampling().passes, help="over each frame (default %(default)s)")
    parser.add_argument("--clips", type=int, default=16, help="of a batch (default %(default)s)")
    parser.add_argument("--frames", type=int, default=4, help="of the attention's trial (default %(default)s)")
    parser.add_argument("--places", type=int, default=256, help="of each of its frames (default %(default)s)")
    parser.add_argument("--width", type=int, default=128, help="its channels (default %(default)s)")


@torch.inference_mode()
def measure(options: argparse.Namespace) -> Report:
    lmt = bundle.read(_folder(options.model))
    frames = Sampling("frames", passes=options.passes)
    figures = [*_clip(lmt, frames, options), *_stages(lmt, frames, options.rounds)]
    with torch.inference_mode(False):
        figures += _attention(options)
    settings = {"passes": options.passes, "rounds": options.rounds, "codes of a clip": lmt.prior.config.length,
                "parameters": sum(p.numel() for part in (lmt.vqgan, lmt.prior) for p in part.parameters()),
                "attention": f"{options.frames} x {options.places} x {options.width}"}  # fmt: skip
    return Report("lmt", figures, settings)


def _folder(name: str) -> Path:
    return Path(name) if name else assets_folder() / "starter" / "lmt"


def _clip(lmt: Lmt, frames: Sampling, options: argparse.Namespace) -> list[Figure]:
    pipeline, gloss = LmtPipeline(lmt), lmt.about.glosses[:1]
    one = _seconds(partial(pipeline.generate, gloss, sampling=frames), options.rounds)
    tokens, whole = _pair(
        partial(pipeline.generate, gloss, sampling=Sampling("tokens")),
        partial(pipeline.generate, gloss, sampling=frames),
        options.rounds,
    )
    labels, stills = _inputs(lmt, options.clips)
    batch = _seconds(lambda: lmt.vqgan.decode(generate(lmt.prior, labels, stills, frames)), options.rounds)
    return [
        Figure("one sign's clip, frame by frame", one, "s", at_most=2.0),
        Figure("one sign's clip, code by code", tokens, "s"),
        Figure("times as fast frame by frame", tokens / whole, at_least=3.0),
        Figure(f"one of {options.clips} clips at once", batch / options.clips, "s"),
    ]


def _stages(lmt: Lmt, frames: Sampling, rounds: int) -> list[Figure]:
    """Seconds, work, and how far from what a plain matrix product reaches on this machine."""
    labels, stills = _inputs(lmt, 1)
    rules = lmt.rules
    picture = torch.rand(1, 3, rules.height, rules.width) * 2 - 1
    ids = generate(lmt.prior, labels, stills, frames)
    peak = _peak()
    stages: dict[str, Callable[[], object]] = {
        "still to codes": lambda: lmt.vqgan.encode_still(picture),
        "gloss to codes": lambda: generate(lmt.prior, labels, stills, frames),
        "codes to pictures": lambda: lmt.vqgan.decode(ids),
    }
    figures = [Figure("a plain matrix product", peak / 1e9, "GFLOP/s")]
    for name, work in stages.items():
        seconds, flops = _seconds(work, rounds), _flops(work)
        figures += [
            Figure(name, seconds, "s"),
            Figure(f"{name}, work", flops / 1e9, "GFLOP"),
            Figure(f"{name}, times its floor", seconds / (flops / peak)),
        ]
    return figures


def _attention(options: argparse.Namespace) -> list[Figure]:
    """Forward and backward of our module and of the equation as einsums, on the same weights."""
    torch.manual_seed(0)
    module = TrajectoryAttention(options.width, 8)
    x = torch.randn(1, options.frames, options.places, options.width, requires_grad=True)

    def step(form: Callable[[Tensor], Tensor]) -> None:
        form(x).square().mean().backward()

    plain = partial(plain_form, module)
    gap = float((module(x) - plain(x)).abs().max().detach())
    slow, fast = _pair(partial(step, plain), partial(step, module), options.rounds)
    return [
        Figure("trajectory attention, ours", fast, "s"),
        Figure("trajectory attention, plain einsums", slow, "s"),
        Figure("times as fast as plain", slow / fast, at_least=1.0),
        Figure("memory kept for the way back, ours", _kept(module, x) / 1e6, "MB"),
        Figure("memory kept for the way back, plain", _kept(plain, x) / 1e6, "MB"),
        Figure("memory as a share of plain", _kept(module, x) / _kept(plain, x), at_most=1.0),
        Figure("largest difference of the two", gap, at_most=1e-4),
    ]


def plain_form(module: TrajectoryAttention, x: Tensor) -> Tensor:
    """The equation in the order in which it is written."""
    b, t, n, c = x.shape
    g, s = module.heads, t * n
    q, k, v = (part.view(b, s, g, c // g) for part in module.qkv(x.view(b, s, c)).chunk(3, -1))
    scale = (c // g) ** -0.5
    keys, values = (z.view(b, t, n, g, c // g) for z in (k, v))
    weight = (torch.einsum("bsge,btnge->bgstn", q, keys) * scale).softmax(-1)
    y = torch.einsum("bgstn,btnge->bstge", weight, values).reshape(b, s, t, c)
    own = y[:, torch.arange(s), torch.arange(s) // n]
    query = module.proj_q(own).view(b, s, g, c // g)
    key, value = (z.view(b, s, t, g, c // g) for z in module.proj_kv(y).chunk(2, -1))
    if module.values == "published":
        value = y.view(b, s, t, g, c // g)
    weight = (torch.einsum("bsge,bstge->bsgt", query, key) * scale).softmax(-1)
    return module.proj(torch.einsum("bsgt,bstge->bsge", weight, value).reshape(b, s, c)).view(b, t, n, c)


def _inputs(lmt: Lmt, clips: int) -> tuple[Tensor, Tensor]:
    config = lmt.prior.config
    labels = torch.arange(clips) % config.glosses
    generator = torch.Generator().manual_seed(0)
    return labels, torch.randint(config.codes, (clips, *config.grid[1:]), generator=generator)


def _seconds(work: Callable[[], object], rounds: int) -> float:
    """Median, after one that warms up."""
    work()
    return float(np.median([_time(work) for _ in range(rounds)]))


def _pair(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians of both, in turns, so that what else the machine does falls on both."""
    one(), other()
    times = np.array([(_time(one), _time(other)) for _ in range(rounds)])
    first, second = np.median(times, axis=0)
    return float(first), float(second)


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _flops(work: Callable[[], object]) -> float:
    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops())


def _peak(side: int = 1024) -> float:
    """Floating-point operations a second of a matrix product."""
    a = torch.randn(side, side)
    return 2 * side**3 / min(_time(lambda: a @ a) for _ in range(5))


def _kept(form: Callable[[Tensor], Tensor], x: Tensor) -> int:
    """Bytes that autograd keeps, weights left out of the count being the same for both."""
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        made = form(x)
    del made
    return sum(kept.values())
