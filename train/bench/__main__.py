"""python -m train.bench NAME [options] [--json]: measures one thing and says whether its goal is met."""

import argparse
import importlib
import sys

COMMANDS = {
    "render": "train.bench.render",
    "pipeline": "train.bench.pipeline",
    "page": "train.bench.page",
    "dtw": "train.bench.dtw",
    "soke": "train.bench.soke",
    "lmt": "train.bench.lmt",
}
"""Name -> module with ``ABOUT``, ``add_options(parser)`` and ``measure(options) -> Report``."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="NAME")
    modules = {name: importlib.import_module(path) for name, path in COMMANDS.items()}
    for name, module in modules.items():
        command = commands.add_parser(name, help=module.ABOUT, description=module.ABOUT)
        command.add_argument("--json", action="store_true", help="one line of JSON instead of the table")
        module.add_options(command)
    options = parser.parse_args(arguments)
    report = modules[options.command].measure(options)
    print(report.line() if options.json else report.table())
    return 0 if all(figure.met is not False for figure in report.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
