"""Name -> thing: the one place where dictionaries, bodies and pipelines are made by name."""

from functools import cache
from pathlib import Path

from sign_models.body import Appearance, Body
from sign_models.body import load as _load_body
from sign_models.dictionary import SignDictionary
from sign_models.dictionary.lookup import load
from sign_models.dictionary.pipeline import DictionaryPipeline
from sign_models.languages import language as _language_row


def load_dictionary(language: str, own: str | Path | None = None) -> SignDictionary:
    """The dictionary of a language ("ase", "ASL" …); ``own`` is a user's file (.csv, .toml) that comes first."""
    return load(language, Path(own) if own else None)


def load_body(path: str | Path | None = None, appearance: Appearance | None = None) -> Body:
    """A licensed SMPL-X body (``path``, else the environment variable of ``body.file``), else the open body."""
    return _load_body(Path(path) if path else None, appearance)


def load_pipeline(language: str) -> DictionaryPipeline:
    """What makes motion of text in a language; made once a language and kept."""
    return _pipeline(_language_row(language).code)


@cache
def _pipeline(code: str) -> DictionaryPipeline:
    return DictionaryPipeline(load_dictionary(code))
