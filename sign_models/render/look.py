"""How a picture should look: camera, size, background, mirror; and the lights, which are the same for all."""

import re
from dataclasses import dataclass

from sign_models.errors import SignError
from sign_models.render.cameras import CAMERAS

SIZES = (64, 2048)
"""Smallest and largest side of a picture in pixels."""

BACKGROUND = "#e4e9ef"


@dataclass(frozen=True)
class Look:
    """What a user may choose of a picture.

    camera: a name from ``CAMERAS``. size: width and height in pixels, even because H.264 stores colour for 2x2 pixels.
    background: ``#rrggbb``. mirror: left and right swapped, as in a mirror.
    """

    camera: str = "front"
    size: int = 512
    background: str = BACKGROUND
    mirror: bool = False

    def __post_init__(self) -> None:
        if self.camera not in CAMERAS:
            raise SignError(f"There is no camera {self.camera!r}; choose one of {', '.join(CAMERAS)}.")
        low, high = SIZES
        if not low <= self.size <= high or self.size % 2:
            raise SignError(f"The size {self.size} cannot be drawn; choose an even number from {low} to {high}.")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.background):
            raise SignError(f"The background {self.background!r} is no colour; write it as #rrggbb, e.g. {BACKGROUND}.")

    @property
    def background_rgb(self) -> tuple[float, float, float]:
        """Background in 0..1."""
        red, green, blue = bytes.fromhex(self.background[1:])
        return red / 255, green / 255, blue / 255


@dataclass(frozen=True)
class Light:
    """A directional light: where it stands seen from the signer (any length), intensity, linear colour."""

    towards: tuple[float, float, float]
    intensity: float
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)


AMBIENT = 0.22
LIGHTS = (
    Light((-0.65, 0.8, 0.8), 4.5, (1.0, 0.98, 0.95)),  # key: from the viewer's upper left, a little warm
    Light((0.85, 0.15, 0.75), 1.0, (0.94, 0.96, 1.0)),  # fill: opens the shadow side of hands and face
    Light((0.35, 0.7, -0.9), 2.2),  # rim: parts fingers and shoulders from what is behind them
)
METALLIC, ROUGHNESS = 0.2, 0.8
"""pyrender's material for vertex colours."""
