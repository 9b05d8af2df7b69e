"""Files of signs from anywhere: each row told by itself, and nothing else than signs is taken."""

from pathlib import Path

import pytest

from sign_models.dictionary.importing import MAX_BYTES, MOST_CHARACTERS, MOST_SIGNS, Import, import_signs
from sign_models.errors import SignError
from sign_models.hamnosys.figure import load_figure
from sign_models.languages import LANGUAGES

ASE = LANGUAGES["ase"]
WAVE = "hamflathand hamextfingeru hampalmd hamshoulders hammoveo"
TAGS = "".join(f"<{tag}/>" for tag in WAVE.split())
SIGML = f"""<?xml version="1.0" encoding="utf-8"?><sigml>
<hns_sign gloss="MY_HOUSE"><hamnosys_nonmanual><hnm_eyebrows tag="RB"/></hamnosys_nonmanual>
<hamnosys_manual>{TAGS}</hamnosys_manual></hns_sign>
<hns_sign><hamnosys_manual>{TAGS}</hamnosys_manual></hns_sign>
<hns_sign gloss="FACE"><hamnosys_nonmanual><hnm_eyebrows tag="RB"/></hamnosys_nonmanual></hns_sign>
<hns_sign gloss="BAD"><hamnosys_manual><hamnonsense/></hamnosys_manual></hns_sign></sigml>"""


def imported(folder: Path, name: str, text: str, language: str = "ase") -> Import:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return import_signs(path, LANGUAGES[language], load_figure())


def told(found: Import) -> list[tuple[str, str, bool]]:
    return [(row.place, row.gloss, row.usable) for row in found.rows]


def test_sigml_with_a_mistake_in_some_signs(tmp_path: Path) -> None:
    found = imported(tmp_path, "a.sigml", SIGML, "gsg")
    assert told(found) == [
        ("sign 1", "MY_HOUSE", True), ("sign 2", "", False), ("sign 3", "FACE", False), ("not read", "BAD", False)
    ]  # fmt: skip
    (entry,) = found.entries
    assert (entry.lemmas, entry.language, entry.hamnosys, entry.nonmanual) == (
        ("my house",),
        "gsg",
        WAVE,
        "eyebrows:RB",
    )
    assert found.unnamed == 1
    assert [("gloss" in row.error, "face or head" in row.error, "hamnonsense" in row.error) for row in found.rows] == [
        (False, False, False), (True, False, False), (False, True, False), (False, False, True)
    ]  # fmt: skip


def test_a_list_a_table_and_a_dictionary_say_row_and_reason(tmp_path: Path) -> None:
    listed = imported(tmp_path, "a.txt", f"# mine\nHOUSE\t{WAVE}\n{WAVE}\nBAD\thamfist hamnonsense\n")
    assert told(listed) == [("line 2", "HOUSE", True), ("line 3", "", False), ("line 4", "BAD", False)]
    table = imported(
        tmp_path, "a.csv", f"gloss,hamnosys,lemmas,language\nHOUSE,{WAVE},house;home,csl\nCAT,{WAVE},,\nDOG,,dog,\n"
    )
    assert told(table) == [("row 2", "HOUSE", True), ("row 3", "CAT", False), ("row 4", "DOG", False)]
    assert [(one.language, one.lemmas) for one in table.entries] == [("csl", ("house", "home"))]
    assert table.unnamed == 0
    assert table.rows[1].error.startswith("column lemmas: at least one word")
    text = f'[[sign]]\ngloss = "A"\nlemmas = ["a"]\nhamnosys = "{WAVE}"\n[[sign]]\ngloss = "B"\nlemmas = ["b"]\n'
    toml = imported(tmp_path, "a.toml", f'{text}clip = "../../secret.npz"\n[[sign]]\ngloss = 3\n')
    assert [usable for *_, usable in told(toml)] == [True, False, False]
    assert "clip" in toml.rows[1].error
    assert (toml.rows[0].entry and toml.rows[0].entry.language, toml.unnamed) == ("ase", 1)


def test_a_motion_beyond_the_limits_of_a_body_is_taken_and_told(tmp_path: Path) -> None:
    inside = "hamfist hamextfingeru hampalmr hamchest hamtouch hamparbegin hammovei hamlargemod hampalmd hamparend"
    rows = imported(tmp_path, "a.txt", f"FINE\t{WAVE}\nODD\t{inside}\n").rows
    assert all(row.made is not None and row.made.synthesized for row in rows)
    assert rows[0].made is not None
    assert rows[0].made.faults() == ()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.npz", "", 'ends in ".npz"'),
        ("a.txt", "x" * (MAX_BYTES + 1), "1,000,000 are the limit"),
        ("a.txt", f"A\t{WAVE}\n" * (MOST_SIGNS + 1), f"more than {MOST_SIGNS} signs"),
        ("a.txt", "# nothing\n", "no sign"),
        ("a.csv", "word,sign\na,b\n", "no column"),
        ("a.csv", 'gloss,hamnosys\n"A', "not CSV"),
        ("a.toml", "sign = 3", "two brackets"),
        ("a.toml", "sign = " + "[" * 100_000, "not TOML"),
        ("a.sigml", "<sigml>" + "<a>" * 50_000, "XML"),
        ("a.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><sigml>&b;</sigml>", "entities"),
        ("a.sigml", "nothing at all", "XML"),
    ],
)
def test_what_cannot_be_taken_is_one_sentence(tmp_path: Path, name: str, text: str, reason: str) -> None:
    with pytest.raises(SignError, match=reason) as caught:
        imported(tmp_path, name, text)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_odd_bytes_and_endless_notations_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"A\t\xff\xfe")
    with pytest.raises(SignError, match="UTF-8"):
        import_signs(tmp_path / "a.txt", ASE, load_figure())
    (row,) = imported(tmp_path, "b.txt", f"A\t{WAVE} " + "hammoveo " * MOST_CHARACTERS).rows
    assert "are the limit" in row.error
