"""Learning rate and random streams as pure functions of the step, so that nothing of them needs to be saved."""

import math

import torch

from train.engine.options import Training


def learning_rate(training: Training, step: int, steps: int) -> float:
    """The rate of the step with index ``step`` of ``steps``."""
    if step < training.warmup:
        return training.lr * (step + 1) / training.warmup
    share = (step - training.warmup) / max(steps - training.warmup, 1)
    return training.last_lr + (training.lr - training.last_lr) * 0.5 * (1 + math.cos(math.pi * share))


def seed_step(training: Training, step: int, process: int) -> None:
    """Dropout of a step depends on the seed, the step and the process alone."""
    torch.manual_seed((training.seed * 1_000_003 + step) * 1_009 + process)
