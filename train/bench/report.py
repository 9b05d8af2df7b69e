"""One form for every figure we publish: a table for people, one line of JSON for machines."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]

Setting = str | int | float | bool | None


@dataclass(frozen=True)
class Figure:
    """A measured number. at_least, at_most: the goal, if there is one."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.at_least is None and self.at_most is None:
            return None
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    @property
    def goal(self) -> str:
        bounds = [f">= {self.at_least:g}"] if self.at_least is not None else []
        bounds += [f"<= {self.at_most:g}"] if self.at_most is not None else []
        return ", ".join(bounds)


@dataclass(frozen=True)
class Report:
    """All figures of one command and what they were measured with."""

    name: str
    figures: Sequence[Figure]
    settings: Mapping[str, Setting]

    def table(self) -> str:
        """Name, value, goal and verdict in columns, then settings, machine and commit."""
        verdict = {True: "met", False: "MISSED", None: ""}
        rows = [(f.name, f"{f.value:.4g} {f.unit}".strip(), f.goal, verdict[f.met]) for f in self.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        notes = {"settings": self.settings, "hardware": hardware(), "commit": {"": commit()}}
        for title, values in notes.items():
            told = ", ".join(f"{key} {value}".strip() for key, value in values.items())
            lines.append(f"{title}: {told}")
        return "\n".join(lines)

    def line(self) -> str:
        """The same as one line of JSON."""
        figures = {
            figure.name: asdict(figure) | {"value": round(figure.value, 6), "met": figure.met}
            for figure in self.figures
        }
        whole = {"bench": self.name, "figures": figures, "settings": dict(self.settings)}
        return json.dumps(whole | {"hardware": hardware(), "commit": commit()}, ensure_ascii=False)


def hardware() -> dict[str, Setting]:
    """Processor, cores this process may use, torch threads, GPU."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "torch threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none",
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    if table.is_file():
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    """The checked-out commit, marked when files differ from it; "unknown" outside a git checkout."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return f"{head} with changes" if _git("status", "--porcelain", "--untracked-files=no") else head
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.strip()
