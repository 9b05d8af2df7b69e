"""Which contacts a transcription asks for: every "touch" and "brushing" in it, what touches and what is touched."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sign_models.hamnosys.sign import (
    BodyMotion,
    Circle,
    Configuration,
    HandContact,
    Location,
    Movement,
    Replace,
    Sign,
    Site,
    TwoHands,
)

TOUCHING = ("touch", "brushing")


@dataclass(frozen=True)
class Asked:
    """One contact.

    side: the hand that touches, for a right-handed signer. part: what of it; empty: any of it. sites: what is touched:
    places of head or trunk, or of the other hand or arm (empty: any of the other hand). on_body: head or trunk, not
    hand or arm. at_start: the sign begins with it. roams: a circle on the skin leads away from the place.
    """

    side: str
    part: tuple[Site, ...]
    sites: tuple[Site, ...]
    on_body: bool
    at_start: bool = False
    roams: bool = False

    def __str__(self) -> str:
        other = "left" if self.side == "right" else "right"
        mine = f"{self.side} {_named(self.part)}"
        theirs = _named(self.sites) if self.on_body else f"{other} {_named(self.sites)}"
        return f"{mine} at {theirs}"


def asked(sign: Sign) -> tuple[Asked, ...]:
    """Every contact of a sign's first reading, in the order of writing; each kind once."""
    reader = _Reader(symmetric=sign.symmetry is not None)
    contacts = [replace(contact, at_start=True) for contact in reader.configuration(sign.initial)]
    if sign.actions and _circles(sign.actions[0]):
        contacts = [replace(contact, roams=True, at_start=False) for contact in contacts]
    for action in sign.actions:
        contacts += reader.movement(action, "right")
    return tuple(dict.fromkeys(contacts))


@dataclass
class _Reader:
    """What was last named, so that a contact without a place finds its own."""

    symmetric: bool
    place: tuple[Site, ...] = ()
    met: HandContact | None = None

    def configuration(self, told: Configuration) -> Iterator[Asked]:
        if told.dominant.location is not None:
            yield from self.location(told.dominant.location, "right")
        if told.nondominant is not None and told.nondominant.location is not None:
            yield from self.location(told.nondominant.location, "left")
        if told.contact is not None:
            yield from self.hands(told.contact)

    def movement(self, told: Movement, side: str) -> Iterator[Asked]:
        if isinstance(told, BodyMotion):
            return
        for part, own in _parts(told, side):
            yield from self.movement(part, own)
        if isinstance(told, Replace):
            for contact in self.configuration(told.configuration):
                yield replace(contact, side=side) if side == "left" and contact.on_body else contact
        for target, hand in ((told.target, side), (told.other_target, "left")):
            if target is not None:
                yield from self.location(target, hand)
        if told.meets is not None:
            yield from self.hands(told.meets)

    def location(self, told: Location, side: str) -> Iterator[Asked]:
        touches = any(contact in TOUCHING for contact in told.contacts)
        if told.sites and all(site.on_hand for site in told.sites):
            self.met = HandContact(told.hand, told.sites, told.contacts)
            if touches:
                yield Asked(side, told.hand, told.sites, on_body=False)
            return
        if told.sites:
            self.place = told.sites
        if not touches:
            return
        if not told.sites and (self.met is not None or self.symmetric):
            known = self.met or HandContact()
            yield Asked(side, told.hand or known.dominant, known.nondominant, on_body=False)
        elif self.place and all(site.area not in (None, "neutralspace") for site in self.place):
            yield Asked(side, told.hand, self.place, on_body=True)

    def hands(self, told: HandContact) -> Iterator[Asked]:
        if not told.dominant and not told.nondominant and self.met is not None:
            told = replace(self.met, contacts=told.contacts)
        self.met = told
        if any(contact in TOUCHING for contact in told.contacts):
            theirs = told.nondominant or (told.dominant if self.symmetric else ())
            yield Asked("right", told.dominant, theirs, on_body=False)


def _parts(told: Movement, side: str) -> list[tuple[Movement, str]]:
    """The movements that one is made of, each with the hand that it speaks of."""
    if isinstance(told, TwoHands):
        return [(part, "right") for part in told.dominant] + [(part, "left") for part in told.nondominant]
    return [(part, side) for part in getattr(told, "parts", ())]


def _circles(movement: Movement) -> bool:
    return isinstance(movement, Circle) or any(_circles(part) for part in getattr(movement, "parts", ()))


def _named(sites: tuple[Site, ...]) -> str:
    names = []
    for site in sites:
        words = [*site.digits, site.part or "", site.area or "", (site.side or "").replace("_", " ")]
        names.append(" ".join(word for word in words if word) or "place")
    return " and ".join(names) or "hand"
