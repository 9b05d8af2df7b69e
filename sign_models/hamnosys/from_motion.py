"""The way back: a recorded or synthesized motion -> the track of a sign, so that it joins others like any sign."""

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.face import FACE_ACTIONS, FACE_INDEX, face_of
from sign_models.hamnosys.arm.posture import rest_posture
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.smoothing import smooth, to_axis_angle, unwrap
from sign_models.hamnosys.surface.posed import posed
from sign_models.hamnosys.track import Track
from sign_models.parts import EXPRESSION_COLUMNS, JAW_COLUMNS
from sign_models.skeleton import HANDS, INDEX
from sign_models.types import Motion

Array = NDArray[np.float64]

AT_EASE = 0.12
"""Metres around the wrist of the rest posture within which an arm hangs: people do not stand alike."""
ARRIVED = 0.5
"""Share of its greatest speed on the way under which a hand that comes from rest has arrived."""
JAW_OPEN = 0.354
"""Radians of the jaw that look like a whole ``jawOpen`` (fitted on the open body)."""
_SMOOTHING = 1.5
"""Frames of smoothing of the speed, so that a recording's tremor is not taken for an arrival."""


def track_of_motion(motion: Motion, figure: Figure) -> Track:
    """Where hands, head and face of a motion go, seen from its chest, at the motion's own fps.

    A hand that hangs all the time is put exactly at ``rest_posture``, as a hand that a sign does not use is. Shrugs are
    0: the shoulders follow the hands again when the arms are solved.
    """
    if not motion.flat_hands:
        raise SignError("The motion's hands are told from MANO's mean hand; save whole hand poses (flat_hands).")
    body = posed(motion, figure)
    made = Track(
        wrists=body.wrists,
        palms=body.palms,
        fingers=np.stack([unwrap(body.fingers[:, h]) for h in range(len(HANDS))], 1),
        shrug=np.zeros((len(motion), len(HANDS))),
        head=unwrap(to_axis_angle(body.turns[:, [INDEX["head"]]]))[:, 0],
        face=_face(motion),
        fps=motion.fps,
    )
    return _hanging_at_rest(made, figure)


def without_ways(track: Track, figure: Figure) -> Track:
    """A track that comes from hanging arms and goes back to them, cut to what is between: the sign itself.

    It begins where the hands first slow down after they have left, and ends where they last do before they go back.
    A track that does not begin (or end) with both arms hanging is left as it is there.
    """
    hanging: NDArray[np.bool_] = np.logical_and.reduce(_hanging(track, figure), axis=1)
    first = _arrival(track.wrists, hanging)
    last = len(track) - 1 - _arrival(track.wrists[::-1], hanging[::-1])
    kept = slice(first, last + 1) if first < last else slice(None)
    return Track(
        wrists=track.wrists[kept],
        palms=track.palms[kept],
        fingers=track.fingers[kept],
        shrug=track.shrug[kept],
        head=track.head[kept],
        face=track.face[kept],
        fps=track.fps,
    )


def _arrival(wrists: Array, hanging: NDArray[np.bool_]) -> int:
    """The frame in which hands (t, h, 3) that begin at rest come to where they sign; 0 when they do not."""
    if not hanging[0] or hanging.all():
        return 0
    left = int(hanging.argmin())
    speed = np.linalg.norm(np.diff(smooth(wrists, _SMOOTHING), axis=0), axis=-1).max(-1)[left:]
    slow = speed < ARRIVED * np.maximum.accumulate(speed)
    turning = np.append(speed[:-1] <= speed[1:], False)
    return left + int((slow & turning).argmax()) if (slow & turning).any() else 0


def _hanging(track: Track, figure: Figure) -> NDArray[np.bool_]:
    """(t, h) whether an arm hangs."""
    away = np.linalg.norm(track.wrists - rest_posture(figure).wrists, axis=-1)
    return np.asarray(away < AT_EASE)


def _hanging_at_rest(track: Track, figure: Figure) -> Track:
    rest, hanging = rest_posture(figure), _hanging(track, figure)
    for h in np.flatnonzero(hanging.all(0) & ~hanging.all()):
        track.wrists[:, h], track.palms[:, h] = rest.wrists[:, h], rest.palms[:, h]
        track.fingers[:, h] = rest.fingers[:, h]
    return track


def _face(motion: Motion) -> Array:
    """(t, 52): the actions, else what the open body's expression columns say of them; and the jaw's own turn."""
    if motion.face is not None:
        face = motion.face.double().numpy()
    elif motion.expression_space == "open":
        face = face_of(motion.features[:, EXPRESSION_COLUMNS]).double().numpy()
    else:  # SMPL-X's own columns have no names
        face = np.zeros((len(motion), len(FACE_ACTIONS)))
    opened = face[:, FACE_INDEX["jawOpen"]] + motion.features[:, JAW_COLUMNS.start].double().numpy() / JAW_OPEN
    face = face.copy()
    face[:, FACE_INDEX["jawOpen"]] = opened
    shown: Array = np.clip(face, 0.0, 1.0)  # expression columns may go beyond what a face can show
    return shown
