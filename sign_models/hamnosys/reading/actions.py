"""Actions: movements with all that modifies them, and brackets of movements."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sign_models.hamnosys.reading.cursor import Cursor, Group
from sign_models.hamnosys.reading.places import Element, Place, places_follow, read_places
from sign_models.hamnosys.reading.postures import Hands, Phrase
from sign_models.hamnosys.reading.sort_places import sort_out
from sign_models.hamnosys.sign import (
    HAND_AREAS,
    BodyMotion,
    Circle,
    Crossing,
    Fingerplay,
    Fusion,
    Hold,
    Mime,
    Movement,
    Parallel,
    Reach,
    Repetition,
    Replace,
    Sequence,
    Site,
    Straight,
    TwoHands,
    Wrist,
)

_BODY_MOTIONS = frozenset({"move", "circle", "wrist"})


class Draft:
    """A movement while it is read: which one (``make`` with its ``own`` values) and what modifies it."""

    def __init__(self, make: Callable[..., Movement], **own: Any) -> None:
        self.make, self.own = make, own
        self.sized = "size"  # what a size mark that comes now tells the size of
        self.manner: list[str] = []
        self.repeats: list[Repetition] = []
        self.places: list[Element] = []

    def finish(self, hands: Hands) -> Movement:
        where = sort_out(self.places, hands.symmetric, hands.paired)
        told = {"target": where.dominant, "meets": where.contact, "other_target": where.other}
        told = {name: value for name, value in told.items() if value is not None}
        return self.make(manner=tuple(self.manner), repeats=tuple(self.repeats), **self.own, **told)

    def say(self, how: str) -> None:
        """A manner, of the last repetition if there is one."""
        if self.repeats:
            last = self.repeats[-1]
            self.repeats[-1] = replace(last, manner=(*last.manner, how))
        else:
            self.manner.append(how)


def _manner(draft: Draft, cursor: Cursor) -> bool:
    draft.say(cursor.value())
    return True


def _size(draft: Draft, cursor: Cursor) -> bool:
    value = cursor.value()
    before = draft.own.get(draft.sized)
    if draft.repeats or (before is not None and before != value):
        draft.say(value)
    else:
        draft.own[draft.sized] = f"very{value}" if before == value else value
    return True


def _arc(draft: Draft, cursor: Cursor) -> bool:
    if "second_curve" in draft.own:
        return False
    draft.own["second_curve" if "curve" in draft.own else "curve"] = cursor.value()
    draft.sized = "curve_size"
    return True


def _once(name: str) -> Callable[[Draft, Cursor], bool]:
    def read(draft: Draft, cursor: Cursor) -> bool:
        if name in draft.own:
            return False
        draft.own[name] = cursor.value()
        draft.sized = f"{name}_size"
        return True

    return read


def _clock(draft: Draft, cursor: Cursor) -> bool:
    draft.own["clock"] = (*draft.own.get("clock", ()), cursor.value())
    return True


def _repeat(draft: Draft, cursor: Cursor) -> bool:
    draft.repeats.append(Repetition(cursor.value()))
    return True


def _flag(name: str) -> Callable[[Draft, Cursor], bool]:
    def read(draft: Draft, cursor: Cursor) -> bool:
        cursor.take()
        draft.own[name] = True
        return True

    return read


def _etc(draft: Draft, cursor: Cursor) -> bool:
    cursor.take()
    if draft.repeats:
        draft.repeats[-1] = replace(draft.repeats[-1], etc=True)
    else:
        draft.own["etc"] = True
    return True


def _between(draft: Draft, cursor: Cursor) -> bool:
    """The second of two directions, curves or wrist movements to lie between."""
    kind = cursor.kind(1)
    name = _DIRECTED.get(kind)
    if name is not None and name in draft.own:
        cursor.take()
        draft.own[name] = (*draft.own[name], cursor.value())
    elif kind == "wrist" and draft.make is Wrist and "second_kind" not in draft.own:
        cursor.take()
        draft.own["second_kind"] = cursor.value()
    elif kind == "arc" and "curve" in draft.own:
        cursor.take()
        return _arc(draft, cursor)
    else:
        return False
    return True


_DIRECTED = {"move": "directions", "circle": "axis"}
_MODIFIERS: dict[str, Callable[[Draft, Cursor], bool]] = {
    "manner": _manner,
    "size": _size,
    "arc": _arc,
    "ripple": _once("ripple"),
    "ellipse": _once("ellipse"),
    "clock": _clock,
    "repeat": _repeat,
    "alternating": _flag("alternating"),
    "relative": _flag("relative"),
    "etc": _etc,
    "between": _between,
}


_MOVABLE = frozenset({"manner", "alternating", "size", "arc", "ripple"})


def _modify(draft: Draft, cursor: Cursor) -> None:
    """Read all that belongs to the movement: modifiers and where it ends."""
    while True:
        modify = _MODIFIERS.get(cursor.kind())
        if places_follow(cursor):
            draft.places += read_places(cursor)
        elif modify is None or not modify(draft, cursor):
            return


def read_actions(cursor: Cursor, hands: Hands) -> tuple[Movement, ...]:
    """All the actions to the end."""
    actions = []
    while cursor.peek() is not None:
        actions.append(_read_action(cursor, hands))
    return tuple(actions)


def _read_action(cursor: Cursor, hands: Hands) -> Movement:
    before = _modifiers_before(cursor)
    if cursor.kind() in {"nondominant", "plus"}:
        cursor.take()
        draft = Draft(TwoHands, nondominant=(_read_action(cursor, hands),))
    elif cursor.kind() == "repeat" or (cursor.peek() is None and before.nodes):
        draft = Draft(Hold)
    else:
        draft = _start(cursor, hands)
    _modify(draft, before)
    if before.peek() is not None:
        raise before.fail("a movement has to stand before what modifies it")
    draft.sized = "size"
    _modify(draft, cursor)
    return draft.finish(hands)


def _modifiers_before(cursor: Cursor) -> Cursor:
    """Modifiers written before their movement."""
    start = cursor.at
    while cursor.kind() in _MOVABLE:
        cursor.take()
    if cursor.peek() is None and any(node.kind not in {"manner", "alternating"} for node in cursor.nodes[start:]):
        cursor.at = start
        raise cursor.fail("a movement has to stand before what modifies it")
    return Cursor(cursor.nodes[start : cursor.at], cursor.last)


def _start(cursor: Cursor, hands: Hands) -> Draft:
    group = cursor.group()
    if group is not None and group.moves:
        cursor.take()
        return _group(cursor, group, hands)
    start = _STARTS.get(cursor.kind())
    if start is not None:
        return start(cursor, hands)
    return _next_posture(cursor, hands)


def _next_posture(cursor: Cursor, hands: Hands) -> Draft:
    """A posture or place that is written without hamreplace."""
    phrase = Phrase(hands, partial=True)
    phrase.read(cursor)
    if phrase.empty:
        raise cursor.fail("a movement, a handshape, an orientation or a place is expected here")
    if phrase.only_places:
        draft = Draft(Reach)
        draft.places = phrase.places
        return draft
    _learn(hands, phrase)
    return Draft(Replace, configuration=phrase.configuration(), written=False)


def _learn(hands: Hands, phrase: Phrase) -> None:
    hands.symmetric |= phrase.symmetry is not None
    hands.paired |= phrase.told_other


def _replace(cursor: Cursor, hands: Hands) -> Draft:
    cursor.take()
    before = []
    while cursor.kind() == "manner":
        before.append(cursor.value())
    phrase = Phrase(hands, partial=True)
    phrase.read(cursor)
    if phrase.empty:
        raise cursor.fail("a handshape, an orientation or a place is expected after hamreplace")
    _learn(hands, phrase)
    draft = Draft(Replace, configuration=phrase.configuration())
    draft.manner += before
    return draft


def _fingerplay(cursor: Cursor, hands: Hands) -> Draft:
    cursor.take()
    digits = []
    while cursor.kind() == "digit":
        digits.append(cursor.value())
    return Draft(Fingerplay, digits=tuple(digits))


def _plain(make: Callable[..., Movement]) -> Callable[[Cursor, Hands], Draft]:
    def read(cursor: Cursor, hands: Hands) -> Draft:
        cursor.take()
        return Draft(make)

    return read


_STARTS: dict[str, Callable[[Cursor, Hands], Draft]] = {
    "move": lambda cursor, hands: Draft(Straight, directions=(cursor.value(),)),
    "circle": lambda cursor, hands: Draft(Circle, axis=(cursor.value(),)),
    "wrist": lambda cursor, hands: Draft(Wrist, kind=cursor.value()),
    "crossing": lambda cursor, hands: Draft(Crossing, kind=cursor.value()),
    "hold": _plain(Hold),
    "mime": _plain(Mime),
    "fingerplay": _fingerplay,
    "replace": _replace,
}
_GROUPS: dict[str, Callable[..., Movement]] = {"seq": Sequence, "par": Parallel, "fusion": Fusion}


def _group(cursor: Cursor, group: Group, hands: Hands) -> Draft:
    halves = [_read_half(half, hands) for half in cursor.halves(group)]
    make = _GROUPS[group.value]
    if len(halves) == 1:
        parts = halves[0]
        if len(parts) == 1 and isinstance(parts[0], BodyMotion):
            return Draft(BodyMotion, sites=parts[0].sites, parts=parts[0].parts)
        return Draft(make, parts=parts)
    dominant, other = (half if len(half) < 2 else (make(parts=half),) for half in halves)
    return Draft(TwoHands, dominant=dominant, nondominant=other)


def _read_half(cursor: Cursor, hands: Hands) -> tuple[Movement, ...]:
    sites = _moving_sites(cursor)
    if sites:
        return (BodyMotion(sites=sites, parts=read_actions(cursor, hands)),)
    return read_actions(cursor, hands)


def _moving_sites(cursor: Cursor) -> tuple[Site, ...]:
    """Sites that stand before a movement as its subject: "[ shoulders, up ]"; else none, and nothing is taken."""
    start = cursor.at
    if cursor.kind() not in {"site", "side"}:
        return ()
    places = read_places(cursor)
    sites = _subject(places[0]) if len(places) == 1 else ()
    if sites and cursor.kind() in _BODY_MOTIONS:
        return sites
    cursor.at = start
    return ()


def _subject(place: Element) -> tuple[Site, ...]:
    if not isinstance(place, Place) or place.contacts or place.extended or place.relative or place.approximate:
        return ()
    movable = all(site.area is not None and site.area not in HAND_AREAS for site in place.sites)
    return tuple(place.sites) if movable else ()


def is_body_motion(cursor: Cursor) -> bool:
    """Whether a bracket follows in which a part of the body moves."""
    group = cursor.group()
    if group is None or not group.moves:
        return False
    return any(_moving_sites(half) for half in cursor.halves(group))
