"""How near a back-translated text is to the text that was signed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sign_models.errors import SignError

TOKENIZER = {"ase": "13a", "gsg": "13a", "csl": "zh"}
"""sacrebleu's cutting of a text into words, by sign language; Chinese into characters."""


@dataclass(frozen=True)
class Bleu:
    """score: corpus BLEU-4, 0 to 100. signature: sacrebleu's own, without which a score means nothing."""

    score: float
    signature: str


def bleu(made: Sequence[str], wanted: Sequence[str], language: str) -> Bleu:
    """One reference a text."""
    try:
        from sacrebleu.metrics import BLEU
    except ImportError as error:
        raise SignError("The package sacrebleu is not installed; run `pip install -e '.[train]'`.") from error
    metric = BLEU(tokenize=TOKENIZER[language])
    return Bleu(float(metric.corpus_score(list(made), [list(wanted)]).score), str(metric.get_signature()))


def rouge_l(made: Sequence[str], wanted: Sequence[str], language: str) -> float:
    """Mean over texts of the F1 of the longest common subsequence (Lin 2004), 0 to 100; words, Chinese characters."""
    pairs = [(_words(a, language), _words(b, language)) for a, b in zip(made, wanted, strict=True)]
    return 100 * sum(_f1(a, b) for a, b in pairs) / max(len(pairs), 1)


def _words(text: str, language: str) -> list[str]:
    return [letter for letter in text if not letter.isspace()] if language == "csl" else text.lower().split()


def _f1(made: Sequence[str], wanted: Sequence[str]) -> float:
    common = _common(made, wanted)
    return 2 * common / (len(made) + len(wanted)) if common else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for a in one:
        before = 0
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]
