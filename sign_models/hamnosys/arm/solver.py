"""From where the hands are to how the arms are bent: both arms of a track solved at once, within anatomical limits.

The right arm is mirrored into a left one, so one set of formulas serves both: arm along +x, palm down, thumb +z. A
wrist and a hand rotation leave one freedom, the swivel of the elbow about the line from shoulder to wrist; it is chosen
for the whole utterance at once, so that wrist and forearm stay comfortable, the elbow hangs, keeps clear of the trunk
and never flips.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from sign_models.face import expression_of
from sign_models.hamnosys.arm import limits
from sign_models.hamnosys.figure import MIRROR, Figure
from sign_models.hamnosys.smoothing import (
    best_path,
    between_samples,
    smooth,
    smooth_where,
    to_axis_angle,
    to_matrix,
    unwrap,
    widened,
)
from sign_models.hamnosys.track import Track
from sign_models.parts import EXPRESSION_COLUMNS, FEATURES, HAND_COLUMNS, UPPER_BODY_COLUMNS
from sign_models.skeleton import HANDS, UPPER_BODY
from sign_models.types import Motion

Array = NDArray[np.float64]

FREE_REACH = 0.97
"""Share of the straight arm up to which the wrist goes exactly where it is asked."""
FULL_REACH = 0.995
"""Share of the straight arm that is never passed: a locked elbow looks dead."""
COLLAR_HELP = 0.93
"""Share of the straight arm beyond which the shoulder girdle follows the hand."""
ELBOW_SHARE = 0.65
"""Share of the forearm's turn that the elbow joint takes. SMPL-X has no joint inside the forearm, so the rest is left
to the wrist joint: the skin between them then turns gradually, as over radius and ulna."""
NECK_SHARE = 0.45
"""Share of the head's turn that the neck takes."""

SWIVELS = np.radians(np.arange(-42.0, 105.0, 7.0))
"""Elbow swivels tried: 0 hangs naturally, positive lifts the elbow to the side."""
SWIVEL_CHANGE_COST = 40.0
TWIST_COST = 300.0
"""Of a square radian beyond the upper arm's twist: dearer than a hand that is turned, which can give way."""
HELD_ENDS = 3
"""Frames for which the first and the last posture count as held when the swivel is chosen."""
SWIVEL_SMOOTHING = 3.0
"""Frames of Gaussian smoothing of the swivel (and of the palm where it had to be relaxed)."""
TWIST_ROUNDS = 6
TWIST_EASE = 3.0
"""Frames of Gaussian over which the elbow makes way where the upper arm would turn beyond its range."""
ELBOW_RADIUS = 0.05
FOREARM_RADIUS = 0.045

_TWIST = limits.UPPER_ARM_TWIST.inner(0.2)
_PROBE, _FLAT, _STRIDE = 1e-3, 0.3, 0.5
"""Radians: the step for a slope, the least slope believed (per radian), and the most that is led back at once."""

_FORWARD = np.array([0.0, -0.4, 0.9165])
_HANGING = np.array([0.38, -0.85, -0.371])
"""With the wrist ahead of the shoulder along _FORWARD the elbow hangs along _HANGING; other directions by the shortest
turn from there, so the one direction without an answer is up and behind the back."""


@dataclass(frozen=True)
class Report:
    """How well a motion keeps to its track.

    missed: (t, h) metres between asked and reached wrist. palms: (t, h, 3, 3) as in ``Track``, as they came to be.
    relaxed: (t, h) radians by which they are turned towards comfort.
    asked: by joint, the most degrees beyond its limits the track asked for. excess: the same for what was given.
    """

    missed: Array
    palms: Array
    relaxed: Array
    asked: dict[str, float]
    excess: dict[str, float]


@dataclass(frozen=True)
class _Arm:
    """Both arms as left ones. Lengths in metres; points and rotations as in the rest pose."""

    collar: Array
    shoulder: Array
    upper: Array
    lower: Array
    length: Array


def solve(track: Track, figure: Figure) -> tuple[Motion, Report]:
    """Poses for a track: ``Motion`` of the same length with the ``Report`` of what had to give way."""
    joints, head, report = _solved(track, figure)
    return _motion(track, _body_columns(_mirror_right(to_axis_angle(joints), -MIRROR), head)), report


