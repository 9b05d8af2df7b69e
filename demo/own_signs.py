"""A visitor's own signs: the browser keeps them as the text of a dictionary file, which comes with each request.

The text may come from anyone: it is read with limits before a file is made of it, and names no other file.
"""

import hashlib
import threading
import tomllib
from collections import OrderedDict
from pathlib import Path

from sign_models.dictionary.entries import check_notation, entry, toml_rows
from sign_models.dictionary.keeping import HEADING, as_toml
from sign_models.errors import SignError
from sign_models.files import atomic
from sign_models.languages import language
from sign_models.types import Entry

FILE = "my-signs.toml"
MOST_BYTES = 500_000
MOST_FILES = 100
"""Visitors whose signs are on the disk at a time; those of the others come back with their next request."""


class OwnSigns:
    """The visitors' files, named by what is in them. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def name(self, text: str) -> str:
        """The name of these signs, empty for none; SignError for what is no dictionary of HamNoSys."""
        if not text.strip():
            return ""
        raw = text.encode()
        if len(raw) > MOST_BYTES:
            raise SignError(f"Your own signs have {len(raw):,} bytes; {MOST_BYTES:,} are the limit: forget some.")
        name = hashlib.sha256(raw).hexdigest()[:32]
        with self._lock:
            if name not in self._known:
                self._write(name, text)
            self._known[name] = None
            self._known.move_to_end(name)
            for old in [self._known.popitem(last=False)[0] for _ in range(len(self._known) - MOST_FILES)]:
                self.file(old).unlink(missing_ok=True)
        return name

    def file(self, name: str) -> Path:
        """Where the signs of a known name lie."""
        return self.folder / f"{name}.toml"

    def _write(self, name: str, text: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with atomic(self.file(name)) as part:
            part.write_text(text, encoding="utf-8")
            try:
                read(part)
            except SignError as error:
                raise SignError(str(error).replace(part.name, "What this browser keeps")) from error


def read(path: Path) -> list[Entry]:
    """Every sign of such a file, whatever its language; SignError names the first that cannot be taken."""
    entries = []
    for number, (_, fields) in enumerate(toml_rows(path), 1):
        place = f"Your own sign {number}"
        if fields.get("clip"):
            raise SignError(f"{place} names a clip; a clip is no text and cannot be kept here.")
        entries.append(entry(fields, language(str(fields.get("language", ""))), place))
        check_notation(entries[-1], place)
    return entries


def added(text: str, entries: list[Entry]) -> str:
    """The text with these signs in front; one that was there in the same language, for the same words, goes."""
    new = {_key(one.language, one.gloss, one.letter, one.lemmas) for one in entries}
    kept = [fields for fields in listed(text) if _key_of(fields) not in new]
    return written([*entries, *(_entry(fields) for fields in kept)])


def written(entries: list[Entry]) -> str:
    """Signs as the text of a dictionary file, empty for none."""
    return "\n".join([HEADING, *map(as_toml, entries)]) if entries else ""


def listed(text: str) -> list[dict[str, object]]:
    """The signs of the browser's text as plain values, none where it is none of ours."""
    try:
        signs = tomllib.loads(text).get("sign", [])
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    return [one for one in signs if isinstance(one, dict)] if isinstance(signs, list) else []


def _entry(fields: dict[str, object]) -> Entry:
    return entry(fields, language(str(fields.get("language", ""))), f'Your own sign "{fields.get("gloss", "")}"')


def _key_of(fields: dict[str, object]) -> tuple[str, ...]:
    lemmas = fields.get("lemmas", ())
    words = tuple(map(str, lemmas)) if isinstance(lemmas, list) else ()
    return _key(str(fields.get("language", "")), str(fields.get("gloss", "")), str(fields.get("letter", "")), words)


def _key(code: str, gloss: str, letter: str, lemmas: tuple[str, ...]) -> tuple[str, ...]:
    return (code, gloss, letter, *lemmas)
