"""python -m train.solve_handshapes: finds the joint angles of every shape in which hand parts touch.

Writes sign_models/hamnosys/hand/handshapes.toml. Each goal of a thumb (or crossed pair of fingers) is a small
least-squares problem on the open body's own hand: named spots of the skin come together, skin faces skin, nothing lies
inside anything else, joints stay inside their limits and near a natural posture.
"""

import argparse
import itertools
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import differential_evolution, least_squares

from sign_models.hamnosys.hand import handshapes
from sign_models.hamnosys.hand.handshapes import CURLS, FOLDED, STRETCHED, Goal
from sign_models.hamnosys.hand.measure import DIGITS, Spot, overlaps, skin_depth, spot_index, spots_at
from sign_models.hamnosys.hand.model import LIMITS, LONG_FINGERS, THUMB, chain, hand_model, pose_of

Array = NDArray[np.float64]

OUT = Path(handshapes.__file__).with_name("handshapes.toml")
MASKS = ["".join(bits) for bits in itertools.product("01", repeat=4)]
_MM = 1e-3
_POINTING = 10.0
_SIDE_BY_SIDE = (-5.0, 0.0, 4.0, 8.0)


@dataclass(frozen=True)
class Touch:
    """Two spots that come ``gap`` metres near each other; facing: how much their skins must face (0: any way)."""

    one: Spot
    other: Spot
    gap: float = 0.0
    facing: float = 3.0
    weight: float = 1.0


@dataclass(frozen=True)
class Problem:
    """angles: (22,) the posture to stay near. free: digits that may move. touches: what has to meet.

    starts: further thumbs to start the search from. loose: degrees a free finger strays for one unit of cost.
    straight: the free fingers bend at the knuckle alone. point: where the thumb's last bone should point, in the hand
        at rest (-x to the fingers, -z to the little finger).
    """

    key: str
    angles: Array
    free: tuple[str, ...]
    touches: tuple[Touch, ...] = ()
    starts: tuple[tuple[float, ...], ...] = ()
    loose: float = 8.0
    thumb_loose: float = 18.0
    spread_loose: float = 4.0
    straight: bool = False
    point: tuple[float, float, float] | None = None


def _slice(digit: str) -> slice:
    if digit == "thumb":
        return THUMB
    at = 4 * LONG_FINGERS.index(digit)
    return slice(at, at + 4)


def solve(problem: Problem) -> tuple[Array, float]:
    """The best angles (22,) and their cost."""
    chosen = np.concatenate([np.arange(22)[_slice(digit)] for digit in problem.free])
    low, high = LIMITS[chosen, 0] + 0.5, LIMITS[chosen, 1] - 0.5
    ends = np.array([[spot_index(t.one), spot_index(t.other)] for t in problem.touches], dtype=np.intp).reshape(-1, 2)
    scale = np.where(chosen >= THUMB.start, problem.thumb_loose, problem.loose)
    scale = np.where(
        (chosen < THUMB.start) & (chosen % 4 == 1), problem.spread_loose, scale
    )  # fingers hardly part on the way
    scale = np.where(chosen == THUMB.start + 4, 6.0, scale)
    if problem.straight:
        scale = np.where((chosen < THUMB.start) & (chosen % 4 > 1), 3.0, scale)

    def residuals(values: Array) -> Array:
        angles = problem.angles.copy()
        angles[chosen] = values
        pose = pose_of(angles)
        parts = [(values - problem.angles[chosen]) / scale, overlaps(pose) / (0.6 * _MM)]
        if len(ends):
            places, facing = spots_at(pose, ends.ravel())
            a, b = places.reshape(-1, 2, 3).swapaxes(0, 1)
            n, m = facing.reshape(-1, 2, 3).swapaxes(0, 1)
            for k, touch in enumerate(problem.touches):
                if touch.gap:
                    # Apart by the gap, straight before the pad: both pads look at each other.
                    parts.append(touch.weight * (b[k] - a[k] - touch.gap * (n[k] - m[k]) / 2) / (3 * _MM))
                else:
                    parts.append(touch.weight * (b[k] - a[k]) / _MM)
                parts.append(touch.facing * (n[k] + m[k]))
        if problem.point is not None:
            bone = chain(pose)[0][15] @ hand_model().axes[14, 2]
            parts.append(_POINTING * (bone - np.array(problem.point) / np.linalg.norm(problem.point)))
        return np.concatenate(parts)

    best: tuple[Array, float] | None = None
    for start in (None, *problem.starts):
        first = problem.angles.copy()
        if start is not None:
            first[THUMB] = start
        found = least_squares(residuals, np.clip(first[chosen], low + 1, high - 1), bounds=(low, high), max_nfev=60)
        if best is None or found.cost < best[1]:
            angles = problem.angles.copy()
            angles[chosen] = found.x
            best = angles, float(found.cost)
    assert best is not None
    return best


