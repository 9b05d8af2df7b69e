"""A visitor learns the name of a file, never where the server keeps it: every message goes out through here."""

import re
import tempfile
from pathlib import Path

from sign_models.paths import assets_folder

_LONG = re.compile(r"""(?<![\w/\\.:])(?:/|[A-Za-z]:[/\\])(?:[^\s"'`,;:()/\\]+[/\\])+(?=[^\s"'`,;:()/\\])""")
"""The folders in front of a name, in an absolute path."""


def without_paths(message: str) -> str:
    """The message with the last name of each absolute path instead of the whole; the command line shows it in full."""
    for place in sorted(map(str, _places()), key=len, reverse=True):  # their names may hold spaces
        message = message.replace(f"{place}/", "").replace(f"{place}\\", "")
    return _LONG.sub("", message)


def _places() -> set[Path]:
    found = {assets_folder(), Path.cwd(), Path.home(), Path(tempfile.gettempdir()), Path(__file__).resolve().parents[1]}
    return {place for place in found if place != Path(place.anchor)}
