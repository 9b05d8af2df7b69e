"""What every recipe can set about its training."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Training:
    """epochs: passes over the data. batch: clips of one step over all processes together. accumulate: in so many pieces
    a process works through its share of them, one after another, for a batch that its memory cannot hold at once; the
    step is that of the whole batch, but for dropout. Codebooks learn from whole batches, so their training refuses it.

    lr falls from ``lr`` to ``last_lr`` along half a cosine after ``warmup`` steps of linear rise. clip: largest norm of
    the gradient, 0 for none. precision: "bf16" for matrix products in bfloat16. bucket: batches are made of clips of
    like length out of so many batches at a time, 1 for no such sorting. validate_every, save_every: steps, 0 for only
    at the end. stop_after: stop at this step, to be resumed later; 0 for the whole schedule. average: decay of the
    moving average of the weights (0.999), which then is what is validated and shipped; 0 for none. keep_best: the
    model with the lowest validation loss so far is kept too, in ``best`` beside the last one.
    """

    epochs: int
    batch: int
    accumulate: int = 1
    lr: float = 2e-4
    last_lr: float = 1e-6
    betas: tuple[float, ...] = (0.9, 0.99)
    weight_decay: float = 0.0
    warmup: int = 0
    clip: float = 1.0
    precision: Literal["fp32", "bf16"] = "fp32"
    bucket: int = 1
    seed: int = 1234
    workers: int = 0
    log_every: int = 10
    validate_every: int = 0
    save_every: int = 0
    stop_after: int = 0
    tensorboard: bool = False
    average: float = 0.0
    keep_best: bool = False

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "accumulate", "bucket", "log_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 1 or more.")
        if not 0 <= self.average < 1:
            raise ValueError(f"average is {self.average}; it must be 0 or more and below 1.")
        if len(self.betas) != 2 or not 0 < self.last_lr <= self.lr:
            raise ValueError(
                f"betas {self.betas} must be two numbers, and last_lr {self.last_lr} at most lr {self.lr}."
            )


FREE_TO_CHANGE = ("workers", "log_every", "validate_every", "save_every", "stop_after", "tensorboard", "keep_best")
"""Settings that may differ when a run is resumed: they do not touch the weights."""