def posture(mask: str, thumb: tuple[float, ...], folded: tuple[float, float, float] | None = None) -> Array:
    """(22,) the fingers of a mask stretched, the others folded (``folded`` or as a fist is), and a thumb."""
    angles = np.zeros(22)
    fist = _fist() if folded is None else np.tile([folded[0], 0.0, *folded[1:]], (4, 1))
    for k, on in enumerate(mask):
        knuckle, middle, end = CURLS[STRETCHED]
        angles[4 * k : 4 * k + 4] = (knuckle, _SIDE_BY_SIDE[k], middle, end) if on == "1" else fist[k]
        if folded is not None:
            angles[4 * k + 1] = _SIDE_BY_SIDE[k]
    angles[THUMB] = thumb
    return angles


@lru_cache(maxsize=1)
def _fist() -> Array:
    """(4, 4) angles of the folded fingers."""
    return solve(fold())[0][: THUMB.start].reshape(4, 4)


# Natural thumbs (radial, palmar, turn, knuckle, sway, end) to start from.
BESIDE = (22.0, 14.0, -8.0, 4.0, 0.0, 4.0)
BESIDE_FIST = (26.0, 26.0, -8.0, 6.0, 0.0, 6.0)
OUT_THUMB = (58.0, 10.0, -12.0, 0.0, 0.0, -14.0)
OPEN = (22.0, 52.0, 22.0, 8.0, 0.0, 2.0)
ACROSS_FIST = (12.0, 58.0, 4.0, 18.0, 0.0, 58.0)
ACROSS_PALM = (8.0, 38.0, 38.0, 42.0, 0.0, 40.0)
PINCHING = (18.0, 50.0, 28.0, 18.0, 0.0, 22.0)


def fold() -> Problem:
    """A fist: every fingertip rests on the palm, neighbours lie against each other."""
    angles = posture("0000", OUT_THUMB, CURLS[FOLDED])
    touches = tuple(
        Touch(Spot(finger, 2, 0.8, "pad"), Spot(finger, -1, 0.76, "pad"), facing=0.0, weight=0.15)
        for finger in LONG_FINGERS
    )
    return Problem("fold", angles, LONG_FINGERS, touches, loose=6.0)


_CROSSING = tuple((15.0, 55.0, turn, 40.0, 0.0, 40.0) for turn in (-40.0, -20.0, 20.0, 40.0))
"""Thumbs to start from on the way across: how far the bone is turned about itself decides which way it bends."""


def side(mask: str) -> Problem:
    key = Goal("side", mask).key()
    if mask[0] == "1":
        touch = Touch(Spot("thumb", 2, 0.3, "pinky_side"), Spot("index", 0, 0.5, "thumb_side"), facing=1.0, weight=0.3)
        return Problem(key, posture(mask, BESIDE), ("thumb",), (touch,), thumb_loose=8.0)
    touch = Touch(Spot("thumb", 2, 0.3, "pinky_side"), Spot("index", 1, 0.25, "thumb_side"), facing=2.0)
    return Problem(key, posture(mask, BESIDE_FIST), ("thumb",), (touch,))


