"""Name -> thing: the one place where dictionaries, bodies and pipelines are made by name."""

from pathlib import Path

from sign_models.dictionary import SignDictionary
from sign_models.dictionary.lookup import load


def load_dictionary(language: str, own: str | Path | None = None) -> SignDictionary:
    """The dictionary of a language ("ase", "ASL" …); ``own`` is a user's file (.csv, .toml) that comes first."""
    return load(language, Path(own) if own else None)
