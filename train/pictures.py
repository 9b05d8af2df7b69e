"""Clips as one picture and one film, to look at while a network learns."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sign_models.files import atomic
from sign_models.render.video import write_video
from sign_models.types import Video

FILM_FPS = 10.0


def sheet(rows: Sequence[Tensor], columns: int = 8) -> Tensor:
    """rows of clips (t, h, w, 3) uint8 -> one picture: a row a clip, ``columns`` frames of it."""
    picked = [row[torch.linspace(0, len(row) - 1, min(columns, len(row))).round().long()] for row in rows]
    return torch.cat([torch.cat(list(row), dim=1) for row in picked])


def save(folder: Path, name: str, rows: Sequence[Tensor], columns: int = 8, scale: int = 2) -> None:
    """``name``.png, and ``name``.mp4 in which all rows play side by side; pixels drawn ``scale`` times as large."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(folder / f"{name}.png") as part:
        Image.fromarray(_larger(sheet(rows, columns), scale).numpy()).save(part)
    side_by_side = torch.cat(list(rows), dim=2)
    frames = torch.from_numpy(np.stack([_larger(frame, scale).numpy() for frame in side_by_side]))
    write_video(Video(frames, FILM_FPS), folder / f"{name}.mp4")


def _larger(picture: Tensor, scale: int) -> Tensor:
    return picture.repeat_interleave(scale, 0).repeat_interleave(scale, 1)
