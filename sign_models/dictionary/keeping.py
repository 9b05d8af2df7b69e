"""A sign added to a user's own dictionary file, without touching what is written there."""

import json
import re
from pathlib import Path

from sign_models.dictionary.entries import read_toml
from sign_models.errors import SignError
from sign_models.files import atomic, read_text
from sign_models.languages import language
from sign_models.types import Entry

HEADING = "# My own signs. How to write them: assets/lexicon/README.md of sign-models.\n"
_KEPT = ("gloss", "language", "hamnosys", "nonmanual", "letter", "sense", "about", "sure")


def as_toml(entry: Entry) -> str:
    """The entry as a ``[[sign]]`` table that says its language; SignError for one made of a clip."""
    if entry.clip:
        raise SignError(f"{entry.gloss} is a recorded clip; copy its file beside your dictionary and name it there.")
    rows = [f"{name} = {_quoted(value)}" for name in _KEPT if (value := getattr(entry, name))]
    rows.append(f"lemmas = [{', '.join(map(_quoted, entry.lemmas))}]")
    return "\n".join(["[[sign]]", *rows, ""])


def keep(entry: Entry, path: Path) -> None:
    """Puts the entry before the signs of a ``.toml`` dictionary, so that it comes first; made when it is missing.

    The file is changed in one step, and only when all of it can still be read.
    """
    if path.suffix.lower() != ".toml":
        raise SignError(f'{path.name} ends in "{path.suffix}"; signs can be kept in a .toml dictionary only.')
    before = read_text(path) if path.exists() else HEADING
    first = re.search(r"^[ \t]*\[\[sign\]\]", before, re.MULTILINE)
    at = first.start() if first else len(before)
    with atomic(path) as part:
        part.write_text(f"{before[:at].rstrip()}\n\n{as_toml(entry)}\n{before[at:]}", encoding="utf-8")
        read_toml(part, language(entry.language), strict=True)


def _quoted(value: str) -> str:
    """A TOML string: JSON's escapes are a part of TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
