"""python -m train.prepare --settings debug --corpus starter --out FOLDER: a corpus in the form that training reads.

Writes the clips, and ``unusable.jsonl`` with every clip that is not used and the reason.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from sign_models.errors import SignError
from sign_models.parts import FEATURES
from train import settings as settings_io
from train.data.sign_clips import READERS, usable
from train.data.starter import StarterSettings, clips
from train.data.store import Clip, Rows, write
from train.data.unusable import Unusable, sorted_out, tell, write_unusable

SECTION = "prepare"


@dataclass(frozen=True)
class Settings:
    """root: folder of a real data set. excluded: a text file of clip names, one a line, that are left out.

    workers: processes that make the starter corpus; 0 for none beside this one.
    """

    corpus: Literal["starter", "how2sign", "csl_daily", "phoenix"]
    out: Path
    root: Path | None = None
    excluded: Path | None = None
    starter: StarterSettings = field(default_factory=StarterSettings)
    workers: int = 0


def prepare(settings: Settings) -> tuple[int, list[Unusable]]:
    """Writes the corpus; (clips, what was left out)."""
    left_out: list[Unusable] = []
    count = write(settings.out, sorted_out(_found(settings), left_out), FEATURES, np.float32)
    write_unusable(settings.out, left_out)
    settings_io.save(settings.out, SECTION, settings)
    return count, left_out


def _found(settings: Settings) -> Iterator[tuple[Clip, Rows] | Unusable]:
    if settings.corpus == "starter":
        for clip in clips(settings.starter, settings.workers):
            yield Unusable(str(clip).split(" ")[0], "", str(clip)) if isinstance(clip, SignError) else clip
        return
    if settings.root is None or not settings.root.is_dir():
        raise SignError(f"The folder of {settings.corpus} is {settings.root}; give one that exists with --root.")
    excluded = frozenset(settings.excluded.read_text(encoding="utf-8").split()) if settings.excluded else frozenset()
    for found in READERS[settings.corpus](settings.root):
        yield usable(found, excluded)


def main(arguments: Sequence[str] | None = None) -> int:
    settings = settings_io.from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    tell(settings.out, *prepare(settings))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.prepare: {error}")
