"""Places: sites on body, arm and hand, how near the hand is, and which part of which hand is there."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sign_models.hamnosys.reading.cursor import PLACE_KINDS, Cursor, Group
from sign_models.hamnosys.sign import Site


@dataclass
class Place:
    """Sites that belong together and what is said of them; no sites: only a contact or distance was written."""

    sites: list[Site] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    extended: bool = False
    relative: bool = False
    approximate: bool = False

    @property
    def bare(self) -> bool:
        return not self.sites

    @property
    def on_hand(self) -> bool:
        return bool(self.sites) and all(site.on_hand for site in self.sites)

    def absorb(self, other: "Place") -> None:
        """Take over what a bare place says."""
        self.contacts += other.contacts
        self.extended |= other.extended
        self.relative |= other.relative
        self.approximate |= other.approximate


@dataclass
class Pair:
    """``[dominant + other]``: places of either hand, and the contacts written behind the bracket."""

    dominant: list["Place"]
    other: list["Place"]
    after: Place = field(default_factory=Place)


Element = Place | Pair


def places_follow(cursor: Cursor) -> bool:
    group = cursor.group()
    return group.is_place if group is not None else cursor.kind() in PLACE_KINDS


def read_places(cursor: Cursor) -> list[Element]:
    """All the places that follow."""
    elements: list[Element] = []
    while places_follow(cursor):
        group = cursor.group()
        found = _read_group(cursor, group) if group is not None else [_read_place(cursor)]
        for element in found:
            _add(elements, element)
    return elements


def _add(elements: list[Element], element: Element) -> None:
    """A bare contact belongs to what stands before it."""
    last = elements[-1] if elements else None
    if last is None or isinstance(element, Pair) or not element.bare:
        elements.append(element)
    else:
        (last.after if isinstance(last, Pair) else last).absorb(element)


def _read_group(cursor: Cursor, group: Group) -> list[Element]:
    cursor.take()
    halves = [_read_half(half) for half in cursor.halves(group)]
    if len(halves) == 1:
        return halves[0]
    flat: list[list[Place]] = []
    for half, node in zip(halves, group.halves, strict=True):
        if any(isinstance(element, Pair) for element in half):
            raise Cursor(node, group.closing).fail("one hand's half of a bracket cannot be split between two hands")
        flat.append([element for element in half if isinstance(element, Place)])
    return [Pair(flat[0], flat[1])]


def _read_half(cursor: Cursor) -> list[Element]:
    elements = read_places(cursor)
    if cursor.peek() is not None:
        raise cursor.fail("a place of the hand is expected here")
    return elements


class _Draft:
    """A place while it is read."""

    def __init__(self) -> None:
        self.place = Place()
        self.side = ""  # written before the site it belongs to
        self.behind = False
        self.joined = True  # the next site belongs to this place (the first one, or after hambetween)
        self.fresh = False  # the last node was a site, so that a side behind it is its side

    def open_to_site(self) -> bool:
        return self.joined and (not self.place.contacts or bool(self.place.sites))

    def add(self, site: Site) -> None:
        side = f"left_{self.side}" if self.side else site.side
        self.place.sites.append(replace(site, side=side, behind=self.behind))
        self.side, self.behind, self.joined, self.fresh = "", False, False, True


def _read_place(cursor: Cursor) -> Place:
    draft = _Draft()
    while True:
        kind = cursor.kind()
        read = _READ.get(kind)
        if read is None or not read(draft, cursor):
            break
    if draft.side:  # a side of nothing: of the space before the chest
        draft.place.sites.append(Site(area="neutralspace", side=f"right_{draft.side}", behind=draft.behind))
    elif draft.behind:
        draft.place.contacts.append("behind")
    return draft.place


def _site(draft: _Draft, cursor: Cursor) -> bool:
    if not draft.open_to_site():
        return False
    area = cursor.value()
    digits = []
    while cursor.kind() == "digit":  # "thumb side of the index finger"
        digits.append(cursor.value())
    draft.add(Site(area=area, digits=tuple(digits)))
    return True


def _fingers(draft: _Draft, cursor: Cursor) -> bool:
    if not draft.open_to_site():
        return False
    for site in _read_fingers(cursor):
        draft.add(site)
    return True


def _read_fingers(cursor: Cursor) -> list[Site]:
    """Digits and parts in either order: "index tip", "tip index middle", "index tip middle tip"."""
    found: list[tuple[list[str], str | None]] = []
    digits: list[str] = []
    part: str | None = None
    part_first = cursor.kind() == "part"
    while cursor.kind() in {"digit", "part"}:
        kind, value = cursor.kind(), cursor.value()
        closed = (part is not None and not part_first) if kind == "digit" else part is not None
        if closed:
            found.append((digits, part))
            digits, part = (list(digits), None) if kind == "part" and not part_first else ([], None)
        if kind == "digit":
            digits.append(value)
        else:
            part = value
    found.append((digits, part))
    return _merge_fingers(found, _area(cursor))


def _area(cursor: Cursor) -> str | None:
    """An edge of the hand written behind the finger it is the edge of."""
    node = cursor.peek()
    if node is not None and node.kind == "site" and node.value in {"thumbside", "pinkyside"}:
        return cursor.value()
    return None


def _merge_fingers(found: list[tuple[list[str], str | None]], area: str | None) -> list[Site]:
    """Digits with the same part are one spot on all of them."""
    if len({part for _, part in found}) == 1 and all(digits for digits, _ in found):
        found = [([digit for digits, _ in found for digit in digits], found[0][1])]
    return [Site(area=area, digits=tuple(dict.fromkeys(digits)), part=part) for digits, part in found]


def _mark(draft: _Draft, cursor: Cursor) -> bool:
    if draft.fresh and draft.place.sites[-1].mark is None:
        draft.place.sites[-1] = replace(draft.place.sites[-1], mark=cursor.value())
    elif draft.open_to_site():
        draft.add(Site(mark=cursor.value()))
    else:
        return False
    return True


def _side(draft: _Draft, cursor: Cursor) -> bool:
    if draft.fresh:
        site, node = draft.place.sites[-1], cursor.peek()
        if node is None or site.side not in {None, f"left_{node.value}"}:
            return False  # the side of the next place
        side = "right" if site.side is None else "both"
        draft.place.sites[-1] = replace(site, side=f"{side}_{cursor.value()}")
    elif draft.open_to_site() and not draft.side:
        draft.side = cursor.value()
    else:
        return False
    return True


def _behind(draft: _Draft, cursor: Cursor) -> bool:
    if draft.place.sites and not draft.joined:
        cursor.take()
        draft.place.sites[-1] = replace(draft.place.sites[-1], behind=True)
        return True
    if draft.open_to_site() and not draft.behind:
        cursor.take()
        draft.behind = True
        return True
    return False


def _contact(draft: _Draft, cursor: Cursor) -> bool:
    if draft.side or draft.behind:
        return False
    draft.place.contacts.append(cursor.value())
    draft.fresh = False
    return True


def _extended(draft: _Draft, cursor: Cursor) -> bool:
    if draft.side or draft.behind:
        return False
    cursor.take()
    draft.place.extended, draft.fresh = True, False
    return True


def _between(draft: _Draft, cursor: Cursor) -> bool:
    node = cursor.peek(1)
    if isinstance(node, Group) and node.is_place and len(node.halves) == 1 and not (draft.side or draft.behind):
        cursor.take()
        cursor.take()
        for inner in _read_half(cursor.halves(node)[0]):
            if isinstance(inner, Pair):
                raise cursor.fail("a place between two cannot be split between two hands")
            draft.place.sites += inner.sites
            draft.place.absorb(inner)
        draft.fresh = False
        return True
    if cursor.kind(1) not in PLACE_KINDS:
        return False
    cursor.take()
    draft.joined, draft.fresh = True, False
    return True


def _relative(draft: _Draft, cursor: Cursor) -> bool:
    cursor.take()
    draft.place.relative, draft.fresh = True, False
    return True


def _etc(draft: _Draft, cursor: Cursor) -> bool:
    cursor.take()
    draft.place.approximate, draft.fresh = True, False
    return True


_READ: dict[str, Callable[[_Draft, Cursor], bool]] = {
    "site": _site,
    "digit": _fingers,
    "part": _fingers,
    "mark": _mark,
    "side": _side,
    "behind": _behind,
    "contact": _contact,
    "extended": _extended,
    "between": _between,
    "relative": _relative,
    "etc": _etc,
}
