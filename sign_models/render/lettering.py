"""Text as pictures: the bar with sentence and sign that stands below a captioned video. The one door to fonts."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sign_models.errors import SignError
from sign_models.paths import asset

SENTENCE_SHARE, SIGN_SHARE = 1 / 20, 1 / 17
"""Height of the letters, as shares of the picture's height."""
MOST_LINES = 3
"""Of a sentence at a time; a longer one is shown piece by piece, following the signs."""
PAPER, INK, LIT, ON_LIT = (24, 28, 36), (255, 255, 255), (169, 205, 247), (16, 22, 29)
"""Colours: the player's own of the dark scheme, 16:1 and 11:1."""

NEVER_FIRST = frozenset("，。！？；：、）》」』”’…,.!?;:)")
"""What no line begins with."""
WIDE = 0x2E80
"""From here on characters need no space between words."""

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts",
    "/System/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
"""Where systems keep fonts."""


@dataclass(frozen=True)
class Caption:
    """What is shown from ``start`` to ``end`` (seconds): a sentence, and the sign that is being made.

    signs: one for each pane, below it, empty for none. word: the characters of the sentence that the sign stands for,
    which are underlined. All texts may be empty.
    """

    start: float
    end: float
    text: str
    signs: tuple[str, ...] = ()
    word: tuple[int, int] | None = None


class Lettering:
    """Draws the bars of one video: all of one size, in one font. SignError when no font has all letters."""

    def __init__(self, captions: Sequence[Caption], width: int, height: int) -> None:
        """width, height: pixels of the picture above."""
        self.width = width
        self._margin = max(4, height // 40)
        file = font_for("".join(f"{one.text}{''.join(one.signs)}" for one in captions))
        self._small = ImageFont.truetype(file, max(9, round(height * SENTENCE_SHARE)))
        self._large = ImageFont.truetype(file, max(10, round(height * SIGN_SHARE)))
        self._wrapped = lru_cache(maxsize=None)(self._wrap)
        lines = max((len(self._wrapped(_plain(one.text))) for one in captions), default=0)
        self._lines = min(lines, MOST_LINES)
        self._step = round(1.28 * self._small.size)
        sign = round(1.7 * self._large.size) if any("".join(one.signs) for one in captions) else 0
        text = self._lines * self._step + sign
        needed = text + self._margin if text else 0
        self.height = needed + needed % 2  # H.264 stores colour for 2x2 pixels
        self.draw = lru_cache(maxsize=4)(self._draw)

    def _draw(self, caption: Caption | None) -> NDArray[np.uint8]:
        """(height, width, 3); without a caption the empty bar."""
        bar = Image.new("RGB", (self.width, self.height), PAPER)
        if caption is not None:
            pen = ImageDraw.Draw(bar)
            self._write_sentence(pen, caption)
            for number, sign in enumerate(caption.signs):
                self._write_sign(pen, _plain(sign), (number + 0.5) / len(caption.signs), len(caption.signs))
        return np.asarray(bar)

    def _write_sentence(self, pen: ImageDraw.ImageDraw, caption: Caption) -> None:
        text, word = _plain(caption.text), caption.word or (0, 0)
        lines = self._wrapped(text)
        here = next((n for n, (_, end) in enumerate(lines) if word[0] < end), 0)
        first = here - here % MOST_LINES
        for row, (start, end) in enumerate(lines[first : first + MOST_LINES]):
            line = text[start:end].rstrip()
            left = (self.width - self._small.getlength(line)) / 2
            top = self._margin // 2 + row * self._step
            pen.text((left, top), line, INK, self._small)
            begin, stop = max(word[0], start), min(word[1], start + len(line))
            if begin < stop:
                under = top + round(1.2 * self._small.size)
                edges = [left + self._small.getlength(text[start:at]) for at in (begin, stop)]
                pen.line((edges[0], under, edges[1], under), LIT, max(1, int(self._small.size // 10)))

    def _write_sign(self, pen: ImageDraw.ImageDraw, sign: str, place: float, count: int) -> None:
        """place: of its middle, as a share of the width; count: how many share the width."""
        if not sign:
            return
        room = self.width / count - 4 * self._margin
        needed = self._large.getlength(sign)
        font = self._large.font_variant(size=self._large.size * max(0.6, min(1.0, room / needed)))
        while font.getlength(sign) > room:  # a very long word that is spelled
            sign = f"{sign.rstrip('…')[:-1]}…"
        length, middle = font.getlength(sign), self.width * place
        low = self.height - self._margin // 2
        top = low - round(1.45 * self._large.size)
        box = (middle - length / 2 - self._margin, top, middle + length / 2 + self._margin, low)
        pen.rounded_rectangle(box, (low - top) / 3, LIT)
        pen.text((middle, (top + low) / 2), sign, ON_LIT, font, anchor="mm")

    def _wrap(self, text: str) -> list[tuple[int, int]]:
        """Where each line begins and ends."""
        room = self.width - 2 * self._margin
        lines, start, gap = [], 0, 0
        for at, letter in enumerate(text):
            if at > start and self._small.getlength(text[start : at + 1].rstrip()) > room:
                cut = gap if gap > start else at
                lines.append((start, cut))
                start = cut
            after = text[at + 1 : at + 2]
            if (letter == " " or ord(letter) >= WIDE or (after and ord(after) >= WIDE)) and after not in NEVER_FIRST:
                gap = at + 1
        return [*lines, (start, len(text))] if text.strip() else []


@lru_cache(maxsize=256)
def font_for(text: str) -> str:
    """Path of a font that has every letter of ``text``: the shipped one, else one of the system; SignError if none."""
    letters = frozenset(letter for letter in _plain(text) if not letter.isspace())
    shipped = asset("fonts/captions.ttf")
    lacking = _lacking(shipped, letters)
    if not lacking:
        return str(shipped)
    for path in _installed():
        if not _lacking(path, letters):
            return str(path)
    raise SignError(
        f"No font here can show {min(lacking)!r} in a caption; install one that has it (on Debian or Ubuntu for "
        "example `apt install fonts-noto-cjk`), or leave the captions out."
    )


def _plain(text: str) -> str:
    """The same characters, with a space for what has no shape of its own, so that places in it stay right."""
    return "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Zs") else letter for letter in text)


def _lacking(path: Path, letters: frozenset[str]) -> set[str]:
    """Letters that the font draws as it draws one that no font has."""
    try:
        font = ImageFont.truetype(path, 20)
        unknown = _drawn(font, "\uffff")
        return {letter for letter in letters if _drawn(font, letter) == unknown}
    except OSError:  # a file that only looks like a font
        return set(letters)


def _drawn(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def _installed() -> Iterator[Path]:
    """The font files of this system, plain sans-serif ones first."""
    places = [Path(folder).expanduser() for folder in FOLDERS]
    files = {path for place in places if place.is_dir() for path in place.rglob("*") if path.suffix in _ENDINGS}
    yield from sorted(
        files, key=lambda path: ("Sans" not in path.name, "Regular" not in path.name, len(path.name), path)
    )


_ENDINGS = (".ttf", ".otf", ".ttc")
