"""How clips are cut from videos: what a network was trained on is what it can be shown, so the rules travel with it."""

from dataclasses import asdict, dataclass
from typing import Literal

from sign_models.errors import SignError

Crop = Literal["signing space", "box", "whole"]


@dataclass(frozen=True)
class ClipRules:
    """frames, height, width: of every clip (pixels). fps: frames a second; 0 when the frames are spread over the whole
    sign, so that each clip has its own rate.

    crop: "signing space", the project's renderer framed it; "box", the square around the person's box that the data set
    gives; "whole", the largest square in the middle of the picture. margin: added to a box on each side, as a share of
    its side.
    """

    frames: int = 16
    height: int = 64
    width: int = 64
    fps: float = 0.0
    crop: Crop = "signing space"
    margin: float = 0.0

    def __post_init__(self) -> None:
        if min(self.frames, self.height, self.width) < 1 or self.fps < 0 or self.margin < 0:
            raise ValueError(
                f"A clip of {self.frames} frames, {self.width} x {self.height} pixels, {self.fps:g} frames a second, "
                f"margin {self.margin:g} cannot be cut; sizes are 1 or more, fps and margin 0 or more."
            )

    def check(self, other: "ClipRules", whose: str) -> None:
        """SignError unless ``other``, which ``whose`` ("the clips in runs/a") says, is the same."""
        mine, theirs = asdict(self), asdict(other)
        wrong = [f"{name} {theirs[name]} (needed: {mine[name]})" for name in mine if mine[name] != theirs[name]]
        if wrong:
            raise SignError(
                f"{whose[:1].upper()}{whose[1:]} do not fit the network: {', '.join(wrong)}; prepare them again with "
                "the network's rules."
            )
