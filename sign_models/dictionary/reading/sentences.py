"""Cuts tokens into sentences: at final marks and line ends, not inside numbers and abbreviations."""

from collections.abc import Sequence

from sign_models.dictionary.reading.speech import Speech, Token

FINAL = frozenset(".!?。！？｡") | {"\n"}
CLOSING = frozenset("\"'”’»)]}』」）】》")


def sentences(tokens: Sequence[Token], speech: Speech) -> list[list[Token]]:
    """The tokens of each sentence, its marks with it; sentences without a word join the one before."""
    found: list[list[Token]] = [[]]
    for i, token in enumerate(tokens):
        if found[-1] and _ends_before(tokens, i, speech):
            found.append([])
        found[-1].append(token)
    whole: list[list[Token]] = []
    for piece in found:
        if whole and all(token.is_mark for token in piece):
            whole[-1] += piece
        elif piece:
            whole.append(piece)
    if len(whole) > 1 and all(token.is_mark for token in whole[0]):
        whole[:2] = [whole[0] + whole[1]]
    return whole


def _ends_before(tokens: Sequence[Token], i: int, speech: Speech) -> bool:
    """Whether a new sentence begins at token i: a final mark came before, perhaps with closing marks after it."""
    token = tokens[i]
    if token.is_mark and (token.norm in FINAL or token.norm in CLOSING or token.text[:1] in CLOSING):
        return False
    at = i - 1
    while at >= 0 and tokens[at].is_mark and tokens[at].norm in CLOSING:
        at -= 1
    before = tokens[at] if at >= 0 else None
    if before is None:
        return False
    if before.is_mark:
        return before.norm in FINAL | {"..."} and not _goes_on(tokens, at, token, speech)
    return before.text in speech.closing_abbreviations and token.text[:1].isupper() and token.kind == "word"


def _goes_on(tokens: Sequence[Token], at: int, after: Token, speech: Speech) -> bool:
    """Whether the mark at ``at`` is inside a sentence: three dots, "example.org", the dot of an initial."""
    mark, before = tokens[at], tokens[at - 1] if at else None
    if mark.norm == "..." or (mark.text == "." and before is not None and before.text == "."):
        return not after.text[:1].isupper() and after.kind != "han"
    if mark.text != "." or before is None:
        return False
    if after.kind == "number" and before.text.lower().endswith("str"):
        return True  # Hauptstr. 12
    if mark.end == after.start and (after.kind == "number" or after.text[:1].islower()):
        return True
    initial = len(before.text) == 1 and before.text.isupper() and before.end == mark.start and before.text != "I"
    return initial and after.text[:1].isupper()


def end_mark(sentence: Sequence[Token]) -> str:
    """ "?", "!", "?!" or ".": how the sentence ends, in half width."""
    marks = {token.norm for token in sentence[-4:] if token.is_mark}
    if "?" in marks:
        return "?!" if "!" in marks else "?"
    return "!" if "!" in marks else "."
