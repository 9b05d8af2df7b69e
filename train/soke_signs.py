"""python -m train.soke_signs --settings debug --tokenizer RUN --clips FOLDER --out OUT: word clips to a dictionary.

FOLDER holds ``<language>/<word>.pkl`` (SMPL-X poses, one pickle a video), ``<language>/<word>/<instance>.pkl``, or
``<language>/<word>/<instance>/<frame>.pkl``. Of several instances the one that its codes give back best is kept (SOKE,
section 3.4). ``train.soke_encode --words OUT`` and ``prompt.by_word`` make training use it.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from sign_models.errors import SignError
from sign_models.soke.generator import TOKENIZER_FOLDER, read_tokenizer
from sign_models.soke.signs import SignCodes
from sign_models.soke.tokenizer import SignTokenizer
from sign_models.soke.vocabulary import SIGN_LANGUAGES
from sign_models.types import MotionTokens
from train import settings as settings_io
from train.data import pose_files
from train.data.lengths import fit_length
from train.data.store import Rows
from train.data.unusable import UNUSABLE_FILE, Unusable, write_unusable

SECTION = "soke_signs"


@dataclass(frozen=True)
class Settings:
    """tokenizer: the out folder of ``train.soke_tokenizer``. shortest, longest: frames, as in its training."""

    tokenizer: Path
    clips: Path
    out: Path
    shortest: int = 40
    longest: int = 400


def encode_words(settings: Settings) -> tuple[SignCodes, list[Unusable]]:
    """Writes the codes of every word, and ``unusable.jsonl``: what could not be read, and why."""
    tokenizer = read_tokenizer(settings.tokenizer / TOKENIZER_FOLDER)
    found: dict[str, dict[str, tuple[float, MotionTokens]]] = {}
    left_out: list[Unusable] = []
    for language, word, clip in word_clips(settings.clips):
        try:
            error, tokens = _tokens(_poses(clip), tokenizer, settings)
        except SignError as problem:
            left_out.append(Unusable(str(clip.relative_to(settings.clips)), "", str(problem)))
            continue
        words = found.setdefault(language, {})
        if word not in words or error < words[word][0]:
            words[word] = (error, tokens)
    if not found:
        raise SignError(f"There is no readable clip in {settings.clips}; {_layout()} is needed.")
    signs = SignCodes({language: {word: tokens for word, (_, tokens) in words.items()}
                       for language, words in found.items()})  # fmt: skip
    settings.out.mkdir(parents=True, exist_ok=True)
    signs.save(settings.out)
    write_unusable(settings.out, left_out)
    settings_io.save(settings.out, SECTION, settings)
    return signs, left_out


def word_clips(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """(language, word, file or folder of frames) of every instance, in order."""
    languages = [code for code in SIGN_LANGUAGES if (folder / code).is_dir()]
    if not languages:
        raise SignError(f"{folder} has no folder {', '.join(SIGN_LANGUAGES)}; {_layout()} is needed.")
    for language in languages:
        for place in sorted((folder / language).iterdir()):
            if place.suffix == ".pkl":
                yield language, place.stem, place
            elif place.is_dir():
                instances = sorted(one for one in place.iterdir() if one.is_dir() or one.suffix == ".pkl")
                yield from ((language, place.name, one) for one in instances)


def _layout() -> str:
    return "<language>/<word>.pkl or <language>/<word>/<instance>"


def _poses(clip: Path) -> Rows:
    return pose_files.read_folder(sorted(clip.glob("*.pkl"))) if clip.is_dir() else pose_files.read_video_file(clip)


@torch.inference_mode()
def _tokens(rows: Rows, tokenizer: SignTokenizer, settings: Settings) -> tuple[float, MotionTokens]:
    """Mean squared error of what the codes give back, in spreads of each column; and the codes."""
    if len(rows) < tokenizer.frames_per_token:
        raise SignError(f"it has {len(rows)} frames; {tokenizer.frames_per_token} are needed")
    frames = fit_length(len(rows), settings.shortest, settings.longest, tokenizer.frames_per_token)
    features = torch.from_numpy(np.asarray(rows[frames])).float()[None]
    ids = tokenizer.encode(features)
    error = ((tokenizer.decode(ids) - features) / tokenizer.std).square().mean()
    return float(error), MotionTokens(ids[0])


def main(arguments: Sequence[str] | None = None) -> int:
    settings = settings_io.from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    signs, left_out = encode_words(settings)
    print(f"{len(signs)} words in {settings.out}, {len(left_out)} clips left out ({UNUSABLE_FILE})", file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.soke_signs: {error}")
