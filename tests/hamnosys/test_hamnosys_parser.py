"""Reading HamNoSys: nothing is lost, nothing but HamNoSysError is raised, positions are right."""

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sign_models.hamnosys.reading.parser import MAX_VARIANTS, parse
from sign_models.hamnosys.reading.symbols import MAX_SYMBOLS, SYMBOLS, HamNoSysError, to_glyphs, to_tags, tokenize
from sign_models.hamnosys.sign import (
    BodyMotion,
    Circle,
    Fingerplay,
    FingerShape,
    HandContact,
    Handshape,
    Hold,
    Location,
    Movement,
    Orientation,
    Parallel,
    Reach,
    Repetition,
    Replace,
    Sequence,
    Sign,
    Site,
    Straight,
    Symmetry,
    TwoHands,
    Wrist,
    walk,
)

HAND = "flathand extfingeru palml"

_LINES = (Path(__file__).parent / "transcriptions.txt").read_text(encoding="utf-8").splitlines()
TRANSCRIPTIONS = [line for line in _LINES if not line.startswith("#")]


def full(short: str) -> str:
    """Tags with their ``ham``."""
    return " ".join(word if word.startswith("ham") else f"ham{word}" for word in short.split())


def first_move(short: str) -> Movement:
    return parse(full(f"{HAND} {short}")).actions[0]


@pytest.mark.parametrize("short", TRANSCRIPTIONS)
def test_transcriptions(short: str) -> None:
    sign = parse(full(short))
    assert_nothing_lost(sign, full(short))
    assert parse(to_glyphs(full(short))) == sign


# A context for each kind of symbol, "X" stands for it.
CONTEXTS = {
    "base": "X extfingeru palml",
    "thumb": "fist X extfingeru",
    "bend": "flathand X extfingeru",
    "finger": "fist X palml",
    "palm": "fist extfingeru X",
    "symmetry": f"X {HAND}",
    "nonipsi": f"symmlr X {HAND}",
    "nondominant": f"X {HAND}",
    "between": "fist extfingeru X extfingerul",
    "plus": "parbegin fist X flathand parend",
    "remark": f"{HAND} X",
    "relative": f"{HAND} X",
    "etc": f"{HAND} X",
    "clock": f"{HAND} circleo X",
    "ellipse": f"{HAND} circleo X",
    **{kind: f"{HAND} X moveo" for kind in ("site", "side", "digit", "part", "mark", "contact", "extended", "behind")},
    **{kind: f"{HAND} moveo X" for kind in ("arc", "ripple", "manner", "size", "repeat", "alternating", "space")},
    **{kind: f"{HAND} X" for kind in ("move", "circle", "wrist", "fingerplay", "crossing", "hold", "mime")},
    "replace": f"{HAND} X fist",
}


@pytest.mark.parametrize("symbol", [s for s in SYMBOLS if s.kind not in {"open", "close"} and "alt" not in s.kind[:3]])
def test_every_symbol_has_its_place(symbol) -> None:
    text = full(CONTEXTS[symbol.kind]).replace("hamX", symbol.tag, 1)
    assert symbol.tag in text.split()
    assert_nothing_lost(parse(text), text)
    assert_nothing_lost(parse(to_glyphs(text)), text)


def test_published_names_that_are_slips() -> None:
    assert to_tags("hampalmud hammoveudl space") == "hampalmd hammovedl"
    assert to_glyphs("hampalmud") == "\ue03c"
    sign = parse("hamflathand,hamextfingeru,hampalmud,None,hamlrat")
    assert sign.marks == ("lost",)
    assert sign.initial.dominant.location == Location((Site("neutralspace", side="right_at"),))
    with pytest.raises(HamNoSysError, match="no glyph"):
        to_glyphs("None")


