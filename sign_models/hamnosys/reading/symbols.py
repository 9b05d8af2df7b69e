"""The symbols of HamNoSys 4: SiGML tag, glyph of the font (Unicode private use), kind and value; and text -> symbols.

The kinds are the parser's token classes; the values are the names used in ``sign``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sign_models.errors import SignError
from sign_models.hamnosys.sign import FINGERS

MAX_SYMBOLS = 2000
"""More symbols than this in one transcription are refused; published ones have fewer than 150."""


class HamNoSysError(SignError):
    """A transcription that cannot be read.

    index: position of the symbol, counted from 0 (the number of symbols when the end came too early).
    offset: position of its first character in the text. symbol: its tag, or the characters that are no symbol.
    expected: what could have stood there.
    """

    def __init__(self, index: int, offset: int, symbol: str, expected: str) -> None:
        self.index, self.offset, self.symbol, self.expected = index, offset, symbol, expected
        what = f"HamNoSys symbol {index + 1} (character {offset + 1}), {symbol},"
        super().__init__(f"{what} cannot be read: {expected}.")


@dataclass(frozen=True)
class Symbol:
    """One symbol: SiGML tag, glyph (one character), kind (token class) and value (its name in ``sign``)."""

    tag: str
    glyph: str
    kind: str
    value: str


@dataclass(frozen=True)
class Token:
    """A symbol in a text: the how-manieth (from 0) and at which character (from 0)."""

    symbol: Symbol
    index: int
    offset: int

    @property
    def kind(self) -> str:
        return self.symbol.kind

    @property
    def value(self) -> str:
        return self.symbol.value


_EIGHT = "u ur r dr d dl l ul"
_EIGHTEEN = f"{_EIGHT} ol o or il i ir ui di do uo"

# (kind, code point of the first, how the tag is made of the value, values of consecutive code points)
_ROWS: tuple[tuple[str, int, str, str], ...] = (
    ("base", 0xE000, "ham{}", "fist flathand finger2 finger23 finger23spread finger2345"),
    ("base", 0xE006, "ham{}", "pinch12 pinchall pinch12open cee12 ceeall ceeopen"),
    ("thumb", 0xE00C, "hamthumb{}mod", "out across open"),
    ("bend", 0xE010, "hamfinger{}mod", "straight bend hook"),
    ("bend", 0xE013, "ham{}", "doublebent doublehooked"),
    ("finger", 0xE020, "hamextfinger{}", _EIGHTEEN),
    ("palm", 0xE038, "hampalm{}", _EIGHT),
    ("site", 0xE040, "ham{}", "head headtop forehead eyebrows eyes nose nostrils ear earlobe cheek lips tongue teeth"),
    ("site", 0xE04D, "ham{}", "chin underchin neck shouldertop shoulders chest stomach belowstomach"),
    ("side", 0xE058, "hamlr{}", "beside at"),
    ("mark", 0xE05A, "ham{}", "coreftag corefref"),
    ("site", 0xE05F, "ham{}", "neutralspace upperarm elbow elbowinside lowerarm wristback wristpulse"),
    ("site", 0xE066, "ham{}", "thumbball palm handback thumbside pinkyside"),
    ("part", 0xE075, "hamfinger{}", "tip nail pad midjoint base side"),
    ("move", 0xE080, "hammove{}", _EIGHTEEN),
    ("circle", 0xE092, "hamcircle{}", "o i d u l r ul dr ur dl ol ir or il ui do uo di"),
    ("fingerplay", 0xE0A4, "ham{}", "fingerplay"),
    ("wrist", 0xE0A5, "ham{}", "nodding swinging twisting stircw stirccw"),
    ("replace", 0xE0AA, "ham{}", "replace"),
    ("crossing", 0xE0AD, "hammove{}", "cross X"),
    ("hold", 0xE0AF, "ham{}", "nomotion"),
    ("clock", 0xE0B0, "hamclock{}", "u ul l dl d dr r ur full"),
    ("arc", 0xE0B9, "hamarc{}", "l u r d"),
    ("ripple", 0xE0BD, "ham{}", "wavy zigzag"),
    ("ellipse", 0xE0C0, "hamellipse{}", "h ur v ul"),
    ("manner", 0xE0C4, "ham{}", "increasing decreasing"),
    ("size", 0xE0C6, "ham{}mod", "small large"),
    ("manner", 0xE0C8, "ham{}", "fast slow tense rest halt"),
    ("contact", 0xE0D0, "ham{}", "close touch interlock cross"),
    ("extended", 0xE0D4, "ham{}", "armextended"),
    ("behind", 0xE0D5, "ham{}", "behind"),
    ("contact", 0xE0D6, "ham{}", "brushing"),
    ("repeat", 0xE0D8, "hamrepeat{}", "fromstart fromstartseveral continue continueseveral reverse"),
    ("alternating", 0xE0DD, "ham{}motion", "alternating"),
    ("between", 0xE0E6, "ham{}", "between"),
    ("plus", 0xE0E7, "ham{}", "plus"),
    ("symmetry", 0xE0E8, "hamsymm{}", "par lr"),
    ("nondominant", 0xE0EA, "ham{}", "nondominant"),
    ("nonipsi", 0xE0EB, "ham{}", "nonipsi"),
    ("etc", 0xE0EC, "ham{}", "etc"),
    ("relative", 0xE0ED, "ham{}", "orirelative"),
    ("mime", 0xE0F0, "ham{}", "mime"),
    ("remark", 0xE0F1, "ham{}", "version40"),
)
# tag, code point, kind, value: those that follow no pattern
_SINGLE: tuple[tuple[str, int, str, str], ...] = (
    *(
        (tag, 0xE070 + k, "digit", FINGERS[k])
        for k, tag in enumerate(("hamthumb", "hamindexfinger", "hammiddlefinger", "hamringfinger", "hampinky"))
    ),
    ("hamwristtopulse", 0xE07C, "site", "wristpulse"),
    ("hamwristtoback", 0xE07D, "site", "wristback"),
    ("hamwristtothumb", 0xE07E, "site", "wristthumb"),
    ("hamwristtopinky", 0xE07F, "site", "wristpinky"),
    *(
        (f"ham{value}{edge}", 0xE0E0 + 2 * k + (edge == "end"), "open" if edge == "begin" else "close", value)
        for k, value in enumerate(("seq", "par", "fusion"))
        for edge in ("begin", "end")
    ),
    ("hamaltbegin", ord("{"), "altbegin", ""),
    ("hammetaalt", ord("|"), "alt", ""),
    ("hamaltend", ord("}"), "altend", ""),
    ("hamspace", ord(" "), "space", ""),
    ("hamexclaim", ord("!"), "remark", "exclaim"),
    ("hamcomma", ord(","), "remark", "comma"),
    ("hamfullstop", ord("."), "remark", "fullstop"),
    ("hamquery", ord("?"), "remark", "query"),
)


def _symbols() -> Iterator[Symbol]:
    for kind, first, pattern, values in _ROWS:
        for k, value in enumerate(values.split()):
            yield Symbol(pattern.format(value), chr(first + k), kind, value)
    for tag, code, kind, value in _SINGLE:
        yield Symbol(tag, chr(code), kind, value)


SYMBOLS: tuple[Symbol, ...] = tuple(_symbols())
"""Every symbol of HamNoSys 4, in the order of the table."""

_LOST = Symbol("None", "", "remark", "lost")
# Names that published files use for one of the symbols, beside the official one.
_ALIASES = {
    "hampalmud": "hampalmd",
    "hammoveudl": "hammovedl",
    "hammovex": "hammoveX",
    "space": "hamspace",
    "hamneutral": "hamneutralspace",
    "hamfingerbent": "hamfingerbendmod",
    "hampinchopen": "hampinch12open",
}
BY_GLYPH: dict[str, Symbol] = {symbol.glyph: symbol for symbol in SYMBOLS}
BY_TAG: dict[str, Symbol] = {symbol.tag: symbol for symbol in SYMBOLS}
BY_TAG |= {alias: BY_TAG[tag] for alias, tag in _ALIASES.items()} | {"None": _LOST}


def _is_glyph(char: str) -> bool:
    """Whether ``char`` is of the font's own code points (the brackets and marks of plain text are not)."""
    return char in BY_GLYPH and not char.isascii()


