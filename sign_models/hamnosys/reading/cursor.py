"""Symbols nested by their brackets, and a cursor over one level of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sign_models.hamnosys.reading.symbols import HamNoSysError, Token

MAX_DEPTH = 20
"""Brackets nested deeper than this are refused; published transcriptions reach 5."""

PLACE_KINDS = frozenset({"site", "side", "digit", "part", "mark", "contact", "extended", "behind"})
MOTION_KINDS = frozenset({"move", "circle", "wrist", "fingerplay", "replace", "crossing", "mime"})
MODIFYING_KINDS = frozenset({"manner", "repeat", "alternating"})
HAND_KINDS = frozenset({"base", "thumb", "bend", "finger", "palm", "symmetry"})
_BESIDE_PLACES = frozenset({"between", "plus", "relative", "etc"})


@dataclass(frozen=True)
class Group:
    """A bracket: ``kind`` is "group", ``value`` tells seq, par or fusion, ``halves`` are what hamplus parts."""

    opening: Token
    closing: Token
    halves: tuple[tuple["Node", ...], ...]
    kind: str = "group"

    @property
    def value(self) -> str:
        return self.opening.value

    @cached_property
    def inner(self) -> frozenset[str]:
        """Kinds of all the symbols inside, at any depth."""
        kinds = {kind for half in self.halves for node in half for kind in kinds_of(node)}
        return frozenset(kinds)

    @property
    def moves(self) -> bool:
        """Whether something moves in it, so that it is an action and not a part of a posture."""
        if self.inner & MOTION_KINDS:
            return True
        static = HAND_KINDS if self.inner & MODIFYING_KINDS else HAND_KINDS | PLACE_KINDS
        return not self.inner & static

    @property
    def is_place(self) -> bool:
        """Whether it tells nothing but places."""
        return self.inner <= PLACE_KINDS | _BESIDE_PLACES and bool(self.inner & PLACE_KINDS)


Node = Token | Group


def kinds_of(node: Node) -> frozenset[str]:
    return node.inner if isinstance(node, Group) else frozenset({node.kind})


def nest(tokens: Sequence[Token]) -> tuple[Node, ...]:
    """The tokens with their brackets made into groups."""
    levels: list[list[list[Node]]] = [[[]]]
    openings: list[Token] = []
    for token in tokens:
        if token.kind == "open":
            if len(openings) >= MAX_DEPTH:
                raise error(token, f"brackets may be nested {MAX_DEPTH} deep at most")
            openings.append(token)
            levels.append([[]])
        elif token.kind == "close":
            if not openings:
                raise error(token, "no bracket is open here")
            halves = levels.pop()
            levels[-1][-1].append(_close(openings.pop(), token, halves))
        elif token.kind == "plus" and openings:
            levels[-1].append([])
        else:
            levels[-1][-1].append(token)
    if openings:
        raise error(openings[-1], "its closing bracket is missing")
    return tuple(levels[0][0])


def _close(opening: Token, token: Token, halves: list[list[Node]]) -> Group:
    if opening.value != token.value:
        raise error(token, f"symbol {opening.index + 1}, {opening.symbol.tag}, has to be closed by its own kind")
    if len(halves) > 2:
        raise error(token, "a bracket holds at most two halves, one for each hand, so one hamplus")
    if not any(halves):
        raise error(token, "the bracket is empty")
    return Group(opening, token, tuple(tuple(half) for half in halves))


def error(node: Node, expected: str) -> HamNoSysError:
    token = node.opening if isinstance(node, Group) else node
    return HamNoSysError(token.index, token.offset, token.symbol.tag, expected)


class Cursor:
    """A place in a row of nodes. ``last`` is the token that ends the row, for errors at its end."""

    def __init__(self, nodes: Sequence[Node], last: Token) -> None:
        self.nodes = nodes
        self.last = last
        self.at = 0

    def peek(self, ahead: int = 0) -> Node | None:
        where = self.at + ahead
        return self.nodes[where] if where < len(self.nodes) else None

    def kind(self, ahead: int = 0) -> str:
        """Kind of the node there; "" beyond the end."""
        node = self.peek(ahead)
        return node.kind if node is not None else ""

    def take(self) -> Node:
        node = self.peek()
        if node is None:
            raise self.fail("something has to follow it")
        self.at += 1
        return node

    def value(self) -> str:
        """Value of the next token, which is taken."""
        return self.take().value

    def group(self) -> Group | None:
        node = self.peek()
        return node if isinstance(node, Group) else None

    def fail(self, expected: str) -> HamNoSysError:
        return error(self.peek() or self.last, expected)

    def halves(self, group: Group) -> list["Cursor"]:
        return [Cursor(half, group.closing) for half in group.halves]


def read_between(cursor: Cursor, kind: str) -> tuple[str, ...]:
    """One value of ``kind``, or several that follow each other or are joined by hambetween."""
    values = [cursor.value()]
    while cursor.kind() == kind or (cursor.kind() == "between" and cursor.kind(1) == kind):
        if cursor.kind() == "between":
            cursor.take()
        values.append(cursor.value())
    return tuple(values)
