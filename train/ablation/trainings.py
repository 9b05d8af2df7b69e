"""What the ablations of SOKE and LMT share: each training is done once, within a budget, and goes on after a stop."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sign_models.errors import SignError
from train import settings as settings_io
from train.engine.loop import run
from train.engine.state import STATE_FILE

DONE = "done"
"""A file that says a training is over."""


def train_once(out: Path, settings: Any, task: Callable[[Any], Any], section: str) -> None:
    """Trains in ``out`` unless that is done with the same settings; what was stopped goes on."""
    if (out / DONE).is_file():
        same(out, section, settings)
        return
    values = settings_io.plain(settings) | {"resume": (out / STATE_FILE).is_file()}
    settings = settings_io.build(type(settings), values, section)
    run(lambda: task(settings), settings, section)
    (out / DONE).touch()


def same(out: Path, section: str, settings: Any) -> None:
    """SignError when what lies in ``out`` was made with other settings."""
    before = json.loads((out / settings_io.SAVED).read_text(encoding="utf-8")).get(section, {})
    now = settings_io.plain(settings)
    changed = [name for name in now if name not in ("out", "resume") and before.get(name) != now[name]]
    if changed:
        raise SignError(f"{out} was made with another {', '.join(changed)}; choose another out folder.")


def budget(training: Mapping[str, Any], steps: int, clips: int) -> dict[str, Any]:
    """``training`` cut to ``steps``, 0 for its own; clips: how many are trained on.

    Whole epochs, so that the learning rate comes down; a budget below one epoch stops within it.
    """
    if not steps:
        return dict(training)
    epoch = max(clips // training["batch"], 1)
    epochs = max(steps // epoch, 1)
    return {**training, "epochs": epochs, "stop_after": min(steps, epochs * epoch), "validate_every": 0}


def folder(root: Path, kind: str, *changes: Any) -> Path:
    """One for each different training: rows that change the same share it."""
    if not any(changes[:2]):
        name = "-".join(["base", *map(str, changes[2:])])
    else:
        told = json.dumps(changes, sort_keys=True)
        name = hashlib.sha256(told.encode()).hexdigest()[:10]
    return root / kind / name
