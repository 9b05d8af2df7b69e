"""Name -> thing: the one place where dictionaries, bodies and pipelines are made by name."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sign_models.body import Appearance, Body
from sign_models.body import load as _load_body
from sign_models.dictionary import SignDictionary
from sign_models.dictionary.lookup import load
from sign_models.dictionary.own import own_entries
from sign_models.dictionary.pipeline import DictionaryPipeline
from sign_models.dictionary.single import show
from sign_models.errors import SignError
from sign_models.hamnosys.arm.solver import solve
from sign_models.languages import LANGUAGES
from sign_models.languages import language as _language_row
from sign_models.manner import Manner
from sign_models.paths import assets_folder
from sign_models.types import Entry, Maker, Motion, SignResult

if TYPE_CHECKING:
    from sign_models.lmt.beside import GeneratedVideo
    from sign_models.lmt.pipeline import LmtPipeline
    from sign_models.soke.pipeline import SokePipeline

SOKE_VARIABLE = "SIGN_MODELS_SOKE"
LMT_VARIABLE = "SIGN_MODELS_LMT"
"""Each names a folder of weights that takes the place of the shipped starter."""

Own = str | Path | tuple[Path, ...]
"""A user's own dictionary, or several, the first ones first."""

_reading = Lock()


def load_dictionary(language: str, own: Own | None = None) -> SignDictionary:
    """The dictionary of a language ("ase", "ASL" …); ``own`` are a user's own signs, which come first.

    own: a table (.csv, .toml), SiGML (.sigml, .xml), a motion clip (.npz), or a folder of SiGML files and clips.
    """
    return load(language, _places(own) if own else None)


def load_body(path: str | Path | None = None, appearance: Appearance | None = None) -> Body:
    """A licensed SMPL-X body (``path``, else the environment variable of ``body.file``), else the open body."""
    return _load_body(Path(path) if path else None, appearance)


def load_pipeline(language: str, own: Own | None = None) -> DictionaryPipeline:
    """What makes motion of text in a language; made once a language and kept.

    own: as for ``load_dictionary``; read again when its files have changed.
    """
    if own:
        return _own_pipeline(_language_row(language).code, _places(own), own_stamp(own))
    return _pipeline(_language_row(language).code)


def dictionary_of(language: str, own: Own | None = None) -> SignDictionary:
    """The dictionary that ``load_pipeline`` reads texts with, kept like it."""
    code = _language_row(language).code
    return _own_dictionary(code, _places(own), own_stamp(own)) if own else _dictionary(code)


def _places(own: Own) -> tuple[Path, ...]:
    return own if isinstance(own, tuple) else (Path(own),)


def own_stamp(own: Own) -> tuple[tuple[str, int, int], ...]:
    """What changes when the files of a user's own dictionary do: name, time and size of each."""
    files = []
    for place in _places(own):
        files += sorted(place.iterdir()) if place.is_dir() else [place] if place.exists() else []
    return tuple((file.name, (told := file.stat()).st_mtime_ns, told.st_size) for file in files)


def show_sign(entry: Entry) -> SignResult:
    """One sign by itself, from rest to rest."""
    return show(entry, load_pipeline(entry.language).figure)


def load_sign(entry: Entry) -> Motion:
    """One sign or letter alone, from its first posture to its last."""
    pipeline = load_pipeline(entry.language)
    motion, _ = solve(pipeline.track(entry), pipeline.figure)
    return motion


def soke_folder(folder: str | Path | None = None) -> Path:
    """Where SOKE's weights are looked for: ``folder``, else ``SIGN_MODELS_SOKE``, else the shipped starter."""
    return Path(folder or os.environ.get(SOKE_VARIABLE) or assets_folder() / "starter" / "soke")


def soke_modes(folder: str | Path | None = None) -> dict[str, Path]:
    """The ways of decoding there are weights for, and where: the folder itself first, then the folders in it.

    Reads settings only, no weights; empty when there are none.
    """
    place = soke_folder(folder)
    inside = sorted(path for path in place.iterdir() if path.is_dir()) if place.is_dir() else []
    found: dict[str, Path] = {}
    for path in (place, *inside):
        settings = path / "language_model" / "config.json"
        if settings.is_file():
            found.setdefault(_mode(settings), path)
    return found


