"""One sign of a result mended: what was used, what else there is, another notation, kept and used from then on."""

from pathlib import Path

import pytest

from demo import mending, mending_pages
from demo.app import for_me_alone
from demo.service import MOTION, Request, Service
from sign_models.dictionary.keeping import as_toml, keep
from sign_models.errors import SignError
from sign_models.hamnosys.reading.symbols import SYMBOLS, to_glyphs
from sign_models.manner import Manner
from sign_models.registry import load_dictionary, sign_text
from sign_models.soke.pipeline import SokeResult
from sign_models.types import Entry

MENDED = "hamfist hamextfingeru hampalmd hamchest hamlrat hammoveo"
OWN = Entry('QUOTE"D', "ase", MENDED, ("hello", "back\\slash"), nonmanual="head:NO", about="Fäust ✊", sense="a b")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path / "results", soke=tmp_path, own=tmp_path / "mine.toml")


def signed(service: Service, text: str = "Hello, Anna.") -> str:
    return service.sign(Request(text, "ase", Manner("dictionary"))).token


def test_a_sign_tells_entry_reason_symbols_and_alternatives(service: Service) -> None:
    token = signed(service, "I want coffee.")
    numbers = [number for _, number in mending.words(mending.choose(service, token, 0).signed)]
    chosen = [mending.choose(service, token, number) for number in numbers]
    assert [one.used.gloss if one.used else "" for one in chosen] == [one.cue.gloss for one in chosen]
    for one in chosen:
        assert one.used not in [other.entry for other in one.others]
        distances = [other.distance for other in one.others]
        assert distances == sorted(distances)
    html = mending_pages.facts(chosen[0])
    assert chosen[0].hint.reason.split(".")[0].replace('"', "&quot;") in html
    assert chosen[0].used is not None
    for tag in chosen[0].used.hamnosys.split():
        assert f"<code>{tag}</code>" in html


def test_every_symbol_has_a_name() -> None:
    assert {symbol.kind for symbol in SYMBOLS} <= set(mending.KINDS)
    assert mending.symbols("hamfist hamextfingeru") == [
        ("hamfist", "handshape: fist"),
        ("hamextfingeru", "fingers point: up"),
    ]


def test_senses_and_words_written_alike_are_offered() -> None:
    dictionary = load_dictionary("ase")
    hello = next(entry for entry in dictionary if entry.gloss == "HELLO")
    near = dictionary.alternatives("morning", None)
    assert near[0].distance == 0
    assert near[0].entry.gloss == "MORNING"
    assert dictionary.alternatives("mornimg", None)[0].word == "morning"
    assert 0 < dictionary.alternatives("mornimg", None)[0].distance < 0.6
    assert hello not in [other.entry for other in dictionary.alternatives("hello", hello)]


def test_a_mistake_names_symbol_and_place(service: Service) -> None:
    chosen = mending.choose(service, signed(service), 0)
    with pytest.raises(SignError, match=r"symbol 2 \(character 9\), 'hamnonsense'"):
        mending.propose(service, chosen, None, "hamfist hamnonsense")
    for notation, told in (("", "no notation"), ("x" * 5000, "4,000"), ("hamextfingeru hamplus", "cannot be read")):
        with pytest.raises(SignError, match=told):
            mending.propose(service, chosen, None, notation)
    for token, number in ((None, 0), ("nothing", 0), (chosen.signed.token, 99), (chosen.signed.token, -1)):
        with pytest.raises(SignError):
            mending.choose(service, token, number)


def test_glyphs_and_names_make_the_same_sign(service: Service) -> None:
    chosen = mending.choose(service, signed(service), 0)
    first = mending.propose(service, chosen, None, MENDED)
    assert first == mending.propose(service, chosen, None, to_glyphs(MENDED))
    made = service.preview(first, chosen.signed.request.appearance)
    assert service.preview(first, chosen.signed.request.appearance) is made
    assert made.file(MOTION).read_bytes()[:4] == b"glTF"
    assert service.download(made.token, "signing.npz") is not None


def test_a_kept_sign_answers_from_then_on(service: Service) -> None:
    token = signed(service)
    chosen = mending.choose(service, token, 0)
    service.keep_sign(mending.propose(service, chosen, None, MENDED))
    again = signed(service)
    assert again != token
    used = mending.choose(service, again, 0).used
    assert used is not None
    assert used.hamnosys == MENDED
    german = service.sign(Request("Hallo.", "gsg", Manner("dictionary"))).result
    assert german.hints[0].entries[0].hamnosys != MENDED


