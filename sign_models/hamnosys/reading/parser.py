"""HamNoSys text -> Sign."""

from collections.abc import Sequence
from dataclasses import replace

from sign_models.hamnosys.reading.actions import is_body_motion, read_actions
from sign_models.hamnosys.reading.cursor import MAX_DEPTH, Cursor, error, nest
from sign_models.hamnosys.reading.postures import Hands, Phrase
from sign_models.hamnosys.reading.symbols import HamNoSysError, Token, tokenize
from sign_models.hamnosys.sign import Movement, Sign

MAX_VARIANTS = 16
"""More readings than this of one transcription's ``{ ... | ... }`` are refused."""


def parse(text: str) -> Sign:
    """Read a HamNoSys 4 transcription, as glyphs or as SiGML tags parted by spaces or commas.

    Every symbol ends in the Sign or raises HamNoSysError, which tells position, symbol and what was expected.
    """
    tokens = tokenize(text)
    first, *others = [_read_sign(reading, tokens) for reading in _readings(tokens)]
    return replace(first, variants=tuple(others))


def _readings(tokens: Sequence[Token]) -> list[list[Token]]:
    """The transcriptions that ``{ ... | ... }`` stands for; the first choice first."""
    readings, _ = _choices(tokens, 0, 0)
    return readings


def _choices(tokens: Sequence[Token], at: int, depth: int) -> tuple[list[list[Token]], int]:
    done: list[list[Token]] = []
    current: list[list[Token]] = [[]]
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.kind == "altbegin":
            if depth >= MAX_DEPTH:
                raise error(token, f"choices may be nested {MAX_DEPTH} deep at most")
            inner, at = _choices(tokens, at, depth + 1)
            current = [left + right for left in current for right in inner]
        elif token.kind == "alt":
            done, current = done + current, [[]]
        elif token.kind == "altend":
            if not depth:
                raise error(token, "no choice is open here")
            return done + current, at
        else:
            for reading in current:
                reading.append(token)
        if len(done) + len(current) > MAX_VARIANTS:
            raise error(token, f"a transcription may have {MAX_VARIANTS} readings at most")
    if depth:
        raise error(tokens[-1], "the choice that was opened with { has to be closed")
    return done + current, at


def _read_sign(tokens: Sequence[Token], everything: Sequence[Token]) -> Sign:
    marks = tuple(token.value for token in tokens if token.kind == "remark")
    told = [token for token in tokens if token.kind != "remark"]
    last = everything[-1]
    if not told:
        raise HamNoSysError(last.index, last.offset, last.symbol.tag, "a transcription needs more than remarks")
    cursor = Cursor(nest(told), last)
    hands = Hands()
    phrase, actions = _read_start(cursor, hands)
    hands.symmetric, hands.paired = phrase.symmetry is not None, phrase.told_other
    actions += read_actions(cursor, hands)
    initial = replace(phrase.configuration(), symmetry=None)
    shaped = initial.dominant.handshape or (initial.nondominant and initial.nondominant.handshape)
    if not shaped and not actions:
        raise error(last, "a transcription needs at least a handshape or a movement")
    tags = tuple(token.symbol.tag for token in tokens)
    return Sign(phrase.symmetry, initial, actions, marks=marks, tags=tags)


def _read_start(cursor: Cursor, hands: Hands) -> tuple[Phrase, tuple[Movement, ...]]:
    """The posture before anything moves, and motions of the body that are written before or within it."""
    phrase = Phrase(hands)
    motions: tuple[Movement, ...] = ()
    phrase.read(cursor)
    while phrase.own.shape is None and is_body_motion(cursor):
        node = cursor.take()
        motions += read_actions(Cursor([node], cursor.last), hands)
        phrase.read(cursor)
    if phrase.own.shape is None and cursor.kind() in {"thumb", "bend"}:
        raise cursor.fail("a basic handshape has to stand before what modifies it")
    return phrase, motions
