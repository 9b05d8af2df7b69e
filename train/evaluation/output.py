"""The two files of an evaluation: results.json for machines, results.md for people."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sign_models.files import atomic
from train.bench.report import commit, hardware

RESULTS_FILE, TABLES_FILE = "results.json", "results.md"


def write(folder: Path, results: Mapping[str, Any], tables: str) -> None:
    """Both whole or not at all; machine and commit are added."""
    noted = {**results, "hardware": hardware(), "commit": commit()}
    with atomic(folder / RESULTS_FILE) as part:
        part.write_text(json.dumps(_short(noted), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with atomic(folder / TABLES_FILE) as part:
        part.write_text(tables, encoding="utf-8")


def told(settings: Any) -> dict[str, Any]:
    """Settings as they are published: of a path its last name only, the rest is one machine's own."""
    return {name: _name(value) for name, value in vars(settings).items() if name not in ("out", "label")}


def _name(value: Any) -> Any:
    if isinstance(value, Path):
        return value.name
    return [_name(one) for one in value] if isinstance(value, tuple) else value


def read(folder: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((folder / RESULTS_FILE).read_text(encoding="utf-8"))
    return whole


def _short(value: Any) -> Any:
    """Six digits are more than any figure here is worth."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {key: _short(inner) for key, inner in value.items()}
    return [_short(inner) for inner in value] if isinstance(value, list | tuple) else value
