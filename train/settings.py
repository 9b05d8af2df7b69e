"""Settings of a recipe: one frozen dataclass, filled from a YAML or JSON file and the command line, checked strictly.

A file has one section a recipe (``soke_tokenizer:``, ``soke_lm:`` …). Ready files are called by name: ``debug``.
Every field is also an option; a field of a field is written with a point: ``--training.batch 64``.
"""

import argparse
import dataclasses
import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from sign_models.errors import SignError

READY = Path(__file__).resolve().parent / "recipes"
"""The settings that are called by name."""

SAVED = "settings.json"

T = TypeVar("T")


def from_command_line(
    kind: type[T], section: str, about: str, arguments: Sequence[str] | None = None, program: str = ""
) -> T:
    """The settings of one recipe: the file's section first, then what the command line says.

    program: how it is called, where that is not the name of its section.
    """
    program = program or f"train.{section}"
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=about, allow_abbrev=False)
    ready = ", ".join(ready_names())
    parser.add_argument("--settings", required=True, help=f"a YAML or JSON file, or one of {ready}")
    for name, hint, default in leaves(kind):
        told = "" if default is dataclasses.MISSING else f", default {default}"
        parser.add_argument(f"--{name}", metavar="VALUE", help=f"{_name_of(hint)}{told}".replace("%", "%%"))
    options = vars(parser.parse_args(arguments))
    values = read_section(options.pop("settings"), section)
    for name, text in options.items():
        if text is not None:
            _put(values, name.split("."), yaml.safe_load(text))
    return build(kind, values, section)


def ready_names() -> list[str]:
    return sorted(path.stem for path in READY.glob("*.yaml"))


def read_section(name: str, section: str) -> dict[str, Any]:
    """One section of a settings file, or of a ready one by name."""
    path = READY / f"{name}.yaml" if name in ready_names() else Path(name)
    if not path.is_file():
        raise SignError(f'There are no settings "{name}"; give a file or one of {", ".join(ready_names())}.')
    try:
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML too
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SignError(f"{path.name} is neither YAML nor JSON: {error}.") from error
    if not isinstance(whole, dict) or not isinstance(whole.get(section), dict):
        raise SignError(f"{path.name} has no section {section}.")
    return dict(whole[section])


def build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """``kind`` from plain values; SignError names the key that is unknown, missing or of the wrong kind."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = [name for name in values if name not in fields]
    if unknown:
        raise SignError(f'{where} has no setting "{unknown[0]}"; it has {", ".join(fields)}.')
    missing = [name for name, field in fields.items() if name not in values and _default(field) is dataclasses.MISSING]
    if missing:
        raise SignError(f'{where} needs the setting "{missing[0]}".')
    hints = typing.get_type_hints(kind)
    try:
        return kind(**{name: _fit(value, hints[name], f"{where}.{name}") for name, value in values.items()})
    except SignError:
        raise
    except ValueError as error:  # a dataclass that checks itself
        raise SignError(f"{where}: {error}") from error


def plain(settings: Any) -> dict[str, Any]:
    """A settings dataclass as plain values that JSON can hold."""
    values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(settings), default=str))
    return values


def save(folder: Path, section: str, settings: Any) -> None:
    """The effective settings, in a file that ``--settings`` reads back."""
    text = json.dumps({section: plain(settings)}, indent=2, ensure_ascii=False)
    (folder / SAVED).write_text(text + "\n", encoding="utf-8")


def leaves(kind: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(dotted name, type, default) of every setting that is not itself a group of settings."""
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        hint, name = hints[field.name], prefix + field.name
        if dataclasses.is_dataclass(hint):
            yield from leaves(hint, f"{name}.")
        else:
            yield name, hint, _default(field)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _put(values: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = values.get(name)
        values[name] = dict(inner) if isinstance(inner, dict) else {}
        values = values[name]
    values[path[-1]] = value


def _fit(value: Any, hint: Any, where: str) -> Any:
    """``value`` as ``hint``; SignError when it is of another kind."""
    origin, choices = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        arm = next(arm for arm in choices if arm is not type(None))
        return None if value is None else _fit(value, arm, where)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_fit(item, choices[0], where) for item in value)
    if origin is dict and isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return build(hint, value, where)  # type: ignore[arg-type]
    made = _leaf(value, hint)
    if made is None:
        raise SignError(f"{where} is {value!r}; {_name_of(hint)} is needed.")
    return made


def _leaf(value: Any, hint: Any) -> Any:
    """A single value as ``hint``, None when it is of another kind."""
    if hint is float:
        return _number(value)
    if hint is Path:
        return Path(value) if isinstance(value, str) and value else None
    fits = value in typing.get_args(hint) if typing.get_origin(hint) is Literal else type(value) is hint
    return value if fits else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)  # YAML takes 2e-4 for text
    except ValueError:
        return None


def _name_of(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin is Literal:
        return "one of " + ", ".join(str(choice) for choice in typing.get_args(hint))
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_name_of(arm) for arm in typing.get_args(hint))
    if origin is tuple:
        return f"a list of {_name_of(typing.get_args(hint)[0])}"
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}
    return names.get(hint, "nothing" if hint is type(None) else "a group of settings")
