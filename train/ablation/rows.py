"""What differs in each row of an ablation: overrides of a recipe's sections, read from a YAML file."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sign_models.errors import SignError
from train import settings as settings_io

READY = Path(__file__).resolve().parent
"""Ready row files are called by name: ``starter``."""

Overrides = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """name, and in which tables it stands ("table 2", or a list of our own such as "coverage").

    tokenizer, language_model, evaluate: what is changed in the recipe's sections. A row that changes neither of the
    first two trains nothing of its own: it is another way to use the trained base.
    """

    name: str
    tables: tuple[str, ...]
    tokenizer: Overrides = field(default_factory=dict)
    language_model: Overrides = field(default_factory=dict)
    evaluate: Overrides = field(default_factory=dict)

    @property
    def needs(self) -> str:
        """What has to be trained for it beside the base."""
        if self.tokenizer:
            return "tokenizer and language model"
        return "language model" if self.language_model else "nothing"


def read(name: str) -> list[Row]:
    """The rows of a ready file by name, or of a file."""
    ready = sorted(path.stem for path in READY.glob("*.yaml"))
    path = READY / f"{name}.yaml" if name in ready else Path(name)
    if not path.is_file():
        raise SignError(f'There are no rows "{name}"; give a file or one of {", ".join(ready)}.')
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SignError(f"{path.name} is not YAML: {error}.") from error
    if not isinstance(found, list) or not found:
        raise SignError(f"{path.name} must hold a list of rows.")
    rows = [
        settings_io.build(Row, _mapping(row, path, number), f"{path.name}, row {number}")
        for number, row in enumerate(found, 1)
    ]
    names = [row.name for row in rows]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SignError(f'{path.name} has two rows "{twice}"; give one of them another name.')
    return rows


def _mapping(row: Any, path: Path, number: int) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise SignError(f"{path.name}, row {number} is not a group of settings.")
    return row


def chosen(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """The rows of these names or tables; all of them when none is given."""
    known = {row.name for row in rows} | {table for row in rows for table in row.tables}
    for name in names:
        if name not in known:
            raise SignError(f'There is no row or table "{name}"; there are {", ".join(sorted(known))}.')
    return [row for row in rows if not names or row.name in names or set(row.tables) & set(names)]


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the changes put in, group by group."""
    made = copy.deepcopy(dict(base))
    for name, value in changes.items():
        inner = made.get(name)
        made[name] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return made
