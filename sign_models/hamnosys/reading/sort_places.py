"""Who is where: the places that were read, given to the hands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sign_models.hamnosys.reading.places import Element, Pair, Place
from sign_models.hamnosys.sign import HandContact, Location, Site


@dataclass(frozen=True)
class Where:
    """Places sorted out: of the dominant hand, of the other one, and how the hands meet."""

    dominant: Location | None = None
    other: Location | None = None
    contact: HandContact | None = None


def sort_out(elements: Sequence[Element], symmetric: bool, paired: bool) -> Where:
    """Who is where.

    symmetric: the hands mirror each other, so that a part of a hand is where both meet. paired: both hands are told,
    so that a bare contact is between them.
    """
    where = Where()
    for element in elements:
        if isinstance(element, Pair):
            where = _join(where, _sort_pair(element))
    rest = [element for element in elements if isinstance(element, Place)]
    if rest:
        where = _join(where, _sort_places(rest, symmetric, paired, split=where.contact is not None))
    return where


def _sites(places: Sequence[Place]) -> tuple[Site, ...]:
    return tuple(site for place in places for site in place.sites)


def _contacts(places: Sequence[Place]) -> tuple[str, ...]:
    return tuple(contact for place in places for contact in place.contacts)


def _location(places: Sequence[Place], hands: Sequence[Place] = ()) -> Location:
    everything = (*places, *hands)
    return Location(
        sites=_sites(places),
        contacts=_contacts(everything),
        extended=any(place.extended for place in everything),
        hand=_sites(hands),
        relative=any(place.relative for place in everything),
        approximate=any(place.approximate for place in everything),
    )


def _parts(places: Sequence[Place]) -> tuple[list[Place], list[Place]]:
    """Places on a hand or arm, and all others."""
    return [p for p in places if p.on_hand], [p for p in places if not p.on_hand]


def _sort_pair(pair: Pair) -> Where:
    (own, own_body), (met, met_body) = _parts(pair.dominant), _parts(pair.other)
    after = [pair.after]
    has_body, meets_body = bool(_sites(own_body)), bool(_sites(met_body))
    if not has_body and not meets_body:  # part of the hand against part of the hand
        plain = (*own, *own_body, *met, *met_body, pair.after)
        return _meeting(_sites(own), _sites(met), plain)
    if not has_body:  # part of the hand against a spot of the body
        return Where(dominant=_location([*own_body, *met_body, *after], [*own, *met]))
    dominant = _location([*own_body, *after], own)
    if not pair.other:
        return Where(dominant=dominant)
    other = _location([*met_body, *after], met) if meets_body else _location([*met, *met_body, *after])
    return Where(dominant=dominant, other=other)


def _meeting(dominant: tuple[Site, ...], other: tuple[Site, ...], places: Sequence[Place]) -> Where:
    """The hands meet; what else the places say goes with the dominant hand's location."""
    contact = HandContact(dominant=dominant, nondominant=other, contacts=_contacts(places))
    loose = _location([replace(place, sites=[], contacts=[]) for place in places])
    return Where(dominant=loose if loose != Location() else None, contact=contact)


def _sort_places(places: list[Place], symmetric: bool, paired: bool, split: bool) -> Where:
    """split: how the hands meet is told already."""
    hands, bodies = _parts(places)
    if _sites(bodies):
        first = places[0]
        if (symmetric or paired) and not split and first.bare and first.contacts:
            # A contact written before the place tells how the hands stand to each other, behind it how near they are.
            loose = replace(first, contacts=[])
            return _join(Where(dominant=_location([loose, *bodies[1:]], hands)), _meeting((), (), [first]))
        if symmetric and not split and places[0].on_hand and places[0].contacts:
            return _join(Where(dominant=_location(bodies)), _meeting(_sites(hands), (), hands))
        return Where(dominant=_location(bodies, hands))
    if symmetric and not split and hands:
        return _meeting(_sites(hands[:1]), _sites(hands[1:]), places)
    if len(hands) > 1:
        return Where(dominant=_location([*hands[1:], *bodies], hands[:1]))
    between_hands = (symmetric or paired) and not hands and "brushing" not in _contacts(bodies)
    return _meeting((), (), bodies) if between_hands and _contacts(bodies) else Where(dominant=_location(places))


def _join(first: Where, second: Where) -> Where:
    return Where(
        dominant=_join_locations(first.dominant, second.dominant),
        other=_join_locations(first.other, second.other),
        contact=_join_contacts(first.contact, second.contact),
    )


def _join_locations(first: Location | None, second: Location | None) -> Location | None:
    if first is None or second is None:
        return first or second
    return Location(
        sites=first.sites + second.sites,
        contacts=first.contacts + second.contacts,
        extended=first.extended or second.extended,
        hand=first.hand + second.hand,
        relative=first.relative or second.relative,
        approximate=first.approximate or second.approximate,
    )


def _join_contacts(first: HandContact | None, second: HandContact | None) -> HandContact | None:
    if first is None or second is None:
        return first or second
    return HandContact(
        dominant=first.dominant + second.dominant,
        nondominant=first.nondominant + second.nondominant,
        contacts=first.contacts + second.contacts,
    )
