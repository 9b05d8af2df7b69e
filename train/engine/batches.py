"""Which clips are seen in which step: a pure function of seed and epoch, the same for any number of processes."""

from collections.abc import Sequence

import numpy as np

from sign_models.errors import SignError

Batch = list[int]


def epoch_batches(lengths: Sequence[int], batch: int, bucket: int, seed: int, epoch: int) -> list[Batch]:
    """Whole batches of ``batch`` indices in random order; a rest that fills none waits for the next epoch.

    bucket: so many batches at a time are sorted by length before they are cut, which saves padding.
    """
    if len(lengths) < batch:
        raise SignError(
            f"The corpus has {len(lengths)} clips to train on, a batch needs {batch}; lower training.batch."
        )
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(lengths))[: len(lengths) // batch * batch]
    length = np.asarray(lengths)
    if bucket > 1:
        span = batch * bucket
        pieces = [order[i : i + span] for i in range(0, len(order), span)]
        order = np.concatenate([piece[np.argsort(length[piece], kind="stable")] for piece in pieces])
    batches = order.reshape(-1, batch)
    return [[int(i) for i in row] for row in generator.permutation(batches)]


def fixed_batches(count: int, batch: int) -> list[Batch]:
    """All clips in order, for validation; the last batch may be smaller."""
    return [list(range(i, min(i + batch, count))) for i in range(0, count, batch)]


def share(batch: Batch, process: int, processes: int) -> Batch:
    """The part of a batch that one process works on: contiguous, so that the parts in order are the batch."""
    return batch[len(batch) * process // processes : len(batch) * (process + 1) // processes]