def across(mask: str) -> Problem:
    key = Goal("across", mask).key()
    folded = [finger for finger, on in zip(LONG_FINGERS, mask, strict=True) if on == "0"]
    if not folded:
        touch = Touch(Spot("thumb", 2, 0.6, "pad"), Spot("ring", -1, 0.82, "pad"), facing=2.0)
        return Problem(key, posture(mask, ACROSS_PALM), ("thumb",), (touch,), (ACROSS_FIST,))
    if folded[0] == "index" and len(folded) > 1 and folded[1] == "middle":
        target, point = Spot("middle", 1, 0.8, "back"), (-0.35, -0.05, -0.93)
    elif folded[0] == "index":
        target, point = Spot("index", 1, 0.6, "back"), (-0.6, -0.3, -0.7)
    elif folded[0] == "pinky":
        target, point = Spot("pinky", 1, 0.7, "back"), None
    else:
        target, point = Spot(folded[0], 1, 0.5, "back"), (-0.6, -0.25, -0.75)
    touch = Touch(Spot("thumb", 2, 0.55, "pad"), target, facing=2.5)
    return Problem(key, posture(mask, ACROSS_FIST), ("thumb",), (touch,), _CROSSING, point=point)


def across_hooked() -> Problem:
    """ASL E: the fingertips rest along the thumb's edge, which lies across the palm below them."""
    angles = posture("0000", ACROSS_PALM, CURLS["doublehooked"])
    touches = (
        Touch(Spot("index", 2, 1.0, "tip"), Spot("thumb", 1, 0.75, "pinky_side"), facing=0.0, weight=0.5),
        Touch(Spot("middle", 2, 1.0, "tip"), Spot("thumb", 2, 0.25, "pinky_side"), facing=0.0, weight=0.5),
        Touch(Spot("ring", 2, 1.0, "tip"), Spot("thumb", 2, 0.8, "pinky_side"), facing=0.0, weight=0.5),
        Touch(Spot("pinky", 2, 1.0, "tip"), Spot("thumb", 2, 1.0, "tip"), facing=0.0, weight=0.15),
    )
    key = Goal("across", "1111", detail=("hooked",)).key()
    return Problem(key, angles, ("thumb", *LONG_FINGERS), touches, (ACROSS_FIST,))


def plain(kind: str, mask: str) -> Problem:
    thumb = {"out": OUT_THUMB, "open": OPEN}[kind]
    return Problem(Goal(kind, mask).key(), posture(mask, thumb), ("thumb",))


def enclosed(mask: str) -> Problem:
    angles = posture(mask, (4.0, 34.0, 30.0, 40.0, 0.0, 30.0), (74.0, 88.0, 45.0))
    folded = tuple(finger for finger, on in zip(LONG_FINGERS, mask, strict=True) if on == "0")
    touch = Touch(Spot("thumb", 2, 0.6, "pad"), Spot("middle", -1, 0.85, "pad"), facing=1.0, weight=0.4)
    return Problem(Goal("enclosed", mask).key(), angles, ("thumb", *folded), (touch,), loose=5.0)


def between(first: int, states: str) -> Problem:
    """The thumb's end comes through between two neighbours (T, N, M when they are folded, K when they stand)."""
    pair = LONG_FINGERS[first : first + 2]
    key = Goal("between", "", pair, (states,)).key()
    if states == "00":
        over = LONG_FINGERS[: first + 1]
        angles = posture("0000", _TUCKED[first], (72.0, 80.0, 32.0))
        angles[4 * (first + 1) : 16] = posture("0000", OPEN)[4 * (first + 1) : 16]
        touches = (
            Touch(Spot("thumb", 2, 0.35, "back"), Spot(pair[0], 2, 0.3, "pad"), facing=0.5, weight=0.4),
            Touch(Spot("thumb", 2, 0.75, "pinky_side"), Spot(pair[1], 1, 0.2, "thumb_side"), facing=0.5, weight=0.7),
        )
        point = ((-0.85, -0.2, -0.45), (-0.7, -0.2, -0.65), (-0.5, -0.15, -0.85))[first]
        return Problem(key, angles, ("thumb", *over), touches, (OPEN, PINCHING), loose=12.0, point=point)
    mask = "1" * first + states + "0" * (2 - first)
    angles = posture(mask, OPEN)
    angles[4 * first + 1] += 8.0
    angles[4 * first + 5] -= 8.0
    if states == "11":
        touch = Touch(Spot("thumb", 2, 0.9, "pad"), Spot(pair[1], 0, 0.4, "pad"), facing=0.5)
    else:
        touch = Touch(Spot("thumb", 2, 0.75, "pad"), Spot(pair[1], 0, 0.6, "thumb_side"), facing=0.5)
    return Problem(key, angles, ("thumb",), (touch,), (PINCHING, BESIDE_FIST))


