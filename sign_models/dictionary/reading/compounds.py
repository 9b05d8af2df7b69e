"""Words written together: cut into words that have signs, all of it or not at all."""

from collections.abc import Callable
from functools import cache

LINKS = ("", "s", "es", "n", "en", "er", "e", "ns")
"""What German puts between the parts of a compound."""
SHORTEST = {"de": 3, "en": 4, "zh": 1}
"""Letters of the shortest part: shorter ones are found in words that have nothing to do with them."""
MOST_PARTS = 4


def split(word: str, code: str, has: Callable[[str], bool]) -> tuple[str, ...]:
    """The fewest parts that each have a sign, the first one longest; empty when the word is no compound of them.

    has: whether a part has a sign, as it is written (the last part may be inflected). The parts are given as written,
    without their links.
    """
    shortest = SHORTEST[code]
    links = LINKS if code == "de" else ("",)

    @cache
    def parts(start: int, most: int) -> tuple[str, ...]:
        rest = word[start:]
        if start and has(rest):
            return (rest,)
        if most == 1:
            return ()
        best: tuple[str, ...] = ()
        for end in range(len(word) - shortest, start + shortest - 1, -1):
            head = word[start:end]
            if not has(head):
                continue
            for link in links:
                after = end + len(link)
                if not word.startswith(link, end) or len(word) - after < shortest:
                    continue
                tail = parts(after, most - 1)
                if tail and (not best or len(tail) + 1 < len(best)):
                    best = (head, *tail)
        return best

    return parts(0, MOST_PARTS) if len(word) >= 2 * shortest else ()
