"""Name -> thing: the one place where dictionaries, bodies and pipelines are made by name."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sign_models.body import Appearance, Body
from sign_models.body import load as _load_body
from sign_models.dictionary import SignDictionary
from sign_models.dictionary.lookup import load
from sign_models.dictionary.pipeline import DictionaryPipeline
from sign_models.errors import SignError
from sign_models.hamnosys.arms import solve
from sign_models.languages import language as _language_row
from sign_models.paths import assets_folder
from sign_models.types import Entry, Motion

if TYPE_CHECKING:
    from sign_models.soke.pipeline import SokePipeline


def load_dictionary(language: str, own: str | Path | None = None) -> SignDictionary:
    """The dictionary of a language ("ase", "ASL" …); ``own`` are a user's own signs, which come first.

    own: a table (.csv, .toml), SiGML (.sigml, .xml), a motion clip (.npz), or a folder of SiGML files and clips.
    """
    return load(language, Path(own) if own else None)


def load_body(path: str | Path | None = None, appearance: Appearance | None = None) -> Body:
    """A licensed SMPL-X body (``path``, else the environment variable of ``body.file``), else the open body."""
    return _load_body(Path(path) if path else None, appearance)


def load_pipeline(language: str, own: str | Path | None = None) -> DictionaryPipeline:
    """What makes motion of text in a language; made once a language and kept.

    own: as for ``load_dictionary``; then it is made anew each time, for the files may have changed.
    """
    if own:
        return DictionaryPipeline(load_dictionary(language, own))
    return _pipeline(_language_row(language).code)


def load_sign(entry: Entry) -> Motion:
    """One sign or letter alone, from its first posture to its last."""
    pipeline = load_pipeline(entry.language)
    motion, _ = solve(pipeline.track(entry), pipeline.figure)
    return motion


def load_soke(folder: str | Path | None = None) -> "SokePipeline":
    """The trained network in ``folder`` (made by ``train.soke_lm``), else the shipped starter."""
    # transformers takes seconds to import: only those who ask for the network wait for it
    from sign_models.soke.generator import read
    from sign_models.soke.pipeline import SokePipeline

    place = Path(folder) if folder else assets_folder() / "starter" / "soke"
    if not place.is_dir():
        raise SignError(
            f"There are no SOKE weights at {place}; train them (`python -m train.soke_lm --help`) or give their folder."
        )
    return SokePipeline(read(place), lambda code: load_pipeline(code).dictionary)


@cache
def _pipeline(code: str) -> DictionaryPipeline:
    return DictionaryPipeline(load_dictionary(code))
