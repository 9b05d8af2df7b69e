"""Handshapes -> joint angles: every base of HamNoSys 4 with thumb, bend, single fingers, contacts and in-between.

A shape is read as a ``Plan``: how each finger is bent, and what the thumb wants (lie along the side, cross the folded
fingers, meet the index finger ...). What the fingers do stands in the tables here; where hand parts have to touch, the
angles come from ``handshapes.toml``, which ``python -m train.solve_handshapes`` finds on the body's own skin.
"""

import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.hamnosys.hand.model import LIMITS, LONG_FINGERS, THUMB, mirrored, pose_of
from sign_models.hamnosys.sign import FINGERS as DIGITS
from sign_models.hamnosys.sign import FingerShape, Handshape

Array = NDArray[np.float64]
Four = tuple[float, float, float, float]

_TABLE = Path(__file__).with_name("handshapes.toml")

STRETCHED = "stretched"
FOLDED = "folded"
CURLS: dict[str, tuple[float, float, float]] = {
    STRETCHED: (0, 3, 2),
    FOLDED: (84, 103, 62),
    "straight": (78, 6, 3),
    "bend": (34, 40, 24),
    "hook": (6, 92, 52),
    "doublebent": (76, 82, 8),
    "doublehooked": (24, 110, 62),
}
"""Bend -> degrees of knuckle, middle and end joint; folded fingers are then fitted to the palm (row "fold").

The bend marks in this order: angular (at the knuckle, the finger straight), round, hooked, at a right angle in knuckle
and middle joint, hooked tight.
"""

_TOGETHER = (-5.0, 0.0, 4.0, 8.0)
_APART = (11.0, 2.0, -8.0, -17.0)
_TWO_APART = (9.0, -9.0, 4.0, 9.0)
"""Degrees of spread towards the thumb for index, middle, ring, pinky: side by side, fanned out, in a V."""

_STRETCHES: dict[str, tuple[str, ...]] = {
    "fist": (),
    "flathand": LONG_FINGERS,
    "finger2": ("index",),
    "finger23": ("index", "middle"),
    "finger23spread": ("index", "middle"),
    "finger2345": LONG_FINGERS,
}
"""Base -> the fingers it stretches."""
_PINCHES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "pinch12": (("index",), "closed", FOLDED),
    "pinch12open": (("index",), "closed", STRETCHED),
    "pinchall": (LONG_FINGERS, "closed", FOLDED),
    "cee12": (("index",), "cee", FOLDED),
    "ceeopen": (("index",), "cee", STRETCHED),
    "ceeall": (LONG_FINGERS, "cee", FOLDED),
}
"""Base -> the fingers that meet the thumb, how far from it, and what the other fingers do."""
BASES = (*_STRETCHES, *_PINCHES)

_STYLES = {"straight": "flat", "doublebent": "flat", "hook": "round", "bend": "round", "doublehooked": "round"}
_OPENINGS = {"verysmall": 0.35, "small": 0.6, "large": 1.25, "verylarge": 1.45}
"""How open a C is with a size mark; 0 is closed, 1 plain."""
_PINCH_OPEN = 0.45
"""How open a pinch is whose thumb is marked open."""
_SPREADS = {"verysmall": 0.3, "small": 0.55, "large": 1.25, "verylarge": 1.45}


MASKED = ("side", "across", "open", "out", "enclosed")
"""Kinds of thumb goals that depend on which fingers are folded."""


@dataclass(frozen=True)
class Goal:
    """What the thumb wants.

    kind: "side", "across", "open", "out", "enclosed", "between" (of two digits), "touch" (part of a digit), "pinch".
    digits: the fingers it is about. mask: "1" for each of index, middle, ring, pinky that is not folded.
    detail: part and bend of a touched digit; style and others of a pinch. opening: 0 touches, 1 a C (pinch only).
    """

    kind: str
    mask: str
    digits: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    opening: float = 0.0

    def key(self, opening: str = "") -> str:
        """Its row in the table of solved angles."""
        mask = self.mask if self.kind in MASKED else ""
        words = (self.kind, *self.digits, *self.detail, opening, mask)
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Plan:
    """A shape, read: four angles for each finger (None: folded into the palm), thumb goals (two lie between), and the
    pair of fingers that lie crossed, the upper one first."""

    fingers: tuple[Four | None, ...]
    goals: tuple[Goal, ...]
    crossed: tuple[str, str] | None = None


