"""Dictionary files: what is read, and where each mistake is told."""

from collections import Counter
from pathlib import Path

import pytest

from sign_models.dictionary import notation_errors, own_entries, read_csv, read_toml, shipped_entries
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES, language
from sign_models.paths import assets_folder

ASE = language("ase")
GOOD = '[[sign]]\ngloss = "DOG"\nhamnosys = "hamfist"\nlemmas = ["dog", "hound"]\nsense = "animal"\nsure = "high"\n'


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def test_toml_fields_arrive(tmp_path: Path) -> None:
    (entry,) = read_toml(written(tmp_path, "x.toml", GOOD), ASE)
    assert (entry.gloss, entry.language, entry.hamnosys) == ("DOG", "ase", "hamfist")
    assert (entry.lemmas, entry.sense, entry.sure) == (("dog", "hound"), "animal", "high")


MISTAKES = [
    ('[[sign]]\ngloss = "DOG"\nlemmas = ["dog"]\n', ["sign 1", "DOG", "hamnosys"]),
    (GOOD + '[[sign]]\nhamnosys = "hamfist"\nlemmas = ["a"]\n', ["sign 2", "gloss"]),
    (GOOD.replace("sense", "senses"), ["DOG", "senses", "nonmanual"]),
    (GOOD.replace('"high"', '"sure"'), ["DOG", "sure", "medium"]),
    (GOOD.replace('["dog", "hound"]', '"dog"'), ["DOG", "lemmas"]),
    (GOOD.replace('["dog", "hound"]', '["dog", ""]'), ["DOG", "lemmas"]),
    (GOOD.replace('["dog", "hound"]', "[]"), ["DOG", "lemmas"]),
    (GOOD.replace('"animal"', "7"), ["DOG", "sense", "7"]),
    (GOOD.replace('"hamfist"', '" hamfist"'), ["DOG", "hamnosys", "space"]),
    ("[sign]\n", ["[[sign]]"]),
    ("title = 1\n", ["title"]),
    ("[[sign\n", ["TOML", "line 1"]),
]


@pytest.mark.parametrize(("text", "parts"), MISTAKES)
def test_toml_mistakes_name_file_entry_and_field(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(SignError) as error:
        read_toml(written(tmp_path, "mine.toml", text), ASE)
    assert all(part in str(error.value) for part in ["mine.toml", *parts])


def test_csv_fields_arrive(tmp_path: Path) -> None:
    text = '\ufeffgloss,lemmas,hamnosys,about\nDOG,dog; hound,hamfist,"pats, then snaps"\n\nA-B,a b,hamfist,\n'
    dog, ab = read_csv(written(tmp_path, "x.csv", text), ASE)
    assert (dog.lemmas, dog.about, ab.lemmas, ab.about) == (("dog", "hound"), "pats, then snaps", ("a b",), "")


CSV_MISTAKES = [
    ("", ["empty"]),
    ("gloss,lemmas\nDOG,dog\n", ["row 1", "hamnosys"]),
    ("gloss,hamnosys,lemma\nDOG,x,dog\n", ["row 1", '"lemma"']),
    ("gloss,gloss,hamnosys\n", ["row 1", "twice"]),
    ("gloss,hamnosys,lemmas\nDOG,x\n", ["row 2", "2 columns", "3"]),
    ("gloss,hamnosys,lemmas\nDOG,x,dog\nCAT,,cat\n", ["row 3", "column hamnosys"]),
    ("gloss,hamnosys,lemmas\nDOG,x, ;\n", ["row 2", "column lemmas"]),
    ("gloss,hamnosys,lemmas,sure\nDOG,x,dog,very\n", ["row 2", "column sure", "very"]),
    ('gloss,hamnosys,lemmas\nDOG,x,"dog\n', ["CSV"]),
]


@pytest.mark.parametrize(("text", "parts"), CSV_MISTAKES)
def test_csv_mistakes_name_row_and_column(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(SignError) as error:
        read_csv(written(tmp_path, "mine.csv", text), ASE)
    assert all(part in str(error.value) for part in ["mine.csv", *parts])


def test_own_file_of_another_kind_or_place_or_coding(tmp_path: Path) -> None:
    with pytest.raises(SignError, match=r"\.csv, \.toml"):
        own_entries(written(tmp_path, "mine.xlsx", ""), ASE)
    with pytest.raises(SignError, match="not there"):
        own_entries(tmp_path / "none.csv", ASE)
    with pytest.raises(SignError, match="UTF-8"):
        own_entries(written(tmp_path, "mine.csv", "gloss,hamnosys\nÄ,x\n", "latin-1"), ASE)


def test_two_entries_of_one_gloss_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGN_MODELS_ASSETS", str(tmp_path))
    (tmp_path / "lexicon").mkdir()
    written(tmp_path / "lexicon", "ase.toml", GOOD)
    written(tmp_path / "lexicon", "ase-more.toml", GOOD)
    with pytest.raises(SignError, match="DOG"):
        shipped_entries(ASE)


def test_no_dictionary_in_the_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGN_MODELS_ASSETS", str(tmp_path))
    with pytest.raises(SignError, match="lexicon"):
        shipped_entries(ASE)
    (tmp_path / "lexicon").mkdir()
    with pytest.raises(SignError, match="ASL"):
        shipped_entries(ASE)


def test_notation_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    good, bad = '"hamflathand hamextfingeru hampalmd"', '"hamflathand hamnosuchtag"'
    text = GOOD.replace('"hamfist"', good) + GOOD.replace('"hamfist"', bad).replace("DOG", "CAT")
    ((entry, reason),) = notation_errors(read_toml(written(tmp_path, "x.toml", text), ASE))
    assert entry.gloss == "CAT"
    assert "hamnosuchtag" in reason


SHIPPED = [code for code in LANGUAGES if any((assets_folder() / "lexicon").glob(f"{code}*.toml"))]


@pytest.mark.parametrize("code", SHIPPED)
def test_shipped_finger_alphabet_is_complete(code: str) -> None:
    row = language(code)
    letters = Counter(entry.letter for entry in shipped_entries(row) if entry.letter)
    if letters:
        wanted = {*row.letters, *"0123456789"}
        assert wanted <= {letter if letter == "ß" else letter.upper() for letter in letters}
        assert max(letters.values()) == 1
