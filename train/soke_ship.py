"""python -m train.soke_ship --settings starter --model RUN --out FOLDER: a trained SOKE made small, to be passed on.

Weights at half precision, the codes of all signs that the dictionaries have now (no matter how many they had in
training), and how the model was made: every setting, and the curves of both trainings.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from sign_models.errors import SignError
from sign_models.files import atomic
from sign_models.registry import load_dictionary, load_sign
from sign_models.soke import generator
from sign_models.soke.signs import SignCodes, key_of
from sign_models.soke.tokenizer import SignTokenizer
from sign_models.soke.vocabulary import SIGN_LANGUAGES
from sign_models.types import Entry
from train import settings as settings_io
from train.bench.report import commit
from train.engine.log import LOG_FILE
from train.soke_encode import SignOf, sign_tokens

SECTION = "soke_ship"
MADE_FILE = "made.json"

_PLACES = frozenset({"data", "out", "tokenizer", "root", "text", "start_from", "statistics", "excluded"})
"""Settings that are paths on one machine, and no part of how a model is made."""


@dataclass(frozen=True)
class Settings:
    """model: the out folder of ``train.soke_lm``. decoder: that of ``train.soke_decoder``, if it was used. curve_every:
    of the figures logged in training one in so many steps is kept, and all of validation."""

    model: Path
    out: Path
    decoder: Path | None = None
    curve_every: int = 100


def ship(
    settings: Settings,
    dictionary_of: Callable[[str], Iterable[Entry]] = load_dictionary,
    sign_of: SignOf = load_sign,
) -> int:
    """Writes the folder that ``load_soke`` reads; how many signs it knows."""
    parts = generator.read(settings.model)
    if settings.decoder:
        parts = replace(parts, tokenizer=_with_decoder(parts.tokenizer, settings.decoder))
    parts.model.half()
    parts.tokenizer.half()
    generator.save(settings.out, parts)
    # codes of the tokenizer as others will read it
    tokenizer = generator.read(settings.out).tokenizer
    codes = {
        language: {key_of(entry): sign_tokens(sign_of(entry), tokenizer) for entry in dictionary_of(language)}
        for language in SIGN_LANGUAGES
    }
    signs = SignCodes(codes)
    signs.save(settings.out)
    made = {"commit": commit(), "signs": {language: len(own) for language, own in codes.items()}, **_made(settings)}
    with atomic(settings.out / MADE_FILE) as part:
        part.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(signs)


def _with_decoder(trained_on: SignTokenizer, folder: Path) -> SignTokenizer:
    """The tokenizer in ``folder``; SignError unless only its decoders differ from the one of the language model."""
    found = generator.read_tokenizer(folder / generator.TOKENIZER_FOLDER)
    own, other = trained_on.state_dict(), found.state_dict()
    for name in own.keys() | other.keys():
        same = name in own and name in other and own[name].shape == other[name].shape
        if ".decoder." not in name and not (same and torch.equal(own[name], other[name])):
            raise SignError(f"{folder} has other codes than the language model was trained on: {name} differs.")
    return found


def _made(settings: Settings) -> dict[str, Any]:
    """Settings of all steps, found by the paths that each run noted, and the curves."""
    lm = _noted(settings.model)
    encode = _noted(Path(lm["soke_lm"]["data"]))
    tokenizer = Path(encode["soke_encode"]["tokenizer"])
    steps = {**encode, **_noted(tokenizer), **lm}
    for corpus in encode["soke_encode"]["data"]:
        steps = {**_noted(Path(corpus)), **steps}
    curves = {"soke_tokenizer": _curve(tokenizer, settings), "soke_lm": _curve(settings.model, settings)}
    if settings.decoder:
        steps |= _noted(settings.decoder)
        curves["soke_decoder"] = _curve(settings.decoder, settings)
    return {"settings": {name: _without_places(values) for name, values in steps.items()}, "curves": curves}


def _noted(folder: Path) -> dict[str, Any]:
    path = folder / settings_io.SAVED
    if not path.is_file():
        raise SignError(f"There is no {path.name} in {folder}, which tells how it was made; ship before moving runs.")
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _curve(folder: Path, settings: Settings) -> list[dict[str, Any]]:
    lines = map(json.loads, (folder / LOG_FILE).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line["kind"] != "train" or line["step"] % settings.curve_every == 0]


def _without_places(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _PLACES}


def main(arguments: Sequence[str] | None = None) -> int:
    settings = settings_io.from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    signs = ship(settings)
    print(f"{settings.out}: a model that knows {signs} signs", file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.soke_ship: {error}")
