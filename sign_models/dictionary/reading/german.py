"""German: what its text needs to be read (tables and small rules; see speech.py for what each is)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sign_models.dictionary.reading import clock
from sign_models.dictionary.reading.speech import Kind, Mood, Speech, Token, Words, listed

_MONTHS = tuple(listed("januar februar märz april mai juni juli august september oktober november dezember"))
_DAY = r"0?[1-9]|[12]\d|3[01]"
_NUMBER = r"(?P<value>\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?)"
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("date", re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])(?!\d)")),
    ("date", re.compile(rf"(?P<day>{_DAY})\.\s?(?P<month>0?[1-9]|1[0-2])\.(?:\s?(?P<year>\d{{4}}))?(?!\d)")),
    ("time", re.compile(r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?:\s?Uhr\b)?(?!\d)")),
    ("time", re.compile(r"(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d)\s?Uhr\b")),
    (
        "ordinal",
        # a number with a dot is an ordinal only where the sentence goes on: before a small letter or a month
        re.compile(rf"(?P<value>\d{{1,3}})\.(?=\s(?:[a-zäöüß]|(?i:{'|'.join(_MONTHS)})\b))"),
    ),
    ("number", re.compile(_NUMBER)),
)

_ABBREVIATIONS = {
    "z.B.": ("zum", "beispiel"),
    "d.h.": ("das", "heißt"),
    "u.a.": ("unter", "anderem"),
    "usw.": ("und", "so", "weiter"),
    "bzw.": ("beziehungsweise",),
    "ca.": ("etwa",),
    "Dr.": ("doktor",),
    "Prof.": ("professor",),
    "Hr.": ("herr",),
    "Fr.": ("frau",),
    "Nr.": ("nummer",),
    "Str.": ("straße",),
    "Std.": ("stunde",),
    "Min.": ("minute",),
    "Tel.": ("telefon",),
}

_ARTICLE = "DGS has no article."
_COPULA = 'DGS has no verb "sein" between a thing and what it is.'
_AUXILIARY = "DGS has no helping verb here; the time is told by a time sign."
_PLACE = "DGS shows this relation by where the signs are made."
_PARTICLE = "A small word of tone; DGS shows it on the face."
_LINK = "DGS joins these without a word."
_OWNING = "DGS sets the owner beside the thing; it needs no verb for it."
_THERE_IS = 'DGS needs no verb for "there is".'
_HOW_IT_GOES = 'DGS signs only how somebody is, not "it goes".'
_REFLEXIVE = "It is the subject once more; DGS signs it once."
_DEGREE = "DGS shows how much by the size of the sign and by the face."

_SEIN = frozenset(listed("bin bist ist sind seid war warst waren wart gewesen sei"))
_WERDEN = frozenset(listed("werde wirst wird werden werdet wurde wurden würde würden würdest"))
_HABEN = frozenset(listed("habe hast hat haben habt hatte hattest hatten hattet"))
_CONTRACTED = listed("zu zum zur von vom an am ans in im ins bei beim auf aufs um als")

_FUNCTION_WORDS = (
    dict.fromkeys(
        listed("der die das den dem des ein eine einen einem einer eines"),
        _ARTICLE,
    )
    | dict.fromkeys(_SEIN, _COPULA)
    | dict.fromkeys(_WERDEN, _AUXILIARY)
    | dict.fromkeys(_CONTRACTED, _PLACE)
    | dict.fromkeys([*_HABEN, "haben"], _OWNING)
    | dict.fromkeys(["sehr", "ziemlich"], _DEGREE)
    | dict.fromkeys(listed("doch mal halt eben denn wohl ja eigentlich äh ähm hm ach"), _PARTICLE)
    | dict.fromkeys(listed("es man sich dass daß so und"), _LINK)
)

_WH = frozenset(
    listed(
        "was wer wen wem wessen wo wohin woher wann warum weshalb wieso wie wieviel wieviele welche "
        "welcher welches welchen welchem womit wofür worüber wozu wodurch"
    )
)
_KEIN = frozenset(listed("kein keine keinen keinem keiner keines"))
_NOT = frozenset(listed("nicht nie niemals nichts niemand nirgends ohne")) | _KEIN
_SUBJECTS = frozenset(listed("ich du er sie es wir ihr man das dies jemand"))
_PARTICLES = frozenset(
    listed(
        "ab an auf aus bei ein fest fort frei her hin los mit nach nieder statt teil um vor vorbei "
        "weg weiter wieder zu zurück zusammen herein heraus herunter hinauf hinein hinaus hinunter "
        "kennen spazieren fern"
    )
)
_PLAIN = frozenset(
    listed(
        "mit weg zurück zusammen weiter wieder vorbei her hin los herein heraus herunter hinauf hinein hinaus "
        "hinunter spazieren"
    )
)
"""Particles that leave the verb its meaning: mitgehen is signed MIT GEHEN, aufhören is not hören."""
_VERB_ENDINGS = ("e", "st", "t", "en", "te", "ten", "test")


def mood(tokens: Sequence[Token], end: str) -> Mood:
    """By the question mark, a leading question word, or the verb before its subject."""
    words = [token.norm for token in tokens if token.words and not token.is_mark]
    while words and words[0] in ("und", "aber", "also", "ja", "nein", "hallo", "hey", "entschuldigung", "bitte"):
        words = words[1:]
    if not words or end == "!":
        return "statement"
    leading = words[0] in _WH or (len(words) > 1 and words[1] in _WH and words[0] in _PREPOSITIONS)
    if end in ("?", "?!"):
        late = any(a.is_mark and b.norm in _WH for a, b in pairwise(tokens))
        return "wh_question" if leading or late or words[-1] in _WH else "yes_no_question"
    clauses = any(token.norm == "," for token in tokens)  # "Wer will, der kann" tells
    if leading and not clauses:
        return "wh_question"
    subject = len(words) > 2 and words[1] in _SUBJECTS and words[0].endswith(_VERB_ENDINGS)
    return "yes_no_question" if subject and not clauses and words[0] not in _TIME_ADVERBS else "statement"


_PREPOSITIONS = frozenset(listed("mit von zu für aus in an auf seit bis um nach über"))
_TIME_ADVERBS = frozenset(listed("heute gestern jetzt morgens abends dort bald oft hier gerne leider zuerst"))


def place(tokens: Sequence[Token], words: Words) -> list[Token]:
    """Joins clock times and separable verbs and leaves out the helping verbs of perfect and future."""
    marked = [
        replace(token, words=("heißen",)) if token.norm in ("heiße", "heisse") and _next_to_ich(tokens, i) else token
        for i, token in enumerate(tokens)
    ]
    marked = clock.joined(marked, clock.german, number)
    marked = [_by_its_neighbours(marked, i) for i in range(len(marked))]
    for clause in _clauses(marked):
        _join_separable(marked, clause, words)
        _leave_out_auxiliary(marked, clause)
    return marked


def _next_to_ich(tokens: Sequence[Token], i: int) -> bool:
    """ "ich heiße" names; "heiße Suppe" is hot."""
    return any(token.norm == "ich" for token in tokens[max(i - 1, 0) : i + 2])


_POLITE = {"Sie": "du", "Ihnen": "dir"} | dict.fromkeys(listed("Ihr Ihre Ihren Ihrem Ihrer"), "dein")
_REFLEXIVES = {"mich": "ich", "mir": "ich", "dich": "du", "dir": "du", "uns": "wir", "euch": "ihr"}


def _by_its_neighbours(tokens: Sequence[Token], i: int) -> Token:
    """Polite "Sie" is DU; "es gibt", "es geht", "ich freue mich", "nach Berlin" have words that are not signed."""
    token = tokens[i]
    before = tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    sides = {side.norm for side in (before, after) if side is not None}
    if token.text in _POLITE and before is not None and not before.is_mark:
        return replace(token, words=(_POLITE[token.text],))
    if "es" in sides and token.norm in ("gibt", "gab", "geht", "ging"):
        return replace(token, left_out=_THERE_IS if token.norm in ("gibt", "gab") else _HOW_IT_GOES)
    if token.norm in _REFLEXIVES and before is not None:
        clause = next(clause for clause in _clauses(tokens) if i in clause)
        verb_between = any(tokens[j].norm == _REFLEXIVES[token.norm] for j in clause if j != i)
        if verb_between:
            return replace(token, left_out=_REFLEXIVE)
    if token.norm == "nach" and after is not None and after.norm in _ARTICLES:
        return replace(token, words=("danach",))  # "nach dem Essen": ESSEN, and then
    if token.norm in ("nach", "aus") and after is not None and after.kind == "word" and after.text[:1].isupper():
        return replace(token, left_out=_PLACE)
    return token


_ARTICLES = frozenset(listed("dem der den einem einer meinem meiner"))
_CLAUSE_WORDS = frozenset(listed("und oder aber denn sondern weil dass daß wenn ob obwohl bevor nachdem damit"))


def _clauses(tokens: Sequence[Token]) -> list[list[int]]:
    """Positions of the words of each clause."""
    found: list[list[int]] = [[]]
    for i, token in enumerate(tokens):
        if token.is_mark or token.norm in _CLAUSE_WORDS:
            found.append([])
        else:
            found[-1].append(i)
    return [clause for clause in found if clause]


def _join_separable(tokens: list[Token], clause: list[int], words: Words) -> None:
    """ "Ich rufe dich an": the verb becomes anrufen, the particle is left out as a part of it."""
    ends = [at for at in range(1, len(clause)) if at + 1 == len(clause) or tokens[clause[at + 1]].norm == "zu"]
    end = next((at for at in ends if tokens[clause[at]].norm in _PARTICLES), 0)  # "hör auf zu schreien"
    if not end:
        return
    last, clause = clause[end], clause[: end + 1]
    particle = tokens[last].norm
    for i in clause[:-1]:
        verb = tokens[i]
        if verb.kind != "word" or (verb.text[:1].isupper() and i != clause[0]):
            continue
        for lemma in (*words.lemmas(verb.norm), verb.norm):
            whole = particle + lemma
            if not lemma.endswith("n") or not (words.signed(whole) or words.known(whole)):
                continue
            reason = f'Part of the verb "{whole}", which is answered at "{verb.text}".'
            if words.signed(whole) or particle not in _PLAIN or not words.signed(lemma):
                tokens[i] = replace(verb, words=(whole,))
                tokens[last] = replace(tokens[last], left_out=reason, particle=True)
            elif not words.signed(particle):
                tokens[last] = replace(tokens[last], left_out=reason, particle=True)
            return


_PARTICIPLE = re.compile(r"\w*ge\w+(?:t|en)|(?:be|ver|er|ent|zer|miss|über|unter)\w+(?:t|en)|\w+iert")


def _leave_out_auxiliary(tokens: list[Token], clause: list[int]) -> None:
    last = tokens[clause[-1]]
    participle = bool(_PARTICIPLE.fullmatch(last.norm)) and last.text[:1].islower()
    infinitive = last.text[:1].islower() and last.norm.endswith(("en", "eln", "ern")) and len(clause) > 2
    for i in clause[:-1]:
        word = tokens[i].norm
        if (word in _HABEN | _SEIN and participle) or (word in _WERDEN and (participle or infinitive)):
            tokens[i] = replace(tokens[i], left_out=_AUXILIARY)


LONGEST_NUMBER = 80
"""Letters of the longest number in one word."""

_UNITS = {
    word: value
    for value, word in enumerate(
        listed(
            "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
            "fünfzehn sechzehn siebzehn achtzehn neunzehn"
        )
    )
} | {"zwo": 2}
_TENS = {
    word: 10 * tens
    for tens, word in enumerate(listed("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"), start=2)
} | {"dreissig": 30}
_INSIDE = {"ein": 1, "eine": 1} | {word: value for word, value in _UNITS.items() if value}


def number(words: Sequence[str]) -> tuple[str, int]:
    """ "dreiundzwanzig" -> ("23", 1); "eine Million zweitausend" is read word by word."""
    if not words or len(words[0]) > LONGEST_NUMBER:
        return "", 0
    value = _whole(words[0])
    if len(words) > 1 and words[1] in ("million", "millionen"):
        many = _INSIDE.get(words[0]) or value
        if many:
            rest, took = number(words[2:])
            small = took and int(rest) < 1_000_000
            return str(many * 1_000_000 + (int(rest) if small else 0)), 2 + (took if small else 0)
    if len(words) > 1 and words[0] in ("ein", "eine") and words[1] in ("hundert", "tausend"):
        return str(_whole(words[1])), 2
    return (str(value), 1) if value is not None else ("", 0)


def _whole(word: str) -> int | None:
    """One German number word below a million, written together."""
    word = word.replace("ss", "ß") if word.endswith("dreissig") else word
    if "tausend" in word:
        head, _, rest = word.partition("tausend")
        return _sum(head, 1000, rest.removeprefix("und"))
    if "hundert" in word:
        head, _, rest = word.partition("hundert")
        return _sum(head, 100, rest.removeprefix("und"))
    if word in _UNITS or word in _TENS:
        return _UNITS.get(word, _TENS.get(word))
    head, und, tens = word.partition("und")
    if und and tens in _TENS and 0 < _INSIDE.get(head, 0) < 10:
        return _TENS[tens] + _INSIDE[head]
    return None


def _sum(head: str, scale: int, rest: str) -> int | None:
    many = 1 if not head else _INSIDE.get(head, _whole(head))
    small = 0 if not rest else _whole("eins" if rest == "ein" else rest)
    if not many or small is None or small >= scale or (scale == 100 and many > 19):
        return None
    return many * scale + small


_ORDINALS = {
    stem: str(value)
    for value, stem in enumerate(
        listed("erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte"),
        start=1,
    )
}


def ordinal(word: str) -> str:
    base = word[:-1] if word.endswith(("en", "er", "es", "em")) else word
    if base in _ORDINALS:
        return _ORDINALS[base]
    for ending in ("ste", "te"):
        value = _whole(base.removesuffix(ending)) if base.endswith(ending) else None
        if value:
            return str(value)
    return ""


def contractions(word: str) -> tuple[tuple[int, str], ...]:
    """ "geht's", "gibt's": the small es after the apostrophe."""
    if word.endswith("'s") and len(word) > 3:
        return (len(word) - 2, word[:-2]), (2, "es")
    return ()


def stems(word: str) -> tuple[str, ...]:
    """The words that a derived word is made from: Freundlichkeit -> freundlich, Lehrerin -> Lehrer."""
    found: list[str] = []
    for ending in ("keit", "heit", "innen", "in", "chen", "lein"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            found.append(word[: -len(ending)])
    return tuple(found)


GERMAN = Speech(
    code="de",
    joiner=" ",
    thousands=".",
    patterns=_PATTERNS,
    abbreviations=_ABBREVIATIONS,
    closing_abbreviations=frozenset({"usw."}),
    contractions=contractions,
    symbols={
        "%": "prozent",
        "&": "und",
        "+": "plus",
        "=": "gleich",
        "$": "dollar",
        "€": "euro",
        "£": "pfund",
        "¥": "yuan",
        "°": "grad",
        "°C": "grad",
    },
    fold={ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"},
    irregular={
        "gegessen": "essen",
        "gefahren": "fahren",  # and no dangers
        "bergen": "berg",  # to the tables it is a town
        "mir": "mir",
        "mich": "mich",
        "besser": "besser",
        "mag": "mögen",
        "magst": "mögen",
        "möchte": "möchten",
        "möchtest": "möchten",
        "weiß": "wissen",
        "weisst": "wissen",
        "isst": "essen",
        "iss": "essen",
        "lieber": "lieber",
    }
    | dict.fromkeys(_KEIN, "kein"),
    function_words=_FUNCTION_WORDS,
    negations=_NOT,
    question_words=_WH,
    mood=mood,
    number=number,
    ordinal=ordinal,
    unit_words={100: "hundert", 1000: "tausend", 1_000_000: "million"},
    point="komma",
    minus="minus",
    months=_MONTHS,
    clock=("HOUR", "uhr", "MINUTE"),
    half_past=("halb", "NEXT"),
    place=place,
    name_cues=frozenset(listed("herr frau doktor professor heiße heißt namens")),
    stems=stems,
    opaque=frozenset(
        listed(
            "freitag samstag sonntag montag donnerstag dienstag mittwoch hochzeit augenblick bahnhof "
            "friedhof schildkröte handschuh fledermaus meerschwein maulwurf großeltern großmutter "
            "großvater hauptsache eigenschaft jahrhundert flughafen handwerk handtuch wirtschaft "
            "feierabend wahrzeichen altertum spielraum zeitschrift kleinigkeit"
        )
    ),
    times=frozenset(
        listed(
            "heute morgen gestern vorgestern übermorgen jetzt nachher später bald vorhin abends morgens "
            "mittags nachts montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag"
        )
    )
    | frozenset(_MONTHS),
    time_units=frozenset(listed("sekunde minute stunde tag woche wochenende monat jahr abend nacht mittag vormittag"))
    | {"nachmittag", "uhr"},
    time_modifiers=frozenset(["nächste", "letzte", "diese", "jede"]),
    day_parts=frozenset(listed("abend nacht mittag vormittag nachmittag morgen wochenende")),
    degrees=frozenset(listed("alt viel viele lange lang oft groß weit spät teuer")),
    conjunctions=frozenset(listed("aber weil wenn dass daß ob obwohl denn sondern")),
    transparent=frozenset(["sehr", "so", "ganz", "mehr"]),
)
