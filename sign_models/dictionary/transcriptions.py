"""Lists of HamNoSys from wherever they come: text files, dictionaries in TOML, SiGML files and folders of them."""

import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sign_models.errors import SignError
from sign_models.files import read_text
from sign_models.hamnosys.reading.sigml import parse_sigml
from sign_models.hamnosys.sign import Sign

SIGML_ENDINGS = (".sigml", ".xml")
MAX_BYTES = 50_000_000
"""Longer lists are refused."""


@dataclass(frozen=True)
class Transcription:
    """One line of a list.

    place: where it stands ("line 3", "a.sigml, sign 2"). gloss: may be empty. notation: HamNoSys text, or what SiGML
    was read into; None when reading failed already, ``error`` then says why. seconds: of processor, to read SiGML.
    """

    place: str
    gloss: str
    notation: str | Sign | None
    nonmanual: str = ""
    error: str = ""
    seconds: float = 0.0


def read_transcriptions(path: Path) -> list[Transcription]:
    """Every transcription of a file or folder, in order; SignError when it holds none or cannot be read at all.

    A text file has one transcription a line (glyphs or tags), alone or as gloss, tab, HamNoSys; lines that begin with #
    are remarks. Also read: ``.toml`` (``[[sign]]`` tables), ``.sigml`` and ``.xml``, and folders of those two.
    """
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SIGML_ENDINGS and file.is_file())
        found = [one for file in files for one in _sigml(file, f"{file.relative_to(path)}, ")]
    elif not path.is_file():
        raise SignError(f"There is no file or folder {path}.")
    elif path.suffix.lower() in SIGML_ENDINGS:
        found = _sigml(path, "")
    elif path.suffix.lower() == ".toml":
        found = _toml(path)
    else:
        found = text_rows(path)
    if not found:
        raise SignError(f"{path} holds no transcription; give a list of HamNoSys, a .toml dictionary or SiGML.")
    return found


def text_rows(path: Path) -> list[Transcription]:
    """The lines of a text file, see ``read_transcriptions``."""
    found = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            gloss, tab, notation = line.partition("\t")
            found.append(Transcription(f"line {number}", *((gloss.strip(), notation) if tab else ("", line))))
    return found


def _toml(path: Path) -> list[Transcription]:
    try:
        signs = tomllib.loads(_text(path)).get("sign", [])
    except tomllib.TOMLDecodeError as error:
        raise SignError(f"{path.name} is not TOML: {error}.") from error
    if not isinstance(signs, list) or not all(isinstance(sign, dict) for sign in signs):
        raise SignError(f"{path.name}: signs are written as [[sign]] tables, with two brackets.")
    found = []
    for number, sign in enumerate(signs, 1):
        told = {name: sign.get(name, "") for name in ("gloss", "hamnosys", "nonmanual")}
        wrong = [name for name, value in told.items() if not isinstance(value, str)]
        if wrong:
            raise SignError(f"{path.name}, sign {number}: {wrong[0]} is not text; write it in quotes.")
        found.append(Transcription(f"sign {number}", told["gloss"], told["hamnosys"], told["nonmanual"]))
    return found


def _sigml(path: Path, folder: str) -> list[Transcription]:
    wrong: list[tuple[str, str]] = []
    start = time.process_time()
    try:
        signs = parse_sigml(path, on_error=lambda gloss, error: wrong.append((gloss, str(error))))
    except SignError as error:
        return [Transcription(f"{folder}whole file", path.stem, None, error=str(error))]
    each = (time.process_time() - start) / max(len(signs) + len(wrong), 1)
    places = [f"{folder}sign {number}" for number in range(1, len(signs) + 1)]
    read = [Transcription(place, one.gloss, one.sign, seconds=each) for place, one in zip(places, signs, strict=True)]
    unread = [Transcription(f"{folder}unread", gloss, None, error=why, seconds=each) for gloss, why in wrong]
    return read + unread


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise SignError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB, the limit of a list: split it.")
    return read_text(path)
