"""Which clips are measured, and what they should look like."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from sign_models.errors import SignError
from sign_models.soke.tokenizer import SignTokenizer
from sign_models.types import Motion
from train import settings as settings_io
from train.data.lengths import fit_length
from train.data.store import Clip, Store, chosen


@dataclass(frozen=True)
class Case:
    """A clip and its corpus; ``other``: a clip of the same language with another text, None when there is none."""

    store: Store
    clip: Clip
    other: "Case | None" = None


def cases(folders: Sequence[Path], split: str, per_language: int) -> list[Case]:
    """Clips of a split, at most so many a language (0: all), always the first ones of the same scattered order."""
    found = sorted(chosen([Store(folder) for folder in folders], split), key=lambda pair: _scattered(pair[1]))
    if not found:
        raise SignError(f'{", ".join(map(str, folders))}: there is no clip of the split "{split}".')
    made = []
    for language in sorted({clip.language for _, clip in found}):
        own = [(store, clip) for store, clip in found if clip.language == language]
        for place, (store, clip) in enumerate(own[: per_language or None]):
            others = (Case(*pair) for pair in own[place + 1 :] + own[:place] if pair[1].text != clip.text)
            made.append(Case(store, clip, next(others, None)))
    return made


def reference(case: Case, tokenizer: SignTokenizer, shortest: int, longest: int) -> Motion:
    """The clip as the tokenizer would be given it: the published crop and length rules."""
    clip, config = case.clip, tokenizer.config
    frames = fit_length(clip.length, shortest, longest, tokenizer.frames_per_token)
    features = torch.from_numpy(case.store.rows(clip)[frames]).float()
    return Motion(features, clip.fps, flat_hands=config.flat_hands, expression_space=config.expression_space)


def corpora(folders: Sequence[Path]) -> list[str]:
    """The kind of each corpus ("starter", "how2sign" …) as ``train.prepare`` noted it."""
    names = []
    for folder in folders:
        saved = folder / settings_io.SAVED
        noted = json.loads(saved.read_text(encoding="utf-8")) if saved.is_file() else {}
        names.append(str(noted.get("prepare", {}).get("corpus", "unknown")))
    return names


def _scattered(clip: Clip) -> str:
    return hashlib.sha256(f"{clip.language} {clip.name}".encode()).hexdigest()
