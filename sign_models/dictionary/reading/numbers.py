"""Numbers as each signed language builds them: which number signs follow one another.

A numeral is a list of keys: "7", "20" are the signs of these numbers, "hundred" … the sign of a unit (see ``UNITS``).
``has`` says which keys have a sign. A number with an own sign is that sign; otherwise it is built.
"""

from collections.abc import Callable

Has = Callable[[str], bool]

UNITS = {10: "ten", 100: "hundred", 1000: "thousand", 10_000: "myriad", 1_000_000: "million", 100_000_000: "yi"}
LONGEST = 9
"""Digits of the longest number that is read as a whole; longer ones (telephones, codes) are read digit by digit."""


def numeral(typed: str, code: str, has: Has, year: bool = False) -> list[str]:
    """Keys of a number written in plain digits, with a point before decimals; empty when signs are missing.

    typed: "1998", "3.5", "007". code: the signed language.
    """
    whole, point, decimals = typed.partition(".")
    keys = _digits(whole) if whole[:1] == "0" and len(whole) > 1 else []
    if not keys:
        keys = _by_rule(whole, code, has, year) or _digits(whole)
    if point:
        keys = [*keys, "point", *_digits(decimals)]
    return keys if all(has(key) for key in keys if key != "point") else []


def _by_rule(whole: str, code: str, has: Has, year: bool) -> list[str]:
    if len(whole) > LONGEST:
        return []
    keys = _year(int(whole), code, has) if year and len(whole) == 4 else _cardinal(int(whole), code, has)
    return keys if all(has(key) for key in keys) else []


def _digits(typed: str) -> list[str]:
    return list(typed)


def _cardinal(n: int, code: str, has: Has) -> list[str]:
    if has(str(n)):
        return [str(n)]
    rules = {"ase": _ase, "gsg": _gsg, "csl": _csl}
    return rules[code](n, has)


def _ase(n: int, has: Has) -> list[str]:
    """ASL: tens and units as two digits (2 then 7), hundreds and thousands with their own sign after the count."""
    if n < 100:
        return _digits(str(n))
    scale = next(scale for scale in (1_000_000, 1000, 100) if n >= scale)
    many, rest = divmod(n, scale)
    return [*_cardinal(many, "ase", has), UNITS[scale], *(_cardinal(rest, "ase", has) if rest else [])]


def _gsg(n: int, has: Has) -> list[str]:
    """DGS: units before tens (3 then 20), equal digits side by side (3 then 3); 100 … 9000 are one sign each."""
    if n < 20:
        return [str(n - 10), "10"] if n > 10 else [str(n)]
    if n < 100:
        tens, unit = divmod(n, 10)
        ten = str(10 * tens)
        if not has(ten) or tens == unit:
            return _digits(str(n))
        return [str(unit), ten] if unit else [ten]
    scale = next(scale for scale in (1_000_000, 1000, 100) if n >= scale)
    many, rest = divmod(n, scale)
    count = [] if many == 1 and scale < 1_000_000 else _cardinal(many, "gsg", has)
    head = [str(many * scale)] if has(str(many * scale)) else [*count, UNITS[scale]]
    return [*head, *(_cardinal(rest, "gsg", has) if rest else [])]


def _csl(n: int, has: Has) -> list[str]:
    """CSL follows Chinese: 2 ten 3; zero stands where places are skipped; counts in myriads above 9,999."""
    if n < 10:
        return [str(n)]
    if n < 20:
        return ["10", *([str(n - 10)] if n > 10 else [])]
    scale = next(scale for scale in (100_000_000, 10_000, 1000, 100, 10) if n >= scale)
    many, rest = divmod(n, scale)
    if scale == 10:
        head = [str(10 * many)] if has(str(10 * many)) else [str(many), "10"]
        return [*head, *([str(rest)] if rest else [])]
    keys = [*_cardinal(many, "csl", has), UNITS[scale]]
    if not rest:
        return keys
    if rest < scale // 10:
        return [*keys, "0", *_cardinal(rest, "csl", has)]
    if rest < 20:  # 110 is one hundred one ten
        return [*keys, "1", "10", *([str(rest - 10)] if rest > 10 else [])]
    return [*keys, *_cardinal(rest, "csl", has)]


def _year(n: int, code: str, has: Has) -> list[str]:
    """Years: two pairs in ASL (19 98), hundreds in DGS before 2000 (19 HUNDRED 98), digit by digit in CSL."""
    century, rest = divmod(n, 100)
    if code == "csl":
        return _digits(str(n))
    if code == "ase" and century % 10:
        pair = ["0", str(rest)] if 0 < rest < 10 else _cardinal(rest, code, has)
        return [*_cardinal(century, code, has), *(pair if rest else ["hundred"])]
    if code == "ase" and rest >= 10:
        return [*_cardinal(century, code, has), *_cardinal(rest, code, has)]
    if code == "gsg" and 11 <= century <= 19:
        return [*_cardinal(century, code, has), "hundred", *(_cardinal(rest, code, has) if rest else [])]
    return _cardinal(n, code, has)
