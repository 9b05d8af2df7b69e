"""The figures of a run: one JSON object a line, and on request the same for TensorBoard."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sign_models.errors import SignError

LOG_FILE = "log.jsonl"


class Log:
    """Appends to ``log.jsonl``. Lines of steps after ``step`` are taken out first: a resumed run makes them again."""

    def __init__(self, folder: Path, step: int, tensorboard: bool) -> None:
        self._path = folder / LOG_FILE
        if self._path.is_file():
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
            self._path.write_text("".join(line for line in lines if json.loads(line)["step"] <= step), encoding="utf-8")
        self._board = _board(folder) if tensorboard else None

    def write(self, step: int, kind: str, figures: Mapping[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "kind": kind, **figures}, ensure_ascii=False) + "\n")
        if self._board is not None:
            for name, value in figures.items():
                if isinstance(value, int | float):
                    self._board.add_scalar(f"{kind}/{name}", value, step)
            self._board.flush()

    def lowest(self, kind: str, name: str) -> float:
        """The smallest value a figure has had in lines of one kind; infinite before the first."""
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.is_file() else []
        values = [line[name] for line in map(json.loads, lines) if line["kind"] == kind]
        return min(values, default=float("inf"))


def _board(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise SignError(
            "TensorBoard is not installed; run `pip install tensorboard` or set tensorboard to false."
        ) from error
    return SummaryWriter(str(folder / "tensorboard"))
