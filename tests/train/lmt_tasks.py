"""LMT's two trainings at debug size as tasks, without a run around them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from train import lmt_prior, lmt_vqgan
from train import settings as settings_io


def vqgan_task(data: Path, **changes: Any) -> lmt_vqgan.VqGanTask:
    values = settings_io.read_section("debug", "lmt_vqgan") | {"data": str(data), "out": "x"}
    settings = settings_io.build(lmt_vqgan.Settings, values, "lmt_vqgan")
    torch.manual_seed(0)
    return lmt_vqgan.VqGanTask(replace(settings, **changes))


def prior_task(data: Path, first: Path, **changes: Any) -> lmt_prior.PriorTask:
    values = settings_io.read_section("debug", "lmt_prior") | {"data": str(data), "vqgan": str(first), "out": "x"}
    settings = settings_io.build(lmt_prior.Settings, values, "lmt_prior")
    torch.manual_seed(0)
    return lmt_prior.PriorTask(replace(settings, **changes))


def some(task: Any, count: int = 2) -> Any:
    return task.collate([task.example("train", i, 0) for i in range(count)])
