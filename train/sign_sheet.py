"""Signs as rows of pictures, to be looked at against their descriptions.

python -m train.sign_sheet signs FOLDER --language ase      every sign: four moments from the front, one from the side
python -m train.sign_sheet sentence OUT.png --text "Hello."  one picture a sign, at the middle of its time
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont

from sign_models.body import load
from sign_models.hamnosys import synthesize
from sign_models.registry import load_dictionary, load_pipeline
from sign_models.render import Look, Renderer
from sign_models.types import Entry, Motion

MOMENTS = (0.0, 0.35, 0.65, 1.0)
ROWS = 10
"""Signs on a sheet."""
LABEL = 18
"""Pixels of a line of text."""


class Camera:
    """Pictures of chosen frames of a motion."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.body = load()
        self.renderer = Renderer()

    def pictures(self, motion: Motion, frames: Sequence[int], camera: str = "front") -> list[Image.Image]:
        chosen = torch.tensor(frames)
        face = None if motion.face is None else motion.face[chosen]
        mesh = self.body.pose(Motion(motion.features[chosen], motion.fps, face))
        video = self.renderer.render(mesh, self.body.colors, Look(camera=camera, size=self.size))
        return [Image.fromarray(frame) for frame in video.frames.numpy()]


def sign_row(camera: Camera, entry: Entry) -> Image.Image:
    """Gloss and description above four front views and a side view."""
    motion = synthesize(entry.hamnosys, nonmanual=entry.nonmanual)
    last = len(motion) - 1
    pictures = camera.pictures(motion, [round(last * moment) for moment in MOMENTS])
    pictures += camera.pictures(motion, [last // 2], "side")
    return labelled(pictures, f"{entry.gloss} ({entry.sure}): {entry.about}")


def labelled(pictures: Sequence[Image.Image], text: str) -> Image.Image:
    size = pictures[0].height
    row = Image.new("RGB", (size * len(pictures), size + LABEL), "white")
    for column, picture in enumerate(pictures):
        row.paste(picture, (column * size, LABEL))
    ImageDraw.Draw(row).text((3, 2), text, fill="black", font=ImageFont.load_default(LABEL - 6))
    return row


def sheets(language: str, size: int, only: str) -> Iterator[Image.Image]:
    """Sheets of ``ROWS`` signs, in the order of the dictionary."""
    camera = Camera(size)
    entries = [entry for entry in load_dictionary(language) if not entry.letter and only in entry.gloss]
    for start in range(0, len(entries), ROWS):
        rows = [sign_row(camera, entry) for entry in entries[start : start + ROWS]]
        sheet = Image.new("RGB", (rows[0].width, rows[0].height * len(rows)), "white")
        for number, row in enumerate(rows):
            sheet.paste(row, (0, number * row.height))
        yield sheet


def sentence(text: str, language: str, size: int, columns: int) -> Image.Image:
    """The signs of a sentence, each at the middle of its time, cut to the upper body."""
    result = load_pipeline(language).generate(text)
    fps = result.motion.fps
    camera = Camera(size)
    frames = [round((cue.start + cue.end) / 2 * fps) for cue in result.cues]
    side, top = round(0.12 * size), round(0.04 * size)
    shots = [picture.crop((side, top, size - side, size)) for picture in camera.pictures(result.motion, frames)]
    width, height = shots[0].size
    rows = -(-len(shots) // columns)
    sheet = Image.new("RGB", (width * min(columns, len(shots)), (height + LABEL) * rows), Look().background)
    draw = ImageDraw.Draw(sheet)
    for number, (shot, cue) in enumerate(zip(shots, result.cues, strict=True)):
        x, y = number % columns * width, number // columns * (height + LABEL)
        sheet.paste(shot, (x, y))
        middle = (x + width // 2, y + height + LABEL // 2)
        draw.text(middle, cue.gloss, fill="#1c2733", anchor="mm", font=ImageFont.load_default(LABEL - 3))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m train.sign_sheet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("signs", "sentence"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", default="ase")
    parser.add_argument("--text", default="Hello, my name is Anna.")
    parser.add_argument("--only", default="", help="only glosses that hold this")
    parser.add_argument("--size", type=int, default=224, help="pixels of one picture's side")
    parser.add_argument("--columns", type=int, default=4, help="pictures a row of a sentence")
    options = parser.parse_args()
    if options.what == "sentence":
        sentence(options.text, options.language, options.size, options.columns).save(options.out, optimize=True)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for number, sheet in enumerate(sheets(options.language, options.size, options.only), 1):
        path = options.out / f"{options.language}-{number:03d}.png"
        sheet.save(path)
        print(path, flush=True)


if __name__ == "__main__":
    main()