def test_a_spelled_name_gets_a_sign(service: Service) -> None:
    token = signed(service, "My name is Anna.")
    number = next(n for name, n in mending.words(mending.choose(service, token, 0).signed) if "A-N-N-A" in name)
    chosen = mending.choose(service, token, number)
    assert chosen.used is None
    service.keep_sign(mending.propose(service, chosen, None, MENDED))
    hints = service.sign(Request("My name is Anna.", "ase", Manner("dictionary"))).result.hints
    assert {hint.word: hint.gloss for hint in hints}["Anna"] == "ANNA"


def test_another_entry_is_taken_for_this_word_only(service: Service) -> None:
    chosen = mending.choose(service, signed(service, "Good morning."), 1)
    other = next(n for n, one in enumerate(chosen.others) if one.entry.hamnosys)
    picked = chosen.others[other].entry
    entry = mending.propose(service, chosen, other, picked.hamnosys)
    assert (entry.gloss, entry.hamnosys) == (picked.gloss, picked.hamnosys)
    assert len(entry.lemmas) == 1


def test_keeping_leaves_what_is_written_and_refuses_what_would_break_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    written = f'# [[sign]] below are mine\n\n[[sign]]\ngloss = "A"\nlemmas = ["a"]\nhamnosys = "{MENDED}"  # mine\n'
    path.write_text(written, encoding="utf-8")
    keep(OWN, path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# [[sign]] below are mine\n")
    assert text.endswith(written.split("mine\n\n")[1])
    assert next(iter(load_dictionary("ase", path))) == OWN
    assert OWN not in load_dictionary("csl", path).entries
    broken = tmp_path / "broken.toml"
    broken.write_text("[[sign]]\ngloss = 3\n", encoding="utf-8")
    with pytest.raises(SignError):
        keep(OWN, broken)
    assert broken.read_text(encoding="utf-8") == "[[sign]]\ngloss = 3\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["broken.toml", "mine.toml"]
    with pytest.raises(SignError, match="toml"):
        keep(OWN, tmp_path / "mine.csv")
    with pytest.raises(SignError, match="clip"):
        as_toml(Entry("X", "ase", "", ("x",), clip="x.npz"))


def test_without_a_file_the_sign_is_a_download(own_service: Service) -> None:
    chosen = mending.choose(own_service, signed(own_service), 0)
    entry = mending.propose(own_service, chosen, None, MENDED)
    with pytest.raises(SignError, match="--dictionary"):
        own_service.keep_sign(entry)
    html = mending_pages.kept("Kept <it>.", OWN)
    assert "Kept &lt;it&gt;." in html
    assert 'download="my-signs.toml"' in html
    assert '"' not in html.split("data:")[1].split("download")[0].rstrip(' "')


def test_where_others_reach_the_page_nothing_is_written_unless_it_is_allowed(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    service = Service(tmp_path / "results", own=own, writes=False)
    assert not service.keeps
    with pytest.raises(SignError, match="--let-visitors-save"):
        service.keep_sign(OWN)
    assert not own.exists()
    keep(OWN, own)  # by the one whose file it is
    assert OWN in service.dictionary("ase").entries
    here, space = {}, {"SPACE_ID": "me/signs"}
    hosts = {"127.0.0.1": True, "localhost": True, "::1": True, "0.0.0.0": False, "192.168.1.7": False, "": False}
    assert {host: for_me_alone(host, here) for host in hosts} == hosts
    assert not any(for_me_alone("127.0.0.1", shared) for shared in (space, {"GRADIO_SHARE": "True"}))


def test_the_network_is_given_the_codes_of_own_signs(soke_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"

    def given(text: str) -> dict[str, list[list[int]]]:
        result = sign_text(text, "ase", Manner("soke"), soke=soke_folder, own=path if path.exists() else None)
        assert isinstance(result, SokeResult)
        return {key: codes.ids.tolist() for keys, codes in result.retrieved[0] for key in keys}

    before = given("Hello, blorx coffee.")
    keep(Entry("HELLO", "ase", MENDED, ("hello",)), path)
    keep(Entry("BLORX", "ase", MENDED, ("blorx",)), path)
    after = given("Hello, blorx coffee.")
    assert "BLORX" not in before
    assert after["BLORX"] == after["HELLO"] != before["HELLO"]
    assert after["COFFEE"] == before["COFFEE"]
