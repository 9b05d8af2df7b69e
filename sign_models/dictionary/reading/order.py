"""Word order by three or four written rules per signed language; each rule takes and gives the units of one clause."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sign_models.dictionary.reading.speech import Mood, Speech, Token, Unit, listed

CLAUSE_MARKS = frozenset(",;:()，；：（）、—–") | {"\n"}


@dataclass(frozen=True)
class Clause:
    """The units of one clause and what the rules need to know about it."""

    units: tuple[Unit, ...]
    mood: Mood
    speech: Speech
    lemmas: Callable[[str], tuple[str, ...]]

    def forms(self, unit: Unit) -> set[str]:
        """The words of a unit and their dictionary forms."""
        words = [word for token in unit.tokens for word in token.words]
        return {*words, *(lemma for word in words for lemma in self.lemmas(word))}


Rule = Callable[[Clause], list[Unit]]


def currency_last(clause: Clause) -> list[Unit]:
    """$5 -> 5 DOLLAR."""
    units = list(clause.units)
    for i in range(len(units) - 1):
        symbol, number = units[i], units[i + 1]
        if symbol.hint.word in "$€£¥" and number.tokens[0].kind == "number":
            units[i : i + 2] = [number, symbol]
    return units


def time_first(clause: Clause) -> list[Unit]:
    """Time words, and numbers and months that go with them, open the clause (after its conjunction)."""
    units = list(clause.units)
    chosen = _time_positions(clause)
    start = 1 if units and clause.forms(units[0]) & clause.speech.conjunctions else 0
    times = [units[i] for i in sorted(chosen)]
    rest = [unit for i, unit in enumerate(units) if i not in chosen]
    return rest[:start] + times + rest[start:]


def _time_positions(clause: Clause) -> set[int]:
    speech, units = clause.speech, clause.units
    forms = [clause.forms(unit) for unit in units]
    chosen = {i for i, unit in enumerate(units) if _is_time(unit, forms[i], speech, i == len(units) - 1)}
    for i in range(1, len(units)):
        unit_of_time = bool(forms[i] & speech.time_units)
        modified = bool(forms[i - 1] & speech.time_modifiers)
        counted = units[i - 1].hint.how == "number"
        after = i + 1 < len(units) and bool(forms[i + 1] & {"ago", "later", "以前", "以后", "前", "后"})
        if unit_of_time and (modified or (counted and (after or speech.code == "zh"))):
            chosen |= {i - 1, i} | ({i + 1} if after else set())
        if counted and forms[i] & _CLOCK_WORDS:
            chosen |= {i - 1, i}
        if forms[i] & speech.day_parts and (units[i - 1].hint.status == "left_out" or i - 1 in chosen):
            chosen.add(i)
        if modified and i in chosen:  # every Saturday
            chosen.add(i - 1)
    for i in range(len(units)):  # May 5: the number beside a month
        if i in chosen and forms[i] & set(speech.months):
            chosen |= {near for near in (i - 1, i + 1) if 0 <= near < len(units) and units[near].hint.how == "number"}
    # the small words before a time ("at", "am") go with it
    return chosen | {i for i in range(len(units) - 1) if i + 1 in chosen and units[i].hint.status == "left_out"}


_ALSO_CONJUNCTIONS = frozenset({"before"})
"""Time words that open a clause of their own as well; they are a time only at the end of one."""
_CLOCK_WORDS = frozenset({"o'clock", "pm", "p.m.", "a.m.", "uhr"})


def _is_time(unit: Unit, forms: set[str], speech: Speech, last: bool) -> bool:
    if any(token.kind in ("time", "date") for token in unit.tokens):
        return True
    typed = {word for token in unit.tokens for word in token.words}
    if typed and typed <= _ALSO_CONJUNCTIONS and not last:
        return False  # "before you leave"
    return bool((typed if speech.code == "de" else forms) & speech.times) or unit.hint.word.lower() in speech.times


def after_last(clause: Clause) -> list[Unit]:
    """DGS: "nach dem Essen" is ESSEN DANN, in the order of what happens."""
    units = list(clause.units)
    for i, unit in enumerate(units):
        goal = next((j for j in range(i + 1, len(units)) if units[j].hint.status != "left_out"), 0)
        if goal and unit.hint.word.lower() == "nach" and unit.tokens[0].norm == "danach":
            return [*units[:i], *units[i + 1 : goal + 1], unit, *units[goal + 1 :]]
    return units


def verb_last(clause: Clause) -> list[Unit]:
    """DGS: the verb closes the clause."""
    units = list(clause.units)
    verbs = [i for i, unit in enumerate(units) if _is_verb(unit, clause)]
    return [unit for i, unit in enumerate(units) if i not in verbs] + [units[i] for i in verbs[::-1]]


def _is_verb(unit: Unit, clause: Clause) -> bool:
    """A German word in lower case whose dictionary form is an infinitive."""
    token = unit.tokens[0]
    if unit.hint.status == "left_out" or token.kind != "word" or len(unit.tokens) > 1:
        return False
    opens = token.start == min(other.tokens[0].start for other in clause.units)
    if token.text[:1].isupper() and not opens:
        return False
    word = token.norm
    if word in _NO_VERBS or word in clause.speech.times:
        return False
    forms = clause.lemmas(word) or (word,)
    return any(form.endswith(("en", "ern", "eln")) and form not in _NO_VERBS for form in forms[:1])


_NO_VERBS = frozenset(
    listed(
        "offen trocken selten zusammen gegen neben wegen zwischen eben oben unten hinten außen innen "
        "morgen gestern sieben zehn allen meinen deinen seinen ihren unseren euren diesen jeden einen "
        "keinen ihnen denen wen guten sondern gern gerne extern intern modern"
    )
)


def negation_after_next(clause: Clause) -> list[Unit]:
    """ASL, CSL: the negation follows what it denies (not understand -> UNDERSTAND NOT)."""
    units = list(clause.units)
    i = 0
    while i < len(units):
        if _is_negation(units[i], clause):
            goal = _denied(units, i, clause)
            if goal is not None:
                units.insert(goal, units.pop(i))
                i = goal
        i += 1
    return units


_MOVED_NEGATIONS = frozenset(listed("not never nicht nie kein 不 没 别"))


def _is_negation(unit: Unit, clause: Clause) -> bool:
    signed = unit.hint.status != "left_out" and len(unit.tokens) == 1
    return signed and bool(clause.forms(unit) & _MOVED_NEGATIONS)


def _denied(units: Sequence[Unit], i: int, clause: Clause) -> int | None:
    """Position of the first unit after i that says something; None when nothing follows."""
    for j in range(i + 1, len(units)):
        if units[j].hint.status != "left_out" and not clause.forms(units[j]) & clause.speech.transparent:
            return j
    return None


def negation_last(clause: Clause) -> list[Unit]:
    """DGS: the negation closes the clause."""
    moved = [unit for unit in clause.units if _is_negation(unit, clause)]
    return [unit for unit in clause.units if unit not in moved] + moved


def question_last(clause: Clause) -> list[Unit]:
    """The question word closes the question; "how old", "wie viel" move together."""
    if clause.mood != "wh_question":
        return list(clause.units)
    units = list(clause.units)
    for i, unit in enumerate(units):
        if any(token.norm in clause.speech.question_words for token in unit.tokens):
            end = i + 1
            if end < len(units) and clause.forms(units[end]) & clause.speech.degrees:
                end += 1
            return units[:i] + units[end:] + units[i:end]
    return units


RULES: Mapping[str, tuple[Rule, ...]] = {
    "ase": (currency_last, time_first, negation_after_next, question_last),
    "csl": (currency_last, time_first, negation_after_next, question_last),
    "gsg": (currency_last, after_last, time_first, verb_last, negation_last, question_last),
}
"""Signed language -> its rules, in the order in which they are applied."""


def signing_order(
    units: Sequence[Unit],
    tokens: Sequence[Token],
    mood: Mood,
    code: str,
    speech: Speech,
    lemmas: Callable[[str], tuple[str, ...]],
) -> list[Unit]:
    """The units of a sentence in the order in which ``code`` signs them; none is lost or added."""
    ordered: list[Unit] = []
    clauses = _clauses(units, tokens, speech)
    if code == "gsg":
        clauses = [part for clause in clauses for part in _coordinated(Clause(clause, mood, speech, lemmas))]
    for clause in clauses:
        # a greeting ("Guten Morgen") is no sentence with a time to put first
        greeting = mood == "statement" and len(clause) == 2 and all(unit.hint.entries for unit in clause)
        for rule in (currency_last,) if greeting else RULES[code]:
            clause = tuple(rule(Clause(clause, mood, speech, lemmas)))
        ordered += clause
    return ordered


def _coordinated(clause: Clause) -> list[tuple[Unit, ...]]:
    """Two clauses where "und" or "oder" has a verb on both sides: es regnet und (es) schneit."""
    units = clause.units
    verbs = [i for i, unit in enumerate(units) if _is_verb(unit, clause)]
    for i, unit in enumerate(units):
        joins = len(unit.tokens) == 1 and unit.tokens[0].norm in ("und", "oder")
        if joins and verbs and verbs[0] < i < verbs[-1]:
            return [units[:i], units[i:]]
    return [units]


def _clauses(units: Sequence[Unit], tokens: Sequence[Token], speech: Speech) -> list[tuple[Unit, ...]]:
    marks = [token.start for token in tokens if token.is_mark and token.norm in CLAUSE_MARKS]
    found: list[list[Unit]] = [[]]
    for before, unit in zip([None, *units], units, strict=False):
        after_mark = before is not None and any(before.hint.span[1] <= at < unit.hint.span[0] for at in marks)
        conjunction = len(unit.tokens) == 1 and unit.tokens[0].norm in speech.conjunctions
        if found[-1] and (after_mark or conjunction):
            found.append([])
        found[-1].append(unit)
    return [tuple(clause) for clause in found]
