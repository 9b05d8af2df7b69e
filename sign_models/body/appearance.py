"""How a body is coloured: named skin tones, tops and hair, or any colour as #rrggbb."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError

SKIN_TONES: Mapping[str, str] = {
    "porcelain": "#efcfbd",
    "light": "#dfb299",
    "tan": "#c6916f",
    "brown": "#9a6746",
    "dark brown": "#7b5239",
    "deep": "#5b3d2f",
}
TOPS: Mapping[str, str] = {
    "navy": "#1f3a5f",
    "charcoal": "#33373d",
    "bottle green": "#1f4d3d",
    "burgundy": "#65252f",
    "slate": "#566474",
    "cream": "#eae4d6",
    "sky": "#a9c6dd",
}
"""Plain, and dark or light enough to stand off hands; dark skin reads best before cream or sky."""
HAIR: Mapping[str, str] = {
    "black": "#231d1b",
    "dark brown": "#3d2a20",
    "brown": "#5d4030",
    "auburn": "#71402a",
    "blond": "#b08f5c",
    "grey": "#8d8b88",
}
EYES: Mapping[str, str] = {
    "brown": "#5c3a21",
    "dark brown": "#38241a",
    "green": "#60714a",
    "blue": "#55789a",
    "grey": "#6f7b82",
}
TROUSERS: Mapping[str, str] = {"black": "#26272b", "blue": "#2b3a52", "grey": "#4b4e54"}

Color = tuple[float, float, float]


@dataclass(frozen=True)
class Appearance:
    """A signer's colours: names from the tables above, or ``#rrggbb``."""

    skin: str = "light"
    top: str = "navy"
    hair: str = "dark brown"
    eyes: str = "brown"
    trousers: str = "black"

    def __post_init__(self) -> None:
        for field in fields(self):
            _rgb(field.name, getattr(self, field.name))


_TABLES: Mapping[str, Mapping[str, str]] = {
    "skin": SKIN_TONES, "top": TOPS, "hair": HAIR, "eyes": EYES, "trousers": TROUSERS,
}  # fmt: skip


def _rgb(part: str, value: str) -> Color:
    """Colour of a name or #rrggbb, sRGB 0..1; SignError when it is neither."""
    text = _TABLES[part].get(value.strip().lower(), value.strip())
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise SignError(
            f"{value!r} is no colour for {part}; choose one of {', '.join(_TABLES[part])}, or write it as #rrggbb."
        )
    red, green, blue = bytes.fromhex(text[1:])
    return red / 255, green / 255, blue / 255


def palette(appearance: Appearance) -> dict[str, Color]:
    """sRGB colour of each region of a body's skin and clothes."""
    given = {field.name: np.array(_rgb(field.name, getattr(appearance, field.name))) for field in fields(appearance)}
    skin, hair = given["skin"], given["hair"]
    pale = float(skin.mean())
    colors = {
        "skin": skin,
        "palm": _mix(skin, (0.93, 0.72, 0.62), 0.12 + 0.40 * max(0.0, 0.62 - pale)),
        "blush": _mix(skin, (0.80, 0.30, 0.25), 0.28),
        "lips": _mix(skin, (0.66, 0.20, 0.22), 0.46),
        "nails": _mix(skin, (0.95, 0.76, 0.72), 0.45),
        "mouth": np.array((0.24, 0.07, 0.08)),
        "teeth": np.array((0.90, 0.88, 0.83)),
        "tongue": np.array((0.68, 0.34, 0.34)),
        "eye_white": np.array((0.93, 0.92, 0.90)),
        "iris": given["eyes"],
        "pupil": np.array((0.02, 0.02, 0.02)),
        "catchlight": np.array((1.0, 1.0, 1.0)),
        "lashes": _mix(hair, (0.05, 0.04, 0.04), 0.75),
        "brows": _mix(hair, (0.08, 0.06, 0.05), 0.35),
        "hair": hair,
        "top": given["top"],
        "trousers": given["trousers"],
        "shoes": np.array((0.12, 0.12, 0.13)),
    }
    return {name: (float(r), float(g), float(b)) for name, (r, g, b) in colors.items()}


def _mix(color: NDArray[np.float64], other: Color, share: float) -> NDArray[np.float64]:
    return color * (1 - share) + np.array(other) * share