def _words(text: str) -> Iterator[tuple[str, int]]:
    """The tags of a text and their offsets; commas and white space part them."""
    start = None
    for k, char in enumerate(text):
        if char.isspace() or char == ",":
            if start is not None:
                yield text[start:k], start
            start = None
        elif start is None:
            start = k
    if start is not None:
        yield text[start:], start


def _pieces(text: str) -> Iterator[tuple[Symbol | None, str, int]]:
    if any(_is_glyph(char) for char in text):
        for offset, char in enumerate(text):
            if not char.isspace():
                yield BY_GLYPH.get(char), char, offset
    else:
        for word, offset in _words(text):
            yield BY_TAG.get(word) or BY_GLYPH.get(word), word, offset


def tokenize(text: str) -> tuple[Token, ...]:
    """The symbols of ``text``, glyphs or tags (parted by spaces or commas); spaces themselves mean nothing.

    Raises HamNoSysError for anything that is no symbol, for an empty text and for one longer than MAX_SYMBOLS.
    """
    tokens: list[Token] = []
    for index, (symbol, piece, offset) in enumerate(_pieces(text)):
        if symbol is None:
            shown = f"{piece[:40]!r}" if piece.isascii() else " ".join(f"U+{ord(char):04X}" for char in piece[:8])
            raise HamNoSysError(index, offset, shown, "no symbol of HamNoSys 4 has this name or code")
        if index >= MAX_SYMBOLS:
            raise HamNoSysError(index, offset, symbol.tag, f"a transcription has at most {MAX_SYMBOLS} symbols")
        if symbol.kind != "space":
            tokens.append(Token(symbol, len(tokens), offset))
    if not tokens:
        raise HamNoSysError(0, 0, "the end", "a transcription needs at least one symbol")
    return tuple(tokens)


def to_tags(text: str) -> str:
    """``text`` (glyphs or tags) as official SiGML tag names, one space between."""
    return " ".join(token.symbol.tag for token in tokenize(text))


def to_glyphs(text: str) -> str:
    """``text`` (glyphs or tags) as glyphs of the HamNoSys font. A lost symbol (``None``) has none and is refused."""
    tokens = tokenize(text)
    for token in tokens:
        if not token.symbol.glyph:
            raise HamNoSysError(token.index, token.offset, token.symbol.tag, "a lost symbol has no glyph")
    return "".join(token.symbol.glyph for token in tokens)
