"""A user's own dictionary: a table, SiGML, motion clips, or a folder of the latter two."""

from collections.abc import Callable
from pathlib import Path

from sign_models.dictionary.clips import read_clip
from sign_models.dictionary.entries import read_csv, read_toml
from sign_models.errors import SignError
from sign_models.hamnosys.reading.nonmanual import format_nonmanual
from sign_models.hamnosys.reading.sigml import parse_sigml
from sign_models.languages import Language
from sign_models.types import Entry


def own_entries(path: Path | tuple[Path, ...], language: Language) -> list[Entry]:
    """A user's own signs, by the ending of the file; of a folder, those of all its SiGML files and clips by name.

    path: of several, the first ones come first.
    """
    if isinstance(path, tuple):
        return [entry for one in path for entry in own_entries(one, language)]
    if not path.exists():
        raise SignError(f"The dictionary {path.name} is not there; check its path.")
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in _IN_FOLDERS)
        if not files:
            raise SignError(f"The folder {path.name} has no file that ends in {_listed(_IN_FOLDERS)}.")
        return [entry for file in files for entry in _READERS[file.suffix.lower()](file, language)]
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise SignError(f'{path.name} ends in "{path.suffix}"; a dictionary file ends in {_listed(_READERS)}.')
    return reader(path, language)


def read_sigml(path: Path, language: Language) -> list[Entry]:
    """Every sign of a SiGML file; its gloss, in small letters, is the word that means it."""
    try:
        signs = parse_sigml(path)
    except SignError as error:
        raise SignError(f"{path.name}: {error}") from error
    entries = []
    for number, one in enumerate(signs, 1):
        gloss = one.gloss.strip()
        if not gloss:
            raise SignError(f"{path.name}, sign {number} has no gloss; give it one, or no word would find it.")
        nonmanual = format_nonmanual(one.sign.nonmanual)
        entries.append(Entry(gloss, language.code, one.notation, lemmas_of(gloss), nonmanual))
    if not entries:
        raise SignError(f"{path.name} has no sign; it needs at least one hns_sign.")
    return entries


def read_clip_entry(path: Path, language: Language) -> list[Entry]:
    """One clip as one sign, with the name of the file as its gloss."""
    try:
        read_clip(path)
    except SignError as error:
        raise SignError(f"{path.name}: {error}") from error
    return [Entry(path.stem, language.code, "", lemmas_of(path.stem), clip=str(path.resolve()))]


def lemmas_of(gloss: str) -> tuple[str, ...]:
    """The word that means a sign of which only the gloss is known."""
    return (gloss.lower().replace("_", " ").strip(),)


def _listed(endings: "dict[str, _Reader] | tuple[str, ...]") -> str:
    *others, last = endings
    return f"{', '.join(others)} or {last}"


_Reader = Callable[[Path, Language], list[Entry]]

_READERS: dict[str, _Reader] = {
    ".csv": lambda path, language: read_csv(path, language, strict=True),
    ".toml": lambda path, language: read_toml(path, language, strict=True),
    ".sigml": read_sigml,
    ".xml": read_sigml,
    ".npz": read_clip_entry,
}
_IN_FOLDERS = (".sigml", ".xml", ".npz")
"""Tables are named one by one: they may name clips of their own folder."""
