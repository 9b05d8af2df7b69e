"""python -m train.evaluate NAME --settings debug …: measures a trained model on clips kept out of its training.

A stopped evaluation goes on where it was when the same command is given again.
"""

import sys
from collections.abc import Sequence

from sign_models.errors import SignError
from train.commands import measured

COMMANDS = {
    "soke": "train.evaluation.soke",
    "tokenizer": "train.evaluation.tokenizer",
    "lmt": "train.evaluation.lmt",
}
"""Name -> module with ``ABOUT``, ``SECTION``, ``Settings`` (which has ``out``) and ``evaluate(settings)``."""


def main(arguments: Sequence[str] | None = None) -> int:
    return measured("train.evaluate", "evaluate", __doc__ or "", COMMANDS, arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.evaluate: {error}")