def test_handshapes() -> None:
    def shape(short: str) -> Handshape | None:
        return parse(full(short + " extfingeru palml")).initial.dominant.handshape

    assert shape("flathand thumboutmod fingerbendmod") == Handshape("flathand", ("out",), ("bend",))
    assert shape("flathand fingerbendmod thumboutmod") == Handshape("flathand", ("out",), ("bend",))
    assert shape("fist thumbacrossmod between flathand thumboutmod") == Handshape(
        "fist", ("across",), between=Handshape("flathand", ("out",))
    )
    assert shape("fist thumboutmod between thumbacrossmod") == Handshape("fist", ("out", "across"))
    assert shape("flathand fingerbendmod between fingerhookmod") == Handshape("flathand", bend=("bend", "hook"))
    assert shape("pinch12 middlefinger") == Handshape("pinch12", fingers=(FingerShape(("middle",)),))
    assert shape("finger2345 middlefinger fingerhookmod pinky doublebent") == Handshape(
        "finger2345", fingers=(FingerShape(("middle",), ("hook",)), FingerShape(("pinky",), ("doublebent",)))
    )
    assert shape("fist indexfinger between middlefinger") == Handshape(
        "fist", fingers=(FingerShape(("index", "middle"), between=True),)
    )
    assert shape("fist between") == Handshape("fist", fingers=(FingerShape((), between=True),))
    assert shape("finger23 indexfinger fingernail middlefinger") == Handshape(
        "finger23", fingers=(FingerShape(("index", "middle"), part="nail"),)
    )
    assert shape("finger23 indexfinger cross middlefinger") == Handshape(
        "finger23", fingers=(FingerShape(("index", "middle"), contacts=("cross",)),)
    )
    assert shape("cee12 fingermidjoint etc largemod") == Handshape(
        "cee12", fingers=(FingerShape((), part="midjoint"),), size="large", approximate=True
    )


def test_orientation() -> None:
    for order in ("extfingeru between extfingerul palml", "palml extfingeru between extfingerul"):
        hand = parse(full(f"fist {order}")).initial.dominant
        assert hand.orientation == Orientation(("u", "ul"), ("l",))
    assert parse(full("fist extfingero palmd orirelative moveo")).initial.dominant.orientation == Orientation(
        ("o",), ("d",), relative=True
    )


def test_location() -> None:
    def place(short: str) -> Location | None:
        return parse(full(f"{HAND} {short}")).initial.dominant.location

    chest = Site("chest")
    assert place("chest touch") == Location((chest,), ("touch",))
    assert place("lrat chest") == Location((Site("chest", side="left_at"),))
    assert place("chest lrbeside close") == Location((Site("chest", side="right_beside"),), ("close",))
    left = Site("chest", side="left_at")
    assert place("lrat chest between chest armextended") == Location((left, chest), extended=True)
    assert place("ear lrat behind") == Location((Site("ear", side="right_at", behind=True),))
    assert place("chin seqbegin touch fingerpad indexfinger seqend") == Location(
        (Site("chin"),), ("touch",), hand=(Site(digits=("index",), part="pad"),)
    )
    assert place("indexfinger fingertip chin touch") == place("seqbegin indexfinger fingertip seqend chin touch")
    assert place("parbegin indexfinger fingertip plus chin parend touch") == Location(
        (Site("chin"),), ("touch",), hand=(Site(digits=("index",), part="tip"),)
    )
    assert place("thumb fingertip indexfinger fingertip touch") == Location(
        (Site(digits=("thumb", "index"), part="tip"),), ("touch",)
    )
    assert place("indexfinger thumbside touch") == Location((Site("thumbside", ("index",)),), ("touch",))
    assert place("hampalm touch") == Location((Site("palm"),), ("touch",))


def test_hands_told_apart() -> None:
    sign = parse(
        full(
            "parbegin flathand plus fist parend parbegin extfingeru palml plus extfingerr palmd parend"
            " parbegin fingertip middlefinger plus hampalm parend touch chest close"
        )
    )
    own, other, contact = sign.initial.dominant, sign.initial.nondominant, sign.initial.contact
    assert own.handshape == Handshape("flathand")
    assert own.orientation == Orientation(("u",), ("l",))
    assert own.location == Location((Site("chest"),), ("close",))
    assert other is not None
    assert other.handshape == Handshape("fist")
    assert other.orientation == Orientation(("r",), ("d",))
    assert contact == HandContact((Site(digits=("middle",), part="tip"),), (Site("palm"),), ("touch",))
    assert sign.symmetry is None
    assert sign.two_handed
    assert not parse(full(HAND)).two_handed


def test_one_bracket_for_each_hand() -> None:
    split = parse(full("parbegin flathand extfingeru palml plus fist extfingerr palmd parend moveo"))
    by_aspect = parse(
        full("parbegin flathand plus fist parend parbegin extfingeru palml plus extfingerr palmd parend moveo")
    )
    assert split.initial == by_aspect.initial


