"""The codes of dictionary signs, kept beside the weights: what retrieval puts into the prompt.

A sign is named by its key, ``gloss`` or for a letter ``gloss/letter``, within a language.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from sign_models.errors import SignError
from sign_models.soke.prompt import Form
from sign_models.soke.tokenizer import SignTokenizer
from sign_models.types import Entry, Hint, Motion, MotionTokens

SIGNS_FILE = "signs.json"

MakeCodes = Callable[[Entry], MotionTokens]


def key_of(entry: Entry) -> str:
    return f"{entry.gloss}/{entry.letter}" if entry.letter else entry.gloss


def keys_of(hints: Sequence[Hint], form: Form) -> tuple[tuple[str, ...], ...]:
    """What retrieval looks up for the words of a sentence, each piece the keys of one place in the prompt.

    In the published form a word is one piece, and the longest words come first; in ours each sign and each letter is
    one, in signing order, so that none is thinned away.
    """
    words = [tuple(key_of(entry) for entry in hint.entries) for hint in hints if hint.entries]
    return (
        tuple(sorted(words, key=_length, reverse=True))
        if form == "published"
        else tuple((key,) for word in words for key in word)
    )


def _length(keys: Sequence[str]) -> int:
    return sum(map(len, keys))


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

    def keys(self, language: str) -> tuple[str, ...]:
        return tuple(self._codes.get(language, ()))

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._codes)

    def subset(self, share: float, seed: int = 0) -> "SignCodes":
        """A share (0 to 1) of each language's signs, for the coverage ablation; a smaller one lies in a larger one."""
        if not 0 <= share <= 1:
            raise SignError(f"The share of known signs is {share}; it must be from 0 to 1.")
        return SignCodes(
            {
                language: {key: signs[key] for key in _scattered(signs, seed)[: round(share * len(signs))]}
                for language, signs in self._codes.items()
            }
        )

    def without(self, keys: Mapping[str, Collection[str]]) -> "SignCodes":
        """The others of each language."""
        return SignCodes(
            {
                language: {key: codes for key, codes in signs.items() if key not in keys.get(language, ())}
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


AROUND = 4
"""Tokens of context on each side of a dictionary sign."""


def sign_tokens(motion: Motion, tokenizer: SignTokenizer) -> MotionTokens:
    """One sign. Its first and last frame are held around it: nothing is no way to begin or end a sign."""
    frames = tokenizer.frames_per_token
    short = -len(motion) % frames
    first, last = motion.features[:1], motion.features[-1:]
    held = (first.expand(AROUND * frames, -1), motion.features, last.expand(AROUND * frames + short, -1))
    tokens = tokenizer.tokens_of(replace(motion, features=torch.cat(held), face=None))
    return MotionTokens(tokens.ids[:, AROUND:-AROUND])


class WithOwn(SignCodes):
    """Codes, before them those of a user's own signs, which are worked out when they are first asked for."""

    def __init__(self, codes: SignCodes, own: Mapping[str, Mapping[str, Entry]], make: MakeCodes) -> None:
        """own: by language and key. make: the codes of one entry."""
        super().__init__(codes._codes)
        self._own, self._make = own, make
        self._made: dict[Entry, MotionTokens] = {}

    def find(self, language: str, keys: Sequence[str]) -> MotionTokens | None:
        own = self._own.get(language, {})
        if not any(key in own for key in keys):
            return super().find(language, keys)
        pieces = [self._codes_of(own[key]) if key in own else super().find(language, (key,)) for key in keys]
        known = [piece.ids for piece in pieces if piece is not None]
        return MotionTokens(torch.cat(known, dim=1)) if len(known) == len(pieces) else None

    def _codes_of(self, entry: Entry) -> MotionTokens:
        if entry not in self._made:
            self._made[entry] = self._make(entry)
        return self._made[entry]


PUBLISHED_WORDS = 4057
_RANGES = {"csl": (0, 1997), "gsg": (1997, 3087), "ase": (3087, PUBLISHED_WORDS)}
"""Which words of the published file are of which language: it does not say, but they lie in this order."""


def read_word2code(path: Path, language: str = "") -> SignCodes:
    """The published ``word2code.json``, {word: {"body": [...], "lhand": [...], "rhand": [...]}} (soke.md section 3.2).

    language: whose words they are, for a file of one language; the published one holds three, told apart by place. A
    spelling that two of them share has one entry there, and stays with the language where it stands.
    """
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        codes = {word: MotionTokens(torch.tensor([one[name] for name in _ROWS])) for word, one in plain.items()}
    except FileNotFoundError as error:
        raise SignError(f"There is no file {path}; SOKE's authors publish word2code.json.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SignError(f"{path.name} does not map words to codes of body, lhand and rhand ({error}).") from error
    if language:
        return SignCodes({language: codes})
    if len(codes) != PUBLISHED_WORDS:
        raise SignError(
            f"{path.name} has {len(codes)} words and the published file {PUBLISHED_WORDS}; say which language they are."
        )
    words = list(codes)
    return SignCodes({name: {word: codes[word] for word in words[a:b]} for name, (a, b) in _RANGES.items()})


_ROWS = ("body", "lhand", "rhand")


def entries_of(signs: SignCodes, language: str) -> list[Entry]:
    """A dictionary entry for each word of codes that are named by words, so that a dictionary finds them in texts."""
    return [Entry(word, language, "", (word.lower(),)) for word in signs.keys(language)]


def _scattered(keys: Iterable[str], seed: int) -> list[str]:
    """An order that is the same everywhere and has nothing to do with the alphabet."""
    return sorted(keys, key=lambda key: (_number(f"{seed}{key}" if seed else key), key))


def _number(text: str) -> int:
    number = 0
    for letter in text:
        number = (number * 1_000_003 + ord(letter)) % 2_147_483_647
    return number * 48_271 % 2_147_483_647
