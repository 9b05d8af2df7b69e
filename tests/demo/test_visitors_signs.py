"""A visitor's own signs: in front of all others, for this visitor alone, and harmless whatever the browser sends."""

import zipfile
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from demo import own_signs, own_signs_pages
from demo.own_signs import FILE, MOST_BYTES, MOST_FILES, OwnSigns
from demo.own_signs_panel import OwnSignsPanel
from demo.service import BUNDLE, Request, Service
from sign_models.dictionary.importing import Import, Row
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES
from sign_models.manner import Manner
from sign_models.registry import load_dictionary
from sign_models.render import Look
from sign_models.types import Entry

MINE = Entry("HELLO", "ase", "hamfist hamextfingeru hampalmd hamchest hamlrat hammoveo", ("hello",))
BOOK = Entry("BOOK", "ase", MINE.hamnosys, ("book",))
HELLO = Request("Hello.", "ase", Manner("dictionary"), look=Look(size=64))


def used(service: Service, request: Request) -> str:
    return service.sign(request).result.hints[0].entries[0].hamnosys


def test_they_answer_first_for_this_visitor_alone(tmp_path: Path) -> None:
    server = tmp_path / "server.toml"
    server.write_text(own_signs.written([replace(MINE, hamnosys="hamflathand hamextfingeru hampalmd")]), "utf-8")
    service = Service(tmp_path / "results", own=server, writes=False)
    name = service.visitors.name(own_signs.added("", [MINE]))
    assert used(service, replace(HELLO, own=name)) == MINE.hamnosys
    assert used(service, HELLO) == "hamflathand hamextfingeru hampalmd"
    assert used(service, replace(HELLO, text="Hallo.", language="gsg", own=name)) != MINE.hamnosys
    assert service.visitors.name("") == ""


def test_they_travel_with_the_result(tmp_path: Path) -> None:
    service = Service(tmp_path / "results")
    text = own_signs.added("", [MINE])
    signed = service.sign(replace(HELLO, own=service.visitors.name(text)))
    assert FILE in service.files(signed)
    bundle = service.download(signed.token, BUNDLE)
    assert bundle is not None
    with zipfile.ZipFile(bundle) as archive:
        assert archive.read(FILE).decode() == text
    plain = service.sign(HELLO)
    assert plain.token != signed.token
    assert FILE not in service.files(plain)
    assert service.download(plain.token, FILE) is None


def test_a_sign_that_comes_again_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    text = own_signs.added(own_signs.added("", [MINE, BOOK]), [replace(MINE, hamnosys=BOOK.hamnosys, sure="high")])
    file = tmp_path / FILE
    file.write_text(text, "utf-8")
    entries = load_dictionary("ase", file).entries[:2]
    assert [(one.gloss, one.sure) for one in entries] == [("HELLO", "high"), ("BOOK", "medium")]
    assert len(own_signs.listed(text)) == 2
    other = own_signs.added(text, [replace(BOOK, language="csl")])
    assert len(own_signs.listed(other)) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[sign]]\n" * 3, "language"),
        ("nonsense", "What this browser keeps is not TOML"),
        ("sign = " + "[" * 50_000, "TOML"),
        ("#" * (MOST_BYTES + 1), "500,000 are the limit"),
        ('[[sign]]\ngloss="A"\nlemmas=["a"]\nlanguage="ase"\nclip="/etc/passwd"', "clip"),
        ('[[sign]]\ngloss="A"\nlemmas=["a"]\nlanguage="tlh"\nhamnosys="hamfist"', "tlh"),
        ('[[sign]]\ngloss="A"\nlemmas=["a"]\nhamnosys="hamfist"', "language"),
        ('[[sign]]\ngloss="A"\nlemmas=["a"]\nlanguage="ase"\nhamnosys="hamnonsense"', "hamnonsense"),
    ],
)
def test_whatever_a_browser_sends_is_looked_through(tmp_path: Path, text: str, told: str) -> None:
    signs = OwnSigns(tmp_path)
    with pytest.raises(SignError, match=told) as caught:
        signs.name(text)
    assert str(tmp_path) not in str(caught.value)
    assert list(tmp_path.rglob("*.toml")) == []
    assert own_signs_pages.having(text)


def test_files_of_many_visitors_do_not_pile_up(tmp_path: Path) -> None:
    signs = OwnSigns(tmp_path)
    names = [signs.name(f"{own_signs.written([MINE])}# {n}\n") for n in range(MOST_FILES + 3)]
    assert len(list(tmp_path.iterdir())) == MOST_FILES
    assert not signs.file(names[0]).exists()
    assert signs.name(f"{own_signs.written([MINE])}# 0\n") == names[0]
    assert signs.file(names[0]).exists()


def test_the_report_tells_language_and_mistakes_and_escapes_all() -> None:
    rows = (Row("line 1", "<b>A</b>", replace(BOOK, language="gsg")), Row("line 2", "B", error="It <i> is wrong."))
    html = own_signs_pages.report(Import(rows, LANGUAGES["gsg"]), "<my>.txt")
    assert "&lt;my&gt;.txt: 2 signs, 1 taken, 1 not. 1 of them names no language, so it counts as DGS" in html
    assert "<b>" not in html
    assert "<i>" not in html


def panel(service: Service) -> OwnSignsPanel:
    with gr.Blocks():
        return OwnSignsPanel(service, gr.Radio(list(LANGUAGES)))


def test_import_save_and_what_cannot_be_saved(tmp_path: Path) -> None:
    given = tmp_path / "given.txt"
    given.write_text(f"WINDOW\t{MINE.hamnosys}\nNOISE\thamnonsense\n", "utf-8")
    service = Service(tmp_path / "results", own=tmp_path / "mine.toml")
    *_, (text, having, report) = panel(service).take(str(given), "gsg", "")
    assert "DGS WINDOW" in having
    assert "2 signs, 1 taken, 1 not" in report
    assert "1 signs are in" in panel(service).save(text)
    assert next(iter(load_dictionary("gsg", tmp_path / "mine.toml"))).gloss == "WINDOW"
    assert next(iter(load_dictionary("ase", tmp_path / "mine.toml"))).gloss != "WINDOW"
    closed = Service(tmp_path / "others", own=tmp_path / "mine.toml", writes=False)
    assert "Not possible" in panel(closed).save(text)
    *_, (again, _, _) = panel(closed).take(str(tmp_path / "mine.toml"), "ase", text)
    assert again == text  # the file says that it is DGS, and the sign is there already
