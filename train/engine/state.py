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
from train.engine.options import FREE_TO_CHANGE

STATE_FILE = "state.pt"


def save(folder: Path, model: nn.Module, optimizer: Optimizer, step: int) -> None:
    """Whole or not at all."""
    part = folder / f".{STATE_FILE}.part"
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, part)
    part.replace(folder / STATE_FILE)


def load(folder: Path, model: nn.Module, optimizer: Optimizer) -> int:
    """Fills model and optimizer; returns the step to go on with."""
    path = folder / STATE_FILE
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
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
    changed = sorted(
        name
        for name, value in _flat(now).items()
        if name.split(".")[-1] not in (*FREE_TO_CHANGE, "resume", "estimate_only") and _flat(before).get(name) != value
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
