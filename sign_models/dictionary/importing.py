"""Signs out of a file that anyone may have written: each row by itself, so that one mistake does not lose the rest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sign_models.dictionary.entries import check_notation, csv_rows, entry, toml_rows
from sign_models.dictionary.own import lemmas_of
from sign_models.dictionary.transcriptions import text_rows
from sign_models.errors import SignError
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.measuring.examine import Examination, examine
from sign_models.hamnosys.reading.nonmanual import format_nonmanual
from sign_models.hamnosys.reading.sigml import parse_sigml
from sign_models.languages import Language
from sign_models.languages import language as language_row
from sign_models.types import Entry

MAX_BYTES = 1_000_000
MOST_SIGNS = 300
"""Of one file: each is made into motion and measured, which takes about a tenth of a second."""
MOST_CHARACTERS = 4000
"""Of one notation."""


@dataclass(frozen=True)
class Row:
    """One sign of a file.

    place: where it stands. entry: None when it cannot be read. error: then why, or why no motion can be made of it.
    named: whether it names its language itself. made: its motion, measured; None when there is none.
    """

    place: str
    gloss: str
    entry: Entry | None = None
    error: str = ""
    named: bool = False
    made: Examination | None = None

    @property
    def usable(self) -> bool:
        """Read, and can be made into motion."""
        return self.entry is not None and not self.error


@dataclass(frozen=True)
class Import:
    """What became of each sign of a file. language: given to those that name none."""

    rows: tuple[Row, ...]
    language: Language

    @property
    def entries(self) -> list[Entry]:
        """Those that can be signed."""
        return [row.entry for row in self.rows if row.entry is not None and row.usable]

    @property
    def unnamed(self) -> int:
        """How many of ``entries`` were given the language."""
        return sum(row.usable and not row.named for row in self.rows)


def import_signs(
    path: Path, language: Language, figure: Figure, on_step: Callable[[str, float], None] | None = None
) -> Import:
    """Reads, makes and measures every sign of a file; SignError when the file as a whole cannot be taken.

    Read: SiGML (``.sigml``, ``.xml``), dictionaries (``.toml``, ``.csv``), lists (``.txt``: gloss, tab, HamNoSys).
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise SignError(
            f'{path.name} ends in "{path.suffix}"; files that end in {", ".join(_READERS)} can be imported.'
        )
    if path.stat().st_size > MAX_BYTES:
        raise SignError(f"{path.name} has {path.stat().st_size:,} bytes; {MAX_BYTES:,} are the limit: split it.")
    rows = []
    for row in reader(path, language):
        rows.append(row)
        if len(rows) > MOST_SIGNS:
            raise SignError(f"{path.name} has more than {MOST_SIGNS} signs, the limit of one import: split it.")
    if not rows:
        raise SignError(f"{path.name} has no sign.")
    done = []
    for number, row in enumerate(rows, 1):
        done.append(_made(row, figure))
        if on_step is not None:
            on_step(f"looking at sign {number} of {len(rows)}", number / len(rows))
    return Import(tuple(done), language)


def _made(row: Row, figure: Figure) -> Row:
    if row.entry is None or row.error:
        return row
    made = examine(row.entry.hamnosys, figure, nonmanual=row.entry.nonmanual)
    return replace(row, made=made, error=made.error)


def _table(rows: list[tuple[str, dict[str, Any]]], language: Language, noun: str) -> Iterator[Row]:
    for place, fields in rows:
        where, gloss = place.partition(", ")[2], str(fields.get("gloss", ""))
        try:
            if fields.get("clip"):
                raise SignError("It names a clip, which is a file of its own; only signs in HamNoSys are imported.")
            own = language_row(str(fields["language"])) if "language" in fields else language
            one = entry(fields, own, place, noun)
            if len(one.hamnosys) > MOST_CHARACTERS:
                raise SignError(
                    f"Its notation has {len(one.hamnosys):,} characters; {MOST_CHARACTERS:,} are the limit."
                )
            check_notation(one, place, noun)
            yield Row(where, gloss, one, named="language" in fields)
        except SignError as error:
            yield Row(where, gloss, error=str(error).removeprefix(f"{place}, ").removeprefix(f"{place}: "))


def _lines(path: Path, language: Language) -> Iterator[Row]:
    for line in text_rows(path):
        fields = {"gloss": line.gloss, "hamnosys": str(line.notation).strip(), "lemmas": list(lemmas_of(line.gloss))}
        if not line.gloss:
            yield Row(line.place, "", error="It has no gloss, so no word would find it; write gloss, tab, HamNoSys.")
            continue
        yield from _table([(f"{path.name}, {line.place}", fields)], language, "field")


def _sigml(path: Path, language: Language) -> Iterator[Row]:
    wrong: list[Row] = []
    signs = parse_sigml(path, lambda gloss, error: wrong.append(Row("not read", gloss, error=str(error))))
    for number, one in enumerate(signs, 1):
        place, gloss = f"sign {number}", one.gloss.strip()
        if not gloss:
            yield Row(place, "", error="It has no gloss, so no word would find it; give it one.")
        elif not one.notation:
            yield Row(place, gloss, error="It is made by face or head alone; only signs of the hands can be kept.")
        else:
            fields = {"gloss": gloss, "hamnosys": one.notation, "lemmas": list(lemmas_of(gloss)),
                      "nonmanual": format_nonmanual(one.sign.nonmanual)}  # fmt: skip
            yield from _table([(f"{path.name}, {place}", fields)], language, "field")
    yield from wrong


_READERS: dict[str, Callable[[Path, Language], Iterator[Row]]] = {
    ".sigml": _sigml,
    ".xml": _sigml,
    ".toml": lambda path, language: _table(toml_rows(path), language, "field"),
    ".csv": lambda path, language: _table(csv_rows(path), language, "column"),
    ".txt": _lines,
}
ENDINGS = tuple(_READERS)
