"""A synthesized sign, or any finished motion, measured on the mesh against what a body can do and what was written."""

import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.hamnosys.arm.joint_use import beyond_limits
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.measuring.asked import asked
from sign_models.hamnosys.measuring.passing import depth_in_body, depth_in_hand
from sign_models.hamnosys.measuring.touching import Contact, contact
from sign_models.hamnosys.reading.nonmanual import parse_nonmanual
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.sign import Sign
from sign_models.hamnosys.smoothing import to_axis_angle, to_matrix
from sign_models.hamnosys.surface.posed import Posed, posed
from sign_models.hamnosys.synthesizer import track
from sign_models.types import Motion

Array = NDArray[np.float64]

CONTACT = 0.01
"""Metres within which a contact is made."""
DEPTH = 0.01
"""Metres that skin may be inside other skin: flesh gives way."""
BEYOND = 1.0
"""Degrees beyond a range that are rounding, not anatomy."""
WRIST_SPEED = 3.5
"""Metres per second. Wrists peak at 1 to 2.5 in fluent signing and at about 3 in emphatic signs; reaching as fast as
one can, people come to about 4."""
WRIST_ACCELERATION = 50.0
"""Metres per second squared between frames. Fluent signing stays below about 40; a way of half a metre in a third of a
second, as smooth as can be, needs 26, and a stroke that is stopped dead about twice that."""
HAND_TURN = 20.0
"""Radians per second of the hand in space: the forearm alone turns by at most about 15, the arm adds to it."""
FINGER_TURN = 25.0
"""Radians per second of one finger joint: fast taps and typing reach 15 to 20, a flick somewhat more."""


@dataclass(frozen=True, eq=False)
class Measures:
    """A motion over its t frames; the worst of both hands.

    in_body, in_hand: (t) metres that a hand is inside head or trunk, or inside the other hand. beyond: (t) degrees
    by which the worst joint is beyond its range. worst_joint: its name in the worst frame, empty when none is.
    wrist_speed: (t - 1, h) m/s. wrist_acceleration: (t - 2, h) m/s². hand_turn, finger_turn: (t - 1, h) rad/s.
    """

    in_body: Array
    in_hand: Array
    beyond: Array
    worst_joint: str
    wrist_speed: Array
    wrist_acceleration: Array
    hand_turn: Array
    finger_turn: Array

    @property
    def depth(self) -> Array:
        """(t) metres: the deeper of both."""
        return np.maximum(self.in_body, self.in_hand)

    @property
    def within_limits(self) -> bool:
        """Whether every joint keeps to its range in every frame."""
        return bool(self.beyond.max(initial=0.0) <= BEYOND)

    @property
    def clear(self) -> bool:
        """Whether no hand passes through head, trunk or the other hand."""
        return bool(self.depth.max(initial=0.0) <= DEPTH)

    @property
    def smooth(self) -> bool:
        """Whether nothing moves faster from frame to frame than people can."""
        return all(values.max(initial=0.0) <= bound for _, values, bound in self._paces())

    def faults(self) -> tuple[str, ...]:
        """What is wrong, one phrase each."""
        told = []
        if not self.within_limits:
            told.append(f"{self.worst_joint} {self.beyond.max():.0f}° beyond its range")
        for place, depth in (("head or trunk", self.in_body), ("the other hand", self.in_hand)):
            if depth.max(initial=0.0) > DEPTH:
                told.append(f"a hand {100 * depth.max():.1f} cm inside {place} ({int(depth.argmax())}. frame)")
        for name, values, bound in self._paces():
            if values.max(initial=0.0) > bound:
                told.append(f"{name.format(values.max())}, more than {bound:g}")
        return tuple(told)

    def _paces(self) -> tuple[tuple[str, Array, float], ...]:
        return (
            ("a wrist at {:.1f} m/s", self.wrist_speed, WRIST_SPEED),
            ("a wrist accelerated by {:.0f} m/s²", self.wrist_acceleration, WRIST_ACCELERATION),
            ("a hand turning by {:.0f} rad/s", self.hand_turn, HAND_TURN),
            ("a finger joint turning by {:.0f} rad/s", self.finger_turn, FINGER_TURN),
        )