def finger_pose(shape: Handshape, side: int | str = "right") -> Array:
    """Axis-angle (15, 3) of a hand's finger joints, ``skeleton.FINGERS`` order, from the flat T-pose hand.

    side: "left", "right" or its place in ``skeleton.HANDS``. The array is the caller's own.
    """
    name = ("left", "right")[side] if isinstance(side, int) else side
    if name not in ("left", "right"):
        raise ValueError(f"The side {side!r} is no hand; it is left or right.")
    return _posed(shape, name).copy()


@lru_cache(maxsize=4096)
def _posed(shape: Handshape, side: str) -> Array:
    pose = pose_of(shape_angles(shape))
    return mirrored(pose) if side == "left" else pose


_FREE_THUMBS = ("out", "side", "open")
"""Thumb goals in which the thumb touches nothing but the hand's edge."""
_THUMB_BENDS = {
    "straight": (0.0, -10.0),
    "bend": (45.0, 0.0),
    "hook": (5.0, 75.0),
    "doublebent": (40.0, 40.0),
    "doublehooked": (55.0, 75.0),
}
"""Degrees of flexion of the thumb's knuckle and end joint."""


@lru_cache(maxsize=4096)
def shape_angles(shape: Handshape) -> Array:
    """The 22 angles of a shape in degrees, see ``hand.model.ANGLES``. The array is shared and cannot be written to."""
    plan = plan_of(shape)
    angles = _angles(plan)
    if all(goal.kind in _FREE_THUMBS for goal in plan.goals):
        _bend_thumb(angles, shape)
    if shape.between is not None:
        angles = (angles + shape_angles(complete(shape.between, shape))) / 2
    angles = np.clip(angles, LIMITS[:, 0], LIMITS[:, 1])
    angles.setflags(write=False)
    return angles


def _bend_thumb(angles: Array, shape: Handshape) -> None:
    """A thumb that touches nothing, bent as it is said of it alone."""
    for told in shape.fingers:
        if "thumb" in told.digits and told.bend:
            knuckle, end = np.mean([_THUMB_BENDS[bend] for bend in told.bend], axis=0)
            angles[THUMB.start + 3], angles[THUMB.start + 5] = knuckle, end


def complete(shape: Handshape, before: Handshape) -> Handshape:
    """A shape that only says what changes (its base is empty), filled up from the shape before it."""
    if shape.base:
        return shape
    return replace(
        before,
        thumb=shape.thumb or before.thumb,
        bend=shape.bend or before.bend,
        fingers=(*before.fingers, *shape.fingers),
        size=shape.size or before.size,
        between=shape.between,
    )


def active_fingers(shape: Handshape) -> tuple[str, ...]:
    """The digits that a shape is about: those it stretches or brings to the thumb; all when it is a fist."""
    plan = plan_of(shape)
    pinching = [digit for goal in plan.goals if goal.kind == "pinch" for digit in goal.digits]
    if pinching:
        return ("thumb", *pinching)
    stretched = tuple(finger for finger, on in zip(LONG_FINGERS, plan.goals[0].mask, strict=True) if on == "1")
    out = ("thumb",) if any(goal.kind == "out" for goal in plan.goals) else ()
    return (*out, *stretched) or DIGITS


def fingerplay(shape: Handshape, side: int | str, phase: Array, digits: tuple[str, ...] = ()) -> Array:
    """Wiggling fingers: phase (t,) in cycles -> axis-angle (t, 15, 3).

    Each finger bends and stretches once a cycle, a fifth of a cycle after its neighbour on the thumb's side; a thumb
    that wiggles rubs. digits: of ``sign.FINGERS``; empty for the active ones.
    """
    angles = np.tile(shape_angles(shape), (len(phase), 1))
    pinching = any(goal.kind == "pinch" for goal in plan_of(shape).goals)
    for digit in digits or active_fingers(shape):
        wave = (1 - np.cos(2 * np.pi * (np.asarray(phase) - DIGITS.index(digit) / 5)))[:, None] / 2
        if digit == "thumb":
            angles[:, THUMB] += wave * np.array([0, 0, 0, 10, 0, 14]) * (1 if pinching else 0.6)
        else:
            at = 4 * LONG_FINGERS.index(digit)
            curl = np.array([-6.0, 0, 16, 8]) if pinching else np.array([34.0, 0, 18, 8])
            angles[:, at : at + 4] += wave * curl
    pose = pose_of(np.clip(angles, LIMITS[:, 0], LIMITS[:, 1]))
    return mirrored(pose) if side in ("left", 0) else pose


