"""What a text must be before it is read: there, not too long, and in a script that the language reads."""

from collections.abc import Sequence

from sign_models.dictionary.reading.speech import Token, listed
from sign_models.dictionary.reading.tokens import HAN
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES, Language

MAX_CHARACTERS = 2000
"""Characters of the longest text that is read at once."""
FOREIGN_WORDS = 3
"""Latin words from which a text without one Chinese character is taken for the wrong language."""


def check_text(text: str) -> None:
    """SignError for a text that is empty or too long."""
    if not text.strip():
        raise SignError("There is no text; type a sentence.")
    if len(text) > MAX_CHARACTERS:
        raise SignError(
            f"The text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read at once, so split it."
        )


def check_words(tokens: Sequence[Token], language: Language) -> None:
    """SignError for a text without words, or all in the script of another language."""
    if not any(token.kind in ("word", "han", "number", "ordinal", "time", "date") for token in tokens):
        raise SignError("There is no word in the text; pictures and marks alone cannot be signed.")
    han = sum(token.kind == "han" for token in tokens)
    latin = sum(token.kind == "word" and token.norm.isascii() for token in tokens)
    if language.script == "latin" and han and not latin:
        raise SignError(f"The text is Chinese, and {language.name} reads {language.spoken_title}; {_others('han')}")
    if language.script == "han" and not han and latin >= FOREIGN_WORDS:
        raise SignError(f"The text has no Chinese character, and {language.name} reads Chinese; {_others('latin')}")


def _others(script: str) -> str:
    names = " or ".join(f"{row.name} ({row.spoken_title})" for row in LANGUAGES.values() if row.script == script)
    return f"choose {names}."


_COMMON = {
    "en": frozenset(listed("the a is are you i and of to my what how do not with this that it we he she")),
    "de": frozenset(listed("der die das ich du und ist nicht ein eine wir wie was mit zu sie er es habe bin den")),
}


def doubt(text: str, language: Language) -> str:
    """A sentence for the page when the text looks like another Latin-script language; empty when all seems well."""
    if language.spoken not in _COMMON:
        return ""
    words = [word.strip(".,!?;:\"'").lower() for word in text.split() if not HAN.search(word)]
    counts = {spoken: sum(word in common for word in words) for spoken, common in _COMMON.items()}
    other = max(counts, key=lambda spoken: counts[spoken])
    if counts[other] < 2 or counts[other] <= 2 * counts[language.spoken]:
        return ""
    row = next(row for row in LANGUAGES.values() if row.spoken == other)
    return f"This looks like {row.spoken_title}, and {language.name} reads {language.spoken_title}; choose {row.name}."