def load_soke(folder: str | Path | None = None, mode: str = "", own: Own | None = None) -> "SokePipeline":
    """The trained network of ``soke_folder`` that decodes by ``mode``, by the first there is when none is named.

    own: as for ``load_dictionary``. The weights are read once and kept.
    """
    kept = _soke(_soke_place(folder, mode).resolve())
    return _own_soke(kept, _places(own), own_stamp(own)) if own else kept


def lmt_folder(folder: str | Path | None = None) -> Path:
    """Where LMT's weights are looked for: ``folder``, else ``SIGN_MODELS_LMT``, else the shipped starter."""
    return Path(folder or os.environ.get(LMT_VARIABLE) or assets_folder() / "starter" / "lmt")


def load_lmt(folder: str | Path | None = None) -> "LmtPipeline":
    """The trained network of ``lmt_folder``: glosses and a still become a video. Read once and kept."""
    place = lmt_folder(folder)
    if not place.is_dir():
        raise SignError(
            f"There are no LMT weights at {place}; train them (`python -m train.lmt_prior --help`) or give a folder."
        )
    return _lmt(place.resolve())


def lmt_signers(folder: str | Path | None = None) -> tuple[str, ...]:
    """Who can sign in generated videos; none where there are no weights. Reads settings only, no weights."""
    settings = lmt_folder(folder) / "prior" / "config.json"
    if not settings.is_file():
        return ()
    try:
        return tuple(str(name) for name in json.loads(settings.read_text(encoding="utf-8"))["signers"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SignError(f"{settings} does not name LMT's signers ({error}); restore or retrain it.") from error


def check_signer(signer: str, folder: str | Path | None = None) -> None:
    """SignError unless there is a network that can make videos of ``signer``: to be asked before the work."""
    known = lmt_signers(folder)
    if not known:
        raise SignError(
            f"There are no LMT weights at {lmt_folder(folder)}, so no video can be generated; train them "
            "(`python -m train.lmt_prior --help`) or give their folder."
        )
    if signer not in known:
        raise SignError(f'There is no signer "{signer[:40]}" for generated videos; choose one of {", ".join(known)}.')


def generate_video(
    result: SignResult,
    signer: str = "",
    seed: int = 0,
    temperature: float = 0.0,
    *,
    still: str | Path | None = None,
    lmt: str | Path | None = None,
    on_step: Callable[[str, float], None] | None = None,
) -> "GeneratedVideo":
    """The signs of ``result`` as LMT's video, in step with its motion. Same seed, same video.

    signer: one of ``lmt_signers``. still: in its place a picture of anyone in the trained style, of the trained size.
    lmt: as for ``lmt_folder``. SignError when none of the signs is known to the network.
    """
    if still is None:
        check_signer(signer, lmt)
    pipeline = load_lmt(lmt)
    from sign_models.lmt.beside import in_step
    from sign_models.lmt.decoding import Sampling
    from sign_models.lmt.pipeline import read_still

    picture = None if still is None else read_still(still, pipeline.rules)
    sampling = Sampling(temperature=temperature, seed=seed)
    return in_step(pipeline, result, sampling, on_step, signer=signer, still=picture)


def lmt_fingerprint(folder: str | Path | None = None) -> str:
    """Twelve letters that change with the weights of either stage, or with the stills of the signers."""
    digest = hashlib.sha256()
    for name in ("vqgan/model.safetensors", "prior/model.safetensors", "stills.safetensors"):
        weights = lmt_folder(folder) / name
        if not weights.is_file():
            raise SignError(f"No weights at {weights}; restore them or train again.")
        digest.update(weights.read_bytes())
    return digest.hexdigest()[:12]


def soke_fingerprint(folder: str | Path | None = None, mode: str = "") -> str:
    """Twelve letters that change with the network's weights."""
    weights = _soke_place(folder, mode) / "language_model" / "model.safetensors"
    if not weights.is_file():
        raise SignError(f"No weights at {weights}; restore them or train again.")
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def usual_maker(soke: str | Path | None = None) -> Maker:
    """The network where there are weights for it or where they are said to be, else the dictionary."""
    return "soke" if soke or soke_modes() else "dictionary"


def sign_text(
    text: str,
    language: str,
    manner: Manner | None = None,
    *,
    own: Own | None = None,
    soke: str | Path | None = None,
    opening: bool = False,
    on_step: Callable[[str, float], None] | None = None,
) -> SignResult:
    """Text to motion in the given manner: what page, command line and batch script call. Same manner, same motion.

    own: as for ``load_dictionary``. soke: as for ``soke_folder``. opening: only the first sentence, just as it will be
    in the whole, so that a long text can begin to play.
    """
    how = manner or Manner()
    code = _language_row(language).code
    if (how.by or usual_maker(soke)) == "dictionary":
        return load_pipeline(code, own).generate(
            text, tempo=how.tempo, reorder=how.reorder, opening=opening, on_step=on_step
        )
    pipeline = load_soke(soke, how.mode, own)
    from sign_models.soke.decoding import Sampling

    sampling = Sampling(temperature=how.temperature, top_k=how.top_k, seed=how.seed)
    return pipeline.generate(
        text,
        code,
        sampling,
        on_step,
        tempo=how.tempo,
        reorder=how.reorder,
        retrieval=how.retrieval,
        opening=opening,
    )


def _soke_place(folder: str | Path | None, mode: str) -> Path:
    modes = soke_modes(folder)
    place = soke_folder(folder)
    if not modes and place.is_dir():
        raise SignError(
            f"There is no trained SOKE in {place}: language_model is missing; `python -m train.soke_lm` makes one."
        )
    if not modes:
        raise SignError(
            f"There are no SOKE weights at {place}; train them (`python -m train.soke_lm --help`) or give their folder."
        )
    if mode and mode not in modes:
        raise SignError(f'The SOKE at {place} does not decode by "{mode}"; it knows {", ".join(modes)}.')
    return modes[mode] if mode else next(iter(modes.values()))


def _mode(settings: Path) -> str:
    try:
        return str(json.loads(settings.read_text(encoding="utf-8"))["mode"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SignError(f"{settings} does not say how SOKE decodes ({error}); restore or retrain it.") from error


def _soke(folder: Path) -> "SokePipeline":
    with _reading:  # several threads may ask at once: one reads, the others find it read
        return _read_soke(folder)


@cache
def _read_soke(folder: Path) -> "SokePipeline":
    # transformers takes seconds to import: only those who ask for the network wait for it
    from sign_models.soke.generator import read
    from sign_models.soke.pipeline import SokePipeline
    from sign_models.soke.signs import entries_of

    generator = read(folder)
    if not generator.prompt.by_word:
        return SokePipeline(generator, dictionary_of)
    words = {code: SignDictionary(row, entries_of(generator.signs, code)) for code, row in LANGUAGES.items()}
    return SokePipeline(generator, lambda code: words[code])


@lru_cache(maxsize=8)
def _own_dictionary(code: str, own: tuple[Path, ...], stamp: object) -> SignDictionary:
    return load_dictionary(code, own)


@lru_cache(maxsize=8)
def _own_pipeline(code: str, own: tuple[Path, ...], stamp: object) -> DictionaryPipeline:
    return DictionaryPipeline(_own_dictionary(code, own, stamp))


@lru_cache(maxsize=4)
def _own_soke(kept: "SokePipeline", own: tuple[Path, ...], stamp: object) -> "SokePipeline":
    """The network with a user's own signs: found in texts, and with codes of their own."""
    from sign_models.soke.pipeline import SokePipeline
    from sign_models.soke.signs import WithOwn, entries_of, key_of, sign_tokens

    parts = kept.generator
    entries = {code: own_entries(own, row) for code, row in LANGUAGES.items()}
    by_key = {code: {key_of(entry): entry for entry in reversed(mine)} for code, mine in entries.items()}
    signs = WithOwn(parts.signs, by_key, lambda entry: sign_tokens(load_sign(entry), parts.tokenizer))

    def words(code: str) -> SignDictionary:
        if parts.prompt.by_word:
            return SignDictionary(_language_row(code), [*entries[code], *entries_of(parts.signs, code)])
        return dictionary_of(code, own)

    return SokePipeline(replace(parts, signs=signs), words)


@cache
def _dictionary(code: str) -> SignDictionary:
    return load_dictionary(code)


@cache
def _pipeline(code: str) -> DictionaryPipeline:
    return DictionaryPipeline(_dictionary(code))


@cache
def _lmt(place: Path) -> "LmtPipeline":
    # torch's convolutions and the quantizers take a while to import: only those who ask for the network wait
    from sign_models.lmt.bundle import read
    from sign_models.lmt.pipeline import LmtPipeline

    return LmtPipeline(read(place))