def plan_of(shape: Handshape) -> Plan:
    """How a shape bends its fingers and what its thumb wants."""
    if shape.base not in BASES:
        raise SignError(f'There is no base handshape "{shape.base}"; the bases are {", ".join(BASES)}.')
    return _pinch_plan(shape) if shape.base in _PINCHES else _stretch_plan(shape)


def _stretch_plan(shape: Handshape) -> Plan:
    stretched = set(_STRETCHES[shape.base])
    chosen = [f for f in shape.fingers if not f.bend and not f.contacts and not f.between and f.part is None]
    if chosen:  # the digits that stand out instead of the base's own
        stretched = {digit for f in chosen for digit in f.digits}
    names = {finger: shape.bend if finger in stretched and shape.bend else () for finger in LONG_FINGERS}
    curls: dict[str, Array | None] = {
        finger: _curl(names[finger] or (STRETCHED if finger in stretched else FOLDED,)) for finger in LONG_FINGERS
    }
    if not stretched and shape.bend:  # a fist of another build
        curls = {finger: _fist_curl(shape.bend) for finger in LONG_FINGERS}
    stands = set(stretched)
    for f in shape.fingers:
        for digit in f.digits if f.bend else ():
            bend = f.bend if digit in stretched else tuple(STRETCHED if b == "straight" else b for b in f.bend)
            names[digit], curls[digit] = bend, _curl(bend)
            stands.add(digit)
    mask = "".join("1" if finger in stands else "0" for finger in LONG_FINGERS)
    spreads = _spreads(shape, [finger for finger in LONG_FINGERS if finger in stands])
    goals = _special(shape, mask, names) or tuple(
        _thumb_goal(thumb, mask, shape) for thumb in shape.thumb or (("out",) if "thumb" in stands else ("",))
    )
    return Plan(_four(curls, spreads), goals, _crossing(shape))


def _pinch_plan(shape: Handshape) -> Plan:
    digits, opening, others = _PINCHES[shape.base]
    chosen = [f for f in shape.fingers if not f.bend and not f.contacts and not f.between and f.part is None]
    if chosen:
        named = {digit for f in chosen for digit in f.digits}
        digits = tuple(finger for finger in LONG_FINGERS if finger in named) or digits
    bend = shape.bend
    curls = {finger: _curl((others,)) for finger in LONG_FINGERS}
    stands = set(LONG_FINGERS) if others == STRETCHED else set()
    for f in shape.fingers:
        left = tuple(digit for digit in digits if digit not in f.digits)
        if f.bend and not left:
            bend = f.bend
        elif f.bend:
            digits = left
            for digit in f.digits:
                curls[digit] = _curl(tuple(STRETCHED if b == "straight" else b for b in f.bend))
                stands.add(digit)
    mask = "".join("1" if finger in stands else "0" for finger in LONG_FINGERS)
    style = _STYLES.get(bend[0], "round") if bend else "round"
    goal = Goal("pinch", mask, digits, (style, _others(digits, stands)), _opening(shape, opening))
    spreads = _spreads(shape, [finger for finger in LONG_FINGERS if finger in stands], fan=others == STRETCHED)
    return Plan(_four(curls, spreads), _special(shape, mask, {}) or (goal,), _crossing(shape))


def _four(curls: dict[str, Array | None], spreads: list[float]) -> tuple[Four | None, ...]:
    rows = [curls[finger] for finger in LONG_FINGERS]
    return tuple(
        None if row is None else (row[0], spread, row[1], row[2]) for row, spread in zip(rows, spreads, strict=True)
    )


def _others(digits: tuple[str, ...], stands: set[str]) -> str:
    rest = [finger for finger in LONG_FINGERS if finger not in digits]
    return STRETCHED if not rest or 2 * len(stands & set(rest)) >= len(rest) else FOLDED


def _opening(shape: Handshape, kind: str) -> float:
    open_thumb = bool({"open", "out"} & set(shape.thumb))
    if kind == "closed":
        return {"small": 0.25, "large": 0.8}.get(shape.size or "", _PINCH_OPEN) if open_thumb else 0.0
    return _OPENINGS.get(shape.size or "", 1.0) + (0.25 if open_thumb else 0.0)


def _curl(names: tuple[str, ...]) -> Array | None:
    """(3,) degrees, None for folded."""
    return None if names == (FOLDED,) else np.mean([CURLS[name] for name in names], axis=0)


def _fist_curl(bend: tuple[str, ...]) -> Array:
    """A fist with a bend mark: the fingers are folded in that way instead (flat fist, claw, loose fist ...)."""
    fists = {
        "straight": (84, 30, 10),
        "bend": (60, 75, 40),
        "hook": CURLS["doublehooked"],
        "doublebent": (84, 100, 8),
        "doublehooked": CURLS["doublehooked"],
    }
    return np.mean([fists[name] for name in bend], axis=0)


