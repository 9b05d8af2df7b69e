"""Reads dictionary tables into entries; whatever is wrong is told with file, entry (or row) and field."""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sign_models.dictionary.clips import read_clip
from sign_models.errors import SignError
from sign_models.files import read_text
from sign_models.hamnosys.reading.nonmanual import parse_nonmanual
from sign_models.hamnosys.reading.parser import parse
from sign_models.languages import Language
from sign_models.paths import asset
from sign_models.types import Entry

TEXT_FIELDS = ("gloss", "hamnosys", "clip", "nonmanual", "letter", "sense", "about")
SHOWN_BY = ("hamnosys", "clip")
"""Fields of which an entry has exactly one: how the sign is made."""
FIELDS = (*TEXT_FIELDS, "lemmas", "sure", "language")
"""``language`` ("ase" …) may be left out; a row that names another than the one that is read is passed over."""
SURE = ("high", "medium", "low")
LEMMA_SEPARATOR = ";"
"""Between the lemmas in one cell of a CSV file."""

MAX_FILE_BYTES = 20_000_000


def shipped_entries(language: Language) -> list[Entry]:
    """Every entry of ``assets/lexicon/<code>.toml`` and ``<code>-*.toml`` (letters, numbers, topics)."""
    folder = asset("lexicon")
    files = sorted(folder.glob(f"{language.code}-*.toml"))
    main = folder / f"{language.code}.toml"
    if main.exists():
        files.insert(0, main)
    if not files:
        raise SignError(f"No dictionary of {language} is in {folder}; restore it with `git checkout -- assets`.")
    return unique(entry for file in files for entry in read_toml(file, language))


Row = tuple[str, dict[str, Any]]
"""Where it stands in its file, for messages, and its fields as they were written."""


def read_toml(path: Path, language: Language, strict: bool = False) -> list[Entry]:
    """A list of ``[[sign]]`` tables whose keys are the fields of ``Entry``.

    strict: read each transcription as well, so that a mistake in it is told with its place.
    """
    return _entries(toml_rows(path), path, language, "field", strict)


def read_csv(path: Path, language: Language, strict: bool = False) -> list[Entry]:
    """A table with a header row of field names; several lemmas in one cell are separated by semicolons.

    strict: read each transcription as well, so that a mistake in it is told with its place.
    """
    return _entries(csv_rows(path), path, language, "column", strict)


def _entries(rows: Iterable[Row], path: Path, language: Language, noun: str, strict: bool) -> list[Entry]:
    entries = []
    for place, fields in rows:
        if fields.get("language", language.code) != language.code:
            continue
        entries.append(entry(fields, language, place, noun, path.parent))
        if strict:
            check_notation(entries[-1], place, noun)
    return entries


def toml_rows(path: Path) -> list[Row]:
    """The ``[[sign]]`` tables of a file as they are written; SignError when it is no such file."""
    try:
        document = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise SignError(f"{path.name} is not TOML: {error}.") from error
    except RecursionError as error:
        raise SignError(f"{path.name} is not TOML of signs: its brackets lie too deep.") from error
    unknown = sorted(set(document) - {"sign"})
    if unknown:
        raise SignError(f'{path.name} has the top-level key "{unknown[0]}"; only [[sign]] tables are read.')
    signs = document.get("sign", [])
    if not isinstance(signs, list) or not all(isinstance(sign, dict) for sign in signs):
        raise SignError(f"{path.name}: signs are written as [[sign]] tables, with two brackets.")
    return [(_place(path, number, fields), fields) for number, fields in enumerate(signs, 1)]


def csv_rows(path: Path) -> list[Row]:
    """The rows of a table as they are written, without empty cells; SignError when it is no such table."""
    rows = _csv_rows(path)
    header = [name.strip().lower() for name in rows[0][1]]
    _check_header(path, header)
    read = []
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            raise SignError(f"{path.name}, row {line} has {len(cells)} columns; the header has {len(header)}.")
        fields: dict[str, Any] = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
        if "lemmas" in fields:
            fields["lemmas"] = [word.strip() for word in fields["lemmas"].split(LEMMA_SEPARATOR) if word.strip()]
        read.append((f"{path.name}, row {line}", fields))
    return read


