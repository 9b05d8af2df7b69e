"""Text as embedding rows; for the starter, by a byte-level subword vocabulary in one small JSON file.

Bytes are its last resort, so that no text is unknown and none is silently dropped.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from sign_models.errors import SignError
from sign_models.soke.pieces import MODEL_FILE, PieceText
from sign_models.soke.vocabulary import BOS, EOS, PAD, UNK

TEXT_FILE = "text.json"

_SPECIAL = {BOS: "<s>", PAD: "<pad>", EOS: "</s>", UNK: "<unk>"}


class TextVocabulary(Protocol):
    """Text to rows and back, kept in a folder; rows: how many."""

    @property
    def rows(self) -> int: ...

    def encode(self, text: str) -> list[int]: ...

    def decode(self, rows: list[int]) -> str: ...

    def save(self, folder: Path) -> None: ...


class SubwordText:
    """encode(text) -> rows, without special rows around them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @classmethod
    def learn(cls, texts: Iterable[str], rows: int) -> "SubwordText":
        """A vocabulary of at most ``rows`` rows from training texts."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=rows,
            special_tokens=[_SPECIAL[row] for row in sorted(_SPECIAL)],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
        return cls(tokenizer)

    @classmethod
    def read(cls, folder: Path) -> "SubwordText":
        path = folder / TEXT_FILE
        if not path.is_file():
            raise SignError(f"No text vocabulary at {path}; it belongs beside the model's weights.")
        return cls(Tokenizer.from_file(str(path)))

    def save(self, folder: Path) -> None:
        self._tokenizer.save(str(folder / TEXT_FILE))

    @property
    def rows(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, rows: list[int]) -> str:
        return str(self._tokenizer.decode(rows))


def read_text(folder: Path) -> TextVocabulary:
    """The text vocabulary in ``folder``, of whichever kind."""
    return PieceText.read(folder) if (folder / MODEL_FILE).is_file() else SubwordText.read(folder)
