"""Stations laid out in time, and the lanes (each hand, head, face) filled between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sign_models.dictionary.motion.bridges import bridge, bridge_turn
from sign_models.dictionary.motion.stations import Station, still
from sign_models.hamnosys.arm.posture import ready_posture
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.smoothing import to_axis_angle
from sign_models.hamnosys.track import Track
from sign_models.types import FPS

Array = NDArray[np.float64]

SHORTEST, LONGEST = 0.16, 0.6
"""Seconds of a movement between two signs at tempo 1."""
SHORTEST_FLOW = 0.12
"""Seconds between two letters."""
START = 0.1
PER_METRE, PER_TURN, PER_BEND = 0.62, 0.13, 0.09
"""Seconds for a metre of way, a radian of turn, a radian of the most moving finger joint; the slowest one counts."""

PATIENCE = 1.5
"""Seconds a hand with nothing to do stays up (drifting to its next place) before it is taken down."""
LAZY = 1.5
"""A hand that goes to wait moves this much slower."""
FINGERS_DONE = 0.8
"""Share of the way at which the next handshape stands."""
_STILL_FINGERS = 0.02
"""Radians a frame below which a handshape counts as standing."""


@dataclass(frozen=True)
class Placed:
    """A station with its first frame."""

    station: Station
    start: int

    @property
    def end(self) -> int:
        """First frame after the track, before the hold."""
        return self.start + len(self.station.track)

    @property
    def free(self) -> int:
        """First frame after the hold."""
        return self.end + self.station.hold


@dataclass(frozen=True)
class Gap:
    """Frames ``start`` to ``end`` (exclusive) in which hand ``hand`` is between two blocks."""

    hand: int
    start: int
    end: int


def lay_out(
    stations: Sequence[Station],
    tempo: float,
    more: Mapping[int, int] | None = None,
    wait: Callable[[int], int] | None = None,
) -> list[Placed]:
    """Start frames: each gap is as long as the slowest hand needs, less what an idle hand had before.

    more: frames to add before some stations, by their number. wait: frames to add before the station that could begin
    at the frame it is told.
    """
    placed = [Placed(stations[0], 0)]
    left_at = [(stations[0].track, placed[0].free)] * 2
    for number, station in enumerate(stations[1:], 1):
        last = placed[-1]
        flow = station.letter and last.station.letter and station.label is last.station.label
        needed = 2
        for h in range(2):
            if station.uses[h]:
                track, since = left_at[h]
                frames = travel_frames(track, station.track, h, tempo, SHORTEST_FLOW if flow else SHORTEST)
                needed = max(needed, frames - (last.free - since))
        start = last.free + needed + (more or {}).get(number, 0)
        here = Placed(station, start + (wait(start) if wait else 0))
        placed.append(here)
        left_at = [(station.track, here.free) if station.uses[h] else left_at[h] for h in range(2)]
    return placed


def travel_frames(before: Track, after: Track, hand: int, tempo: float, shortest: float = SHORTEST) -> int:
    """Frames between the last posture of one track and the first of another, by the way one hand has to go."""
    metres = float(np.linalg.norm(after.wrists[0, hand] - before.wrists[-1, hand]))
    turn = float(np.linalg.norm(to_axis_angle(before.palms[-1, hand].T @ after.palms[0, hand])))
    bend = float(np.linalg.norm(after.fingers[0, hand] - before.fingers[-1, hand], axis=-1).max())
    seconds = START + max(PER_METRE * metres, PER_TURN * turn, PER_BEND * bend)
    if shortest < SHORTEST:
        seconds -= SHORTEST - shortest
    return max(2, round(min(max(seconds, shortest), LONGEST) / tempo * FPS) - 1)


def join(placed: Sequence[Placed], figure: Figure, tempo: float) -> tuple[Track, list[Gap]]:
    """One track over all stations, and the gaps its hands cross."""
    frames = placed[-1].free
    lanes = [_with_waits(_lane(placed, h), h, figure, tempo) for h in range(2)]
    whole = [(place.start, place.station.track) for place in placed]
    track = Track(
        wrists=_both(frames, lanes, "wrists", [bridge] * 2),
        palms=_both(frames, lanes, "palms", [partial(bridge_turn, fingers=fingers) for fingers in _REST_FINGERS]),
        fingers=_both(frames, lanes, "fingers", [_bridge_fingers] * 2),
        shrug=_both(frames, lanes, "shrug", [bridge] * 2),
        head=_fill(frames, [(start, track.head) for start, track in whole], bridge),
        face=np.clip(_fill(frames, [(start, track.face) for start, track in whole], bridge), 0, 1),
    )
    gaps = []
    for h, lane in enumerate(lanes):
        ends = [start + len(block) for start, block in lane]
        gaps += [Gap(h, end, start) for end, (start, _) in zip(ends, lane[1:], strict=False) if start > end]
    return track, gaps


Block = tuple[int, Track]
Across = Callable[[Array, Array, int], Array]

_REST_FINGERS = np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
"""Where the fingers of each hand point in the rest pose."""


def _both(frames: int, lanes: Sequence[Sequence[Block]], channel: str, across: Sequence[Across]) -> Array:
    """(frames, h, ...) of one channel of both hands' lanes."""
    filled = [
        _fill(frames, [(start, getattr(block, channel)[:, h]) for start, block in lane], across[h])
        for h, lane in enumerate(lanes)
    ]
    return np.stack(filled, 1)