_TUCKED = ((10.0, 34.0, 4.0, 16.0, 0.0, 12.0), (4.0, 38.0, 8.0, 34.0, 0.0, 18.0), (0.0, 40.0, 8.0, 46.0, 0.0, 24.0))
"""Thumbs to start from under one, two or three fingers."""

_PARTS = {
    "tip": (2, 1.0, "tip"),
    "pad": (2, 0.6, "pad"),
    "nail": (2, 0.75, "back"),
    "midjoint": (1, 0.05, "thumb_side"),
    "base": (0, 0.25, "pad"),
    "side": (1, 0.5, "thumb_side"),
}


def touch(digit: str, part: str, bend: str) -> Problem:
    place = LONG_FINGERS.index(digit)
    angles = posture("1" * place + "0" * (4 - place), PINCHING)
    knuckle, middle, end = CURLS[bend]
    if bend == "straight" and part in ("midjoint", "side", "base"):
        knuckle = 58.0  # K: the finger stands half forward, else the thumb cannot lie against it
    if bend != FOLDED:
        angles[4 * place : 4 * place + 4] = knuckle, 0.0, middle, end
    bone, along, face = _PARTS[part]
    if bend == FOLDED and part in ("pad", "tip", "side", "midjoint"):
        face = "back" if part != "midjoint" else face
    meet = Touch(Spot("thumb", 2, 0.7, "pad"), Spot(digit, bone, along, face), facing=1.5)
    free = ("thumb", digit) if bend != FOLDED else ("thumb",)
    key = Goal("touch", "", (digit,), (part, bend)).key()
    return Problem(key, angles, free, (meet,), (OPEN, ACROSS_FIST, ACROSS_PALM), loose=14.0)


_ROUND = {0: (48.0, 48.0, 28.0), 1: (28.0, 38.0, 22.0)}
_FLAT = {0: (62.0, 8.0, 5.0), 1: (40.0, 6.0, 4.0)}


def pinch(digits: tuple[str, ...], style: str, others: str, opening: str) -> Problem:
    """The pads of thumb and fingers meet (closed) or face each other across a gap (cee)."""
    wide = opening == "cee"
    rest = "".join("0" if finger in digits or others == FOLDED else "1" for finger in LONG_FINGERS)
    curl = (_FLAT if style == "flat" else _ROUND)[int(wide)]
    thumb = (18.0, 50.0, 28.0, *((6.0, 0.0, 4.0) if style == "flat" else (16.0, 0.0, 24.0)))
    angles = posture(rest, thumb)
    for finger in digits:
        angles[_slice(finger)] = (
            curl[0],
            _SIDE_BY_SIDE[LONG_FINGERS.index(finger)] * (1 if len(digits) > 1 else 0),
            *curl[1:],
        )
    gap = 0.05 if wide else 0.0
    lead = "middle" if {"index", "middle", "ring"} <= set(digits) else digits[0]
    touches = [Touch(Spot("thumb", 2, 0.72, "pad"), Spot(lead, 2, 0.7, "pad"), gap, 2.5)]
    for one, other in itertools.pairwise(digits):  # the other fingertips lie beside the one that meets the thumb
        if LONG_FINGERS.index(other) - LONG_FINGERS.index(one) == 1:
            along = 0.5 if other != "pinky" else 0.75
            touches.append(Touch(Spot(one, 2, 0.5, "pinky_side"), Spot(other, 2, along, "thumb_side"), 0.0, 0.5, 0.3))
        else:
            touches.append(Touch(Spot("thumb", 2, 0.72, "pad"), Spot(other, 2, 0.7, "pad"), gap, 0.5, 0.8))
    free = ("thumb", *digits)
    key = Goal("pinch", "", digits, (style, others)).key(opening)
    return Problem(key, angles, free, tuple(touches), (OPEN, ACROSS_FIST), loose=8.0, straight=style == "flat")


_CROSS_NATURAL = np.array([0.0, 14.0, 24.0, 12.0, 18.0, -14.0, 5.0, 3.0])
_CROSS_SCALE = np.array([12.0, 9.0, 14.0, 8.0, 12.0, 9.0, 8.0, 6.0])


