"""How much of a text a dictionary signs, and which words it lacks most."""

from collections import Counter
from dataclasses import dataclass

from sign_models.dictionary.lookup import SignDictionary


@dataclass(frozen=True)
class Coverage:
    """Counts over a text.

    rules: answers by rule ("exact", "lemma" … "left out"). missing: words that had no sign, most frequent first, with
    their count and what was done with them ("spelled", "left_out").
    """

    words: int
    signed: int
    spelled: int
    left_out: int
    rules: dict[str, int]
    missing: tuple[tuple[str, int, str], ...]

    def __str__(self) -> str:
        return self.table()

    def table(self, most: int = 20) -> str:
        """For people: the counts, the rules, and the words lacking most."""
        lines = [f"{'words':<12}{self.words:>7}"]
        counts = {"signed": self.signed, "spelled": self.spelled, "left out": self.left_out}
        for name, count in counts.items():
            lines.append(f"{name:<12}{count:>7}{count / max(self.words, 1):>8.1%}")
        lines += ["", *(f"{'by ' + rule:<12}{count:>7}" for rule, count in self.rules.items())]
        if self.missing:
            lines += ["", "without a sign, most frequent first:"]
            lines += [f"{count:>6}  {word}  ({done.replace('_', ' ')})" for word, count, done in self.missing[:most]]
        return "\n".join(lines)


def coverage(text: str, dictionary: SignDictionary) -> Coverage:
    """Counts over a text of any length; every line is read by itself."""
    hints = [hint for line in text.splitlines() if line.strip() for hint in dictionary.find_in_line(line)]
    statuses = Counter(hint.status for hint in hints)
    missing = Counter(
        (hint.word.lower(), hint.status) for hint in hints if hint.status != "signed" and hint.how != "left out"
    )
    return Coverage(
        words=len(hints),
        signed=statuses["signed"],
        spelled=statuses["spelled"],
        left_out=statuses["left_out"],
        rules=dict(Counter(hint.how for hint in hints).most_common()),
        missing=tuple((word, count, status) for (word, status), count in missing.most_common()),
    )
