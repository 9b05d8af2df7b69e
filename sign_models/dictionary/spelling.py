"""Finger-spelling: a word as letters of a finger alphabet; Chinese by its pinyin (the only door to pypinyin)."""

import unicodedata
from collections.abc import Mapping, Sequence

from sign_models.dictionary.reading.tokens import HAN, clean, digits
from sign_models.languages import Language
from sign_models.types import Entry

_UNFOLDED = {
    "ß": "SS",
    "Æ": "AE",
    "Œ": "OE",
    "Ø": "O",
    "Ł": "L",
    "Đ": "D",
    "Ð": "D",
    "Þ": "TH",
    "Ħ": "H",
    "İ": "I",
    "ı": "I",
}
"""Letters that have no accent to take off."""
_SILENT = "'-.·・_"


def letter_key(letter: str) -> str:
    """Upper case, but ß stays one letter."""
    return "ß" if letter in ("ß", "ẞ") else letter.upper()


def letters_of(entries: Sequence[Entry]) -> dict[str, Entry]:
    """Letter or digit -> its entry; the first wins, so that a user's own letters come before the shipped ones."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.letter:
            found.setdefault(letter_key(entry.letter), entry)
    return found


def spell(word: str, language: Language, letters: Mapping[str, Entry]) -> tuple[tuple[Entry, ...], str]:
    """(the letters of a word, "") or ((), why it cannot be spelled)."""
    if HAN.search(clean(word)) and language.spelling != "pinyin":
        return (), f"{language.name} cannot spell Chinese characters."
    found: list[Entry] = []
    for piece in _readable(word, language):
        units, missing = _units(piece, language, letters)
        if missing:
            return (), _no_letter(missing, language, letters)
        found += units
    return (tuple(found), "") if found else ((), "There is no letter in it to spell.")


def _readable(word: str, language: Language) -> list[str]:
    """The word in letters: syllables of pinyin for Chinese characters, the word itself otherwise."""
    plain = unicodedata.normalize("NFC", digits(word))
    if not HAN.search(plain):
        return [plain]
    from pypinyin import Style, lazy_pinyin

    return [str(syllable) for syllable in lazy_pinyin(plain, style=Style.NORMAL, v_to_u=True)]


def _units(piece: str, language: Language, letters: Mapping[str, Entry]) -> tuple[list[Entry], str]:
    """The entries of one piece, longest unit of the alphabet first; or the letter that is missing."""
    key = "".join(letter_key(c) for c in piece if c not in _SILENT)
    longest = max((len(letter) for letter in letters), default=1)
    found: list[Entry] = []
    at = 0
    while at < len(key):
        size = next((n for n in range(longest, 0, -1) if key[at : at + n] in letters), 0)
        if size:
            found.append(letters[key[at : at + size]])
            at += size
            continue
        plain = _fold(key[at])
        if not plain or any(c not in letters for c in plain):
            return [], key[at]
        found += [letters[c] for c in plain]
        at += 1
    return found, ""


def _fold(letter: str) -> str:
    """Without its accent: É -> E. Empty when nothing is left that another alphabet could have."""
    if letter in _UNFOLDED:
        return _UNFOLDED[letter]
    plain = "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c)).upper()
    return plain if plain != letter else ""


def _no_letter(letter: str, language: Language, letters: Mapping[str, Entry]) -> str:
    if not letters:
        return f"The dictionary of {language.name} has no finger alphabet."
    return f'The finger alphabet of {language.name} has no letter "{letter}".'
