"""Places that are tagged (hamcoreftag) and referred to later (hamcorefref), put in where the reference stands."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from sign_models.hamnosys.sign import Location, Sign, Site


def resolved(sign: Sign) -> Sign:
    """The same sign without tags and references.

    A reference becomes the place that was tagged last, without a tag the place that was written last; where neither is,
    and for a tag on no place (it marks where the hand is), nothing is said of the place.
    """
    told: Sign = replace(_Reader().read(replace(sign, variants=())), variants=sign.variants)
    return told


@dataclass
class _Reader:
    tagged: tuple[Site, ...] = ()
    last: tuple[Site, ...] = ()

    def read(self, node: Any) -> Any:
        """A copy of any part of a sign, in the order of writing."""
        if isinstance(node, tuple):
            return tuple(self.read(part) for part in node)
        if isinstance(node, Location):
            return self._location(node)
        if not is_dataclass(node) or isinstance(node, type):
            return node
        changed = {}
        for item in fields(node):
            before = getattr(node, item.name)
            after = self.read(before)
            if after is not before and after != before:
                changed[item.name] = after
        return replace(node, **changed) if changed else node

    def _location(self, told: Location) -> Location:
        sites: list[Site] = []
        for site in told.sites:
            plain = replace(site, mark=None)
            named = site.area is not None or bool(site.digits) or site.part is not None
            if named:
                sites.append(plain)
            elif site.mark == "corefref":
                sites += self.tagged or self.last
        if any(site.mark == "coreftag" for site in told.sites) and sites:
            self.tagged = tuple(sites)
        if sites and not sites[0].on_hand:
            self.last = tuple(sites)
        hand = tuple(replace(site, mark=None) for site in told.hand if site != Site(mark=site.mark))
        return replace(told, sites=tuple(sites), hand=hand)
