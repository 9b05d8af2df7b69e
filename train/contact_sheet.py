"""python -m train.contact_sheet WHAT OUT.png: pictures of hands side by side, to be looked at with a signer's eye.

handshapes  every base with its thumb and bend modifiers, from the palm, the back and the thumb's side
letters     a finger alphabet with its digits, as the other person sees it (--language ase, gsg or csl)
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sign_models import languages
from sign_models.body import Appearance, load
from sign_models.dictionary import shipped_entries
from sign_models.hamnosys import parse
from sign_models.hamnosys.arm.posture import hand_rotation
from sign_models.hamnosys.hand.handshapes import BASES, finger_pose
from sign_models.hamnosys.hand.model import hand_model, skin
from sign_models.hamnosys.hand.orientation import direction, palm_normal
from sign_models.hamnosys.sign import Handshape
from sign_models.render import Look
from sign_models.render.cameras import FIELD_OF_VIEW
from sign_models.render.renderer import open_canvas
from sign_models.render.surface import surface
from sign_models.render.take import Take

Array = NDArray[np.float64]
_FROM_RIGHT = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
"""What the signer's right hand neighbour sees."""
THUMBS = ("out", "across", "open")
BENDS = ("straight", "bend", "hook", "doublebent", "doublehooked")
Picture = NDArray[np.uint8]

VIEWS: dict[str, Array] = {
    "palm": np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]]),
    "back": np.array([[0.0, 0, -1], [-1, 0, 0], [0, 1, 0]]),
    "thumb side": np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]),
}
"""Rotations of a right hand from the T-pose: fingers up, the named side towards the camera."""
SHOWN = 0.235
"""Metres from the lower to the upper edge of a picture of one hand."""
LABEL = 22
"""Pixels of the line of text under a picture."""


def hand_pictures(poses: Sequence[Array], turns: Sequence[Array], size: int) -> list[Picture]:
    """Right hands alone: finger poses (15, 3), each turned (3, 3) from the T-pose, as pictures (size, size, 3)."""
    model, body = hand_model(), load(appearance=Appearance())
    posed = [skin(pose) @ turn.T for pose, turn in zip(poses, turns, strict=True)]
    posed = [points - (points.min(0) + points.max(0)) / 2 for points in posed]
    camera = np.eye(4)
    camera[2, 3] = SHOWN / 2 / np.tan(FIELD_OF_VIEW / 2)
    take = Take(
        surface=surface(model.faces.astype(np.int64), len(model.points), None),
        positions=np.stack(posed).astype(np.float32),
        colors=body.colors[torch.from_numpy(model.vertices), :3].numpy(),
        poses=np.tile(camera, (len(posed), 1, 1)),
        size=size,
        background=Look().background_rgb,
        mirror=False,
    )
    canvas = open_canvas()
    try:
        return list(canvas.draw(take))
    finally:
        canvas.delete()


def sheet(tiles: Sequence[tuple[str, Sequence[Picture]]], columns: int) -> Image.Image:
    """Named rows of pictures, laid out ``columns`` names wide, each with its name underneath."""
    side = tiles[0][1][0].shape[0]
    wide = side * max(len(pictures) for _, pictures in tiles)
    rows = -(-len(tiles) // columns)
    page = Image.new("RGB", (columns * wide, rows * (side + LABEL)), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for k, (name, pictures) in enumerate(tiles):
        x, y = k % columns * wide, k // columns * (side + LABEL)
        for j, picture in enumerate(pictures):
            page.paste(Image.fromarray(picture), (x + j * side, y))
        pen.text((x + 4, y + side + 2), name, fill="black", font=font)
    return page


def handshapes() -> list[tuple[str, Handshape]]:
    """Every base with each thumb, and with each bend."""
    shapes = [(base, Handshape(base)) for base in BASES]
    shapes += [(f"{base} thumb {thumb}", Handshape(base, (thumb,))) for base in BASES for thumb in THUMBS]
    shapes += [(f"{base} {bend}", Handshape(base, (), (bend,))) for base in BASES for bend in BENDS]
    return shapes


def draw_handshapes(size: int, name: str) -> Image.Image:
    """Palm, back and thumb side of every shape whose name holds ``name``."""
    shapes = [(label, shape) for label, shape in handshapes() if name in label]
    poses = [finger_pose(shape) for _, shape in shapes for _ in VIEWS]
    pictures = hand_pictures(poses, list(VIEWS.values()) * len(shapes), size)
    count = len(VIEWS)
    return sheet([(label, pictures[count * k : count * k + count]) for k, (label, _) in enumerate(shapes)], 3)


def draw_letters(language: str, size: int, name: str) -> Image.Image:
    """Each letter's first posture as the other person sees it, and from the signer's right."""
    tiles, poses, turns = [], [], []
    for entry in shipped_entries(languages.language(language)):
        if (not entry.letter and not entry.gloss.isdigit()) or name not in entry.gloss:
            continue
        posture = parse(entry.hamnosys).initial.dominant
        if posture.handshape is None or posture.orientation is None:
            continue
        way = posture.orientation
        turn = hand_rotation("right", direction(way.finger), palm_normal(way.finger, way.palm))
        tiles.append(entry.gloss)
        poses += [finger_pose(posture.handshape)] * 2
        turns += [turn, _FROM_RIGHT @ turn]
    pictures = hand_pictures(poses, turns, size)
    return sheet([(label, pictures[2 * k : 2 * k + 2]) for k, label in enumerate(tiles)], 5)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m train.contact_sheet", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", choices=("handshapes", "letters"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", default="ase")
    parser.add_argument("--name", default="", help="only those whose name holds this")
    parser.add_argument("--size", type=int, default=200, help="pixels of one picture's side")
    options = parser.parse_args(arguments)
    if options.what == "handshapes":
        page = draw_handshapes(options.size, options.name)
    else:
        page = draw_letters(options.language, options.size, options.name)
    page.save(options.out)


if __name__ == "__main__":
    main()
