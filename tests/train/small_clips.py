"""A made-up store of clips: a coloured square that moves as its gloss says, before a ground of its signer's colour."""

from pathlib import Path

import numpy as np

from sign_models.lmt.rules import ClipRules
from train.data.video_store import VideoClip, write

RULES = ClipRules(frames=8, height=32, width=32)
GLOSSES = ("ase:RIGHT", "ase:DOWN", "gsg:RECHTS")
SIGNERS = {"Ada": 40, "Ben": 160}


def clip(gloss: int, ground: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames (8, 32, 32, 3) and hand boxes (8, 2, 4)."""
    generator = np.random.default_rng(seed)
    frames = np.full((RULES.frames, 32, 32, 3), ground, np.uint8)
    boxes = np.zeros((RULES.frames, 2, 4), np.float32)
    start = generator.integers(0, 4)
    for t in range(RULES.frames):
        along, across = start + 2 * t, 4 + 6 * gloss
        x, y = (across, along) if gloss == 1 else (along, across)
        frames[t, y : y + 8, x : x + 8] = (230, 180, 40 * gloss)
        boxes[t, 1] = (x / 32, y / 32, (x + 8) / 32, (y + 8) / 32)
    return frames, boxes


def store(folder: Path, train: int = 6, val: int = 2) -> Path:
    """train, val: clips of each split."""
    made = []
    for number in range(train + val):
        gloss, signer = number % len(GLOSSES), list(SIGNERS)[number // len(GLOSSES) % 2]
        split = "train" if number < train else "val"
        name = GLOSSES[gloss]
        row = VideoClip(f"{name}/{number}", name, name[:3], signer, split, 12.0 + gloss)
        made.append((row, *clip(gloss, SIGNERS[signer], number)))
    write(folder, RULES, made)
    return folder