def test_symmetry() -> None:
    assert parse(full(f"symmpar {HAND}")).symmetry == Symmetry(mirror=False)
    assert parse(full(f"symmlr largemod fingerstraightmod alternatingmotion nonipsi {HAND}")).symmetry == Symmetry(
        mirror=True, up_down=True, out_in=True, alternating=True, crossed=True
    )
    sign = parse(full(f"symmlr {HAND} hampalm touch chest close"))
    assert sign.initial.contact == HandContact((Site("palm"),), (), ("touch",))
    assert sign.initial.dominant.location == Location((Site("chest"),), ("close",))
    assert parse(full(f"symmlr {HAND} touch")).initial.contact == HandContact(contacts=("touch",))


def test_movements() -> None:
    assert first_move("moveo largemod arcu smallmod wavy smallmod fast") == Straight(
        directions=("o",),
        size="large",
        curve="u",
        curve_size="small",
        ripple="wavy",
        ripple_size="small",
        manner=("fast",),
    )
    assert first_move("moveo between moveor smallmod smallmod") == Straight(directions=("o", "or"), size="verysmall")
    assert first_move("circleo smallmod ellipseh largemod clocku clockfull clockd increasing") == Circle(
        axis=("o",),
        size="small",
        ellipse="h",
        ellipse_size="large",
        clock=("u", "full", "d"),
        manner=("increasing",),
    )
    assert first_move("twisting smallmod repeatfromstart repeatfromstart smallmod") == Wrist(
        kind="twisting", size="small", repeats=(Repetition("fromstart"), Repetition("fromstart", ("small",)))
    )
    assert first_move("fingerplay indexfinger middlefinger") == Fingerplay(digits=("index", "middle"))
    assert first_move("nomotion") == Hold()
    assert first_move("tense") == Hold(manner=("tense",))
    assert first_move("fast moveo") == first_move("moveo fast")
    assert first_move("arcu smallmod moveo") == first_move("moveo arcu smallmod")
    assert first_move("repeatfromstart") == Hold(repeats=(Repetition("fromstart"),))
    assert first_move("movei chest touch repeatfromstart") == Straight(
        directions=("i",), target=Location((Site("chest"),), ("touch",)), repeats=(Repetition("fromstart"),)
    )
    assert first_move("moved hampalm brushing") == Straight(
        directions=("d",), target=Location((Site("palm"),), ("brushing",))
    )


def test_brackets_of_movements() -> None:
    out, down = Straight(directions=("o",)), Straight(directions=("d",))
    again = (Repetition("fromstart"),)
    assert first_move("seqbegin moveo moved seqend repeatfromstart") == Sequence(parts=(out, down), repeats=again)
    assert first_move("parbegin moveo replace fist parend") == Parallel(
        parts=(out, first_move("replace fist")),
    )
    assert first_move("parbegin moveo plus nomotion parend repeatfromstart") == TwoHands(
        dominant=(out,), nondominant=(Hold(),), repeats=again
    )
    assert first_move("parbegin nomotion plus seqbegin moveo moved seqend parend") == TwoHands(
        dominant=(Hold(),), nondominant=(Sequence(parts=(out, down)),)
    )
    assert first_move("nondominant moveo") == TwoHands(nondominant=(out,))
    assert first_move("seqbegin lrat shoulders moveu seqend") == BodyMotion(
        sites=(Site("shoulders", side="left_at"),), parts=(Straight(directions=("u",)),)
    )
    before = parse(full(f"seqbegin shoulders moveu seqend {HAND} moveo"))
    assert [type(action) for action in before.actions] == [BodyMotion, Straight]
    assert before.initial == parse(full(HAND)).initial


def test_replace() -> None:
    written = first_move("replace increasing fist extfingerl chest touch fast")
    assert isinstance(written, Replace)
    assert written.written
    assert written.manner == ("increasing", "fast")
    assert written.configuration.dominant.handshape == Handshape("fist")
    assert written.configuration.dominant.orientation == Orientation(("l",))
    assert written.configuration.dominant.location == Location((Site("chest"),), ("touch",))
    bent = first_move("replace indexfinger fingerhookmod")
    assert isinstance(bent, Replace)
    assert bent.configuration.dominant.handshape == Handshape("", fingers=(FingerShape(("index",), ("hook",)),))
    one = first_move("replace parbegin extfingerl palmd plus nomotion parend")
    assert isinstance(one, Replace)
    assert one.configuration.nondominant is not None
    assert one.configuration.nondominant.orientation is None
    compound = parse(full(f"{HAND} moveo fist extfingerl palmd stomach"))
    assert isinstance(compound.actions[1], Replace)
    assert not compound.actions[1].written
    assert first_move("parbegin chest touch repeatfromstart parend") == Parallel(
        parts=(Reach(target=Location((Site("chest"),), ("touch",)), repeats=(Repetition("fromstart"),)),)
    )


