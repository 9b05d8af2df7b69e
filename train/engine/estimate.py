"""What a run will need, told before it starts: memory from the largest batch, time from a usual one.

Both are tried on a copy of the model, forward and backward, so that the run itself starts untouched.
"""

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sign_models.errors import SignError
from train.engine.task import Terms

BYTES_A_PARAMETER = 16
"""Weight, gradient and two moments of AdamW, four bytes each."""


@dataclass(frozen=True)
class Estimate:
    """memory, available: bytes on the device (available 0 when unknown). seconds: of all steps."""

    parameters: int
    memory: int
    available: int
    steps: int
    seconds: float

    def __str__(self) -> str:
        known = f" of {self.available / 1e9:.1f} GB free" if self.available else ""
        return (
            f"{self.parameters / 1e6:.1f} M parameters, {self.steps} steps: about {self.memory / 1e9:.2f} GB{known} on "
            f"each device and {_duration(self.seconds)} here, without validation"
        )

    def check(self) -> None:
        if self.available and self.memory > self.available:
            raise SignError(
                f"The largest batch needs about {self.memory / 1e9:.1f} GB, {self.available / 1e9:.1f} GB are free; "
                "lower training.batch or the longest clip."
            )


def estimate(
    model: nn.Module, terms: Callable[[nn.Module, Any], Terms], usual: Any, largest: Any, steps: int
) -> Estimate:
    """usual, largest: batches on the model's device. All processes must call this together."""
    trial = copy.deepcopy(model).train()
    device = next(trial.parameters()).device
    kept, _ = _try(trial, terms, largest)
    _, seconds = _try(trial, terms, usual)
    count = sum(parameter.numel() for parameter in trial.parameters() if parameter.requires_grad)
    frozen = sum(parameter.numel() for parameter in trial.parameters()) - count
    del trial
    memory = count * BYTES_A_PARAMETER + frozen * 4 + kept
    return Estimate(count, memory, _available(device), steps, seconds * steps)


def _try(model: nn.Module, terms: Callable[[nn.Module, Any], Terms], batch: Any) -> tuple[int, float]:
    """(bytes kept for the backward pass, seconds of both passes)."""
    kept: dict[int, int] = {}
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    start = time.perf_counter()
    with _counting(kept):
        made = terms(model, batch)
        loss = made.loss(made.counts)
    loss.backward()
    model.zero_grad(set_to_none=True)
    if loss.is_cuda:
        torch.cuda.synchronize(loss.device)
    return sum(size for place, size in kept.items() if place not in weights), time.perf_counter() - start


@contextmanager
def _counting(kept: dict[int, int]) -> Iterator[None]:
    """Notes every storage that autograd keeps, once."""

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        yield


def _available(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    table = Path("/proc/meminfo")
    if device.type == "cpu" and table.is_file():
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
