"""python -m train.ablate soke --settings starter …: what each choice is worth, row by row.

First says which rows train something and which are only another way of decoding. A stopped ablation goes on where it
was when the same command is given again.
"""

import sys
from collections.abc import Sequence

from sign_models.errors import SignError
from train.commands import measured

COMMANDS = {"soke": "train.ablation.soke", "lmt": "train.ablation.lmt"}
"""Name -> module with ``ABOUT``, ``SECTION``, ``Settings`` (which has ``out``) and ``ablate(settings)``."""


def main(arguments: Sequence[str] | None = None) -> int:
    return measured("train.ablate", "ablate", __doc__ or "", COMMANDS, arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.ablate: {error}")
