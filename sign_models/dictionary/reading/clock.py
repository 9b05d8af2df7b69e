"""Clock times said in words: "halb drei", "half past three", 三点半; each becomes one token of kind "time".

The numbers of such a token are hour, minute and what else was said: "half" (the sign for half is used), "am" or "pm".
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sign_models.dictionary.reading.speech import NumberReader, Token

HALF = "half"


@dataclass(frozen=True)
class Clock:
    """hour 0..24, minute 0..59, extra: "", "half", "am" or "pm"; took: tokens that say it."""

    hour: int
    minute: int
    extra: str
    took: int


Reader = Callable[[Sequence[Token], NumberReader], Clock | None]


def joined(tokens: Sequence[Token], reader: Reader, number: NumberReader) -> list[Token]:
    """The tokens with every clock time that ``reader`` finds made one."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        time = None if tokens[at].is_mark else reader(tokens[at:], number)
        if time is None:
            found.append(tokens[at])
            at += 1
            continue
        said = tokens[at : at + time.took]
        typed = " ".join(token.text for token in said)
        numbers = (str(time.hour), str(time.minute), time.extra)
        whole = replace(said[0], text=typed, end=said[-1].end, kind="time", words=(typed.lower(),), numbers=numbers)
        found.append(whole)
        at += time.took
    return found


def _value(tokens: Sequence[Token], at: int, number: NumberReader) -> int | None:
    """The number one token says, in figures or in one word."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    typed = token.numbers[0] if token.kind == "number" else number((token.norm,))[0] if token.kind == "word" else ""
    return int(typed) if typed.isdecimal() and len(typed) < 3 else None


def _word(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].norm if at < len(tokens) else ""


def german(tokens: Sequence[Token], number: NumberReader) -> Clock | None:
    """ "halb drei", "Viertel vor vier", "zehn nach acht", "fünf vor halb drei", "acht Uhr dreißig"."""
    quarters = {"viertel": 15, "dreiviertel": 45}
    first, second = _word(tokens, 0), _word(tokens, 1)
    if first == "halb":
        return _before(_value(tokens, 1, number), 30, HALF, 2)
    if first in quarters:
        if second in ("vor", "nach"):
            return _beside(_value(tokens, 2, number), 15, second == "vor", 3)
        return _before(_value(tokens, 1, number), quarters[first], "", 2)
    if first == "drei" and second == "viertel" and _word(tokens, 2) not in ("vor", "nach"):
        return _before(_value(tokens, 2, number), 45, "", 3)
    value = _value(tokens, 0, number)
    if value is None:
        return None
    skip = 1 + (second in ("minute", "minuten"))
    beside = _word(tokens, skip)
    if beside in ("vor", "nach") and 0 < value < 30:
        if _word(tokens, skip + 1) == "halb":
            shift = -value if beside == "vor" else value
            return _before(_value(tokens, skip + 2, number), 30 + shift, "", skip + 3)
        return _beside(_value(tokens, skip + 1, number), value, beside == "vor", skip + 2)
    if second == "uhr" and value <= 24:
        minute = _value(tokens, 2, number)
        told = minute is not None and minute < 60 and _word(tokens, 3) not in _COUNTED
        return Clock(value, minute or 0, "", 3) if told else Clock(value, 0, "", 2)
    return None


_COUNTED = ("grad", "minuten", "stunden", "tage", "personen", "leute", "kinder", "euro", "prozent")


def english(tokens: Sequence[Token], number: NumberReader) -> Clock | None:
    """ "half past three", "quarter to four", "ten to eight", "3 o'clock", "3 pm", "3:30 pm"."""
    at = 1 if _word(tokens, 0) == "a" and _word(tokens, 1) == "quarter" else 0
    first, second = _word(tokens, at), _word(tokens, at + 1)
    part = {"half": 30, "quarter": 15}.get(first)
    if part and second in (*_PAST, *_TO) and (part == 15 or second in _PAST):
        return _beside(_value(tokens, at + 2, number), part, second in _TO, at + 3)
    if tokens[0].kind == "time" and len(tokens[0].numbers) == 2 and second in _PERIODS:
        hour, minute = map(int, tokens[0].numbers)
        return Clock(hour, minute, _PERIODS[second], 2)
    value = _value(tokens, 0, number)
    if value is None:
        return None
    skip = 1 + (second in ("minutes", "minute"))
    beside = _word(tokens, skip)
    if beside in (*_PAST, *_TO) and value % 5 == 0 and 0 < value < 30:
        return _beside(_value(tokens, skip + 1, number), value, beside in _TO, skip + 2)
    if second == "o'clock" and 0 < value <= 12:
        period = _PERIODS.get(_word(tokens, 2), "")
        return Clock(value, 0, period, 2 + bool(period))
    if second in _PERIODS and 0 < value <= 12:
        return Clock(value, 0, _PERIODS[second], 2)
    return None


_PAST = ("past", "after")
_TO = ("to", "till", "til", "of")
_PERIODS = {"am": "am", "pm": "pm", "a.m.": "am", "p.m.": "pm"}


def _before(hour: int | None, minute: int, extra: str, took: int) -> Clock | None:
    """A part of the hour that leads up to ``hour``: halb drei is 2:30."""
    if hour is None or not 0 < hour <= 12:
        return None
    return Clock((hour - 2) % 12 + 1, minute, extra, took)


def _beside(hour: int | None, minutes: int, before: bool, took: int) -> Clock | None:
    if hour is None or not 0 < hour <= 12:
        return None
    return _before(hour, 60 - minutes, "", took) if before else Clock(hour, minutes, "", took)


_HAN_HOUR = r"(?:二十[一二三四]?|十[一二三四五六七八九]?|[零〇一二两三四五六七八九]|[01]?\d|2[0-4])"
_HAN_MINUTE = r"(?:[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九]|[一二三四五六七八九]|[0-5]?\d)"
HAN_TIME = re.compile(
    rf"差(?P<short>{_HAN_MINUTE})分(?P<next>{_HAN_HOUR})点"
    rf"|(?P<hour>{_HAN_HOUR})点(?!儿|心|击)(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>{_HAN_MINUTE})分?|钟|整)?"
)
_DAY_PARTS = "午上晨早晚夜天"


def han_times(text: str, number: NumberReader) -> Iterator[tuple[int, int, tuple[str, str, str]]]:
    """Start, end and numbers of each clock time in Chinese text; "一点" alone is a little, not one o'clock."""
    for match in HAN_TIME.finditer(text):
        before = text[match.start() - 1] if match.start() else ""
        if match[0] in ("一点", "几点", "1点") and before not in tuple(_DAY_PARTS):
            continue
        if match["next"]:
            hour, minute = _han(match["next"], number), 60 - _han(match["short"], number)
            yield match.start(), match.end(), (str((hour - 2) % 12 + 1), str(minute), "")
            continue
        quarter = {"一": 15, "三": 45}.get(match["quarter"] or "", 0)
        minute = 30 if match["half"] else quarter or (_han(match["minute"], number) if match["minute"] else 0)
        extra = HALF if match["half"] else ""
        yield match.start(), match.end(), (str(_han(match["hour"], number)), str(minute), extra)


def _han(typed: str, number: NumberReader) -> int:
    plain = typed.lstrip("零〇") or "0"
    return int(plain) if plain.isdecimal() and plain.isascii() else int(number((plain,))[0] or 0)
