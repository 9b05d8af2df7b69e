"""Reading SiGML, and non-manual features in SiGML's tags and in their short form."""

from pathlib import Path

import pytest

from sign_models.errors import SignError
from sign_models.hamnosys import parse, parse_sigml
from sign_models.hamnosys.reading.nonmanual import FREE_TIERS, TIERS, feature, format_nonmanual, parse_nonmanual
from sign_models.hamnosys.reading.sigml import MAX_BYTES
from sign_models.hamnosys.reading.symbols import HamNoSysError, to_glyphs
from sign_models.hamnosys.sign import Configuration, Feature

MANUAL = "<hamflathand/><hamextfingeru/><hampalml/><hammoveo/>"
TAGS = "hamflathand hamextfingeru hampalml hammoveo"


def document(body: str) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<sigml>\n{body}\n</sigml>'


def sign(manual: str = MANUAL, nonmanual: str = "", gloss: str = "GO") -> str:
    return (
        f'<hns_sign gloss="{gloss}"><hamnosys_nonmanual>{nonmanual}</hamnosys_nonmanual>'
        f"<hamnosys_manual>{manual}</hamnosys_manual></hns_sign>"
    )


def test_signs_in_order() -> None:
    signs = parse_sigml(document(sign(gloss="GÖ") + "<!-- a remark -->" + sign("<hamfist/>", gloss="STOP")))
    assert [one.gloss for one in signs] == ["GÖ", "STOP"]
    assert signs[0].sign == parse(TAGS)
    assert signs[1].sign == parse("hamfist")


def test_a_file_with_layout(tmp_path: Path) -> None:
    path = tmp_path / "signs.sigml"
    laid_out = MANUAL.replace("/>", "/>\n\t\t")
    path.write_text("\ufeff" + document(sign(f"\n\t\t{laid_out}")), encoding="utf-8")
    assert parse_sigml(path)[0].sign == parse(TAGS)
    with pytest.raises(SignError, match="absent"):
        parse_sigml(tmp_path / "absent.sigml")
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SignError, match="UTF-8"):
        parse_sigml(path)


def test_other_forms() -> None:
    glyphs = to_glyphs(TAGS)
    alone = f'<hns_sign gloss="GO"><hamnosys_manual>{glyphs}</hamnosys_manual></hns_sign>'
    texted = f'<hamnosys_sign gloss="GO"><text>{glyphs}</text></hamnosys_sign>'
    bare = f"<hamnosys_sign>{TAGS}</hamnosys_sign>"
    spaced = f'<sigml xmlns="urn:x">{sign()}</sigml>'
    for xml in (alone, document(texted), document(bare), spaced):
        (one,) = parse_sigml(xml)
        assert one.sign == parse(TAGS)


def test_nonmanual_tags() -> None:
    tags = (
        '<hnm_head tag="SH"/><hnm_head tag="NO"/><hnm_eyebrows tag="FU"/><hnm_body tag=""/>'
        '<hnm_mouthgesture tag="C01"/><hnm_mouthpicture picture="haUs maUs"/><hnm_extra tag="OAQ"/>'
    )
    (one,) = parse_sigml(document(sign(nonmanual=tags)))
    short = "head:SH head:NO eyebrows:FU mouthgesture:C01 mouthing:haUs mouthing:maUs extra:OAQ"
    assert one.sign.nonmanual == parse_nonmanual(short)
    assert format_nonmanual(one.sign.nonmanual) == short
    (silent,) = parse_sigml(document(sign("", '<hnm_shoulder tag="SB"/>')))
    assert silent.sign.nonmanual == (Feature("shoulder", "SB"),)
    assert silent.sign.initial == Configuration()


def test_every_code_is_told() -> None:
    for tier, codes in TIERS.items():
        assert bool(codes) != (tier in FREE_TIERS)
        for code, meaning in codes.items():
            assert meaning
            assert parse_nonmanual(f"{tier}:{code}") == (feature(tier, code),)
    counts = {tier: len(codes) for tier, codes in TIERS.items()}
    assert counts["mouthgesture"] == 9 + 4 + 35 + 13 + 17
    assert (counts["head"], counts["body"], counts["eyegaze"], counts["eyelids"]) == (11, 10, 15, 13)


@pytest.mark.parametrize("text", ["head", "head:", "head:XX", "hat:SH", "mouthgesture:Z99", ":SH", "head:sh"])
def test_unknown_features(text: str) -> None:
    with pytest.raises(SignError):
        parse_nonmanual(text)


@pytest.mark.parametrize(
    ("xml", "match"),
    [
        ("", "well-formed"),
        ("<sigml>", "well-formed"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><sigml>&b;</sigml>', "entities"),
        ('<!DOCTYPE sigml SYSTEM "x.dtd" [<!ELEMENT sigml ANY>]><sigml/>', "DTD"),
        ('<!DOCTYPE sigml SYSTEM "x.dtd"><!DOCTYPE b [<!ENTITY c "d">]><sigml/>', "DTD"),
        ('<hamgestural_sign gloss="X"><sign_manual/></hamgestural_sign>', "hamgestural_sign"),
        ('<hns_sign gloss="X"><sign_manual/></hns_sign>', "sign_manual"),
        ('<hns_sign gloss="X"/>', "sign 'X'"),
        (sign("<hamfist>!</hamfist>"), "empty"),
        (sign("<hamfist/>and<hamfist/>"), "'and'"),
        (sign(nonmanual='<hnm_hat tag="SH"/>'), "hnm_hat"),
        (sign(nonmanual='<hnm_head tag="ZZ"/>'), "'ZZ'"),
        (sign(nonmanual='<hnm_head tag="SH" speed="2"/>'), "'speed'"),
        ("<html/>", "html"),
    ],
)
def test_refused(xml: str, match: str) -> None:
    with pytest.raises(SignError, match=match):
        parse_sigml(xml)


def test_errors_name_the_sign() -> None:
    broken = document(sign() + sign("<hamfist/><hamclocku/>", gloss="BAD") + sign(gloss="LAST"))
    with pytest.raises(HamNoSysError, match="hamclocku of sign 'BAD'") as caught:
        parse_sigml(broken)
    assert caught.value.index == 1
    told: list[tuple[str, SignError]] = []
    signs = parse_sigml(broken, on_error=lambda gloss, error: told.append((gloss, error)))
    assert [one.gloss for one in signs] == ["GO", "LAST"]
    assert [gloss for gloss, _ in told] == ["BAD"]


def test_too_long() -> None:
    with pytest.raises(SignError, match=str(MAX_BYTES)):
        parse_sigml(" " * (MAX_BYTES + 1))


@pytest.mark.parametrize("doctype", ["<!DOCTYPE sigml>", '<!DOCTYPE sigml SYSTEM\n "http://example.org/sigml.dtd">'])
def test_a_doctype_that_only_names_a_dtd_is_dropped(doctype: str) -> None:
    text = f"{doctype}<sigml>{sign('<hamfist/><hamextfingeru/><hampalml/>')}</sigml>"
    assert [one.sign.initial.dominant.handshape.base for one in parse_sigml(text)] == ["fist"]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "utf-8"])
def test_files_are_read_in_the_encoding_they_declare(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.sigml"
    body = sign("<hamfist/><hamextfingeru/><hampalml/>", gloss="Mädchen")
    path.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?><sigml>{body}</sigml>'.encode(encoding))
    assert [one.gloss for one in parse_sigml(path)] == ["Mädchen"]
