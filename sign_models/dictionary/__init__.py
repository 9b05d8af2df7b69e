"""Text to signs: dictionary files, and an answer for every word of a text."""

from sign_models.dictionary.checks import MAX_CHARACTERS, doubt
from sign_models.dictionary.coverage import Coverage, coverage
from sign_models.dictionary.entries import notation_errors, read_csv, read_toml, shipped_entries
from sign_models.dictionary.lookup import SignDictionary, load
from sign_models.dictionary.own import own_entries

__all__ = [
    "MAX_CHARACTERS",
    "Coverage",
    "SignDictionary",
    "coverage",
    "doubt",
    "load",
    "notation_errors",
    "own_entries",
    "read_csv",
    "read_toml",
    "shipped_entries",
]