def _lane(placed: Sequence[Placed], hand: int) -> list[Block]:
    """(start, track) of what one hand does; waits before its first and after its last sign are left out."""
    own = [place for place in placed if place.station.uses[hand]]
    signs = [i for i, place in enumerate(own) if place.station.label is not None]
    blocks: list[Block] = []
    for i, place in enumerate(own):
        if place.station.waiting and not (signs and signs[0] < i < signs[-1]):
            continue
        blocks.append((place.start, place.station.track))
        if place.station.hold:
            blocks.append((place.free - 1, still(place.station.track, 1)))
    return blocks


def _with_waits(blocks: Sequence[Block], hand: int, figure: Figure, tempo: float) -> list[Block]:
    """Takes a hand down where it has nothing to do for long: to rest at either end, else to the ready posture."""
    filled = [blocks[0]]
    for i, (start, track) in enumerate(blocks[1:], 1):
        before_start, before = blocks[i - 1]
        free = before_start + len(before)
        if start - free > PATIENCE * FPS / tempo:
            at_ends = i == 1 or i == len(blocks) - 1
            # Blocks at the ends are rest; all waiting blocks stand still, so any of their frames will do.
            place = (before if i == 1 else track) if at_ends else ready_posture(figure)
            first = free + round(LAZY * travel_frames(before, place, hand, tempo)) if i > 1 else free
            last = start - travel_frames(place, track, hand, tempo) if i < len(blocks) - 1 else start
            if last > first:
                filled.append((first, still(place, last - first)))
        filled.append((start, track))
    return filled


def _fill(frames: int, blocks: Sequence[tuple[int, Array]], across: Across) -> Array:
    """(frames, ...) with the blocks at their starts and ``across(before, after, n)`` between them."""
    values = np.empty((frames, *blocks[0][1].shape[1:]))
    free = last = 0
    for start, block in blocks:
        if start > free:
            values[free:start] = across(values[last:free], block, start - free)
        values[start : start + len(block)] = block
        last, free = start, start + len(block)
    return values


def _bridge_fingers(before: Array, after: Array, frames: int) -> Array:
    """Fingers reach the next handshape before the hand arrives, unless they are moving there."""
    moving = len(after) > 1 and float(np.abs(after[1] - after[0]).max()) > _STILL_FINGERS
    early = frames if moving else max(2, round(FINGERS_DONE * frames))
    if early >= frames:
        return bridge(before, after, frames)
    return np.concatenate([bridge(before, after[:1], early), np.repeat(after[:1], frames - early, 0)])
