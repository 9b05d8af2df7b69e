"""A moving average of the weights: what a run is judged by and what it leaves behind."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """decay: how much of the average stays at each step; less in the first steps, so that the start is forgotten."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay, self.steps = decay, 0
        self.values: dict[str, Tensor] = copy.deepcopy(model.state_dict())

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.steps += 1
        share = 1 - min(self.decay, self.steps / (10 + self.steps))
        for name, value in model.state_dict().items():
            mine = self.values[name].to(value.device)
            # an average of counts and flags means nothing
            averaged = value.is_floating_point() and self.steps > 1
            self.values[name] = mine.lerp_(value, share) if averaged else value.clone()

    @contextmanager
    def used(self, model: nn.Module) -> Iterator[None]:
        """Inside, the model has the average; after, its own weights again."""
        own = copy.deepcopy(model.state_dict())
        model.load_state_dict(self.values)
        try:
            yield
        finally:
            model.load_state_dict(own)

    def state(self) -> dict[str, object]:
        return {"values": self.values, "steps": self.steps}

    def load(self, state: dict[str, object]) -> None:
        self.values = dict(state["values"])  # type: ignore[call-overload]
        self.steps = int(state["steps"])  # type: ignore[call-overload]
