"""Small made-up dictionaries, so that the reading of text is tested apart from what the shipped ones hold."""

from functools import cache
from pathlib import Path

import pytest

from sign_models.dictionary import SignDictionary, read_toml
from sign_models.languages import language

LEXICON = Path(__file__).parent / "lexicon"


@cache
def small_dictionary(code: str) -> SignDictionary:
    row = language(code)
    return SignDictionary(
        row, [e for name in (code, f"{code}-letters") for e in read_toml(LEXICON / f"{name}.toml", row)]
    )


@pytest.fixture(scope="session")
def ase() -> SignDictionary:
    return small_dictionary("ase")


@pytest.fixture(scope="session")
def gsg() -> SignDictionary:
    return small_dictionary("gsg")


@pytest.fixture(scope="session")
def csl() -> SignDictionary:
    return small_dictionary("csl")


@pytest.fixture(scope="session")
def dictionaries(ase: SignDictionary, gsg: SignDictionary, csl: SignDictionary) -> dict[str, SignDictionary]:
    return {"ase": ase, "gsg": gsg, "csl": csl}
