"""Text as embedding rows, for a pretrained mBART: its sentencepiece model, and which of its tokens have a row.

Facts: soke.md section 2.1. The pruned model keeps the rows of tokens that the corpora use; ``rows.json`` beside it says
which, or ``map_ids.pkl`` in the published folder; without either there is a row for every token.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from sign_models.errors import SignError
from sign_models.files import atomic
from sign_models.soke.vocabulary import SIGN_LANGUAGES, UNK
from sign_models.unpickle import read_pickle

MODEL_FILE = "sentencepiece.bpe.model"
ROWS_FILE = "rows.json"
PUBLISHED_MAP = "map_ids.pkl"

SPECIALS = 4
"""<s>, <pad>, </s>, <unk>: ids and rows 0 to 3."""

LANGUAGES = ("ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN", "hi_IN", "it_IT", "ja_XX",
             "kk_KZ", "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU", "si_LK", "tr_TR", "vi_VN",
             "zh_CN")  # fmt: skip
"""mBART's language tokens, in the order in which they follow the pieces; <mask> comes after them."""

SOURCE = dict(zip(SIGN_LANGUAGES, ("en_XX", "zh_CN", "de_DE"), strict=True))
"""Sign language -> the token of the language that its texts are in."""


class PieceText:
    """encode(text) -> rows, without special rows around them. See ``soke.text.TextVocabulary``.

    ids: the token id of each row (-1 for none), in mBART's numbering. spell: a piece without a row is written in single
    characters that have one, so that less of a text is lost; the published code makes it <unk> at once.
    """

    def __init__(self, model: bytes, ids: Sequence[int], *, spell: bool = True) -> None:
        self.model = model
        self.ids = tuple(ids)
        self.spell = spell
        self._row_of_id = {token: row for row, token in enumerate(self.ids) if token >= 0}
        if self.ids[:SPECIALS] != tuple(range(SPECIALS)):
            raise SignError(f"The first rows belong to the tokens {self.ids[:SPECIALS]}; 0 to 3 are needed.")

    @classmethod
    def whole(cls, model: bytes) -> "PieceText":
        """A row for every token."""
        return cls(model, range(token_count(processor(model))))

    @classmethod
    def read(cls, folder: Path) -> "PieceText":
        """From ``sentencepiece.bpe.model`` and the map beside it."""
        path = folder / MODEL_FILE
        if not path.is_file():
            raise SignError(f"There is no {MODEL_FILE} in {folder}; mbart-large-cc25 has one.")
        model = path.read_bytes()
        if (folder / ROWS_FILE).is_file():
            ids, spell = _own_map(folder / ROWS_FILE)
            return cls(model, ids, spell=spell)
        if (folder / PUBLISHED_MAP).is_file():
            return cls(model, published_map(folder / PUBLISHED_MAP), spell=False)
        return cls.whole(model)

    def save(self, folder: Path) -> None:
        with atomic(folder / MODEL_FILE) as part:
            part.write_bytes(self.model)
        with atomic(folder / ROWS_FILE) as part:
            part.write_text(json.dumps({"ids": self.ids, "spell": self.spell}) + "\n", encoding="utf-8")

    @property
    def rows(self) -> int:
        return len(self.ids)

    def encode(self, text: str) -> list[int]:
        return [row for token in self.tokens(text) for row in self._rows(token)]

    def decode(self, rows: list[int]) -> str:
        """Without what has no piece: special rows, languages and signs."""
        size = self._pieces.get_piece_size()
        ids = [self.ids[row] - 1 for row in rows if SPECIALS <= row < len(self.ids)]
        return str(self._pieces.decode([token for token in ids if 0 < token < size]))

    def tokens(self, text: str) -> list[int]:
        """mBART's token ids of a text: those of the pieces, one higher, for <pad> stands before them."""
        return [piece + 1 if piece else UNK for piece in self._pieces.encode(text)]

    def language_rows(self) -> tuple[int, ...]:
        """The row of each text's language, in the order of ``SIGN_LANGUAGES``; <unk> for those that were not kept."""
        return tuple(self._row_of_id.get(self.language_token(name), UNK) for name in SOURCE.values())

    def language_token(self, name: str) -> int:
        return int(self._pieces.get_piece_size()) + 1 + LANGUAGES.index(name)

    @property
    def mask_token(self) -> int:
        return token_count(self._pieces) - 1

    def characters(self, token: int) -> list[int]:
        """The token ids of a piece's single characters."""
        if token < SPECIALS or token > self._pieces.get_piece_size():
            return []
        return [self._token(letter) for letter in self._pieces.id_to_piece(token - 1)]

    def _rows(self, token: int) -> list[int]:
        if token in self._row_of_id:
            return [self._row_of_id[token]]
        spelled = [self._row_of_id.get(letter, UNK) for letter in self.characters(token)] if self.spell else []
        return spelled or [UNK]

    def _token(self, piece: str) -> int:
        number = self._pieces.piece_to_id(piece)
        return number + 1 if number else UNK

    @cached_property
    def _pieces(self) -> Any:
        return processor(self.model)


def processor(model: bytes) -> Any:
    """The sentencepiece model in ``model``."""
    try:
        import sentencepiece
    except ImportError as error:
        raise SignError(
            "A text vocabulary of sentencepiece needs the package sentencepiece; `pip install sentencepiece`."
        ) from error
    try:
        return sentencepiece.SentencePieceProcessor(model_proto=model)
    except RuntimeError as error:
        raise SignError(f"The {MODEL_FILE} cannot be read ({error}); download it again.") from error


def token_count(pieces: Any) -> int:
    """Pieces, <pad>, languages and <mask>: 250,027 for mbart-large-cc25."""
    return int(pieces.get_piece_size()) + 1 + len(LANGUAGES) + 1


def published_map(path: Path) -> list[int]:
    """``map_ids.pkl``, a dict {token id: row}, read without executing anything -> the token id of each row."""
    pairs = read_pickle(path)
    if not isinstance(pairs, Mapping) or not pairs:
        raise SignError(f"{path.name} holds a {type(pairs).__name__}; a dict of token id to row is needed.")
    try:
        whole = {int(row): int(token) for token, row in pairs.items()}
    except (TypeError, ValueError) as error:
        raise SignError(f"{path.name} must map whole numbers to whole numbers ({error}).") from error
    if min(whole) < 0 or len(whole) != len(pairs):
        raise SignError(f"{path.name} gives two tokens one row, or a row below 0; it is not the published map.")
    return [whole.get(row, -1) for row in range(max(whole) + 1)]


def _own_map(path: Path) -> tuple[list[int], bool]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return [int(token) for token in values["ids"]], bool(values["spell"])
    except (ValueError, KeyError, TypeError) as error:
        raise SignError(f"{path} does not hold a map of rows ({error}); make it again.") from error
