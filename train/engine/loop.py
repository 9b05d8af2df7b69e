"""The loop: batches in, steps of AdamW, figures, validation, a state to resume from. One process or many.

With several processes each works on its share of the same batch, and counts are exchanged before the loss is made, so
that the steps are those of one process.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from sign_models.errors import SignError
from train.engine import state
from train.engine.average import Average
from train.engine.batches import Batch, epoch_batches, fixed_batches, share
from train.engine.estimate import estimate
from train.engine.log import Log
from train.engine.options import Training
from train.engine.schedule import learning_rate, seed_step
from train.engine.task import Divisible, Staged, Task, Terms

BEST_FOLDER = "best"


class Settings(Protocol):
    """What the settings of every recipe have. estimate_only: say what the run would need, and stop."""

    @property
    def training(self) -> Training: ...

    @property
    def out(self) -> Path: ...

    @property
    def resume(self) -> bool: ...

    @property
    def estimate_only(self) -> bool: ...


class _Examples(Dataset[Any]):
    def __init__(self, task: Task, split: str, epoch: int) -> None:
        self.task, self.split, self.epoch = task, split, epoch

    def __getitem__(self, index: int) -> Any:
        return self.task.example(self.split, index, self.epoch)


class Run:
    """One training of one task in one folder."""

    def __init__(self, task: Task, training: Training, folder: Path, *, resume: bool) -> None:
        self.task, self.training, self.folder = task, training, folder
        self.accelerator = accelerator()
        self.step = 0
        self._lengths = task.lengths("train")
        self.steps = training.epochs * len(self._batches(0))
        self._staged = task if isinstance(task, Staged) else None
        self._counted = _counted(task, training, self.accelerator.num_processes)
        self._optimizer = torch.optim.AdamW(
            self._staged.groups() if self._staged else task.model.parameters(),
            training.lr,
            (training.betas[0], training.betas[1]),
            weight_decay=training.weight_decay,
        )
        self._average = Average(task.model, training.average) if training.average else None
        if resume:
            self.step = state.load(folder, task.model, self._optimizer, self._average)

    def estimate(self) -> None:
        """Says what the run will need; SignError when the memory is too small."""
        self.task.model.to(self.accelerator.device)
        pieces = [piece for batch in self._batches(0) for piece in self._pieces(batch)]
        by_size = sorted(pieces, key=lambda piece: max(self._lengths[i] for i in piece))
        usual, largest = (self._one("train", piece) for piece in (by_size[len(by_size) // 2], by_size[-1]))
        made = estimate(self.task.model, self._terms, usual, largest, self.steps * self.training.accumulate)
        self._say(str(made))
        if self.accelerator.is_main_process:
            figures = {
                "parameters": made.parameters,
                "bytes": made.memory,
                "seconds": made.seconds,
                "steps": self.steps,
            }
            Log(self.folder, self.step, False).write(self.step, "estimate", figures)
        made.check()

    def train(self) -> None:
        """From where it stands to the last step (or ``stop_after``)."""
        training, accelerator = self.training, self.accelerator
        model, optimizer = accelerator.prepare(self.task.model, self._optimizer)
        log = Log(self.folder, self.step, training.tensorboard) if accelerator.is_main_process else None
        stop = min(training.stop_after or self.steps, self.steps)
        started, first = time.perf_counter(), self.step
        while self.step < stop:
            for batch in self._rest_of_epoch():
                figures = self._one_step(model, optimizer, batch)
                if log and (self.step % training.log_every == 0 or self.step == stop):
                    seconds = time.perf_counter() - started
                    speed = {"seconds": seconds, "steps a second": (self.step - first) / seconds}
                    log.write(self.step, "train", _rounded(figures | speed))
                    self._say(f"step {self.step} of {self.steps}: loss {figures['loss']:.4f}")
                self._now_and_then(model, log, stop)
                if self.step == stop:
                    break
        accelerator.wait_for_everyone()
        accelerator.end_training()

    def _one_step(self, model: nn.Module, optimizer: Any, pieces: Sequence[Any]) -> dict[str, float]:
        training, accelerator = self.training, self.accelerator
        model.train()
        rate = learning_rate(training, self.step, self.steps)
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        seed_step(training, self.step, accelerator.process_index)
        if self._staged:
            self._staged.at(self.step, self.steps)
        terms, totals = self._gradients(model, pieces)
        norm = accelerator.clip_grad_norm_(model.parameters(), training.clip or float("inf"))
        optimizer.step()
        optimizer.zero_grad()
        if self._average:
            self._average.update(self.task.model)
        self.step += 1
        return _figures(terms, totals) | {"gradient": float(norm), "lr": rate}

    def _gradients(self, model: nn.Module, pieces: Sequence[Any]) -> tuple[Terms, Tensor]:
        """Of the loss of all pieces of a batch together; its terms and their totals."""
        accelerator = self.accelerator
        # each piece is weighed by what the whole batch counts, which one alone does not know
        whole = None
        if self._counted:
            whole = accelerator.reduce(torch.stack([self._counted(piece) for piece in pieces]).sum(0))
        made = []
        for number, piece in enumerate(pieces, 1):
            with nullcontext() if number == len(pieces) else accelerator.no_sync(model):
                terms = self._terms(model, piece)
                made.append(self._totals(terms))
                counts = made[-1][1] if whole is None else whole
                # gradients are averaged over processes; times their number that is the sum of the shares
                accelerator.backward(terms.loss(counts) * accelerator.num_processes)
        return terms, torch.stack(made).sum(0)

    def _now_and_then(self, model: nn.Module, log: Log | None, stop: int) -> None:
        training, last = self.training, self.step == stop
        if self._staged and self.step % len(self._batches(0)) == 0:
            figures = dict(self._staged.epoch_figures())
            if log and figures:
                log.write(self.step, "epoch", _rounded(figures))
        if last or (training.validate_every and self.step % training.validate_every == 0):
            with self._averaged():
                figures = self._validate(model)
                if self._staged and self.accelerator.is_main_process:
                    self._staged.show(self.folder, self.step)
            if log and figures:
                if training.keep_best and figures["loss"] < log.lowest("val", "loss"):
                    with self._averaged():
                        self.task.write(self.folder / BEST_FOLDER)
                log.write(self.step, "val", _rounded(figures))
                self._say(f"step {self.step}: validation loss {figures['loss']:.4f}")
            # not at the end of a session in between, so that a resumed run is the same as one that never stopped
            if self._staged and figures and (self.step == self.steps or not last):
                self._judge(self._staged, figures, log)
        if self.accelerator.is_main_process and (
            last or (training.save_every and self.step % training.save_every == 0)
        ):
            state.save(self.folder, self.task.model, self._optimizer, self.step, self._average)
            with self._averaged():
                self.task.write(self.folder)

    def _judge(self, task: Staged, figures: dict[str, float], log: Log | None) -> None:
        """Keeps a good state, or goes back to it; the step goes on in both cases."""
        verdict = task.judge(figures)
        if verdict == "good" and self.accelerator.is_main_process:
            state.save(self.folder, self.task.model, self._optimizer, self.step, self._average, state.GOOD_FILE)
        if verdict == "back":
            self.accelerator.wait_for_everyone()
            good = state.load(self.folder, self.task.model, self._optimizer, self._average, state.GOOD_FILE)
            task.gone_back()
            self._say(f"step {self.step}: worse than at step {good}, whose weights are taken back")
            if log:
                log.write(self.step, "guard", {"back to": good})

    def _averaged(self) -> AbstractContextManager[None]:
        """Inside, the model has the average of its weights, if one is kept."""
        return self._average.used(self.task.model) if self._average else nullcontext()

    @torch.no_grad()
    def _validate(self, model: nn.Module) -> dict[str, float]:
        model.eval()
        totals: Tensor | None = None
        terms: Terms | None = None
        count = len(self.task.lengths("val"))
        size = max(self.training.batch // self.training.accumulate, self.accelerator.num_processes)
        for batch in fixed_batches(count, size):
            if len(batch) < self.accelerator.num_processes:  # too few for every process: all work on all of it
                batch = batch * self.accelerator.num_processes
            terms = self._terms(model, self._one("val", batch))
            one = self._totals(terms)
            totals = one if totals is None else totals + one
        return _figures(terms, totals) if terms is not None and totals is not None else {}

    def _terms(self, model: nn.Module, batch: Any) -> Terms:
        bf16 = self.training.precision == "bf16"
        with torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=bf16):
            return self.task.terms(model, batch)

    def _totals(self, terms: Terms) -> Tensor:
        """(2, n) sums and counts over all processes."""
        return self.accelerator.reduce(torch.stack([terms.sums.detach().float(), terms.counts.float()]))

    def _batches(self, epoch: int) -> list[Batch]:
        return epoch_batches(self._lengths, self.training.batch, self.training.bucket, self.training.seed, epoch)

    def _rest_of_epoch(self) -> Iterator[tuple[Any, ...]]:
        """The batches of the current epoch that are still to come, each in its pieces."""
        epoch, done = divmod(self.step, len(self._batches(0)))
        mine = [piece for batch in self._batches(epoch)[done:] for piece in self._pieces(self._mine(batch))]
        loader: DataLoader[Any] = DataLoader(
            _Examples(self.task, "train", epoch),
            batch_sampler=mine,
            collate_fn=self.task.collate,
            num_workers=self.training.workers,
        )
        pieces = (_to(piece, self.accelerator.device) for piece in loader)
        return zip(*[pieces] * self.training.accumulate, strict=True)

    def _pieces(self, batch: Batch) -> list[Batch]:
        return [share(batch, piece, self.training.accumulate) for piece in range(self.training.accumulate)]

    def _one(self, split: str, batch: Batch) -> Any:
        examples = [self.task.example(split, index, 0) for index in self._mine(batch)]
        return _to(self.task.collate(examples), self.accelerator.device)

    def _mine(self, batch: Batch) -> Batch:
        return share(batch, self.accelerator.process_index, self.accelerator.num_processes)

    def _say(self, text: str) -> None:
        if self.accelerator.is_main_process:
            print(text, file=sys.stderr, flush=True)


def _counted(task: Task, training: Training, processes: int) -> Callable[[Any], Tensor] | None:
    """What a batch counts without a pass over it, where a batch is worked through in pieces; SignError if it cannot."""
    if training.accumulate == 1:
        return None
    if training.batch < training.accumulate * processes:
        raise SignError(
            f"training.batch is {training.batch}; {training.accumulate} pieces in {processes} processes need "
            f"{training.accumulate * processes}."
        )
    if not isinstance(task, Divisible):
        raise SignError(
            f"training.accumulate is {training.accumulate}; this training learns from whole batches only: set it to 1 "
            "and use more devices."
        )
    return task.counts


def accelerator() -> Accelerator:
    """Without the word "cpu", several processes without accelerators would each train alone."""
    return Accelerator(cpu=not torch.accelerator.is_available())


def run(make: Callable[[], Task], settings: Settings, section: str) -> None:
    """Claims the folder, makes the task with seeded weights, estimates, and trains."""
    training, folder = settings.training, settings.out
    here = accelerator()
    if here.is_main_process:
        state.claim(folder, section, settings, settings.resume)
    here.wait_for_everyone()
    torch.manual_seed(training.seed)
    work = Run(make(), training, folder, resume=settings.resume)
    work.estimate()
    if not settings.estimate_only:
        work.train()


def _figures(terms: Terms, totals: Tensor) -> dict[str, float]:
    means = (totals[0] / totals[1].clamp_min(1)).tolist()
    loss = sum(weight * mean for weight, mean in zip(terms.weights, means, strict=True))
    extra = {name: float(value) for name, value in terms.extra.items()}
    return {"loss": loss, **dict(zip(terms.names, means, strict=True)), **extra}


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in figures.items()}


def _to(value: Any, device: torch.device) -> Any:
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, tuple):
        return tuple(_to(item, device) for item in value)
    return value
