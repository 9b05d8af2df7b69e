"""python -m train.soke_encode --settings debug --tokenizer RUN --data [CORPUS] --out OUT: clips and signs to tokens.

Also looks up, for each text, the dictionary signs that its prompt may hold, and writes the codes of all signs of the
dictionaries, so that any text can be given its signs.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from sign_models.dictionary import SignDictionary
from sign_models.errors import SignError
from sign_models.languages import language as language_row
from sign_models.registry import load_dictionary, load_sign
from sign_models.soke.generator import TOKENIZER_FOLDER, read_tokenizer, save_tokenizer
from sign_models.soke.prompt import Form
from sign_models.soke.signs import SignCodes, entries_of, key_of, keys_of, sign_tokens
from sign_models.soke.tokenizer import SignTokenizer
from sign_models.types import Entry, Hint, Motion
from train import settings as settings_io
from train.data.lengths import fit_length
from train.data.store import Clip, Rows, Store, write

SECTION = "soke_encode"


@dataclass(frozen=True)
class Settings:
    """tokenizer: the out folder of ``train.soke_tokenizer``. data: as there. retrieval: the form of the prompt.

    shortest, longest: frames, as in the tokenizer's training. words: the out folder of ``train.soke_signs``, whose
    words take the place of our dictionaries (with ``prompt.by_word`` in ``train.soke_lm``).
    """

    tokenizer: Path
    data: tuple[Path, ...]
    out: Path
    retrieval: Form = "ordered"
    words: Path | None = None
    shortest: int = 40
    longest: int = 400


class Finder(Protocol):
    """A dictionary: its entries, and an answer for every word of a text."""

    def __iter__(self) -> Iterator[Entry]: ...

    def find_in_line(self, text: str, reorder: bool = False) -> list[Hint]: ...


SignOf = Callable[[Entry], Motion]


def encode(
    settings: Settings,
    dictionary_of: Callable[[str], Finder] = load_dictionary,
    sign_of: SignOf = load_sign,
) -> tuple[int, int]:
    """Writes the token corpus; (clips, signs)."""
    tokenizer = read_tokenizer(settings.tokenizer / TOKENIZER_FOLDER)
    settings.out.mkdir(parents=True, exist_ok=True)
    words = SignCodes.read(settings.words) if settings.words else None
    retrieval = Retrieval(settings.retrieval, _words_of(words) if words else dictionary_of)
    clips = _encoded(settings, tokenizer, retrieval)
    count = write(settings.out, clips, len(tokenizer.parts), np.int16)
    signs = words or SignCodes(
        {
            language: {key: sign_tokens(sign_of(entry), tokenizer) for key, entry in sorted(entries.items())}
            for language, entries in sorted(retrieval.entries.items())
        }
    )
    signs.save(settings.out)
    save_tokenizer(settings.out / TOKENIZER_FOLDER, tokenizer)
    settings_io.save(settings.out, SECTION, settings)
    return count, len(signs)


def _words_of(words: SignCodes) -> Callable[[str], Finder]:
    return lambda language: SignDictionary(language_row(language), entries_of(words, language))


class Retrieval:
    """The signs of texts, and every entry of the dictionaries that were asked, by language and key."""

    def __init__(self, form: Form, dictionary_of: Callable[[str], Finder]) -> None:
        self.form: Form = form
        self._dictionary_of = dictionary_of
        self._dictionaries: dict[str, Finder] = {}
        self.entries: dict[str, dict[str, Entry]] = {}

    def signs(self, text: str, language: str) -> tuple[tuple[str, ...], ...]:
        if self.form == "none":
            return ()
        if language not in self._dictionaries:
            dictionary = self._dictionaries[language] = self._dictionary_of(language)
            self.entries[language] = {key_of(entry): entry for entry in dictionary}
        return keys_of(self._dictionaries[language].find_in_line(text, reorder=True), self.form)


@torch.inference_mode()
def _encoded(settings: Settings, tokenizer: SignTokenizer, retrieval: Retrieval) -> Iterator[tuple[Clip, Rows]]:
    for store in map(Store, settings.data):
        for clip in store.clips:
            frames = fit_length(clip.length, settings.shortest, settings.longest, tokenizer.frames_per_token)
            features = torch.from_numpy(store.rows(clip)[frames]).float()
            ids = tokenizer.encode(features[None])[0]
            signs = retrieval.signs(clip.text, clip.language)
            yield replace(clip, signs=signs), ids.T.numpy()


def main(arguments: Sequence[str] | None = None) -> int:
    settings = settings_io.from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    clips, signs = encode(settings)
    print(f"{clips} clips and {signs} dictionary signs encoded in {settings.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.soke_encode: {error}")