@dataclass(frozen=True, eq=False)
class Examination:
    """What became of one transcription.

    parsed, synthesized: whether it could be read, and made into motion. error: why not, empty when it could. seconds:
    of processor, spent on reading and motion (not on measuring). contacts: each contact asked for, measured. measures:
    None without a motion.
    """

    parsed: bool
    synthesized: bool
    seconds: float
    error: str = ""
    measures: Measures | None = None
    contacts: tuple[Contact, ...] = field(default_factory=tuple)

    @property
    def missed(self) -> tuple[Contact, ...]:
        """The contacts that were asked for and are not made."""
        return tuple(made for made in self.contacts if made.metres > CONTACT)

    @property
    def in_contact(self) -> bool:
        """Whether every contact that is asked for is made; True when none is."""
        return self.synthesized and not self.missed

    @property
    def sound(self) -> bool:
        """Motion within all limits: joints, no passing through, no jump."""
        return self.measures is not None and not self.measures.faults()

    def faults(self) -> tuple[str, ...]:
        """Everything that is wrong, one phrase each."""
        if self.measures is None:
            return (self.error,)
        apart = (f"{made.asked}: {100 * made.metres:.1f} cm apart" for made in self.missed)
        return (*self.measures.faults(), *apart)


def examine(sign: Sign | str, figure: Figure, *, nonmanual: str = "", spent: float = 0.0) -> Examination:
    """A read transcription, or HamNoSys text, made into motion and measured.

    nonmanual: features beside the sign's own, as in ``synthesize``. spent: seconds of processor already spent on
    reading it. Only SignError is caught: it is what a user's transcription can be refused with.
    """
    start = time.process_time() - spent
    try:
        read = parse(sign) if isinstance(sign, str) else sign
    except SignError as error:
        return Examination(False, False, time.process_time() - start, str(error))
    try:
        motion, _ = solve(track(_with_features(read, nonmanual), figure), figure)
    except SignError as error:
        return Examination(True, False, time.process_time() - start, str(error))
    seconds = time.process_time() - start
    body = posed(motion, figure)
    contacts = [contact(told, body) for told in asked(read)]
    made = tuple(one for one in contacts if one is not None)
    return Examination(True, True, seconds, measures=_measured(motion, body), contacts=made)


def measure(motion: Motion, figure: Figure) -> Measures:
    """Any finished motion of the bundled body, such as a whole sentence."""
    return _measured(motion, posed(motion, figure))


def _measured(motion: Motion, body: Posed) -> Measures:
    beyond = beyond_limits(motion)
    names, values = list(beyond), np.stack(list(beyond.values()))
    worst = names[int(values.max(1).argmax())] if values.max(initial=0.0) > BEYOND else ""
    wrists, fps = body.wrists, motion.fps
    return Measures(
        in_body=depth_in_body(body).metres.max(1),
        in_hand=depth_in_hand(body).metres.max(1),
        beyond=values.max(0),
        worst_joint=worst,
        wrist_speed=np.linalg.norm(np.diff(wrists, axis=0), axis=-1) * fps,
        wrist_acceleration=np.linalg.norm(np.diff(wrists, n=2, axis=0), axis=-1) * fps**2,
        hand_turn=_turning(body.palms) * fps,
        finger_turn=_turning(to_matrix(body.fingers)).max(-1) * fps,
    )


def _turning(turns: Array) -> Array:
    """(t, ..., 3, 3) -> (t - 1, ...) radians from frame to frame."""
    steps = np.swapaxes(turns[:-1], -1, -2) @ turns[1:]
    return np.asarray(np.linalg.norm(to_axis_angle(steps), axis=-1))


def _with_features(sign: Sign, nonmanual: str) -> Sign:
    return replace(sign, nonmanual=(*sign.nonmanual, *parse_nonmanual(nonmanual))) if nonmanual else sign