def cross(top: str, under: str) -> Problem:
    """One stretched finger lies over the back of its neighbour: found by chance and selection, since every way from
    side by side to crossed leads through the fingers."""
    towards = 1.0 if LONG_FINGERS.index(top) > LONG_FINGERS.index(under) else -1.0
    mirror = np.array([1, towards, 1, 1, 1, towards, 1, 1])
    digits = [DIGITS.index(top), DIGITS.index(under)]
    ends = np.array([spot_index(Spot(finger, 2, 1.0, "tip")) for finger in (top, under)])
    angles = posture("1111", OUT_THUMB)

    def cost(values: Array) -> float:
        angles[_slice(top)], angles[_slice(under)] = values[:4], values[4:]
        pose = pose_of(angles)
        deep = overlaps(pose).reshape(len(DIGITS), -1)[digits] / _MM
        ahead = towards * np.diff(spots_at(pose, ends)[0][::-1, 2])[0] / _MM  # how far past its neighbour's tip
        natural = (values - _CROSS_NATURAL * mirror) / _CROSS_SCALE
        return float(np.square(deep).sum() + max(0.0, 9.0 - ahead) ** 2 + np.square(natural).sum())

    bounds = LIMITS[np.r_[_slice(top), _slice(under)]] * 0.98
    found = differential_evolution(cost, bounds, maxiter=30, popsize=10, seed=1, x0=_CROSS_NATURAL * mirror)
    angles[_slice(top)], angles[_slice(under)] = found.x[:4], found.x[4:]
    return Problem(f"cross {top} {under}", angles.copy(), (top, under), loose=0.01, spread_loose=0.01)


def problems(only: str = "") -> Iterator[Problem]:
    """Every row of the table whose name holds ``only``."""
    yield from (problem for problem in _thumb_problems() if only in problem.key)
    for a, b in [*itertools.pairwise(LONG_FINGERS), *itertools.pairwise(reversed(LONG_FINGERS))]:
        if only in f"cross {a} {b}":
            yield cross(a, b)


def _thumb_problems() -> Iterator[Problem]:
    yield fold()
    for mask in MASKS:
        yield side(mask)
        yield across(mask)
        yield plain("out", mask)
        yield plain("open", mask)
        yield enclosed(mask)
    yield across_hooked()
    for first, states in itertools.product(range(3), ("00", "01", "10", "11")):
        yield between(first, states)
    for digit, part, bend in itertools.product(LONG_FINGERS, _PARTS, CURLS):
        yield touch(digit, part, bend)
    for count in (1, 2, 3, 4):
        for digits in itertools.combinations(LONG_FINGERS, count):
            for style, others, opening in itertools.product(("round", "flat"), (STRETCHED, FOLDED), ("closed", "cee")):
                if count < 4 or others == STRETCHED:
                    yield pinch(digits, style, others, opening)


def _report(problem: Problem, angles: Array, cost: float) -> str:
    pose = pose_of(angles)
    far = []
    for t in problem.touches:
        a, b = spots_at(pose, np.array([spot_index(t.one), spot_index(t.other)]))[0]
        far.append(f"{np.linalg.norm(a - b) / _MM:.1f}")
    deep = {"-".join(pair): round(d / _MM, 1) for pair, d in skin_depth(pose).items() if d > 4 * _MM}
    return f"{problem.key:44s} cost {cost:6.1f}  apart {' '.join(far):20s} deep {deep or ''}"


def _solve_one(problem: Problem) -> tuple[Problem, Array, float]:
    return (problem, *solve(problem))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m train.solve_handshapes", description=__doc__)
    parser.add_argument("--only", default="", help="solve only rows whose name holds this; the others stay as they are")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    table = {key: rows for key, rows in handshapes.solved().items()} if OUT.exists() and options.only else {}
    chosen = list(problems(options.only))
    with ProcessPoolExecutor(options.workers) as pool:
        for problem, angles, cost in pool.map(_solve_one, chosen, chunksize=4):
            print(_report(problem, angles, cost), flush=True)
            table[problem.key] = {digit: angles[_slice(digit)] for digit in problem.free}
    lines = ["# Written by `python -m train.solve_handshapes`: degrees of the solved joints, see hand_model.ANGLES.\n"]
    for key, rows in table.items():
        lines.append(f'["{key}"]')
        lines += [f"{digit} = [{', '.join(f'{v:.1f}' for v in row)}]" for digit, row in rows.items()]
        lines.append("")
    OUT.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
