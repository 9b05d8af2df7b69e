"""English: what its text needs to be read (tables and small rules; see speech.py for what each is)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from sign_models.dictionary.reading import clock
from sign_models.dictionary.reading.speech import Kind, Mood, Speech, Token, Words, listed

_NUMBER = r"(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])|\d+(?:\.\d+)?)"
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("date", re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])(?!\d)")),
    ("date", re.compile(r"(?P<month>0?[1-9]|1[0-2])/(?P<day>0?[1-9]|[12]\d|3[01])/(?P<year>\d{4})(?!\d)")),
    ("time", re.compile(r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?!\d)")),
    ("ordinal", re.compile(r"(?P<value>\d+)(?:st|nd|rd|th)\b", re.IGNORECASE)),
    ("number", re.compile(r"(?P<value>1\d{3}|20\d\d)s\b")),  # the 1990s
    ("number", re.compile(_NUMBER)),
)

_ABBREVIATIONS = {
    "Mr.": ("mister",),
    "Mrs.": ("missus",),
    "Ms.": ("miss",),
    "Dr.": ("doctor",),
    "Prof.": ("professor",),
    "St.": ("street",),
    "e.g.": ("for", "example"),
    "i.e.": ("that", "is"),
    "etc.": ("et", "cetera"),
    "vs.": ("versus",),
    "approx.": ("about",),
    "min.": ("minute",),
    "hr.": ("hour",),
    "hrs.": ("hour",),
    "sec.": ("second",),
    "a.m.": ("a.m.",),
    "p.m.": ("p.m.",),
    "U.S.": ("usa",),
    "U.S.A.": ("usa",),
    "U.K.": ("uk",),
    "Jan.": ("january",),
    "Feb.": ("february",),
    "Aug.": ("august",),
    "Sept.": ("september",),
    "Oct.": ("october",),
    "Nov.": ("november",),
    "Dec.": ("december",),
}
_CLOSING = frozenset({"min.", "hr.", "hrs.", "sec.", "etc.", "a.m.", "p.m.", "U.S.", "U.S.A.", "U.K."})

_WHOLE = {
    "can't": ((3, "can"), (2, "not")),
    "cannot": ((3, "can"), (3, "not")),
    "won't": ((2, "will"), (3, "not")),
    "shan't": ((3, "shall"), (3, "not")),
    "ain't": ((2, "be"), (3, "not")),
    "let's": ((5, "we"),),  # "let's eat": WE EAT
    "gonna": ((5, "going to"),),
    "wanna": ((5, "want to"),),
    "gotta": ((5, "got to"),),
    "y'all": ((5, "you all"),),
    "o'clock": ((7, "o'clock"),),
    "homework": ((4, "home"), (4, "work")),
    "bedroom": ((3, "bed"), (4, "room")),
    "goodnight": ((4, "good"), (5, "night")),
    "girlfriend": ((4, "girl"), (6, "friend")),
    "boyfriend": ((3, "boy"), (6, "friend")),
    "newborn": ((3, "new"), (4, "born")),
    "sunglasses": ((3, "sun"), (7, "glasses")),
}
_ENDINGS = (
    ("n't", "not"),
    ("'m", "am"),
    ("'re", "are"),
    ("'ve", "have"),
    ("'ll", "will"),
    ("'d", "would"),
    ("'s", "'s"),
)
_BARE_NOT = frozenset(listed("dont doesnt didnt isnt arent wasnt werent couldnt shouldnt wouldnt hasnt havent"))


def contractions(word: str) -> tuple[tuple[int, str], ...]:
    if word in _WHOLE:
        return _WHOLE[word]
    if word in ("cant", "wont"):
        return (len(word) - 1, "can" if word == "cant" else "will"), (1, "not")
    if word in _BARE_NOT:
        return (len(word) - 2, word[:-2]), (2, "not")
    for ending, meaning in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            head = word[: -len(ending)]
            return (len(head), head), (len(ending), meaning)
    return ()


_ARTICLE = "ASL has no article."
_BE = 'ASL has no verb "to be".'
_INFINITIVE = "ASL needs no word before a verb or a place it goes to."
_PLACE = "ASL shows this relation by where the signs are made."
_AUXILIARY = "ASL has no helping verb here; the time is told by a time sign."
_LINK = "ASL joins these without a word."
_FILLER = "A filler word is not signed."
_EXPLETIVE = 'This "it" points at nothing; ASL leaves it out.'
_BEFORE_A_TIME = "ASL needs no word before a time."
_POSSESSIVE = "Belonging is shown by the order of the signs."
_THERE_IS = 'This "there" points at no place; ASL leaves it out.'
_EVER = "ASL asks this with the face and FINISH, without a word."
_DO_SUPPORT = 'This "do" only builds the question or the negation; ASL does that with the face and NOT.'

_FUNCTION_WORDS = (
    dict.fromkeys(("a", "an", "the"), _ARTICLE)
    | dict.fromkeys(("am", "is", "are", "was", "were", "be", "been", "being"), _BE)
    | dict.fromkeys(("to", "into", "onto", "upon"), _INFINITIVE)
    | dict.fromkeys(("of", "at", "in", "on", "by", "as"), _PLACE)
    | dict.fromkeys(("do", "does", "did", "would", "shall", "will", "has", "had", "have"), _AUXILIARY)
    | dict.fromkeys(("that", "than", "there", "it", "so", "too"), _LINK)
    | dict.fromkeys(("oh", "ah", "um", "uh", "er", "hmm", "well"), _FILLER)
    | {"'s": _POSSESSIVE, "ever": _EVER}
)

_WH = frozenset(listed("what who whom whose where when why how which"))
_NOT = frozenset(listed("not never no nothing nobody none neither nor nowhere without"))
_HELPERS = frozenset(
    listed("do does did am is are was were have has had can could will would shall should may might must")
)
_SUBJECTS = frozenset(
    listed("i you he she it we they this that these those there someone anyone everyone somebody anybody everybody")
)
_NOMINALS = _SUBJECTS | frozenset(listed("the a an my your his her its our their mom dad"))


def mood(tokens: Sequence[Token], end: str) -> Mood:
    """By the question mark, a leading question word, or a helping verb before its subject."""
    words = [token.words[0] for token in tokens if token.words and not token.is_mark]
    while words and words[0] in ("and", "but", "so", "well", "oh", "hey", "hi", "hello", "please", "excuse", "sorry"):
        words = words[1:]
    if not words or (end == "!"):
        return "statement"
    asked = end in ("?", "?!")
    leading = words[0] in _WH or (len(words) > 1 and words[1] in _WH and words[0] in _PREPOSITIONS)
    if asked:
        return "wh_question" if leading or words[-1] in _WH or _late_question(tokens) else "yes_no_question"
    inverted = any(word in _HELPERS or word == "'s" for word in words[1:4])
    if leading and words[0] in _WH and inverted and words[1:2] != ["a"] and _inverted_after_wh(words):
        return "wh_question"
    if (
        tokens[0].norm not in ("so", "neither", "nor")
        and words[0] in _HELPERS
        and len(words) > 1
        and (words[1] in _SUBJECTS or words[1:3] == ["not", "you"])
    ):
        return "yes_no_question"
    return "statement"


_PREPOSITIONS = frozenset(listed("at in on for from with to by of about since until"))


def _late_question(tokens: Sequence[Token]) -> bool:
    """ "Hello, what is your name?": a question word right after a comma."""
    return any(before.is_mark and after.norm in _WH for before, after in pairwise(tokens))


def _inverted_after_wh(words: Sequence[str]) -> bool:
    """ "Where are you" asks; "when you are ready" does not."""
    helper = next((i for i, word in enumerate(words[:4]) if word in _HELPERS or word == "'s"), None)
    return helper is not None and not any(word in _SUBJECTS for word in words[1:helper])


def place(tokens: Sequence[Token], words: Words) -> list[Token]:
    """Joins clock times; leaves out "do" and "have" where they help another verb, "it" and "in" that mean no thing."""
    marked = clock.joined(tokens, clock.english, number)
    for i in range(len(marked)):
        marked[i] = _by_its_place(marked, i, words)
    return marked


def _by_its_place(tokens: Sequence[Token], i: int, words: Words) -> Token:
    """The token with the reason to leave it out, or with the words it stands for here."""
    token = tokens[i]
    for typed, holds, reason in _LEFT_OUT_BY_PLACE:
        if token.norm in typed and holds(tokens, i, words):
            return replace(token, left_out=reason)
    before, after = _word(tokens, i - 1), _word(tokens, i + 1)
    if token.norm == "too" and after and after not in ("much", "many"):
        return replace(token, words=("too much",))  # "too hot", not "me too"
    if token.norm == "got" and before in ("'s", "have", "has"):
        return replace(token, words=("have",))  # "I've got a dog"
    if token.norm == "left" and before in _SUBJECTS:
        return replace(token, words=("leave",))
    return token


_WEATHER = frozenset(
    listed(
        "rain snow rainy snowy cold hot warm windy sunny cloudy cool dark late early time day night noon midnight "
        "monday tuesday wednesday thursday friday saturday sunday"
    )
)


def _means_nothing(tokens: Sequence[Token], i: int, words: Words) -> bool:
    """ "It is raining", "it's three o'clock": nothing is pointed at."""
    at = i + 1
    while _word(tokens, at) in ("is", "'s", "was", "will", "be", "not", "so", "very", "too", "really", "getting"):
        at += 1
    if _word(tokens, i - 1) in ("is", "was") and _word(tokens, i - 2) in ("time", "day", "date", "late"):
        return True
    if at >= len(tokens):
        return False
    if tokens[at].kind == "number" and _word(tokens, at + 1) in ("degrees", "degree", "below"):
        return True
    ahead = {tokens[at].norm, *words.lemmas(tokens[at].norm)}
    if at == i + 1 and _word(tokens, i - 1) not in ("is", "was"):  # it rains
        return bool({"rain", "snow"} & ahead)
    return tokens[at].kind in ("time", "date") or bool(ahead & _WEATHER)


def _names_no_place(tokens: Sequence[Token], i: int) -> bool:
    """ "There are many people", "is there a doctor": something is, nothing is pointed at."""
    before, after = _word(tokens, i - 1), _word(tokens, i + 1)
    if after in _BEING and before not in ("over", "out", "up", "down", "right"):
        return True
    return before in _BEING and i > 0 and after in ("a", "an", "any", "some", "enough", "no", "many", "much", "more")


_BEING = frozenset(listed("is are was were 's be been am"))


def _names_a_time(tokens: Sequence[Token], i: int) -> bool:
    """A year, a date, a clock time, a month or a day follows: "in 1998", "on May 5", "on Monday"."""
    if _word(tokens, i) in ("the", "this", "that") and _word(tokens, i + 1) in ("morning", "afternoon", "evening"):
        return True
    if i >= len(tokens):
        return False
    token = tokens[i]
    year = token.kind == "number" and len(token.numbers[0]) == 4 and 1100 <= int(token.numbers[0]) <= 2099
    return token.kind in ("time", "date") or year or token.norm in _DAYS or token.norm.removesuffix("s") in _DAYS


_DAYS = frozenset(
    listed(
        "january february march april may june july august september october november december "
        "monday tuesday wednesday thursday friday saturday sunday weekend christmas"
    )
)


def _word(tokens: Sequence[Token], i: int) -> str:
    return tokens[i].norm if 0 <= i < len(tokens) and not tokens[i].is_mark else ""


def _supports(tokens: Sequence[Token], i: int) -> bool:
    if _word(tokens, i + 1) == "not":
        return True
    if _word(tokens, i + 1) not in _NOMINALS:
        return False
    # "do you like" has a verb after the subject; "do it", "I do my homework" have "do" as the verb itself
    return _word(tokens, i - 1) in ("", *_WH, "and", "but", "so") and bool(_word(tokens, i + 2))


def _perfect(tokens: Sequence[Token], i: int, words: Words) -> bool:
    """ "have eaten", "have you not seen": a participle follows, with only a subject, not or an adverb between."""
    if _word(tokens, i + 1) == "got":
        return True  # "have got" is one HAVE
    at = i + 1
    while _word(tokens, at) in _SUBJECTS | {"not", "never", "just", "already", "ever", "always", "also"}:
        at += 1
    verb = _word(tokens, at)
    participle = verb.endswith(("ed", "en", "wn", "ne")) or verb in _PARTICIPLES
    return bool(verb) and participle and any(lemma != verb for lemma in words.lemmas(verb))


_PARTICIPLES = frozenset(
    listed(
        "been had made said found met seen lost won sold told sent left felt kept slept bought "
        "brought thought taught caught built heard held read understood stood sat paid learnt begun "
        "drunk sung swum"
    )
)


def _is_copula(tokens: Sequence[Token], i: int) -> bool:
    return _word(tokens, i - 1) in _SUBJECTS | _WH | {"here", "name", "let"}


_LEFT_OUT_BY_PLACE: tuple[tuple[tuple[str, ...], Callable[[Sequence[Token], int, Words], bool], str], ...] = (
    (("do", "does", "did"), lambda tokens, i, words: _supports(tokens, i), _DO_SUPPORT),
    (("have", "has", "had"), _perfect, _AUXILIARY),
    (("'s",), lambda tokens, i, words: _is_copula(tokens, i), _BE),
    (("it",), _means_nothing, _EXPLETIVE),
    (("there",), lambda tokens, i, words: _names_no_place(tokens, i), _THERE_IS),
    (("in", "on", "at", "by"), lambda tokens, i, words: _names_a_time(tokens, i + 1), _BEFORE_A_TIME),
)
"""Words that are left out where the rule beside them holds, and why."""


_UNITS = {
    word: value
    for value, word in enumerate(
        listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        )
    )
}
_TENS = {
    word: 10 * tens
    for tens, word in enumerate(listed("twenty thirty forty fifty sixty seventy eighty ninety"), start=2)
}
_LARGE = {"thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}


def number(words: Sequence[str]) -> tuple[str, int]:
    """ "two hundred and five" -> ("205", 4)."""
    total, at = 0, 0
    ceiling = 10**12
    while True:
        group, took = _below_thousand(words[at:])
        scale_word = words[at + took] if at + took < len(words) else ""
        scale = _LARGE.get(scale_word, 1)
        if not took or scale >= ceiling or (at and scale == 1 and ceiling == 1):
            break
        total += group * scale
        at += took + (scale > 1)
        ceiling = scale
        if scale == 1:
            break
        if at < len(words) - 1 and words[at] == "and" and _below_thousand(words[at + 1 :])[1]:
            at += 1
    return (str(total), at) if at else ("", 0)


def _below_thousand(words: Sequence[str]) -> tuple[int, int]:
    if len(words) > 1 and words[0] == "a" and words[1] in ("hundred", "thousand", "million"):
        if words[1] != "hundred":
            return 1, 1
        value, took = _below_thousand(words[1:])  # "a hundred and five"
        return value, took + 1
    value, at = _below_hundred(words)
    if at < len(words) and words[at] == "hundred" and (not at or 0 < value < 100):
        value, at = (value if at else 1) * 100, at + 1
        skip = at < len(words) - 1 and words[at] == "and"
        rest, took = _below_hundred(words[at + skip :])
        return (value + rest, at + skip + took) if took else (value, at)
    if not at and words and words[0] in _LARGE:
        return 1, 0
    return value, at


def _below_hundred(words: Sequence[str]) -> tuple[int, int]:
    if not words:
        return 0, 0
    if words[0] in _TENS:
        unit = _UNITS.get(words[1], 0) if len(words) > 1 else 0
        return (_TENS[words[0]] + unit, 2) if 0 < unit < 10 else (_TENS[words[0]], 1)
    return (_UNITS[words[0]], 1) if words[0] in _UNITS else (0, 0)


_ORDINALS = {
    word: str(value)
    for value, word in enumerate(
        listed(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
        ),
        start=1,
    )
} | {"thirtieth": "30", "hundredth": "100"}


def stems(word: str) -> tuple[str, ...]:
    """What a derived word is made from: happily -> happy, sadness -> sad; never what turns the meaning."""
    found: list[str] = []
    for ending, instead in (("ily", "y"), ("iness", "y"), ("ly", ""), ("ly", "le"), ("ness", ""), ("ally", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            found.append(word[: -len(ending)] + instead)
    return tuple(found)


def _period(said: str, hour: int) -> str:
    """The sign that tells the half of the day: 3 pm is in the afternoon, 9 pm at night."""
    if said == "am":
        return "morning"
    return ("afternoon" if hour == 12 or hour < 6 else "night") if said == "pm" else ""


def base_forms(word: str) -> tuple[str, ...]:
    """What the tables take for a noun of its own: playing -> play, making -> make, cutting -> cut."""
    stem = word.removesuffix("ing")
    if stem == word or len(stem) < 3:
        return ()
    doubled = len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls"
    return (stem[:-1],) if doubled else (stem, stem + "e")


ENGLISH = Speech(
    code="en",
    joiner=" ",
    thousands=",",
    patterns=_PATTERNS,
    abbreviations=_ABBREVIATIONS,
    closing_abbreviations=_CLOSING,
    contractions=contractions,
    symbols={
        "%": "percent",
        "&": "and",
        "+": "plus",
        "=": "equal",
        "$": "dollar",
        "€": "euro",
        "£": "pound",
        "¥": "yuan",
        "°": "degree",
        "°C": "degree",
        "°F": "degree",
    },
    fold={},
    irregular={"me": "me", "ate": "eat", "left": "leave", "felt": "feel", "better": "better", "best": "best"},
    function_words=_FUNCTION_WORDS,
    negations=_NOT,
    question_words=_WH,
    mood=mood,
    number=number,
    ordinal=lambda word: _ORDINALS.get(word, ""),
    unit_words={100: "hundred", 1000: "thousand", 1_000_000: "million"},
    point="point",
    minus="minus",
    months=tuple(listed("january february march april may june july august september october november december")),
    clock=("time", "HOUR", "MINUTE"),
    two_digit_minutes=True,
    period=_period,
    short_forms={
        "january": "jan",
        "february": "feb",
        "august": "aug",
        "september": "sept",
        "october": "oct",
        "november": "nov",
        "december": "dec",
        "television": "tv",
    },
    place=place,
    name_cues=frozenset(listed("mister missus miss doctor professor called named")),
    stems=stems,
    base_forms=base_forms,
    times=frozenset(
        listed(
            "today tomorrow yesterday now tonight later soon recently before ago noon midnight monday "
            "tuesday wednesday thursday friday saturday sunday january february april june july august "
            "september october november december"
        )
    ),
    time_units=frozenset(listed("second minute hour day week weekend month year morning afternoon evening night")),
    time_modifiers=frozenset(["next", "last", "this", "every"]),
    day_parts=frozenset(listed("morning afternoon evening night noon midnight weekend")),
    degrees=frozenset(listed("old much many long far often big tall late early fast")),
    conjunctions=frozenset(listed("but because although though while if so")),
    transparent=frozenset(listed("my your his her our their this that these those very really so too yet always")),
)
