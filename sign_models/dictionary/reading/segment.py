"""Word boundaries in Chinese text (the only door to jieba), read once and shared, with the dictionary's own words."""

import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

Cut = Callable[[str], list[str]]


@cache
def _frequencies() -> tuple[dict[str, int], int]:
    """jieba's word counts; read straight from its table, so that no cache file is left in a shared folder."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    reader = jieba.Tokenizer()
    counts, total = reader.gen_pfdict(reader.get_dict_file())
    return counts, total


def in_table(word: str) -> bool:
    """Whether the segmentation knows the word; the others it put together by guess."""
    return _frequencies()[0].get(word, 0) > 0


def segmenter(words: Iterable[str]) -> Cut:
    """A cutter that knows ``words`` beside its own table."""
    import jieba

    cutter: Any = jieba.Tokenizer()
    counts, cutter.total = _frequencies()
    cutter.FREQ = dict(counts)
    cutter.initialized = True
    for word in words:
        cutter.add_word(word)
    return lambda text: list(cutter.cut(text))
