"""python -m train.prepare_videos --settings starter --out FOLDER: sign clips in the form in which LMT's training reads.

Rendered from the dictionaries (corpus "signs"), or decoded from WLASL or NMFs-CSL (--root). Writes the clips, and
``unusable.jsonl`` with every clip that is not used and the reason.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sign_models.errors import SignError
from sign_models.lmt.rules import ClipRules
from train import settings as settings_io
from train.data import gloss_videos, sign_videos
from train.data.sign_videos import Made, SignVideos
from train.data.unusable import Unusable, sorted_out, tell, write_unusable
from train.data.video_store import write

SECTION = "prepare_videos"


@dataclass(frozen=True)
class Settings:
    """root: folder of a real data set. subset: a split file in it ("nslt_100.json" of WLASL); empty for all clips.

    signs: what is rendered for the corpus "signs". rules: how clips are cut. workers: processes; 0 for this one.
    """

    corpus: Literal["signs", "wlasl", "nmfs_csl"]
    out: Path
    root: Path | None = None
    subset: str = ""
    rules: ClipRules = field(default_factory=ClipRules)
    signs: SignVideos = field(default_factory=SignVideos)
    workers: int = 0


def prepare(settings: Settings) -> tuple[int, list[Unusable]]:
    """Writes the corpus; (clips, what was left out)."""
    left_out: list[Unusable] = []
    count = write(settings.out, settings.rules, sorted_out(_found(settings), left_out))
    write_unusable(settings.out, left_out)
    settings_io.save(settings.out, SECTION, settings)
    return count, left_out


def _found(settings: Settings) -> Iterator[Made | Unusable]:
    if settings.corpus == "signs":
        return sign_videos.clips(settings.signs, settings.rules, settings.workers)
    if settings.root is None or not settings.root.is_dir():
        raise SignError(f"The folder of {settings.corpus} is {settings.root}; give one that exists with --root.")
    return gloss_videos.clips(settings.corpus, settings.root, settings.subset, settings.rules, settings.workers)


def main(arguments: Sequence[str] | None = None) -> int:
    settings = settings_io.from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    tell(settings.out, *prepare(settings))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.prepare_videos: {error}")
