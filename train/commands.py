"""A program of several commands, each with settings of its own: ``python -m train.evaluate NAME --settings …``."""

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from train.evaluation.output import TABLES_FILE
from train.settings import from_command_line

STOPPED = 130


def measured(program: str, work: str, about: str, commands: Mapping[str, str], arguments: Sequence[str] | None) -> int:
    """Calls ``work`` ("evaluate") of the named command with its settings, and prints the tables that it wrote.

    The exit status: ``STOPPED`` where a person stopped it, and the same command goes on.
    """
    module, settings = called(program, about, commands, arguments)
    try:
        made = getattr(module, work)(settings)
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return STOPPED
    if made:
        print((settings.out / TABLES_FILE).read_text(encoding="utf-8"))
    return 0


def called(
    program: str, about: str, commands: Mapping[str, str], arguments: Sequence[str] | None
) -> tuple[ModuleType, Any]:
    """The module of the command that was named (``ABOUT``, ``SECTION``, ``Settings``), and its settings.

    commands: name -> module path; argparse ends the program where the name is unknown.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    modules = {name: importlib.import_module(path) for name, path in commands.items()}
    told = "\n".join(f"  {name}: {module.ABOUT}" for name, module in modules.items())
    parser = argparse.ArgumentParser(
        prog=f"python -m {program}",
        description=f"{about}\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=modules, help="NAME --help lists its settings")
    name = parser.parse_args(given[:1]).name
    module = modules[name]
    settings = from_command_line(module.Settings, module.SECTION, module.ABOUT, given[1:], f"{program} {name}")
    return module, settings
