"""Where the player's cameras stand, written for it from those of the mp4, so that changing the view moves nobody.

python -m demo.shots    writes demo/player/shots.js anew; a test sees to it that nobody forgets.
"""

import json
from pathlib import Path

import numpy as np

from sign_models.files import atomic
from sign_models.render import cameras

FILE = Path(__file__).resolve().parent / "player" / "shots.js"


def text() -> str:
    """The module: lengths in arms, angles in degrees, times in seconds; see ``sign_models.render.cameras``."""
    numbers = {
        "cameras": {name: camera.yaw for name, camera in cameras.CAMERAS.items()},
        "fieldOfView": round(float(np.degrees(cameras.FIELD_OF_VIEW)), 6),
        "belowHips": cameras.BELOW_HIPS,
        "aboveHead": cameras.ABOVE_HEAD,
        "beforeBody": cameras.BEFORE_BODY,
        "raised": cameras.RAISED,
        "air": cameras.AIR,
        "least": cameras.LEAST,
        "calm": cameras.CALM,
    }
    told = "// Written by `python -m demo.shots` from sign_models/render/cameras.py."
    return f"{told}\nexport const SHOTS = {json.dumps(numbers, indent=2)};\n"


if __name__ == "__main__":
    with atomic(FILE) as part:
        part.write_text(text(), encoding="utf-8")
