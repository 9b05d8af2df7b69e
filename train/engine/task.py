"""What a recipe gives to the loop: a model, examples, and a loss that can be added up over processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Terms:
    """A loss as weighted ratios: sum over i of weights[i] * sums[i] / counts[i].

    sums, counts: (n,); sums carry the gradient. Processes exchange the counts, so the loss of a batch is the same
    however it is divided. extra: figures for the log, no gradient.
    """

    names: tuple[str, ...]
    sums: Tensor
    counts: Tensor
    weights: tuple[float, ...]
    extra: Mapping[str, Tensor] = field(default_factory=dict)

    def loss(self, counts: Tensor) -> Tensor:
        """The share of this process in the loss, ``counts`` (n,) being those of all processes."""
        weights = torch.tensor(self.weights, device=self.sums.device)
        return (weights * self.sums / counts.clamp_min(1)).sum()


class Task(Protocol):
    """A training. Examples are numbered; ``example`` may vary with the epoch but not with anything else."""

    model: nn.Module

    def lengths(self, split: str) -> Sequence[int]:
        """The length of each example of "train" or "val"."""

    def example(self, split: str, index: int, epoch: int) -> Any: ...

    def collate(self, examples: Sequence[Any]) -> Any:
        """Examples -> a batch: a tuple of tensors and plain values."""

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        """The loss of a batch; ``model`` is ``self.model``, perhaps wrapped for several processes."""

    def write(self, folder: Path) -> None:
        """The model in the form in which it is used."""


@runtime_checkable
class Divisible(Protocol):
    """What a task has beside that whose batches can be worked through in pieces."""

    def counts(self, batch: Any) -> Tensor:
        """(n,) the counts of ``terms`` of a batch, out of its masks alone."""


Verdict = Literal["good", "", "back"]


@runtime_checkable
class Staged(Protocol):
    """What a task may have beside that: losses that change on the way, pictures, and a guard."""

    def groups(self) -> list[dict[str, Any]]:
        """Groups of parameters as torch's optimizers take them; "share" of a group scales its learning rate."""

    def at(self, step: int, steps: int) -> None:
        """Called before each step; before the first it must be as if at the costliest, for the estimate."""

    def epoch_figures(self) -> Mapping[str, float]:
        """Figures over the epoch that has just ended."""

    def judge(self, figures: Mapping[str, float]) -> Verdict:
        """After each validation: "good" is kept to go back to, "back" goes back to the last good state."""

    def gone_back(self) -> None:
        """Called when the weights are those of the last good state: something must now be done otherwise."""

    def show(self, folder: Path, step: int) -> None:
        """After each validation, with the weights that were validated: pictures for people."""
