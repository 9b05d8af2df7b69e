"""A corpus of sign clips on disk, read through memory maps: it may be larger than the memory.

``clips.jsonl`` (a line a clip), ``frames.npy`` (n, t, h, w, 3) uint8, ``hands.npy`` (n, t, 2, 4) float32 and
``config.json``, the rules by which the clips were cut.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sign_models.checkpoints import CONFIG_FILE, read_config
from sign_models.errors import SignError
from sign_models.lmt.rules import ClipRules
from train.data.store import npy_header

CLIPS_FILE, FRAMES_FILE, HANDS_FILE, RULES_FILE = "clips.jsonl", "frames.npy", "hands.npy", CONFIG_FILE

Frames = NDArray[np.uint8]
"""(t, h, w, 3) red, green, blue."""
Boxes = NDArray[np.float32]
"""(t, 2, 4): left, top, right, bottom of the left and the right hand in 0..1 of the picture; all 0 out of sight."""


@dataclass(frozen=True)
class VideoClip:
    """One clip. gloss: unique over languages ("ase:HELLO"). fps: at which it plays at the speed of the sign.

    split: "train"; "val" and "test" (signer and sign never together in training); "signers" (a signer never seen).
    before: gloss of the sign that ends in its first frame; empty when it starts from rest.
    """

    name: str
    gloss: str
    language: str
    signer: str
    split: str
    fps: float
    before: str = ""


class VideoStore:
    """Clips in order; ``batch`` is what a network is given."""

    def __init__(self, folder: Path) -> None:
        missing = [name for name in (CLIPS_FILE, FRAMES_FILE, HANDS_FILE, RULES_FILE) if not (folder / name).is_file()]
        if missing:
            raise SignError(
                f"There are no clips at {folder} ({missing[0]} is missing); `python -m train.prepare_videos --help` "
                "makes them."
            )
        self.folder = folder
        self.rules = read_config(folder, ClipRules)
        lines = (folder / CLIPS_FILE).read_text(encoding="utf-8").splitlines()
        self.clips = tuple(VideoClip(**json.loads(line)) for line in lines)
        self.glosses = tuple(sorted({clip.gloss for clip in self.clips}))
        self._frames = _mapped(folder / FRAMES_FILE, (len(self.clips), *_shape(self.rules)))
        self._hands = _mapped(folder / HANDS_FILE, (len(self.clips), self.rules.frames, 2, 4))

    def __len__(self) -> int:
        return len(self.clips)

    def indices(self, *splits: str) -> list[int]:
        """The clips of some splits, in order."""
        return [i for i, clip in enumerate(self.clips) if clip.split in splits]

    def frames(self, index: int) -> Frames:
        """Copy of one clip."""
        return np.array(self._frames[index])

    def batch(self, indices: Sequence[int]) -> Tensor:
        """(b, 3, t, h, w) float32 in -1..1."""
        return as_input(torch.from_numpy(np.stack([self._frames[i] for i in indices])))

    def hands(self, indices: Sequence[int]) -> Tensor:
        """(b, t, 2, 4), see ``Boxes``."""
        return torch.from_numpy(np.stack([self._hands[i] for i in indices]))

    def hand_mask(self, indices: Sequence[int]) -> Tensor:
        """(b, 1, t, h, w) float32: 1 in the hands' boxes, else 0."""
        return box_mask(self.hands(indices), self.rules.height, self.rules.width)


def as_input(frames: Tensor) -> Tensor:
    """(b, t, h, w, 3) uint8 -> (b, 3, t, h, w) float32 in -1..1."""
    return frames.permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def as_frames(clips: Tensor) -> Tensor:
    """(b, 3, t, h, w) in -1..1 -> (b, t, h, w, 3) uint8; values beyond are cut off."""
    return ((clips.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 4, 1)


def box_mask(boxes: Tensor, height: int, width: int) -> Tensor:
    """(b, t, n, 4) in 0..1 -> (b, 1, t, h, w): 1 where the middle of a pixel lies in a box of positive size."""
    x = (torch.arange(width) + 0.5) / width
    y = ((torch.arange(height) + 0.5) / height)[:, None]
    left, top, right, bottom = boxes[..., None, None].unbind(3)
    inside = (x >= left) & (x < right) & (y >= top) & (y < bottom)
    return inside.any(2).float()[:, None]


def write(folder: Path, rules: ClipRules, clips: Iterable[tuple[VideoClip, Frames, Boxes]]) -> int:
    """Writes clips as they come; returns how many. The files appear when all is written."""
    folder.mkdir(parents=True, exist_ok=True)
    shapes: dict[str, tuple[tuple[int, ...], type]] = {
        FRAMES_FILE: (_shape(rules), np.uint8),
        HANDS_FILE: ((rules.frames, 2, 4), np.float32),
    }
    parts = {name: folder / f".{name}.part" for name in (*shapes, CLIPS_FILE)}
    count = 0
    with ExitStack() as open_files:
        files = {name: open_files.enter_context(part.open("wb")) for name, part in parts.items()}
        for name, (shape, dtype) in shapes.items():
            files[name].write(npy_header((0, *shape), dtype))
        for clip, frames, hands in clips:
            arrays: tuple[NDArray[Any], NDArray[Any]] = (frames, hands)
            for array, (name, (shape, dtype)) in zip(arrays, shapes.items(), strict=True):
                if array.shape != shape:
                    raise ValueError(f"{clip.name} has {name} of shape {array.shape}; {shape} is needed.")
                files[name].write(np.ascontiguousarray(array, dtype=dtype).tobytes())
            files[CLIPS_FILE].write((json.dumps(asdict(clip), ensure_ascii=False) + "\n").encode())
            count += 1
        for name, (shape, dtype) in shapes.items():
            files[name].seek(0)
            files[name].write(npy_header((count, *shape), dtype))
    (folder / RULES_FILE).write_text(json.dumps(asdict(rules), indent=2) + "\n", encoding="utf-8")
    for name, part in parts.items():
        part.replace(folder / name)
    return count


def _shape(rules: ClipRules) -> tuple[int, int, int, int]:
    return rules.frames, rules.height, rules.width, 3


def _mapped(path: Path, shape: tuple[int, ...]) -> NDArray[Any]:
    try:
        table: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise SignError(f"{path} cannot be read ({error}); prepare the clips again.") from error
    if table.shape != shape:
        raise SignError(f"{path} has shape {table.shape}; its clips and rules need {shape}: prepare them again.")
    return table