def test_choices_are_variants() -> None:
    sign = parse("\ue001 \ue020{\ue03e|\ue03a}\ue052")
    assert [reading.initial.dominant.orientation for reading in (sign, *sign.variants)] == [
        Orientation(("u",), ("l",)),
        Orientation(("u",), ("r",)),
    ]
    sign = parse(full(f"{HAND} altbegin chest metaalt stomach metaalt altend touch moved"))
    assert len(sign.variants) == 2
    areas = [reading.initial.dominant.location.sites for reading in (sign, *sign.variants)]  # type: ignore[union-attr]
    assert areas == [(Site("chest"),), (Site("stomach"),), ()]
    many = " ".join(["altbegin moveo metaalt moved altend"] * 5)
    with pytest.raises(HamNoSysError, match=str(MAX_VARIANTS)):
        parse(full(f"{HAND} {many}"))


@pytest.mark.parametrize(
    ("short", "index", "symbol"),
    [
        ("flathand extfingeru palml hamfoo", 3, "'hamfoo'"),
        ("flathand extfingeru palml parbegin moveo", 3, "hamparbegin"),
        ("flathand extfingeru palml moveo parend", 4, "hamparend"),
        ("flathand extfingeru palml parbegin moveo seqend", 5, "hamseqend"),
        ("flathand extfingeru palml parbegin parend", 4, "hamparend"),
        ("flathand extfingeru palml clocku", 3, "hamclocku"),
        ("flathand extfingeru palml chest between", 4, "hambetween"),
        ("flathand extfingeru palml replace", 3, "hamreplace"),
        ("flathand extfingeru palml replace moveo", 4, "hammoveo"),
        ("flathand extfingeru palml parbegin moveo plus moved plus movel parend", 9, "hamparend"),
        ("flathand parbegin parbegin chest plus lips parend plus nose parend", 2, "hamparbegin"),
        ("thumboutmod flathand", 0, "hamthumboutmod"),
        ("chest touch", 1, "hamtouch"),
        ("altend fist", 0, "hamaltend"),
        ("altbegin fist", 1, "hamfist"),
    ],
)
def test_errors_tell_where(short: str, index: int, symbol: str) -> None:
    text = full(short)
    with pytest.raises(HamNoSysError) as caught:
        parse(text)
    error = caught.value
    assert (error.index, error.symbol) == (index, symbol)
    assert text[error.offset :].split()[0] == symbol.strip("'")
    assert f"symbol {index + 1} (character {error.offset + 1})" in str(error)
    assert str(error).count(". ") == 0  # one sentence
    assert error.expected


def test_other_bad_texts() -> None:
    for text in ("", "   ", "hello", "<b>", "\x00", "\ue001x", "\ue0ff", "\ue001\ue0ff", "hamversion40", "🙂", "None"):
        with pytest.raises(HamNoSysError):
            parse(text)
    with pytest.raises(HamNoSysError, match=str(MAX_SYMBOLS)):
        parse("hammoveo " * (MAX_SYMBOLS + 1))
    with pytest.raises(HamNoSysError, match="nested"):
        parse(full(HAND + " parbegin" * 30 + " moveo" + " parend" * 30))
    with pytest.raises(HamNoSysError, match="nested"):
        parse(full(HAND + " altbegin" * 30 + " moveo" + " altend" * 30))


TAGS = [symbol.tag for symbol in SYMBOLS]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(TAGS), min_size=1, max_size=30))
def test_token_salad_raises_only_its_own_error(tags: list[str]) -> None:
    check(" ".join(tags))


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(TRANSCRIPTIONS), st.data())
def test_damaged_transcriptions(short: str, data: st.DataObject) -> None:
    """Real ones with symbols swapped, dropped, doubled and strewn in: read whole or refused."""
    tags = full(short).split()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(tags) - 1))
        kind = data.draw(st.sampled_from(("swap", "drop", "double", "add")))
        if kind == "swap":
            tags[at : at + 2] = reversed(tags[at : at + 2])
        elif kind == "drop" and len(tags) > 1:
            del tags[at]
        else:
            tags.insert(at, tags[at] if kind == "double" else data.draw(st.sampled_from(TAGS)))
    check(" ".join(tags))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_raises_only_its_own_error(text: str) -> None:
    check(text)


