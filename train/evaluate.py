"""python -m train.evaluate NAME --settings debug …: measures a trained model on clips kept out of its training.

A stopped evaluation goes on where it was when the same command is given again.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from sign_models.errors import SignError
from train.settings import from_command_line

COMMANDS = {
    "soke": "train.evaluation.soke",
    "tokenizer": "train.evaluation.tokenizer",
}
"""Name -> module with ``ABOUT``, ``SECTION``, ``Settings`` (which has ``out``) and ``evaluate(settings)``."""

STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    modules = {name: importlib.import_module(path) for name, path in COMMANDS.items()}
    about = "\n".join(f"  {name}: {module.ABOUT}" for name, module in modules.items())
    parser = argparse.ArgumentParser(
        prog="python -m train.evaluate",
        description=f"{__doc__}\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=modules, help="what is measured; NAME --help lists its settings")
    name = parser.parse_args(given[:1]).name
    module = modules[name]
    settings = from_command_line(module.Settings, module.SECTION, module.ABOUT, given[1:], f"train.evaluate {name}")
    try:
        module.evaluate(settings)
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return STOPPED
    print((settings.out / "results.md").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.evaluate: {error}")