def reached(track: Track, figure: Figure) -> Report:
    """What of a track the arms can give, without the poses."""
    return _solved(track, figure)[2]


@lru_cache(maxsize=2)
def _solved(track: Track, figure: Figure) -> tuple[Array, Array, Report]:
    """Rotations (t, 4, h, 3, 3) of collar, shoulder, elbow and wrist, left-like; the head (t, 3); and the report.

    Kept for the tracks last asked about: a track that is mended is asked again when nothing had to be mended.
    """
    arm = _arms(figure)
    wrists = _mirror_right(track.wrists, MIRROR)
    hands = _mirror_right(track.palms, MIRROR[:, None] * MIRROR)

    collars, lift, forward = _collars(arm, wrists, track.shrug)
    shoulders = arm.collar + np.einsum("thab,hb->tha", collars, arm.shoulder - arm.collar)
    line, distance, flexion = _reach(arm, wrists - shoulders)
    uppers, lowers, twist = _swivel(arm, figure, shoulders, line, distance, collars, hands)
    asked = hand_angles(lowers, hands)
    eased = smooth_where(_soften(asked), _beyond(asked), SWIVEL_SMOOTHING)
    turned_hands = _hand_from(lowers, eased)

    turned = lowers @ to_matrix(_along_x(ELBOW_SHARE * eased[..., 0]))
    joints = np.stack(
        [collars, _between(collars, uppers), _between(uppers, turned), _between(turned, turned_hands)], axis=1
    )
    head, head_asked = _head(track.head)

    given = shoulders + distance[..., None] * line
    report = Report(
        missed=np.linalg.norm(given - wrists, axis=-1),
        palms=_mirror_right(turned_hands, MIRROR[:, None] * MIRROR),
        relaxed=np.linalg.norm(to_axis_angle(_between(turned_hands, hands)), axis=-1),
        asked=_excess(twist, flexion, asked, lift, forward) | head_asked,
        excess=_excess(twist, flexion, eased, lift, forward) | {name: 0.0 for name in head_asked},
    )
    return joints, head, report


def hand_angles(lowers: Array, hands: Array) -> Array:
    """(..., 3, 3) forearms without turn, (..., 3, 3) hands, left-like -> (..., 3) radians.

    The three angles: pronation, palmar flexion, deviation to the thumb.
    """
    q = np.swapaxes(lowers, -1, -2) @ hands
    twist = _twist(q)
    cosine, sine = np.cos(twist), np.sin(twist)
    x = q[..., 0, 0]
    y = cosine * q[..., 1, 0] + sine * q[..., 2, 0]
    z = cosine * q[..., 2, 0] - sine * q[..., 1, 0]
    across = np.sqrt(y * y + z * z)
    scale = np.where(across > 1e-9, np.arctan2(across, x) / np.maximum(across, 1e-9), 1.0)
    return np.stack([twist, -scale * y, scale * z], -1)


def _hand_from(lowers: Array, angles: Array) -> Array:
    """The inverse of ``hand_angles``."""
    swing = np.stack([np.zeros_like(angles[..., 0]), -angles[..., 2], -angles[..., 1]], -1)
    hands: Array = lowers @ to_matrix(_along_x(angles[..., 0])) @ to_matrix(swing)
    return hands


def _arms(figure: Figure) -> _Arm:
    chains = np.stack([figure.arm(side) for side in HANDS])
    chains[1] *= MIRROR
    upper = np.linalg.norm(chains[:, 2] - chains[:, 1], axis=-1)
    lower = np.linalg.norm(chains[:, 3] - chains[:, 2], axis=-1)
    return _Arm(chains[:, 0], chains[:, 1], upper, lower, upper + lower)


def _mirror_right(values: Array, signs: Array) -> Array:
    """Multiplies the right hand of (..., h, *signs.shape) by ``signs``."""
    return values * np.stack([np.ones_like(signs), signs])


def _smoothstep(x: Array, low: float, high: float) -> Array:
    s = np.clip((x - low) / (high - low), 0, 1)
    return s * s * s * (10 + s * (6 * s - 15))


