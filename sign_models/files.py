"""Reading text that a user gives, and writing a file so that nobody ever sees half of it."""

import json
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from sign_models.errors import SignError


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Gives a new path beside ``path`` to write to; it takes the place of ``path`` only when the block ends well.

    The temporary name keeps the suffix, because writers of video choose their container by it.
    """
    if not path.parent.is_dir():
        raise SignError(f"The folder {path.parent} does not exist; make it first or choose another place to write to.")
    if path.is_dir():
        raise SignError(f"{path} is a folder; give the name of a file to write to.")
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part{path.suffix}")
    try:
        yield part
        os.replace(part, path)  # noqa: PTH105  (the atomic call by its own name)
    finally:
        part.unlink(missing_ok=True)


def read_text(path: Path) -> str:
    """UTF-8 text, with or without a byte order mark; SignError when it is missing or in another encoding."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SignError(f"There is no file {path}.") from error
    except UnicodeDecodeError as error:
        raise SignError(f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error


def text_lines(path: Path, languages: Collection[str] = ()) -> Iterator[str]:
    """The sentences of a file: its lines, or of a .jsonl file the "text" of each line in one of the languages."""
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if path.suffix != ".jsonl":
            yield line
            continue
        try:
            row = json.loads(line)
            if not languages or row.get("language") in (*languages, None):
                yield str(row["text"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignError(f'{path.name}, line {number} is no JSON object with a "text" ({error}).') from error
