"""Small made-up dictionaries, so that the reading of text is tested apart from what the shipped ones hold."""

from functools import cache
from pathlib import Path

from sign_models.dictionary import SignDictionary, read_toml
from sign_models.languages import LANGUAGES, language

LEXICON = Path(__file__).parent / "lexicon"


@cache
def small_dictionary(code: str) -> SignDictionary:
    row = language(code)
    files = [LEXICON / f"{name}.toml" for name in (code, f"{code}-letters")]
    return SignDictionary(row, [entry for file in files for entry in read_toml(file, row)])


def small_dictionaries() -> dict[str, SignDictionary]:
    return {code: small_dictionary(code) for code in LANGUAGES}