def _collars(arm: _Arm, wrists: Array, shrug: Array) -> tuple[Array, Array, Array]:
    """Shoulder girdle: (t, h, 3, 3) rotations, lift and forward turn (t, h) in radians.

    Lifts with a high hand, comes forward with a far or crossing one, and follows a hand the arm alone cannot reach.
    """
    place = (wrists - arm.shoulder) / arm.length[:, None]
    lift = np.radians(-7 + 22 * _smoothstep(place[..., 1], -0.45, 1.1) + 20 * shrug)
    across = 0.6 * place[..., 2] - 0.8 * place[..., 0]
    forward = np.radians(-4 + 18 * _smoothstep(across, -0.1, 1.2))
    bone = np.linalg.norm(arm.shoulder - arm.collar, axis=-1)
    far = np.linalg.norm(place, axis=-1)
    # The pull starts with no speed at COLLAR_HELP, so the shoulder never jerks.
    pull = np.square(np.maximum(far - COLLAR_HELP, 0)) / (np.maximum(far - COLLAR_HELP, 0) + 0.05) * 1.5
    pull = pull * arm.length / bone / np.maximum(far, 1e-6)
    lift = limits.COLLAR_LIFT.soft(lift + pull * place[..., 1])
    forward = limits.COLLAR_FORWARD.soft(forward + pull * place[..., 2])
    return to_matrix(np.stack([np.zeros_like(lift), -forward, lift], -1)), lift, forward


def _reach(arm: _Arm, offset: Array) -> tuple[Array, Array, Array]:
    """(t, h, 3) wrist seen from the shoulder -> its direction, the distance the arm can give, the elbow's flexion."""
    distance = np.linalg.norm(offset, axis=-1)
    line = offset / np.maximum(distance, 1e-9)[..., None]
    room = (FULL_REACH - FREE_REACH) * arm.length
    beyond = np.maximum(distance - FREE_REACH * arm.length, 0)
    distance = np.minimum(distance, FREE_REACH * arm.length) + room * np.tanh(beyond / room)
    squares, product = arm.upper**2 + arm.lower**2, 2 * arm.upper * arm.lower
    flexion = np.arccos(np.clip((distance**2 - squares) / product, -1, 1))
    flexion = np.minimum(flexion, limits.ELBOW.soft(flexion))
    return line, np.sqrt(squares + product * np.cos(flexion)), flexion


def _swivel(
    arm: _Arm, figure: Figure, shoulders: Array, line: Array, distance: Array, collars: Array, hands: Array
) -> tuple[Array, Array, Array]:
    """Upper arms and (unturned) forearms (t, h, 3, 3) with the swivel that costs least, and the upper arm's twist."""
    down, side = _hanging(line)
    bend = np.arccos(
        np.clip((arm.upper**2 + distance**2 - arm.lower**2) / np.maximum(2 * arm.upper * distance, 1e-9), -1, 1)
    )
    height, along = arm.upper * np.sin(bend), arm.upper * np.cos(bend)

    def bones(swivel: Array) -> tuple[Array, Array]:
        """(t, h, k) radians -> rotations (t, h, k, 3, 3) of upper arm and forearm."""
        out = np.cos(swivel)[..., None] * down[:, :, None] + np.sin(swivel)[..., None] * side[:, :, None]
        axis = _cross(line[:, :, None], out)
        to_elbow = along[:, :, None, None] * line[:, :, None] + height[:, :, None, None] * out
        upper_x = to_elbow / arm.upper[:, None, None]
        lower_x = (distance[..., None] * line)[:, :, None] - to_elbow
        lower_x = lower_x / np.linalg.norm(lower_x, axis=-1, keepdims=True)
        return _frame(upper_x, axis), _frame(lower_x, axis)

    tried = np.broadcast_to(SWIVELS, (*distance.shape, len(SWIVELS)))
    uppers, lowers = bones(tried)
    cost = _cost(arm, figure, shoulders, uppers, lowers, collars, hands)
    steps = np.subtract.outer(SWIVELS, SWIVELS)
    path = best_path(_with_held_ends(cost), SWIVEL_CHANGE_COST * steps**2)[HELD_ENDS:-HELD_ENDS]
    swivel = SWIVELS[path] + between_samples(cost, path, float(SWIVELS[1] - SWIVELS[0]))

    def twist(swivel: Array) -> Array:
        return _twist(_between(collars, bones(swivel[..., None])[0][:, :, 0]))

    swivel = _within_twist(smooth(swivel, SWIVEL_SMOOTHING), twist)
    uppers, lowers = bones(swivel[..., None])
    return uppers[:, :, 0], lowers[:, :, 0], twist(swivel)


