"""A trained model on disk: a folder with ``config.json`` and ``model.safetensors``, read strictly."""

import dataclasses
import json
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.files import atomic

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"

Config = TypeVar("Config")


def save(folder: Path, model: nn.Module, config: Any, *, dtype: torch.dtype | None = None) -> None:
    """Writes ``config`` (a dataclass) and the whole state of ``model``; floats as ``dtype`` when one is given.

    Both files appear whole or not at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: (value.to(dtype) if dtype is not None and value.is_floating_point() else value).contiguous().cpu()
        for name, value in _unshared(model.state_dict()).items()
    }
    with atomic(folder / WEIGHTS_FILE) as weights:
        save_file(state, weights)
    with atomic(folder / CONFIG_FILE) as text:
        text.write_text(json.dumps(dataclasses.asdict(config), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_config(folder: Path, kind: type[Config]) -> Config:
    """The dataclass ``kind`` from ``config.json``; SignError names missing and unknown keys."""
    path = folder / CONFIG_FILE
    values = _json(path)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(values.keys() - fields.keys())
    missing = sorted(
        name
        for name, field in fields.items()
        if name not in values and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )
    if unknown or missing:
        raise SignError(f"{path} does not fit {kind.__name__}: missing keys {missing}, unknown keys {unknown}.")
    hints = typing.get_type_hints(kind)
    return kind(**{name: _revive(value, hints[name]) for name, value in values.items()})


def read_weights(folder: Path, model: nn.Module) -> None:
    """Fills ``model`` from ``model.safetensors``; SignError names every key or shape that does not fit."""
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise SignError(f"No weights at {path}; train the model or point to a folder that holds {WEIGHTS_FILE}.")
    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise SignError(f"{path} is not a readable safetensors file ({error}); restore or retrain it.") from error
    own = _unshared(model.state_dict())
    wrong = sorted(own.keys() ^ state.keys())
    wrong += [f"{name} {tuple(state[name].shape)} for {tuple(own[name].shape)}"
              for name in own.keys() & state.keys() if own[name].shape != state[name].shape]  # fmt: skip
    if wrong:
        raise SignError(f"{path} does not fit the model its {CONFIG_FILE} describes: {', '.join(wrong[:8])}.")
    with torch.no_grad():
        for name, value in own.items():
            value.copy_(state[name].to(value.dtype))


def _unshared(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Each storage once, under the first name it has (safetensors refuses tied weights)."""
    seen: set[tuple[int, int]] = set()
    once: dict[str, Tensor] = {}
    for name, value in state.items():
        key = (value.data_ptr(), value.numel())
        if value.numel() and key in seen:
            continue
        seen.add(key)
        once[name] = value
    return once


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SignError(f"No model at {path.parent}: {path.name} is missing.") from error
    except ValueError as error:
        raise SignError(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(values, dict):
        raise SignError(f"{path} holds a {type(values).__name__}; an object is needed.")
    return values


def _revive(value: Any, hint: Any) -> Any:
    """JSON has no tuples and no dataclasses: give them back."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType) and value is not None:
        return _revive(value, next(arm for arm in typing.get_args(hint) if arm is not type(None)))
    if origin is tuple and isinstance(value, list):
        arms = typing.get_args(hint)
        return tuple(_revive(item, arms[0]) for item in value)
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        hints = typing.get_type_hints(hint)
        return hint(**{name: _revive(item, hints[name]) for name, item in value.items()})  # type: ignore[operator]
    return value
