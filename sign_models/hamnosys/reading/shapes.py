"""Handshapes: base, thumb, bend, and what single fingers do."""

from collections.abc import Callable
from dataclasses import replace

from sign_models.hamnosys.reading.cursor import Cursor
from sign_models.hamnosys.sign import FingerShape, Handshape


class _Draft:
    """A handshape while it is read: digits wait until it is known what is said of them."""

    def __init__(self, shape: Handshape) -> None:
        self.shape = shape
        self.waiting: FingerShape | None = None
        self.crossing = False  # the next digit belongs to the waiting one: "index, nail, middle"

    def flush(self) -> None:
        if self.waiting is not None:
            self.shape = replace(self.shape, fingers=(*self.shape.fingers, self.waiting))
        self.waiting, self.crossing = None, False


def _thumb(draft: _Draft, cursor: Cursor) -> None:
    draft.flush()
    draft.shape = replace(draft.shape, thumb=(*draft.shape.thumb, cursor.value()))


def _bend(draft: _Draft, cursor: Cursor) -> None:
    value = cursor.value()
    if draft.waiting is not None:
        draft.waiting = replace(draft.waiting, bend=(*draft.waiting.bend, value))
        draft.crossing = False
        if not _bend_follows(cursor):
            draft.flush()
    elif not draft.shape.bend:
        draft.shape = replace(draft.shape, bend=(value,))
    else:
        draft.waiting = FingerShape(digits=(), bend=(value,))
        draft.flush()


def _bend_follows(cursor: Cursor) -> bool:
    return cursor.kind() == "between" and cursor.kind(1) == "bend"


def _digit(draft: _Draft, cursor: Cursor) -> None:
    waiting = draft.waiting
    settled = waiting is not None and (waiting.part is not None or waiting.contacts) and not draft.crossing
    if settled:
        draft.flush()
    digits = draft.waiting.digits if draft.waiting is not None else ()
    draft.waiting = replace(draft.waiting or FingerShape(digits=()), digits=(*digits, cursor.value()))
    draft.crossing = False


def _part(draft: _Draft, cursor: Cursor) -> None:
    if draft.waiting is not None and draft.waiting.part is not None:
        draft.flush()
    draft.crossing = draft.waiting is not None
    draft.waiting = replace(draft.waiting or FingerShape(digits=()), part=cursor.value())


def _contact(draft: _Draft, cursor: Cursor) -> None:
    waiting = draft.waiting or FingerShape(digits=())
    draft.waiting = replace(waiting, contacts=(*waiting.contacts, cursor.value()))
    draft.crossing = True


def _between(draft: _Draft, cursor: Cursor) -> None:
    cursor.take()
    kind = cursor.kind()
    if kind == "base":
        draft.flush()
        draft.shape = replace(draft.shape, between=read_shape(cursor))
    elif kind == "thumb":
        _thumb(draft, cursor)
    elif kind == "bend":
        if draft.waiting is None:
            draft.shape = replace(draft.shape, bend=(*draft.shape.bend, cursor.value()))
        else:
            _bend(draft, cursor)
    elif kind == "digit" and draft.waiting is not None:
        draft.waiting = replace(draft.waiting, digits=(*draft.waiting.digits, cursor.value()), between=True)
        draft.flush()
    else:
        draft.flush()
        draft.waiting = FingerShape(digits=(), between=True)
        draft.flush()


def _size(draft: _Draft, cursor: Cursor) -> None:
    draft.flush()
    value = cursor.value()
    draft.shape = replace(draft.shape, size=f"very{value}" if draft.shape.size == value else value)


def _etc(draft: _Draft, cursor: Cursor) -> None:
    cursor.take()
    draft.shape = replace(draft.shape, approximate=True)


_READ: dict[str, Callable[[_Draft, Cursor], None]] = {
    "thumb": _thumb,
    "bend": _bend,
    "digit": _digit,
    "part": _part,
    "contact": _contact,
    "between": _between,
    "size": _size,
    "etc": _etc,
}


def _goes_on(draft: _Draft, cursor: Cursor) -> bool:
    kind = cursor.kind()
    if kind == "contact":  # only between two fingers; else the hand touches something
        return draft.waiting is not None and bool(draft.waiting.digits) and cursor.kind(1) == "digit"
    if kind == "between" and cursor.kind(1) in {"site", "side", "contact", "move", "circle", "arc"}:
        return False
    return kind in _READ


def read_shape(cursor: Cursor) -> Handshape:
    """A handshape that starts with its base."""
    return read_changes(cursor, Handshape(base=cursor.value()))


def read_changes(cursor: Cursor, shape: Handshape) -> Handshape:
    """``shape`` (or the second one, if it lies between two) with what is said here of thumb, bend and fingers."""
    if shape.between is not None:
        return replace(shape, between=read_changes(cursor, shape.between))
    draft = _Draft(shape)
    while _goes_on(draft, cursor) and draft.shape.between is None:
        _READ[cursor.kind()](draft, cursor)
    draft.flush()
    return draft.shape


def changes_follow(cursor: Cursor) -> bool:
    """Whether a change of thumb, bend or single fingers follows, without a base ("index finger, hooked")."""
    ahead = 0
    while cursor.kind(ahead) == "digit":
        ahead += 1
    return cursor.kind(ahead) in {"thumb", "bend"}