def _within_twist(swivel: Array, twist: Callable[[Array], Array]) -> Array:
    """(t, h) swivel, led smoothly to where the upper arm's twist keeps to its range.

    Smoothing takes a swivel across what its single frames avoid. It is led back early, by as much as the worst frame
    nearby needs, so the elbow makes way instead of bumping into the end of its range.
    """
    for _ in range(TWIST_ROUNDS):
        now = twist(swivel)
        beyond = now - _TWIST.clip(now)
        if not beyond.any():
            break
        slope = (twist(swivel + _PROBE) - now) / _PROBE
        steep = np.where(np.abs(slope) > _FLAT, slope, np.where(slope < 0, -_FLAT, _FLAT))
        needed = np.clip(-beyond / steep, -_STRIDE, _STRIDE)
        swivel = swivel + widened(np.maximum(needed, 0), TWIST_EASE) - widened(np.maximum(-needed, 0), TWIST_EASE)
    return swivel


def _with_held_ends(cost: Array) -> Array:
    """Costs with the first and the last frame kept up for ``HELD_ENDS`` more, where only the cheapest choice will do.

    So a motion that starts and ends in one posture does so with one swivel, whatever comes between.
    """
    ends = [np.where(end == end.min(-1, keepdims=True), 0.0, 1e3) for end in (cost[:1], cost[-1:])]
    return np.concatenate([np.repeat(ends[0], HELD_ENDS, 0), cost, np.repeat(ends[1], HELD_ENDS, 0)])


def _cost(
    arm: _Arm, figure: Figure, shoulders: Array, uppers: Array, lowers: Array, collars: Array, hands: Array
) -> Array:
    """(t, h, k) discomfort of each swivel: bent wrists, turned forearms, lifted elbows; dear beyond the limits."""
    angles = hand_angles(lowers, hands[:, :, None])
    twist = _twist(_between(collars[:, :, None], uppers))
    cost = 0.5 * (SWIVELS / np.radians(60)) ** 2 + np.zeros(angles.shape[:-1])
    for angle, joint, weight in zip(np.moveaxis(angles, -1, 0), _HAND_JOINTS.values(), (0.6, 0.8, 0.8), strict=True):
        cost += weight * joint.strain(angle) ** 2 + 30 * joint.excess(angle) ** 2
    cost += TWIST_COST * limits.UPPER_ARM_TWIST.excess(twist) ** 2
    elbows = shoulders[:, :, None] + arm.upper[:, None, None] * uppers[..., 0]
    middles = elbows + 0.5 * arm.lower[:, None, None] * lowers[..., 0]
    for points, radius in ((elbows, ELBOW_RADIUS), (middles, FOREARM_RADIUS)):
        clear = figure.distance(_mirror_right(np.moveaxis(points, 2, 1), MIRROR))
        cost += 1500 * np.moveaxis(np.maximum(radius - clear, 0), 1, 2) ** 2
    return cost


_HAND_JOINTS = {
    "pronation": limits.PRONATION,
    "wrist flexion": limits.WRIST_FLEXION,
    "wrist deviation": limits.WRIST_DEVIATION,
}


def _soften(angles: Array) -> Array:
    return np.stack([joint.soft(angles[..., i]) for i, joint in enumerate(_HAND_JOINTS.values())], -1)


def _beyond(angles: Array) -> NDArray[np.bool_]:
    excess = [joint.excess(angles[..., i]) for i, joint in enumerate(_HAND_JOINTS.values())]
    return np.asarray(np.max(excess, axis=0) > 0)


