"""From a sentence to its files: seconds to the animated GLB, and the video against its own playing time."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from sign_models.outputs import Studio
from sign_models.registry import load_pipeline
from train.bench.report import Figure, Report

T = TypeVar("T")

ABOUT = "an eight-word sentence to GLB and to mp4, warm"

SENTENCES = {
    "ase": ("Hello, I want to learn sign language today.", "My friend can help you find the school."),
    "gsg": ("Hallo, ich möchte heute die Gebärdensprache lernen.", "Mein Freund kann dir helfen und wohnt hier."),
    "csl": ("你好，我今天想学习手语，谢谢你。", "我的朋友可以帮助你去学校。"),
}
"""Two each: the first warms everything up, the second is new to the pipeline's cache of signs."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default="ase", choices=SENTENCES, help="default %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="times the warm run is measured (default %(default)s)")


def measure(options: argparse.Namespace) -> Report:
    first, second = SENTENCES[options.language]
    start = time.perf_counter()
    studio, pipeline = Studio(), load_pipeline(options.language)
    with tempfile.TemporaryDirectory() as folder:
        glb, mp4 = Path(folder) / "a.glb", Path(folder) / "a.mp4"
        studio.save(pipeline.generate(first), glb)
        studio.save(pipeline.generate(first), mp4)
        cold = time.perf_counter() - start
        fresh, result = _timed(partial(pipeline.generate, second))
        warm, shares, sizes = [], [], []
        for _ in range(options.rounds):
            motion, result = _timed(partial(pipeline.generate, second))
            export, _ = _timed(partial(studio.save, result, glb))
            video, _ = _timed(partial(studio.save, result, mp4))
            warm.append(motion + export)
            shares.append(video / result.motion.seconds)
            sizes.append(glb.stat().st_size / 1e6)
    figures = [
        Figure("sentence to GLB", statistics.median(warm), "s", at_most=1.0),
        Figure("motion of a sentence of new signs", fresh, "s"),
        Figure("mp4 in parts of its playing time", statistics.median(shares), at_most=0.5),
        Figure("playing time", result.motion.seconds, "s"),
        Figure("size of the GLB", statistics.median(sizes), "MB"),
        Figure("first start, with all loading", cold, "s"),
    ]
    return Report("pipeline", figures, {"text": second, "language": options.language, "rounds": options.rounds})


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result
