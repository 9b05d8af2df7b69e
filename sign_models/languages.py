"""THE table of languages: one row per signed language; a fourth language is one more row."""

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Literal

from sign_models.errors import SignError

Script = Literal["latin", "han"]


@dataclass(frozen=True)
class Language:
    """One signed language and the spoken language whose text it is made from.

    code: ISO 639-3 of the signed language. name: what people call it. spoken: ISO 639-1. letters: the units of its
    finger alphabet; a unit may be several letters of the text ("SCH", "ZH"). spelling: whether words are spelled by
    their own letters or by their pinyin.
    """

    code: str
    name: str
    title: str
    spoken: str
    spoken_title: str
    script: Script
    spelling: Literal["letters", "pinyin"]
    letters: tuple[str, ...]
    example: str

    def __str__(self) -> str:
        return f"{self.name} ({self.title})"


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language(
            code="ase",
            name="ASL",
            title="American Sign Language",
            spoken="en",
            spoken_title="English",
            script="latin",
            spelling="letters",
            letters=tuple(ascii_uppercase),
            example="Hello, what is your name?",
        ),
        Language(
            code="csl",
            name="CSL",
            title="Chinese Sign Language",
            spoken="zh",
            spoken_title="Chinese",
            script="han",
            spelling="pinyin",
            letters=(*ascii_uppercase, "ZH", "CH", "SH", "NG"),
            example="你好，你叫什么名字？",
        ),
        Language(
            code="gsg",
            name="DGS",
            title="German Sign Language",
            spoken="de",
            spoken_title="German",
            script="latin",
            spelling="letters",
            letters=(*ascii_uppercase, "Ä", "Ö", "Ü", "ß", "SCH"),
            example="Hallo, wie heißt du?",
        ),
    )
}
"""ISO 639-3 code -> row."""


def language(name: str) -> Language:
    """The row of a language given by code or by name, in any case (``"ase"``, ``"ASL"``, ``"DGS"``)."""
    wanted = name.strip().casefold()
    for row in LANGUAGES.values():
        if wanted in (row.code, row.name.casefold(), row.title.casefold()):
            return row
    known = ", ".join(f"{row.code} ({row.name})" for row in LANGUAGES.values())
    shown = name if len(name) <= 40 else name[:40] + "…"
    raise SignError(f'There is no language "{shown}"; choose one of {known}.')
