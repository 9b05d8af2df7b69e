"""What a run needs to go on as if it had never stopped: weights, optimizer, step. All else follows from the step."""

import json
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from sign_models.errors import SignError
from train import settings as settings_io
from train.engine.average import Average
from train.engine.options import FREE_TO_CHANGE

STATE_FILE = "state.pt"
GOOD_FILE = "good.pt"
"""What a run goes back to when its task says that it has become worse."""


def save(
    folder: Path,
    model: nn.Module,
    optimizer: Optimizer,
    step: int,
    average: Average | None = None,
    name: str = STATE_FILE,
) -> None:
    """Whole or not at all."""
    part = folder / f".{name}.part"
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
    if average is not None:
        state["average"] = average.state()
    torch.save(state, part)
    part.replace(folder / name)


def load(
    folder: Path, model: nn.Module, optimizer: Optimizer, average: Average | None = None, name: str = STATE_FILE
) -> int:
    """Fills model, optimizer and average; returns the step to go on with."""
    path = folder / name
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        if average is not None:
            average.load(state["average"])
    except (pickle.UnpicklingError, RuntimeError, KeyError, EOFError, ValueError) as error:
        raise SignError(f"{path} does not fit this run ({error}); choose another out folder.") from error
    return int(state["step"])


def claim(folder: Path, section: str, settings: Any, resume: bool) -> None:
    """Checks that ``folder`` is new, or with ``resume`` that it holds a run with the same settings; saves them."""
    exists = (folder / STATE_FILE).is_file()
    if exists and not resume:
        raise SignError(f"{folder} holds a run; say --resume true to go on with it, or choose another out folder.")
    if resume and not exists:
        raise SignError(f"{folder} holds no run to resume; leave out --resume.")
    if resume:
        _same(folder, section, settings_io.plain(settings))
    folder.mkdir(parents=True, exist_ok=True)
    settings_io.save(folder, section, settings)


def _same(folder: Path, section: str, now: dict[str, Any]) -> None:
    before = json.loads((folder / settings_io.SAVED).read_text(encoding="utf-8"))[section]
    then = _flat(before)
    changed = sorted(
        name
        for name, value in _flat(now).items()
        if name.split(".")[-1] not in (*FREE_TO_CHANGE, "resume", "estimate_only")
        # a setting that the older program did not have was off
        and then.get(name, value if not value else None) != value
    )
    if changed:
        raise SignError(
            f"The run in {folder} was started with another {', '.join(changed)}; a resumed run must keep it."
        )


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat
