"""Postures: handshape, orientation and place of one or both hands, in any order."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sign_models.hamnosys.reading.cursor import HAND_KINDS, PLACE_KINDS, Cursor, Group, error, read_between
from sign_models.hamnosys.reading.places import Element, Pair, Place, places_follow, read_places
from sign_models.hamnosys.reading.shapes import changes_follow, read_changes, read_shape
from sign_models.hamnosys.reading.sort_places import sort_out
from sign_models.hamnosys.sign import Configuration, Handshape, Location, Orientation, Posture, Symmetry


@dataclass
class Hands:
    """What is known of the two hands so far: symmetric (mirrored or in parallel) or paired (told one by one)."""

    symmetric: bool = False
    paired: bool = False


@dataclass
class _Hand:
    shape: Handshape | None = None
    finger: tuple[str, ...] = ()
    palm: tuple[str, ...] = ()
    relative: bool = False
    approximate: bool = False

    @property
    def oriented(self) -> bool:
        return bool(self.finger or self.palm or self.relative)

    def posture(self, location: Location | None) -> Posture:
        orientation = Orientation(self.finger, self.palm, self.relative, self.approximate) if self.oriented else None
        return Posture(self.shape, orientation, location)


@dataclass
class Phrase:
    """A posture while it is read; it ends where the next one begins.

    partial: it changes the posture before, so that a handshape may lack its base.
    """

    hands: Hands
    partial: bool = False
    own: _Hand = field(default_factory=_Hand)
    other: _Hand = field(default_factory=_Hand)
    on_other: bool = False  # what is read now is said of the other hand
    told_other: bool = False
    in_half: bool = False  # inside [ ... + ... ]
    symmetry: Symmetry | None = None
    crossed: bool = False
    places: list[Element] = field(default_factory=list)
    other_places: list[Element] = field(default_factory=list)
    empty: bool = True

    @property
    def hand(self) -> _Hand:
        return self.other if self.on_other else self.own

    @property
    def only_places(self) -> bool:
        """Whether nothing but places of the dominant hand, or of both in one bracket, were read."""
        told = self.own.shape or self.own.oriented or self.symmetry or self.crossed
        return not (told or self.other.shape or self.other.oriented or self.other_places)

    def read(self, cursor: Cursor) -> None:
        """Read as far as this posture goes."""
        while self._step(cursor):
            self.empty = False

    def _step(self, cursor: Cursor) -> bool:
        group = cursor.group()
        if places_follow(cursor) and not (cursor.kind() == "digit" and self._changes_shape(cursor)):
            self._keep(cursor)
            return True
        if group is not None:
            return self._group(cursor, group)
        read = _READ.get(cursor.kind())
        return read is not None and read(self, cursor)

    def _keep(self, cursor: Cursor) -> None:
        """Places of the hand that is being read; a pair tells both hands by itself."""
        start = cursor.peek()
        for element in read_places(cursor):
            if isinstance(element, Place):
                (self.other_places if self.on_other else self.places).append(element)
            elif self.in_half and start is not None:
                raise error(start, "one hand's half of a bracket cannot be split between two hands")
            else:
                self.places.append(element)

    def _changes_shape(self, cursor: Cursor) -> bool:
        return (self.partial or self.hand.shape is not None) and changes_follow(cursor)

    def _group(self, cursor: Cursor, group: Group) -> bool:
        if group.moves or self._has(group.inner):
            return False
        cursor.take()
        halves = cursor.halves(group)
        if len(halves) == 1:
            before = self.on_other
            self.read(halves[0])
            _at_end(halves[0])
            self.on_other = before
        elif self.in_half:
            raise halves[0].fail("one hand's half of a bracket cannot be split between two hands")
        else:
            self._split(halves)
        return True

    def _has(self, kinds: frozenset[str]) -> bool:
        """Whether something of these kinds is told already, so that a new posture begins."""
        told = {"base": self.hand.shape is not None, "finger": self.hand.finger, "palm": self.hand.palm}
        return any(told.get(kind) for kind in kinds)

    def _split(self, halves: list[Cursor]) -> None:
        before, before_other = self.places, self.other_places
        self.places, self.other_places = [], []
        self.in_half = self.told_other = True
        for half, self.on_other in zip(halves, (False, True), strict=True):
            self.read(half)
            _at_end(half)
        found = [[p for p in places if isinstance(p, Place)] for places in (self.places, self.other_places)]
        self.places, self.other_places = before, before_other
        self.in_half = self.on_other = False
        if any(found):
            self.places.append(Pair(found[0], found[1]))

    def configuration(self) -> Configuration:
        """What was read."""
        symmetric = self.hands.symmetric or self.symmetry is not None
        paired = self.hands.paired or self.told_other
        where = sort_out(self.places, symmetric, paired)
        theirs = sort_out(self.other_places, False, False)
        location = where.other or theirs.dominant
        told = self.told_other or location is not None
        return Configuration(
            dominant=self.own.posture(where.dominant),
            nondominant=self.other.posture(location) if told else None,
            contact=where.contact,
            symmetry=self.symmetry,
            crossed=self.crossed,
        )


def _at_end(cursor: Cursor) -> None:
    if cursor.peek() is not None:
        raise cursor.fail("a handshape, an orientation or a place is expected here")


def _base(phrase: Phrase, cursor: Cursor) -> bool:
    if phrase.hand.shape is not None:
        return False
    phrase.hand.shape = read_shape(cursor)
    return True


def _change(phrase: Phrase, cursor: Cursor) -> bool:
    """Thumb, bend or fingers apart from the base."""
    if phrase.hand.shape is None and not phrase.partial:
        return False
    phrase.hand.shape = read_changes(cursor, phrase.hand.shape or Handshape(base=""))
    return True


def _finger(phrase: Phrase, cursor: Cursor) -> bool:
    if phrase.hand.finger:
        return False
    phrase.hand.finger = read_between(cursor, "finger")
    return True


def _palm(phrase: Phrase, cursor: Cursor) -> bool:
    if phrase.hand.palm:
        return False
    phrase.hand.palm = read_between(cursor, "palm")
    return True


def _between(phrase: Phrase, cursor: Cursor) -> bool:
    """A hambetween whose two sides are parted by something else."""
    kind, hand = cursor.kind(1), phrase.hand
    if kind == "finger" and hand.finger:
        cursor.take()
        hand.finger += read_between(cursor, "finger")
    elif kind == "palm" and hand.palm:
        cursor.take()
        hand.palm += read_between(cursor, "palm")
    elif kind == "base" and hand.shape is not None and hand.shape.between is None:
        cursor.take()
        hand.shape = replace(hand.shape, between=read_shape(cursor))
    else:
        return False
    return True


def _relative(phrase: Phrase, cursor: Cursor) -> bool:
    cursor.take()
    phrase.hand.relative = True
    return True


def _etc(phrase: Phrase, cursor: Cursor) -> bool:
    if not phrase.hand.oriented:
        return False
    cursor.take()
    phrase.hand.approximate = True
    return True


def _symmetry(phrase: Phrase, cursor: Cursor) -> bool:
    if phrase.symmetry is not None or phrase.in_half:
        return False
    symmetry = Symmetry(mirror=cursor.value() == "lr")
    while cursor.kind() in {"bend", "size"}:
        bend = cursor.take().kind == "bend"
        symmetry = replace(symmetry, out_in=symmetry.out_in or bend, up_down=symmetry.up_down or not bend)
    phrase.symmetry = replace(symmetry, crossed=phrase.crossed)
    phrase.crossed = False
    return True


def _nonipsi(phrase: Phrase, cursor: Cursor) -> bool:
    cursor.take()
    if phrase.symmetry is not None:
        phrase.symmetry = replace(phrase.symmetry, crossed=True)
    else:
        phrase.crossed = True
    return True


def _alternating(phrase: Phrase, cursor: Cursor) -> bool:
    if phrase.symmetry is None or phrase.symmetry.alternating:
        return False
    cursor.take()
    phrase.symmetry = replace(phrase.symmetry, alternating=True)
    return True


def _nondominant(phrase: Phrase, cursor: Cursor) -> bool:
    """From here on the other hand, if it is a posture that follows."""
    group = cursor.peek(1)
    told = cursor.kind(1) in PLACE_KINDS | HAND_KINDS
    if phrase.in_half or phrase.on_other or not (told or (isinstance(group, Group) and not group.moves)):
        return False
    cursor.take()
    phrase.on_other = phrase.told_other = True
    return True


def _hold(phrase: Phrase, cursor: Cursor) -> bool:
    """In ``[ ... + hamnomotion ]`` a hand keeps its posture: there is nothing to say of it."""
    if not phrase.in_half:
        return False
    cursor.take()
    return True


_READ: dict[str, Callable[[Phrase, Cursor], bool]] = {
    "base": _base,
    "thumb": _change,
    "bend": _change,
    "digit": _change,
    "finger": _finger,
    "palm": _palm,
    "between": _between,
    "relative": _relative,
    "etc": _etc,
    "symmetry": _symmetry,
    "nonipsi": _nonipsi,
    "alternating": _alternating,
    "nondominant": _nondominant,
    "plus": _nondominant,
    "hold": _hold,
}
