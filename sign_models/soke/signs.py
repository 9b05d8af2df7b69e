"""The codes of dictionary signs, kept beside the weights: what retrieval puts into the prompt.

A sign is named by its key, ``gloss`` or for a letter ``gloss/letter``, within a language.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from sign_models.errors import SignError
from sign_models.soke.prompt import Form
from sign_models.types import Entry, Hint, MotionTokens

SIGNS_FILE = "signs.json"


def key_of(entry: Entry) -> str:
    return f"{entry.gloss}/{entry.letter}" if entry.letter else entry.gloss


def keys_of(hints: Sequence[Hint], form: Form) -> tuple[tuple[str, ...], ...]:
    """What retrieval looks up for the words of a sentence, each piece the keys of one place in the prompt.

    In the published form a word is one piece; in ours each sign and each letter is, so that none is thinned away.
    """
    words = [tuple(key_of(entry) for entry in hint.entries) for hint in hints if hint.entries]
    return tuple(words) if form == "published" else tuple((key,) for word in words for key in word)


class SignCodes:
    """Codes (k, s) by language and key."""

    def __init__(self, codes: Mapping[str, Mapping[str, MotionTokens]]) -> None:
        self._codes = codes

    def __len__(self) -> int:
        return sum(len(signs) for signs in self._codes.values())

    def find(self, language: str, keys: Sequence[str]) -> MotionTokens | None:
        """The signs of one piece one after another; None when one of them is not known."""
        known = self._codes.get(language, {})
        if not keys or any(key not in known for key in keys):
            return None
        return MotionTokens(torch.cat([known[key].ids for key in keys], dim=1))

    def part(self, share: float) -> "SignCodes":
        """The first share of each language's signs in an order that looks random: for the coverage ablation."""
        return SignCodes(
            {
                language: {key: signs[key] for key in sorted(signs, key=_scattered)[: round(share * len(signs))]}
                for language, signs in self._codes.items()
            }
        )

    def save(self, folder: Path) -> None:
        plain = {
            language: {key: tokens.ids.tolist() for key, tokens in signs.items()}
            for language, signs in self._codes.items()
        }
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        (folder / SIGNS_FILE).write_text(text.replace("]],", "]],\n") + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "SignCodes":
        path = folder / SIGNS_FILE
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            codes = {
                language: {key: MotionTokens(torch.tensor(ids)) for key, ids in signs.items()}
                for language, signs in plain.items()
            }
        except FileNotFoundError as error:
            raise SignError(f"No sign codes at {path}; `python -m train.soke_encode` makes them.") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise SignError(f"{path} does not hold sign codes ({error}); make it again.") from error
        return cls(codes)


def _scattered(key: str) -> tuple[int, str]:
    """An order that is the same everywhere and has nothing to do with the alphabet."""
    number = 0
    for letter in key:
        number = (number * 1_000_003 + ord(letter)) % 2_147_483_647
    return number * 48_271 % 2_147_483_647, key
