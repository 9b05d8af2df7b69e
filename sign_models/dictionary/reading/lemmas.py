"""Dictionary forms of words: irregular words first, then the tables of simplemma (the only door to it)."""

from functools import lru_cache

from sign_models.dictionary.reading.speech import Speech

_TABLED = ("en", "de")
_NOUNS_ARE_CAPITALISED = ("de",)


def lemmas(word: str, speech: Speech) -> tuple[str, ...]:
    """The possible dictionary forms of one lower-case word, likeliest first, without the word itself."""
    if word in speech.irregular:
        return tuple(form for form in (speech.irregular[word],) if form != word)
    tabled = _tabled(word, speech.code)
    rules = speech.base_forms(word)
    found = [*rules, *tabled] if speech.code not in _TABLED else [*tabled, *rules]
    return tuple(dict.fromkeys(form for form in found if form != word))


def known(word: str, speech: Speech) -> bool:
    """Whether the tables hold the word: a word that is known is no typing error."""
    if speech.code not in _TABLED:
        return True
    from simplemma import is_known  # the tables take 0.2 s (English) to 0.9 s (German) to read

    return bool(is_known(word, lang=speech.code))


@lru_cache(maxsize=20_000)
def _tabled(word: str, code: str) -> tuple[str, ...]:
    if code not in _TABLED or not word or not word.isalpha():
        return ()
    from simplemma import lemmatize

    typed = [word, word.capitalize()] if code in _NOUNS_ARE_CAPITALISED else [word]
    return tuple(str(lemmatize(form, lang=code)).lower() for form in typed)
