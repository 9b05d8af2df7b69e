"""python -m train.ablate soke --settings starter …: what each choice is worth, row by row.

First says which rows train something and which are only another way of decoding. A stopped ablation goes on where it
was when the same command is given again.
"""

import sys
from collections.abc import Sequence

from sign_models.errors import SignError
from train.commands import STOPPED, called
from train.evaluation.output import TABLES_FILE

COMMANDS = {"soke": "train.ablation.soke", "lmt": "train.ablation.lmt"}
"""Name -> module with ``ABOUT``, ``SECTION``, ``Settings`` (which has ``out``) and ``ablate(settings)``."""


def main(arguments: Sequence[str] | None = None) -> int:
    module, settings = called("train.ablate", __doc__ or "", COMMANDS, arguments)
    try:
        rows = module.ablate(settings)
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return STOPPED
    if rows:
        print((settings.out / TABLES_FILE).read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.ablate: {error}")