def check(text: str) -> None:
    try:
        sign = parse(text)
    except HamNoSysError:
        return
    assert_nothing_lost(sign, text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([tag for tag in TAGS if tag != "hamspace"]), min_size=1))
def test_tags_and_glyphs_go_back_and_forth(tags: list[str]) -> None:
    text = " ".join(tags)
    if not any(ord(char) >= 0xE000 for char in to_glyphs(text)):  # brackets and marks alone are plain text
        return
    assert to_tags(to_glyphs(text)) == text
    assert to_tags(text) == text
    assert to_glyphs(to_glyphs(text)) == to_glyphs(text)


def test_speed() -> None:
    texts = [full(short) for short in TRANSCRIPTIONS] * 10
    start = time.perf_counter()
    for text in texts:
        parse(text)
    assert len(texts) / (time.perf_counter() - start) > 5000 / 60


def assert_nothing_lost(sign: Sign, text: str) -> None:
    """Every symbol of ``text`` is found in the tree (of one of its variants)."""
    wanted: Counter[tuple[str, str]] = Counter()
    whole = [token for token in tokenize(text) if not token.kind.startswith("alt")]
    if not sign.variants:
        wanted.update((token.kind, token.value) for token in whole if token.kind in _COUNTED)
        found = Counter(seen for node in walk(sign) for seen in _seen(node))
        assert not wanted - found
    everything = {seen for reading in (sign, *sign.variants) for node in walk(reading) for seen in _told(node)}
    everything |= {seen for reading in (sign, *sign.variants) for seen in _seen_in_sign(reading)}
    for token in whole:
        if token.kind in _TOLD:
            assert (token.kind, token.value) in everything, token.symbol.tag


_COUNTED = {
    "base", "thumb", "finger", "palm", "move", "circle", "wrist", "crossing", "clock", "ripple", "ellipse", "arc",
    "repeat", "manner", "fingerplay", "mime", "replace",
}  # fmt: skip
_TOLD = _COUNTED | {"site", "side", "digit", "part", "mark", "contact", "remark"}


def _seen_in_sign(sign: Sign) -> set[tuple[str, str]]:
    return {seen for node in walk(sign) for seen in _seen(node)} | {("remark", mark) for mark in sign.marks}


def _seen(node: object) -> list[tuple[str, str]]:
    """(kind, value) of each symbol that the node itself holds."""
    if isinstance(node, Handshape):
        return [("base", node.base), *(("thumb", value) for value in node.thumb)]
    if isinstance(node, Orientation):
        return [*(("finger", value) for value in node.finger), *(("palm", value) for value in node.palm)]
    if isinstance(node, Repetition):
        return [("repeat", node.kind), *(("manner", value) for value in node.manner)]
    return _seen_in_movement(node) if isinstance(node, Movement) else []


def _seen_in_movement(node: Movement) -> list[tuple[str, str]]:
    own = {"directions": "move", "axis": "circle"}
    seen = [(kind, value) for name, kind in own.items() for value in getattr(node, name, ())]
    seen += [("wrist", value) for value in (getattr(node, "kind", None), getattr(node, "second_kind", None)) if value]
    seen += [("crossing", getattr(node, "kind", ""))]
    seen += [("clock", value) for value in node.clock] + [("manner", value) for value in node.manner]
    pairs = {"ripple": node.ripple, "ellipse": node.ellipse}
    seen += [(kind, value) for kind, value in pairs.items() if value]
    seen += [("arc", value) for value in (node.curve, node.second_curve) if value]
    return [*seen, *((name, name) for name in [type(node).__name__.lower()])]


def _told(node: object) -> set[tuple[str, str]]:
    if isinstance(node, Site):
        sides = [node.side.partition("_")[2]] if node.side else []
        return {
            *(("site", node.area), ("part", node.part), ("mark", node.mark)),  # type: ignore[arg-type]
            *(("digit", digit) for digit in node.digits),
            *(("side", side) for side in sides),
        }
    if isinstance(node, Location | HandContact):
        return {("contact", value) for value in node.contacts}
    if isinstance(node, FingerShape):
        told = {("contact", value) for value in node.contacts} | {("digit", digit) for digit in node.digits}
        return told | {("part", node.part)}  # type: ignore[arg-type]
    return {("digit", digit) for digit in node.digits} if isinstance(node, Fingerplay) else set()
