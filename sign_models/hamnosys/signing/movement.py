"""What each kind of movement does to one hand, apart from where the hand is: a shift, a turn in the wrist, a bend.

Everything is sampled at ``STEPS`` points of progress; how fast progress goes is the business of ``progress``.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sign_models.hamnosys.hand.orientation import direction
from sign_models.hamnosys.sign import Circle, Crossing, Hold, Mime, Movement, Straight, Wrist

Array = NDArray[np.float64]

STEPS = 97
U: Array = np.linspace(0.0, 1.0, STEPS)
"""Progress of each sample, 0 to 1."""

LENGTHS = {None: 0.16, "small": 0.08, "large": 0.28, "verysmall": 0.04, "verylarge": 0.38}
"""Metres of a straight path."""
RADII = {None: 0.065, "small": 0.035, "large": 0.12, "verysmall": 0.02, "verylarge": 0.17}
"""Metres of a circle."""
_BULGE = {None: 0.28, "small": 0.14, "large": 0.5, "verysmall": 0.08, "verylarge": 0.6}
"""Height of an arc as a share of its length; a half is a half circle."""
_FLAT = {None: 0.5, "small": 0.3, "large": 0.7, "verysmall": 0.2, "verylarge": 0.8}
"""Short axis of an ellipse as a share of the long one."""
_RIPPLE = {None: 0.022, "small": 0.012, "large": 0.04, "verysmall": 0.008, "verylarge": 0.055}
"""Metres to each side of a wavy or zigzag path."""
_RIPPLE_LENGTH = 0.07
"""Metres of path for one wave."""
_SIZE = {None: 1.0, "small": 0.55, "large": 1.5, "verysmall": 0.35, "verylarge": 1.9}

NOD, SWING, TWIST, STIR = np.radians([38.0, 22.0, 34.0, 20.0])
"""Radians of the wrist movements at their usual size."""


@dataclass(frozen=True)
class Effect:
    """shift: (STEPS, 3) metres in the world. turn: (STEPS, 3) axis-angle in the hand's own rest axes.

    bend: (STEPS, 15, 3) added to the finger joints. seconds: how long it takes unhurried. cyclic: ends where it began.
    """

    seconds: float
    shift: Array = field(default_factory=lambda: np.zeros((STEPS, 3)))
    turn: Array = field(default_factory=lambda: np.zeros((STEPS, 3)))
    bend: Array = field(default_factory=lambda: np.zeros((STEPS, 15, 3)))
    cyclic: bool = False

    def __add__(self, other: "Effect") -> "Effect":
        """Both at the same time."""
        return Effect(
            max(self.seconds, other.seconds),
            self.shift + other.shift,
            self.turn + other.turn,
            self.bend + other.bend,
            self.cyclic and other.cyclic,
        )


def effect(movement: Movement, side: str, reflect: Array, cycles: int = 1) -> Effect:
    """What a single movement does to a hand.

    reflect: (3,) 1 or -1 for each world axis: how this hand's directions follow the written ones. cycles: how often a
    circle or wrist movement goes round without stopping.
    """
    match movement:
        case Straight():
            return _straight(movement, reflect)
        case Circle():
            return _circle(movement, reflect, cycles)
        case Wrist():
            return _wrist(movement, side, cycles)
        case Crossing():
            return _crossing(movement, reflect)
        case Hold():
            return Effect(0.25)
        case Mime():
            return Effect(0.5)
        case _:
            return Effect(0.0)


def circle_start(movement: Circle, reflect: Array) -> Array:
    """(3,) metres from the centre of a circle to where it starts."""
    start: Array = _circle_points(movement, 1)[0] * reflect
    return start


def progress(tau: Array, manner: tuple[str, ...], cruising: bool) -> Array:
    """Share of the time (n,) -> share of the way: minimum jerk, its peak moved by the manner; ``cruising`` keeps an
    even speed between start and stop."""
    power = 1.0
    if "halt" in manner or "increasing" in manner:
        power = 1.5
    elif "tense" in manner:
        power = 1.25
    elif "decreasing" in manner:
        power = 0.75
    time = np.clip(tau, 0, 1) ** power
    if not cruising:
        return time**3 * (10 - 15 * time + 6 * time**2)
    return _cruise(time)


def _cruise(time: Array, ramp: float = 0.25) -> Array:
    """Speed rises smoothly over the first ``ramp`` of the time, stays, and falls over the last."""
    top = 1 / (1 - ramp)
    rise = lambda x: ramp * (2.5 * (x / ramp) ** 4 - 3 * (x / ramp) ** 5 + (x / ramp) ** 6)  # noqa: E731
    early = rise(np.minimum(time, ramp))
    late = rise(np.minimum(1 - time, ramp))
    middle = 0.5 * ramp + (time - ramp)
    way = np.where(time < ramp, early, np.where(time > 1 - ramp, 1 / top - late, middle))
    return way * top


def pace(manner: tuple[str, ...]) -> float:
    """Factor on the time a movement takes."""
    factor = 1.0
    for mark in manner:
        factor *= {"fast": 0.65, "slow": 1.7, "tense": 1.15, "halt": 0.85}.get(mark, 1.0)
    return factor


def _straight(move: Straight, reflect: Array) -> Effect:
    length = LENGTHS[move.size]
    forward = direction(move.directions)
    shift = U[:, None] * forward * length
    if move.curve is not None:
        share = _BULGE[move.curve_size]
        side = _aside(forward, move.curve)
        if move.second_curve is not None:
            side = side + _aside(forward, move.second_curve)
            side /= max(float(np.linalg.norm(side)), 1e-9)
        shift = shift + (4 * U * (1 - U))[:, None] * side * share * length
        length *= 1 + 1.2 * share**2
    seconds = 0.2 + 0.9 * length
    if move.ripple is not None:
        shift = shift + _ripple(move.ripple, _RIPPLE[move.ripple_size], length)[:, None] * _across(forward)
        seconds += 0.2 + 0.6 * length
    return Effect(seconds, shift * reflect)


def _aside(forward: Array, curve: str) -> Array:
    """(3,) to which side a path bulges, square to it.

    Written u, d, l, r as seen along the path. A path that itself goes up or down (or left or right) has no such side
    there: u and l then mean outward, d and r inward.
    """
    wanted = direction((curve,))
    square = wanted - forward * float(forward @ wanted)
    if np.linalg.norm(square) < 0.3:
        wanted = np.array([0.0, 0, 1.0 if curve in ("u", "l") else -1.0])
        square = wanted - forward * float(forward @ wanted)
    unit: Array = square / np.linalg.norm(square)
    return unit


def _across(forward: Array) -> Array:
    """(3,) square to a path: up and down, or sideways for a path that goes up or down."""
    up = np.array([0.0, 1, 0]) if abs(forward[1]) < 0.8 else np.array([1.0, 0, 0])
    square = up - forward * float(forward @ up)
    unit: Array = square / np.linalg.norm(square)
    return unit


def _ripple(kind: str, height: float, length: float) -> Array:
    """(STEPS,) metres to the side along a path of ``length``: waves, or the same with sharp turns."""
    waves = max(2, round(length / _RIPPLE_LENGTH))
    angle = 2 * np.pi * waves * U
    fade = np.minimum(1, np.minimum(U, 1 - U) * 2 * waves)
    wave = np.sin(angle) if kind == "wavy" else np.arcsin(np.sin(angle)) * 2 / np.pi
    ripple: Array = height * fade * wave
    return ripple


_CLOCK = {"u": 90, "ul": 135, "l": 180, "dl": 225, "d": 270, "dr": 315, "r": 0, "ur": 45}
"""Degrees of clock positions, counted from the right hand over the top."""


def _frame(axis: Array) -> tuple[Array, Array, float]:
    """(right, up) of the picture a circle is told in, and 1 when it turns clockwise there, -1 when against the clock.

    The signer's own view, from above with outward at the top, or from the signer's right with outward at the right; a
    circle turns clockwise for someone who looks along its axis.
    """
    sense = 1.0 if axis @ np.array([0.3, -0.1, 1.0]) >= 0 else -1.0
    if abs(axis[1]) > 0.9:
        sense = -1.0 if axis[1] > 0 else 1.0
    view = axis * sense
    up = np.array([0.0, 1, 0]) if abs(axis[1]) <= 0.9 else np.array([0.0, 0, 1.0])
    up = up - view * float(view @ up)
    up /= np.linalg.norm(up)
    return np.cross(view, up), up, sense


def _circle_points(move: Circle, cycles: int) -> Array:
    """(STEPS, 3) from the centre."""
    radius = RADII[move.size]
    marks = [mark for mark in move.clock if mark != "full"]
    start = np.radians(_CLOCK[marks[0]] if marks else 90)
    turns = float(max(1, move.clock.count("full")))
    right, up, sense = _frame(direction(move.axis))
    if len(marks) > 1:
        # Clockwise the angle falls.
        part = sense * (np.degrees(start) - _CLOCK[marks[-1]]) % 360 / 360
        turns = part + move.clock.count("full") if part else turns
    angle = start - sense * 2 * np.pi * turns * cycles * U
    across, upward = np.cos(angle) * radius, np.sin(angle) * radius
    if move.ellipse is not None:
        across, upward = _flatten(across, upward, move.ellipse, _FLAT[move.ellipse_size])
    points = across[:, None] * right + upward[:, None] * up
    if move.ripple is not None:
        wave = _ripple(move.ripple, _RIPPLE[move.ripple_size], 2 * np.pi * radius * turns * cycles)
        points = points * (1 + wave / radius)[:, None]
    return points


def _flatten(across: Array, upward: Array, long_axis: str, share: float) -> tuple[Array, Array]:
    tilt = np.radians({"h": 0, "ur": 45, "v": 90, "ul": 135}[long_axis])
    along = across * np.cos(tilt) + upward * np.sin(tilt)
    side = (-across * np.sin(tilt) + upward * np.cos(tilt)) * share
    return along * np.cos(tilt) - side * np.sin(tilt), along * np.sin(tilt) + side * np.cos(tilt)


def _circle(move: Circle, reflect: Array, cycles: int) -> Effect:
    points = _circle_points(move, cycles) * reflect
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    seconds = 0.12 + 0.28 * cycles + 0.55 * length
    closed = bool(np.linalg.norm(points[-1] - points[0]) < 1e-6)
    return Effect(seconds, points - points[0], cyclic=closed)


def _wrist(move: Wrist, side: str, cycles: int) -> Effect:
    """Nodding bends to the palm and back, swinging and twisting go to both sides, stirring goes round."""
    out = -1.0 if side == "left" else 1.0
    if move.second_kind is not None:
        halves = [
            _wrist(replace(move, kind=kind, second_kind=None), side, cycles) for kind in (move.kind, move.second_kind)
        ]
        return Effect(halves[0].seconds, turn=(halves[0].turn + halves[1].turn) / 2, cyclic=True)
    size = _SIZE[move.size]
    angle = 2 * np.pi * cycles * U
    fade = np.minimum(1, np.minimum(U, 1 - U) * 8 * cycles)
    turn = np.zeros((STEPS, 3))
    seconds = 0.36 * cycles + 0.1
    if move.kind == "nodding":
        turn[:, 2] = out * NOD * size * (1 - np.cos(angle)) / 2
    elif move.kind == "swinging":
        turn[:, 1] = out * SWING * size * np.sin(angle)
    elif move.kind == "twisting":
        turn[:, 0] = TWIST * size * np.sin(angle)
    else:
        # Seen by the signer along the hand, clockwise for "stircw".
        sense = (1.0 if move.kind == "stircw" else -1.0) * out
        turn[:, 2] = out * STIR * size * np.cos(angle) * fade
        turn[:, 1] = out * STIR * size * np.sin(angle) * sense * fade
    if move.ripple is not None:
        turn = turn * (1 + 0.3 * np.sin(5 * angle))[:, None]
    return Effect(seconds, turn=turn, cyclic=True)


def _crossing(move: Crossing, reflect: Array) -> Effect:
    """Two strokes that cross: upright and level, or both slanting."""
    length = LENGTHS[move.size]
    corners = [(0, 0), (0, -1), (-0.5, -0.5), (0.5, -0.5)]
    if move.kind != "cross":
        corners = [(0, 0), (-0.7, -0.7), (-0.7, 0), (0, -0.7)]
    at = np.array([0, 0.4, 0.6, 1.0])
    x, y = np.array(corners, dtype=np.float64).T * length
    shift = np.stack([np.interp(U, at, x), np.interp(U, at, y), np.zeros(STEPS)], 1)
    return Effect(0.3 + 2.2 * length, shift * reflect)
