"""A made-up corpus of smooth motions, and a dictionary of its words, so that recipes are tested in seconds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from sign_models.parts import FEATURES
from sign_models.types import Entry, Hint, Motion, Sentence
from train.data.store import Clip, write

WORDS = ("sun", "rain", "tree", "house", "you")


def movement(number: int, frames: int) -> np.ndarray:
    """(frames, 133) waves that differ from word to word."""
    generator = np.random.default_rng(number)
    time = np.arange(frames)[:, None] / 25
    return 0.4 * np.sin(time * generator.uniform(1, 4, FEATURES) + generator.uniform(0, 6, FEATURES))


def sentence(number: int) -> str:
    generator = np.random.default_rng(number)
    return " ".join(WORDS[i] for i in generator.integers(len(WORDS), size=2 + number % 3))


def corpus(folder: Path, train: int = 6, val: int = 2) -> Path:
    clips = []
    for number in range(train + val):
        split = "train" if number < train else "val"
        language = ("ase", "gsg", "csl")[number % 3]
        frames = 24 + 5 * number
        rows = movement(number, frames)
        clips.append((Clip(f"clip{number}", language, sentence(number), split, 25.0), rows))
    write(folder, clips, FEATURES, np.float32)
    return folder


class Words:
    """A dictionary that signs ``WORDS`` and leaves out anything else."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __iter__(self) -> Iterator[Entry]:
        return (self._entry(word) for word in WORDS)

    def _entry(self, word: str) -> Entry:
        return Entry(word.upper(), self.language, "hamflathand")

    def find_in_line(self, text: str, reorder: bool = False) -> list[Hint]:
        hints, place = [], 0
        for word in text.split():
            entries = (self._entry(word),) if word in WORDS else ()
            status = "signed" if entries else "left_out"
            hints.append(Hint(word, (place, place + len(word)), status, "exact", "", entries))
            place += len(word) + 1
        return hints

    def read(self, text: str, reorder: bool = True) -> list[Sentence]:
        return [
            Sentence(piece, (0, len(piece)), "statement", False, tuple(self.find_in_line(piece, reorder)))
            for piece in text.split(". ")
        ]


def sign_of(entry: Entry) -> Motion:
    return Motion(torch.from_numpy(movement(100 + len(entry.gloss), 10)).float())
