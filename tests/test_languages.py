"""One row per language, found by code or name."""

import pytest

from sign_models.errors import SignError
from sign_models.languages import LANGUAGES, language


@pytest.mark.parametrize(
    ("name", "code"),
    [("ase", "ase"), ("ASL", "ase"), ("asl", "ase"), (" Csl ", "csl"), ("DGS", "gsg"), ("German sign language", "gsg")],
)
def test_found_by_code_or_name_in_any_case(name: str, code: str) -> None:
    assert language(name).code == code


@pytest.mark.parametrize("name", ["", "en", "bsl", "ase ase", "x" * 500])
def test_unknown_language_lists_what_exists(name: str) -> None:
    with pytest.raises(SignError) as error:
        language(name)
    assert all(code in str(error.value) for code in LANGUAGES)
    assert len(str(error.value)) < 200


def test_finger_alphabets_are_complete() -> None:
    assert len(language("ASL").letters) == 26
    assert {"Ä", "Ö", "Ü", "ß", "SCH"} < set(language("DGS").letters)
    assert {"ZH", "CH", "SH", "NG"} < set(language("CSL").letters)
