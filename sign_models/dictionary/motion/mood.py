"""What face and head say beside the signs: questions, negation, nods, blinks. Everything eases in and out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sign_models.dictionary.motion.bridges import smoothstep
from sign_models.dictionary.motion.lanes import Placed
from sign_models.face import FACE_ACTIONS, FACE_INDEX
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.smoothing import smooth
from sign_models.hamnosys.surface.collision import body_clearance, hand_balls
from sign_models.hamnosys.track import Track
from sign_models.types import FPS, Sentence

Array = NDArray[np.float64]

YES_NO = {"browInnerUp": 0.75, "browOuterUpLeft": 0.7, "browOuterUpRight": 0.7, "eyeWideLeft": 0.3, "eyeWideRight": 0.3}
WH = {"browDownLeft": 0.8, "browDownRight": 0.8, "eyeSquintLeft": 0.3, "eyeSquintRight": 0.3}
NEGATION = {"browDownLeft": 0.35, "browDownRight": 0.35, "mouthFrownLeft": 0.35, "mouthFrownRight": 0.35}
BLINK = ("eyeBlinkLeft", "eyeBlinkRight")

YES_NO_TILT = np.radians([9.0, 0.0, 0.0])
WH_TILT = np.radians([5.0, 0.0, 6.0])
"""Axis-angle of the head: pitch down, yaw to the left, roll."""
NOD = np.radians(6.0)
NOD_SECONDS = 0.6
SHAKE = np.radians(10.0)
SHAKES_A_SECOND = 1.7

EASE = 0.3
"""Seconds a face takes to come and to go at tempo 1."""
BLINK_SHAPE = (0.25, 0.85, 1.0, 0.9, 0.55, 0.2)
"""Lids over the frames of a blink."""
BLINK_EVERY, BLINK_SPREAD = 3.2, 2.4
"""Seconds between blinks: at least, and how much more; the golden ratio spreads them without chance."""

NEAR_HEAD, OFF_HEAD = 0.02, 0.10
"""Metres between hand and head from which the head stops and above which it moves freely: a touch must stay a touch."""


def with_mood(track: Track, sentences: Sequence[Sentence], placed: Sequence[Placed], figure: Figure) -> Track:
    """Adds the sentences' faces and head movements to what the signs bring along."""
    face, head = track.face, np.zeros_like(track.head)
    ends = []
    for number, sentence in enumerate(sentences):
        own = [place for place in placed if place.station.label and place.station.label.sentence == number]
        if not own:
            continue
        ends.append(own[-1].free)
        moods, turns = _sentence_mood(sentence, own, len(track))
        face = np.maximum(face, moods)
        head += turns
    face = np.maximum(face, _blinks(len(track), ends))
    return replace(track, face=np.clip(face, 0, 1), head=track.head + head * _freedom(track, figure)[:, None])


def _sentence_mood(sentence: Sentence, own: Sequence[Placed], frames: int) -> tuple[Array, Array]:
    """(t, 52) face and (t, 3) head of one sentence."""
    first, last = own[0].start, own[-1].free
    whole = _during(frames, first, last)
    face, head = np.zeros((frames, len(FACE_ACTIONS))), np.zeros((frames, 3))
    if sentence.mood == "yes_no_question":
        _wear(face, YES_NO, whole)
        head += whole[:, None] * YES_NO_TILT
    elif sentence.mood == "wh_question":
        _wear(face, WH, whole)
        head += whole[:, None] * WH_TILT
    elif not sentence.negated:
        middle = last - 0.15 * FPS
        nod = np.clip((np.arange(frames) - middle) / (NOD_SECONDS * FPS) + 0.5, 0, 1)
        head[:, 0] += NOD * 64 * nod**3 * (1 - nod) ** 3
    if sentence.negated:
        # What is said about the topic is denied, not the topic itself: the first sign of a longer sentence stays free.
        begin = own[1].start if len({id(place.station.label) for place in own}) > 2 else first
        part = _during(frames, begin, last)
        _wear(face, NEGATION, part)
        head[:, 1] += part * SHAKE * np.sin(2 * np.pi * SHAKES_A_SECOND * (np.arange(frames) - begin) / FPS)
    return face, head


def _wear(face: Array, look: dict[str, float], when: Array) -> None:
    for action, weight in look.items():
        face[:, FACE_INDEX[action]] = np.maximum(face[:, FACE_INDEX[action]], weight * when)


def _during(frames: int, first: int, last: int) -> Array:
    """(t,) 1 from ``first`` to ``last``, easing in before and out after."""
    ease = EASE * FPS
    t = np.arange(frames)
    return smoothstep((t - first) / ease + 0.7) * smoothstep((last - t) / ease + 0.7)


def _blinks(frames: int, ends: Sequence[int]) -> Array:
    """(t, 52) blinks at each sentence's end and every few seconds between."""
    starts = [end for end in ends if end + len(BLINK_SHAPE) < frames]
    second, k = BLINK_EVERY * 0.5, 1
    while second * FPS + len(BLINK_SHAPE) < frames:
        if all(abs(second * FPS - start) > BLINK_EVERY * FPS / 2 for start in starts):
            starts.append(round(second * FPS))
        second += BLINK_EVERY + BLINK_SPREAD * (k * 0.618034 % 1)
        k += 1
    lids = np.zeros(frames)
    for start in starts:
        lids[start : start + len(BLINK_SHAPE)] = BLINK_SHAPE
    face = np.zeros((frames, len(FACE_ACTIONS)))
    face[:, [FACE_INDEX[name] for name in BLINK]] = lids[:, None]
    return face


def _freedom(track: Track, figure: Figure) -> Array:
    """(t,) 1 where the head may move, down to 0 where a hand is at it."""
    balls = hand_balls(figure, track.wrists, track.palms, track.fingers)
    near = body_clearance(figure, balls)
    at_head = balls[..., 1].max(-1) > figure.joint("neck")[1]
    air = np.where(at_head, near, OFF_HEAD).min(-1)
    return smooth(smoothstep((air - NEAR_HEAD) / (OFF_HEAD - NEAR_HEAD)), 4.0)