def _spreads(shape: Handshape, standing: list[str], fan: bool = False) -> list[float]:
    fanned = fan or shape.base in ("finger2345", "finger23spread")
    if not fanned:
        wider = {"large": 4.0, "verylarge": 7.0}.get(shape.size or "", 0.0)
        return [s + wider * (1.5 - k) for k, s in enumerate(_TOGETHER)]
    row = _TWO_APART if standing == ["index", "middle"] else _APART
    scale = _SPREADS.get(shape.size or "", 1.0)
    return [row[k] * scale if finger in standing else _TOGETHER[k] for k, finger in enumerate(LONG_FINGERS)]


def _thumb_goal(thumb: str, mask: str, shape: Handshape) -> Goal:
    kind = {"": "side"}.get(thumb, thumb)
    hooked = {"hook", "doublehooked"} & set(shape.bend)
    if kind == "across" and hooked and (mask == "1111" or shape.base == "fist"):
        return Goal("across", "1111", detail=("hooked",))
    return Goal(kind, mask)


def _special(shape: Handshape, mask: str, names: dict[str, tuple[str, ...]]) -> tuple[Goal, ...]:
    """The thumb's goal where single fingers tell it: between, enclosed, touching a part of a finger."""
    for f in shape.fingers:
        fingers = tuple(digit for digit in f.digits if digit != "thumb")
        if f.between:
            if len(fingers) == 2:
                first = min(min(LONG_FINGERS.index(finger) for finger in fingers), len(LONG_FINGERS) - 2)
                return (Goal("between", mask, LONG_FINGERS[first : first + 2], (mask[first : first + 2],)),)
            return (Goal("enclosed", mask),)
        if _touches(f) and fingers:
            bend = names.get(fingers[0]) or (STRETCHED if mask[LONG_FINGERS.index(fingers[0])] == "1" else FOLDED,)
            return (Goal("touch", mask, fingers[:1], (f.part or "pad", bend[0])),)
    return ()


def _touches(f: FingerShape) -> bool:
    """Whether a contact is one of the thumb: it is named, or only one digit is (the thumb goes without saying)."""
    return (
        (bool(f.contacts) or f.part is not None)
        and "cross" not in f.contacts
        and ("thumb" in f.digits or len(f.digits) == 1)
    )


def _crossing(shape: Handshape) -> tuple[str, str] | None:
    for f in shape.fingers:
        pair = tuple(digit for digit in f.digits if digit != "thumb")
        if (
            "cross" in f.contacts
            and len(pair) == 2
            and abs(LONG_FINGERS.index(pair[0]) - LONG_FINGERS.index(pair[1])) == 1
        ):
            return pair[0], pair[1]
    return None


def _angles(plan: Plan) -> Array:
    angles = np.zeros(22)
    _lay(angles, _row("fold"))
    _lay(angles, {finger: np.array(row) for finger, row in zip(LONG_FINGERS, plan.fingers, strict=True) if row})
    if plan.crossed:
        _lay(angles, _row(f"cross {plan.crossed[0]} {plan.crossed[1]}"))
    solved = [_goal_angles(angles, goal) for goal in plan.goals]
    return np.mean(solved, axis=0)


def _goal_angles(angles: Array, goal: Goal) -> Array:
    if goal.kind != "pinch":
        return _lay(angles.copy(), _row(goal.key()))
    closed = _lay(angles.copy(), _row(goal.key("closed")))
    if goal.opening == 0:
        return closed
    return closed + goal.opening * (_lay(angles.copy(), _row(goal.key("cee"))) - closed)


def _lay(angles: Array, row: dict[str, Array]) -> Array:
    for digit, values in row.items():
        at = THUMB if digit == "thumb" else slice(4 * LONG_FINGERS.index(digit), 4 * LONG_FINGERS.index(digit) + 4)
        angles[at] = values
    return angles


@lru_cache(maxsize=1)
def solved() -> dict[str, dict[str, Array]]:
    """The table: goal -> digit -> its solved angles in degrees."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {key: {digit: np.array(row, dtype=np.float64) for digit, row in rows.items()} for key, rows in table.items()}


def _row(key: str) -> dict[str, Array]:
    row = solved().get(key)
    if row is None:
        raise SignError(
            f'The handshape needs the thumb goal "{key}", which is not in the table; '
            "run `python -m train.solve_handshapes`."
        )
    return row