def entry(
    fields: Mapping[str, Any], language: Language, place: str, noun: str = "field", folder: Path | None = None
) -> Entry:
    """One checked entry; ``place`` and ``noun`` ("field", "column") say where in the message.

    folder: where a clip that it names is found.
    """
    for name in fields:
        if name not in FIELDS:
            raise SignError(f'{place}: there is no {noun} "{name}"; the {noun}s are {", ".join(FIELDS)}.')
    for name in TEXT_FIELDS:
        _check_text(fields.get(name, ""), f"{place}, {noun} {name}")
    if not fields.get("gloss"):
        raise SignError(f"{place}, {noun} gloss: this must not be empty.")
    given = [name for name in SHOWN_BY if fields.get(name)]
    if len(given) != 1:
        why = "only one of hamnosys and clip may be given" if given else "this must not be empty unless there is a clip"
        raise SignError(f"{place}, {noun} {SHOWN_BY[0]}: {why}.")
    lemmas = fields.get("lemmas", [])
    if not isinstance(lemmas, list) or not all(isinstance(lemma, str) and lemma.strip() for lemma in lemmas):
        raise SignError(f"{place}, {noun} lemmas: a list of words is needed, none of them empty.")
    if not lemmas and not fields.get("letter") and not fields["gloss"].isdigit():
        raise SignError(f"{place}, {noun} lemmas: at least one word is needed, or a letter.")
    if fields.get("sure", "medium") not in SURE:
        raise SignError(f'{place}, {noun} sure: "{fields["sure"]}" is not one of {", ".join(SURE)}.')
    clean = {**fields, "lemmas": tuple(lemma.strip() for lemma in lemmas), "language": language.code}
    if "clip" in given:
        clean["clip"] = str(_clip(fields["clip"], folder, f"{place}, {noun} clip"))
    return Entry(**{"hamnosys": "", **clean})


def check_notation(one: Entry, place: str, noun: str = "field") -> None:
    """SignError, with its place, when HamNoSys or non-manual features of an entry cannot be read."""
    for name, text, read in (("hamnosys", one.hamnosys, parse), ("nonmanual", one.nonmanual, parse_nonmanual)):
        try:
            if text:
                read(text)
        except SignError as error:
            raise SignError(f"{place}, {noun} {name}: {error}") from error


def _clip(name: str, folder: Path | None, place: str) -> Path:
    """The file of a clip, read once to see that it is one."""
    if folder is None:
        raise SignError(f'{place}: "{name}" cannot be found without a dictionary file that it lies beside.')
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SignError(f'{place}: "{name}" lies outside the folder of the dictionary file; put the clip beside it.')
    if path.suffix.lower() != ".npz":
        raise SignError(f'{place}: "{name}" ends in "{path.suffix}"; a clip ends in .npz.')
    try:
        read_clip(path)
    except SignError as error:
        raise SignError(f'{place}: "{name}": {error}') from error
    return path


def unique(entries: Iterable[Entry]) -> list[Entry]:
    """The entries as a list, refused when two have the same gloss and letter."""
    seen: dict[tuple[str, str], Entry] = {}
    for one in entries:
        key = (one.gloss, one.letter)
        if key in seen:
            raise SignError(
                f'The dictionary of {one.language} has two entries with the gloss "{one.gloss}"; number one of them '
                f'("{one.gloss}2") or take it out.'
            )
        seen[key] = one
    return list(seen.values())


def notation_errors(entries: Iterable[Entry]) -> Iterator[tuple[Entry, str]]:
    """The entries whose HamNoSys cannot be read, each with the reason."""
    for one in (one for one in entries if not one.clip):
        try:
            parse(one.hamnosys)
        except SignError as error:
            yield one, str(error)


def _check_text(value: object, place: str) -> None:
    if not isinstance(value, str):
        raise SignError(f"{place}: {value!r} is not text; write it in quotes.")
    if value != value.strip():
        raise SignError(f'{place}: "{value}" begins or ends with a space; take it out.')


def _check_header(path: Path, header: list[str]) -> None:
    for name in header:
        if name not in FIELDS:
            raise SignError(f'{path.name}, row 1: there is no column "{name}"; the columns are {", ".join(FIELDS)}.')
        if header.count(name) > 1:
            raise SignError(f'{path.name}, row 1: the column "{name}" is there twice.')
    if "gloss" not in header:
        raise SignError(f'{path.name}, row 1: the column "gloss" is missing.')
    if not set(SHOWN_BY) & set(header):
        raise SignError(f'{path.name}, row 1: the column "hamnosys" (or "clip") is missing.')


def _csv_rows(path: Path) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise SignError(f"{path.name}, row {reader.line_num}: this is not CSV ({error}).") from error
    if not rows:
        raise SignError(f"{path.name} is empty; its first row names the columns {', '.join(FIELDS)}.")
    return rows


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise SignError(f"{path.name} is larger than {MAX_FILE_BYTES // 1_000_000} MB, the limit of a dictionary file.")
    return read_text(path)


def _place(path: Path, number: int, fields: Mapping[str, Any]) -> str:
    gloss = fields.get("gloss")
    return (
        f'{path.name}, sign {number} ("{gloss}")' if isinstance(gloss, str) and gloss else f"{path.name}, sign {number}"
    )