def _excess(twist: Array, flexion: Array, hand: Array, lift: Array, forward: Array) -> dict[str, float]:
    """Largest degrees beyond the limits, by joint."""
    rows = [
        ("upper arm twist", limits.UPPER_ARM_TWIST, twist),
        ("elbow", limits.ELBOW, flexion),
        ("collar lift", limits.COLLAR_LIFT, lift),
        ("collar forward", limits.COLLAR_FORWARD, forward),
        *((name, joint, hand[..., i]) for i, (name, joint) in enumerate(_HAND_JOINTS.items())),
    ]
    return {name: float(np.degrees(joint.excess(angle)).max(initial=0.0)) for name, joint, angle in rows}


def _hanging(line: Array) -> tuple[Array, Array]:
    """(t, h, 3) directions -> the directions square to them in which the elbow hangs, and those to its outer side."""
    cosine = line @ _FORWARD
    axis = _cross(_FORWARD, line)
    # Rodrigues' formula for the shortest turn of _FORWARD into the line, applied to _HANGING.
    down = (
        _HANGING * cosine[..., None]
        + _cross(axis, _HANGING)
        + axis * (axis @ _HANGING / np.maximum(1 + cosine, 1e-3))[..., None]
    )
    down = down - (down * line).sum(-1, keepdims=True) * line
    down = down / np.linalg.norm(down, axis=-1, keepdims=True)
    return down, _cross(line, down)


def _cross(a: Array, b: Array) -> Array:
    """np.cross for (..., 3), without its care for other shapes, which costs more than the products."""
    return np.stack(
        [
            a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1],
            a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2],
            a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0],
        ],
        -1,
    )


def _frame(x: Array, y: Array) -> Array:
    return np.stack([x, y, _cross(x, y)], -1)


def _between(parent: Array, child: Array) -> Array:
    """Rotation of a child in its parent's frame."""
    local: Array = np.swapaxes(parent, -1, -2) @ child
    return local


def _twist(rotation: Array) -> Array:
    """(..., 3, 3) -> (...) radians about the bone (x): the twist of the swing-twist decomposition, in -pi..pi."""
    trace = rotation[..., 0, 0] + rotation[..., 1, 1] + rotation[..., 2, 2]
    return 2 * np.arctan2(rotation[..., 2, 1] - rotation[..., 1, 2], 1 + trace)


def _along_x(angle: Array) -> Array:
    return np.stack([angle, np.zeros_like(angle), np.zeros_like(angle)], -1)


def _head(asked: Array) -> tuple[Array, dict[str, float]]:
    """(t, 3) axis-angle of the head eased into its limits, and the degrees asked beyond them."""
    joints = {"head pitch": limits.HEAD_PITCH, "head yaw": limits.HEAD_YAW, "head roll": limits.HEAD_ROLL}
    eased = np.stack([joint.soft(asked[:, i]) for i, joint in enumerate(joints.values())], -1)
    excess = {
        name: float(np.degrees(joint.excess(asked[:, i])).max(initial=0.0))
        for i, (name, joint) in enumerate(joints.items())
    }
    return eased, excess


def _body_columns(arms: Array, head: Array) -> Array:
    """(t, 4, h, 3) collar, shoulder, elbow, wrist and (t, 3) head -> (t, 30) upper body columns."""
    columns = {"neck": NECK_SHARE * head, "head": (1 - NECK_SHARE) * head}
    for j, joint in enumerate(("collar", "shoulder", "elbow", "wrist")):
        for h, side in enumerate(HANDS):
            columns[f"{side}_{joint}"] = arms[:, j, h]
    return unwrap(np.stack([columns[name] for name in UPPER_BODY], 1)).reshape(len(head), -1)


def _motion(track: Track, body: Array) -> Motion:
    features = torch.zeros(len(track), FEATURES)
    face = torch.from_numpy(track.face).float()
    features[:, UPPER_BODY_COLUMNS] = torch.from_numpy(body).float()
    for h, columns in enumerate(HAND_COLUMNS):
        features[:, columns] = torch.from_numpy(unwrap(track.fingers[:, h]).reshape(len(track), -1)).float()
    features[:, EXPRESSION_COLUMNS] = expression_of(face)
    return Motion(features, track.fps, face)
