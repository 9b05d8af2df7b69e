"""One sign by itself, from rest to rest, as a result like any other."""

from sign_models.dictionary.pipeline import DictionaryPipeline
from sign_models.hamnosys.figure import Figure
from sign_models.languages import Language, language
from sign_models.types import Entry, Hint, Sentence, SignResult


def show(entry: Entry, figure: Figure) -> SignResult:
    """SignError when the entry cannot be made into motion."""
    word = (entry.lemmas or (entry.gloss,))[0]
    return DictionaryPipeline(_One(entry), figure).generate(word)


class _One:
    """Reads every text as this one sign."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    @property
    def language(self) -> Language:
        return language(self.entry.language)

    def read(self, text: str, reorder: bool = True) -> list[Sentence]:
        span = (0, len(text))
        return [Sentence(text, span, "statement", False, (Hint(text, span, "signed", "exact", "", (self.entry,)),))]
