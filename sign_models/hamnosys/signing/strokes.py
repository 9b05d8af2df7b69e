"""Strokes: a stretch of time in which each hand goes along a path; and how strokes are repeated, joined and sampled."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.signing.movement import STEPS, Effect, U, progress
from sign_models.hamnosys.signing.placement import HandState
from sign_models.hamnosys.smoothing import to_matrix
from sign_models.skeleton import HANDS
from sign_models.types import FPS

Array = NDArray[np.float64]

HEEL = 0.045
"""Metres from the wrist along the hand to the point that stays where it is when only the orientation changes."""

_MOVED = 1e-4
"""Metres a step below which a hand stands still."""
_MOST_TURN = 1.4
"""Radians that a hand turns with its way at most: the arm goes no farther."""

SHARED = 0.1
"""Metres behind the wrist about which wrist movements turn the hand."""


@dataclass(frozen=True)
class Path:
    """One hand along its way: wrists (STEPS, 3), palms (STEPS, 3, 3), fingers (STEPS, 15, 3)."""

    wrists: Array
    palms: Array
    fingers: Array

    def state(self, index: int) -> HandState:
        return HandState(self.wrists[index], self.palms[index], self.fingers[index])

    def backwards(self) -> "Path":
        return Path(self.wrists[::-1], self.palms[::-1], self.fingers[::-1])

    def moved(self, shift: Array) -> "Path":
        """Shifted by (3,) or (STEPS, 3) metres."""
        return replace(self, wrists=self.wrists + shift)


@dataclass(frozen=True)
class Stroke:
    """paths: (left, right). manner: see ``sign.Movement``; cruising: at even speed between start and stop."""

    seconds: float
    paths: tuple[Path, Path]
    manner: tuple[str, ...] = ()
    cruising: bool = False


def still(state: HandState) -> Path:
    """A hand that does not move."""
    return Path(
        np.repeat(state.wrist[None], STEPS, 0),
        np.repeat(state.palm[None], STEPS, 0),
        np.repeat(state.fingers[None], STEPS, 0),
    )


def between(start: HandState, end: HandState, side: str, pivot: float = 0.0) -> Path:
    """The direct way of a point ``pivot`` metres from the wrist along the hand (behind it when negative)."""
    palms = start.palm @ to_matrix(U[:, None] * _turn(start.palm, end.palm, side))
    offset = np.array([pivot if side == "left" else -pivot, 0, 0])
    first, last = start.wrist + start.palm @ offset, end.wrist + end.palm @ offset
    wrists = first + U[:, None] * (last - first) - palms @ offset
    fingers = start.fingers + U[:, None, None] * (end.fingers - start.fingers)
    return Path(wrists, palms, fingers)


_HALF_TURN = 2.5
"""Radians from which on a turn may as well go the other way round."""


def _turn(start: Array, end: Array, side: str) -> Array:
    """(3,) axis-angle from one palm to another: the shorter way.

    About half a turn could go either way round: it goes as a forearm does: by the thumb upwards, else by the palm to
    oneself, else by the palm to the middle.
    """
    turn = Rotation.from_matrix(start.T @ end).as_rotvec()
    angle = float(np.linalg.norm(turn))
    if angle < _HALF_TURN:
        return np.asarray(turn)
    ways = [turn, turn * (1 - 2 * np.pi / angle)]
    halfway = [start @ to_matrix(way / 2) for way in ways]
    # Columns of a hand's rotation: minus its second is where the palm looks, its third is the thumb's side.
    middle = 1.0 if side == "left" else -1.0
    comfort = [float(turned[1, 2] + 0.5 * turned[2, 1] + 0.3 * middle * turned[0, 1]) for turned in halfway]
    return ways[int(np.argmax(comfort))]


def with_effect(path: Path, effect: Effect, side: str, tied: bool) -> Path:
    """A way with a movement on top. tied: its end is fixed: only what the movement adds to the straight way counts.

    The forearm shares in what the wrist does: the hand turns about a point behind the wrist.
    """
    shift = effect.shift - U[:, None] * effect.shift[-1] if tied else effect.shift
    palms = path.palms @ to_matrix(effect.turn)
    behind = np.array([SHARED if side == "left" else -SHARED, 0, 0])
    return Path(path.wrists + shift + (palms - path.palms) @ behind, palms, path.fingers + effect.bend)


def turned_along(path: Path) -> Path:
    """The same way with a hand that turns as the way does: in a curve it keeps facing along it."""
    steps = np.gradient(path.wrists, axis=0)
    length = np.linalg.norm(steps, axis=1, keepdims=True)
    if length.max() < _MOVED:
        return path
    ways = steps / np.maximum(length, 1e-9)
    turn, turns = Rotation.identity(), []
    for before, after in zip(np.concatenate([ways[:1], ways[:-1]]), ways, strict=True):
        across = np.cross(before, after)
        sine = float(np.linalg.norm(across))
        turn = Rotation.from_rotvec(across / max(sine, 1e-9) * np.arctan2(sine, before @ after)) * turn
        turns.append(turn.as_rotvec())
    angles = np.linalg.norm(turns, axis=1, keepdims=True)
    bounded = np.array(turns) * (_MOST_TURN * np.tanh(angles / _MOST_TURN) / np.maximum(angles, 1e-9))
    return replace(path, palms=to_matrix(bounded) @ path.palms)


def apart_seconds(start: HandState, end: HandState) -> float:
    """How long a hand needs to get from one posture to another, unhurried."""
    way = float(np.linalg.norm(end.wrist - start.wrist))
    turn = float(np.linalg.norm(Rotation.from_matrix(start.palm.T @ end.palm).as_rotvec()))
    bend = float(np.abs(end.fingers - start.fingers).max())
    return max(0.2 + 0.9 * way, 0.16 + 0.13 * turn, 0.16 + 0.05 * bend)


def back(strokes: list[Stroke], lift: Array | None = None) -> list[Stroke]:
    """The quick way back from the end of strokes to their start; none for those that end where they began."""
    first, last = strokes[0].paths, strokes[-1].paths
    if not any(_apart(a.state(0), b.state(-1)) for a, b in zip(first, last, strict=True)):
        return []
    ways = [between(b.state(-1), a.state(0), side) for side, a, b in zip(HANDS, first, last, strict=True)]
    if lift is not None:
        ways = [way.moved(np.sin(np.pi * U)[:, None] * lift) for way in ways]
    seconds = 0.75 * max(apart_seconds(way.state(0), way.state(-1)) for way in ways)
    return [Stroke(seconds, (ways[0], ways[1]))]


def joined(strokes: list[Stroke]) -> list[Stroke]:
    """Strokes with a way put in wherever one does not begin where the one before ended."""
    whole = strokes[:1]
    for stroke in strokes[1:]:
        here, there = whole[-1].paths, stroke.paths
        starts = [(a.state(-1), b.state(0)) for a, b in zip(here, there, strict=True)]
        if any(_apart(a, b) for a, b in starts):
            ways = [between(a, b, side) for side, (a, b) in zip(HANDS, starts, strict=True)]
            whole.append(Stroke(max(apart_seconds(a, b) for a, b in starts), (ways[0], ways[1])))
        whole.append(stroke)
    return whole


def _apart(a: HandState, b: HandState) -> bool:
    pairs = ((a.wrist, b.wrist, 0.004), (a.palm, b.palm, 0.05), (a.fingers, b.fingers, 0.05))
    return any(float(np.abs(one - other).max()) > limit for one, other, limit in pairs)


def held(stroke: Stroke, index: int, seconds: float) -> Stroke:
    """Both hands kept for a while as they are at the start (0) or the end (-1) of a stroke."""
    return Stroke(seconds, (still(stroke.paths[0].state(index)), still(stroke.paths[1].state(index))))


def reversed_strokes(strokes: list[Stroke]) -> list[Stroke]:
    """The same way backwards."""
    return [replace(s, paths=(s.paths[0].backwards(), s.paths[1].backwards())) for s in reversed(strokes)]


def fused(strokes: list[Stroke]) -> list[Stroke]:
    """One smooth stroke out of several: no stop at the joints, corners rounded."""
    if len(strokes) < 2:
        return strokes
    seconds = sum(s.seconds for s in strokes)
    edges = np.cumsum([0.0] + [s.seconds for s in strokes]) / seconds
    paths = []
    for h in range(2):
        which = np.minimum(np.searchsorted(edges, U, side="right") - 1, len(strokes) - 1)
        share = (U - edges[which]) / (edges[which + 1] - edges[which])
        index = np.clip(np.round(share * (STEPS - 1)).astype(int), 0, STEPS - 1)
        wrists = np.stack([strokes[w].paths[h].wrists[i] for w, i in zip(which, index, strict=True)])
        palms = np.stack([strokes[w].paths[h].palms[i] for w, i in zip(which, index, strict=True)])
        fingers = np.stack([strokes[w].paths[h].fingers[i] for w, i in zip(which, index, strict=True)])
        paths.append(Path(_rounded(wrists), _orthonormal(_rounded(palms)), _rounded(fingers)))
    manner = tuple(mark for s in strokes for mark in s.manner)
    return [Stroke(0.85 * seconds, (paths[0], paths[1]), manner, cruising=True)]


def _rounded(values: Array) -> Array:
    """Corners smoothed over an eighth of the way; both ends stay."""
    smooth = gaussian_filter1d(values, STEPS / 16, axis=0, mode="nearest")
    weight = np.minimum(1, np.minimum(U, 1 - U) * 6).reshape(-1, *([1] * (values.ndim - 1)))
    rounded: Array = values + weight * (smooth - values)
    return rounded


def _orthonormal(matrices: Array) -> Array:
    u, _, v = np.linalg.svd(matrices)
    return u @ v


def sample(strokes: list[Stroke], figure: Figure, fps: float = FPS) -> tuple[Array, Array, Array]:
    """Strokes one after the other -> wrists (t, h, 3), palms (t, h, 3, 3), fingers (t, h, 15, 3)."""
    edges = np.cumsum([0.0] + [s.seconds for s in strokes])
    times = np.arange(round(edges[-1] * fps) + 1) / fps
    which = np.minimum(np.searchsorted(edges, times, side="right") - 1, len(strokes) - 1)
    t = len(times)
    wrists, palms, fingers = np.zeros((t, 2, 3)), np.zeros((t, 2, 3, 3)), np.zeros((t, 2, 15, 3))
    for s, stroke in enumerate(strokes):
        mine = np.flatnonzero(which == s)
        if not len(mine):
            continue
        tau = (times[mine] - edges[s]) / stroke.seconds
        place = progress(tau, stroke.manner, stroke.cruising) * (STEPS - 1)
        low = np.minimum(place.astype(int), STEPS - 2)
        share = place - low
        for h, path in enumerate(stroke.paths):
            wrists[mine, h] = _mix(path.wrists, low, share)
            fingers[mine, h] = _mix(path.fingers, low, share)
            palms[mine, h] = _orthonormal(_mix(path.palms, low, share))
    return wrists, palms, fingers


def _mix(values: Array, low: NDArray[np.intp], share: Array) -> Array:
    weight = share.reshape(-1, *([1] * (values.ndim - 1)))
    mixed: Array = values[low] * (1 - weight) + values[low + 1] * weight
    return mixed
