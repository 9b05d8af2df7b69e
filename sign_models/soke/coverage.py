"""How much of a text the network is given signs for: which words get a place in the prompt."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sign_models.soke.prompt import PromptConfig, prompt
from sign_models.soke.signs import SignCodes, keys_of
from sign_models.soke.vocabulary import SignVocabulary
from sign_models.types import Hint, MotionTokens


@dataclass(frozen=True)
class HintCoverage:
    """words: of the text that mean something to sign. found: those with codes. pieces: their signs (one for a word in
    the published form). given: those that a prompt had room for. missing: words without codes, most frequent first.
    """

    words: int
    found: int
    pieces: int
    given: int
    missing: tuple[tuple[str, int], ...]

    def table(self, most: int = 20) -> str:
        lines = [
            f"{'words':<24}{self.words:>7}",
            f"{'with codes':<24}{self.found:>7}{self.found / max(self.words, 1):>8.1%}",
            f"{'pieces for the prompts':<24}{self.pieces:>7}",
            f"{'with room in them':<24}{self.given:>7}{self.given / max(self.pieces, 1):>8.1%}",
        ]
        if self.missing:
            lines += ["", "without codes, most frequent first:"]
            lines += [f"{count:>6}  {word}" for word, count in self.missing[:most]]
        return "\n".join(lines)


def hint_coverage(
    lines: Iterable[str],
    language: str,
    find: Callable[[str], Sequence[Hint]],
    signs: SignCodes,
    config: PromptConfig,
    encode: Callable[[str], list[int]],
    vocabulary: SignVocabulary,
) -> HintCoverage:
    """find: the hints of a line in signing order. Words that are left out on purpose ("the") are not counted."""
    words = found = pieces = given = 0
    missing: Counter[str] = Counter()
    for line in lines:
        hints = [hint for hint in find(line) if hint.status != "left_out" or hint.how != "left out"]
        for hint in hints:
            keys = keys_of([hint], config.form)
            known = bool(keys) and all(signs.find(language, piece) is not None for piece in keys)
            words, found = words + 1, found + known
            missing[hint.word.lower()] += not known
        codes = [tokens for keys in keys_of(hints, config.form) if (tokens := signs.find(language, keys)) is not None]
        placed = _placed(line, language, codes, config, encode, vocabulary)
        pieces, given = pieces + len(codes), given + placed
    often = tuple((word, count) for word, count in missing.most_common() if count)
    return HintCoverage(words, found, pieces, given, often)


def _placed(
    text: str,
    language: str,
    codes: Sequence[MotionTokens],
    config: PromptConfig,
    encode: Callable[[str], list[int]],
    vocabulary: SignVocabulary,
) -> int:
    """How many of the pieces are in the prompt: the most with which it still grows."""
    lengths = [
        len(prompt(text, language, codes[:count], encode, lambda sign: sign, vocabulary, config))
        for count in range(len(codes) + 1)
    ]
    return lengths.index(lengths[-1])
