"""SiGML files -> Signs."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sign_models.errors import SignError
from sign_models.hamnosys.reading.nonmanual import TIERS, feature
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.reading.symbols import HamNoSysError, to_tags
from sign_models.hamnosys.sign import Configuration, Feature, Sign

MAX_BYTES = 20_000_000
"""Longer SiGML is refused."""

_BARE_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[\]<>]*>", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"'](iso-8859-1|latin-?1|windows-1252|cp1252)[\"']", re.IGNORECASE)
"""Old encodings that are believed when a file declares them; otherwise files are UTF-8, or UTF-16 with its mark."""

_TIER_OF_TAG = {f"hnm_{tier}": tier for tier in TIERS if tier != "mouthing"} | {"hnm_mouthpicture": "mouthing"}
_SIGNS = frozenset({"hns_sign", "hamnosys_sign"})


@dataclass(frozen=True)
class SigmlSign:
    """One sign of a file; gloss is empty when the file gives none. notation: its manual part as HamNoSys tags."""

    gloss: str
    sign: Sign
    notation: str = ""


def parse_sigml(xml: str | Path, on_error: Callable[[str, SignError], None] | None = None) -> list[SigmlSign]:
    """Every sign of a SiGML document (its text, or the path of its file), in order.

    Read are ``hns_sign`` (and ``hamnosys_sign`` with text) with HamNoSys tags or glyphs; ``hamgestural_sign`` is
    refused. An unreadable sign raises; with ``on_error`` it is told (gloss, error) instead and left out.
    """
    signs = []
    for element in _sign_elements(_root(xml)):
        gloss = element.get("gloss", "")
        try:
            signs.append(SigmlSign(gloss, *_sign(element, gloss)))
        except SignError as error:
            if on_error is None:
                raise
            on_error(gloss, error)
    return signs


def _root(xml: str | Path) -> ET.Element:
    text = _read(xml) if isinstance(xml, Path) else xml
    if len(text) > MAX_BYTES:
        raise SignError(f"The SiGML has {len(text)} characters; {MAX_BYTES} are the limit: split the file.")
    # The line that most published files begin with only names a DTD, which is never fetched: it is dropped. One with
    # declarations of its own could define entities that blow up, and is refused.
    text = _BARE_DOCTYPE.sub("", text, count=1)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise SignError("The SiGML declares entities or its own DTD, which is not read for safety: delete that.")
    try:
        return ET.fromstring(text)
    except ET.ParseError as error:
        raise SignError(f"The SiGML is no well-formed XML ({error}): correct it there.") from error


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SignError(f"{path.name} has {path.stat().st_size} bytes; {MAX_BYTES} are the limit: split the file.")
        return _decoded(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise SignError(
            f"{path.name} cannot be read as UTF-8 text ({type(error).__name__}): check the file."
        ) from error


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    declared = _ENCODING.match(raw)
    return raw.decode(declared[1].decode() if declared else "utf-8-sig")


def _name(element: ET.Element) -> str:
    """Tag without its namespace."""
    return element.tag.rpartition("}")[2]


def _sign_elements(root: ET.Element) -> list[ET.Element]:
    if _name(root) != "sigml":
        return [root]
    return list(root)


def _sign(element: ET.Element, gloss: str) -> tuple[Sign, str]:
    if _name(element) not in _SIGNS:
        raise SignError(
            f"<{_name(element)}> of sign {gloss!r} cannot be read; only hns_sign and hamnosys_sign with HamNoSys"
            " symbols can: convert it."
        )
    notation: list[str] = []
    features: list[Feature] = []
    for part in element:
        read = _PARTS.get(_name(part))
        if read is None:
            raise SignError(
                f"<{_name(part)}> in sign {gloss!r} cannot be read; {', '.join(_PARTS)} can: write it in those."
            )
        read(part, notation, features)
    notation.append((element.text or "") if _name(element) == "hamnosys_sign" else "")
    text = " ".join(notation).strip()
    sign = replace(_manual(text, bool(features), gloss), nonmanual=tuple(features))
    return sign, to_tags(text) if text else ""


def _manual(text: str, silent: bool, gloss: str) -> Sign:
    """silent: face, head or body alone may make the sign."""
    if not text and silent:
        return Sign(None, Configuration())
    try:
        return parse(text)
    except HamNoSysError as error:
        symbol = f"{error.symbol} of sign {gloss!r}" if gloss else error.symbol
        raise HamNoSysError(error.index, error.offset, symbol, error.expected) from error


def _symbols(part: ET.Element, notation: list[str], features: list[Feature]) -> None:
    """Tags, glyphs as text, or both."""
    for text in (part.text, *(child.tail for child in part)):
        if text and text.strip() and len(part):
            raise SignError(f"The text {text.strip()[:40]!r} stands between HamNoSys tags: write all of it as tags.")
    notation.append(to_tags(part.text) if part.text and part.text.strip() else "")
    for child in part:
        if len(child) or (child.text and child.text.strip()):
            raise SignError(f"<{_name(child)}> holds something; HamNoSys tags are empty: close it at once.")
        notation.append(_name(child))


def _nonmanual(part: ET.Element, notation: list[str], features: list[Feature]) -> None:
    for child in part:
        tier = _TIER_OF_TAG.get(_name(child))
        if tier is None:
            known = ", ".join(_TIER_OF_TAG)
            raise SignError(f"<{_name(child)}> is no non-manual tag of SiGML that can be read; these can: {known}.")
        attribute = "picture" if tier == "mouthing" else "tag"
        odd = set(child.attrib) - {attribute}
        if odd or len(child):
            what = f"the attribute {min(odd)!r}" if odd else "something inside"
            raise SignError(f"<{_name(child)}> has {what}; only {attribute!r} is read: delete the rest.")
        # Editors write an empty tag for "nothing on this tier"; several mouthed words follow each other.
        features += [feature(tier, code) for code in child.get(attribute, "").split()]


_PARTS: dict[str, Callable[[ET.Element, list[str], list[Feature]], None]] = {
    "hamnosys_manual": _symbols,
    "hamnosys_nonmanual": _nonmanual,
    "text": _symbols,
}
