"""A read transcription -> where hands and face go (``track``) and how the body moves (``synthesize``)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from sign_models.errors import SignError
from sign_models.face import FACE_ACTIONS
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import MIRROR, Figure, load_figure
from sign_models.hamnosys.hand.parts import hand_skin
from sign_models.hamnosys.mending.closing import closed
from sign_models.hamnosys.mending.in_touch import in_touch
from sign_models.hamnosys.mending.kept_clear import kept_clear
from sign_models.hamnosys.mending.parting import parted
from sign_models.hamnosys.reading.nonmanual import parse_nonmanual
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.reading.references import resolved
from sign_models.hamnosys.sign import Sign
from sign_models.hamnosys.signing.body_motion import body_features
from sign_models.hamnosys.signing.face_curves import express
from sign_models.hamnosys.signing.signer import Signer
from sign_models.hamnosys.signing.strokes import Stroke, held, joined, sample, still
from sign_models.hamnosys.surface.sites import surface
from sign_models.hamnosys.track import Track
from sign_models.skeleton import HANDS
from sign_models.types import Motion

Array = NDArray[np.float64]

ONSET, CODA, HELD, SHOWN = 0.1, 0.14, 0.4, 0.8
"""Seconds a sign is held before it moves, after it has moved, when it does not move at all, and when shoulders, head
or face alone do."""
_THIN = 5
"""Every fifth point of a hand's skin is asked whether it is inside the body on the way."""
_TURNED = 0.005
"""Change of a rotation's entries from which on a hand lies otherwise than it was placed."""
_GRAZE = 0.0015
"""Metres that a hand may press into the skin."""


@dataclass(frozen=True)
class Synthesis:
    """A track, and what of the transcription was not done as written (empty when all was)."""

    track: Track
    notes: tuple[str, ...]


def track(sign: Sign | str, figure: Figure, *, dominant: str = "right") -> Track:
    """The movement of a sign at 25 fps, from its first posture to its last, without ways from and to rest.

    sign: a read transcription or HamNoSys text. A hand that the sign does not use waits at ``rest_posture``.
    dominant: "right" or "left"; for "left" everything is mirrored.
    """
    return explain(sign, figure, dominant=dominant).track


def explain(sign: Sign | str, figure: Figure, *, dominant: str = "right") -> Synthesis:
    """``track`` with notes: one sentence for each detail of the transcription that was approximated or left out."""
    if dominant not in HANDS:
        raise SignError(f"The dominant hand is {dominant!r}; it must be one of {', '.join(HANDS)}.")
    read = resolved(parse(sign) if isinstance(sign, str) else sign)
    beside = body_features(read)
    signer = Signer(figure)
    signer.start(read)
    strokes = joined([stroke for action in read.actions for stroke in signer.perform(action)])
    if strokes:
        strokes = [held(strokes[0], 0, ONSET), *strokes, held(strokes[-1], -1, CODA)]
    else:
        strokes = [Stroke(SHOWN if beside else HELD, (still(signer.hands["left"]), still(signer.hands["right"])))]
    wrists, palms, fingers = sample(strokes, figure)
    moving = np.maximum(np.ptp(wrists, axis=0).max(-1), np.ptp(palms, axis=0).max((-2, -1))) > 1e-9
    wrists = _kept_out(figure, wrists, palms, fingers, moving)
    shrug, head, face, notes = express((*read.nonmanual, *beside), len(wrists))
    made = in_touch(Track(wrists, palms, fingers, shrug, head, face), figure)
    turned = np.abs(made.palms - palms).max((0, 2, 3)) > _TURNED
    clear = parted(figure, made.wrists, made.palms, fingers)
    turned |= np.abs(clear - made.wrists).max((0, 2)) > 0
    made = replace(made, wrists=_kept_out(figure, clear, made.palms, fingers, turned))
    made = kept_clear(closed(made, figure, read), figure)
    if dominant == "left":
        made = mirror(made)
    return Synthesis(made, (*signer.notes, *notes))


def synthesize(
    sign: Sign | str, figure: Figure | None = None, *, dominant: str = "right", nonmanual: str = ""
) -> Motion:
    """The sign as SMPL-X poses at 25 fps.

    figure: the body it is made for; without one, the bundled open body. nonmanual: features of face and head in the
    short form of ``parse_nonmanual``, beside those of the sign itself.
    """
    body = figure or load_figure()
    read = parse(sign) if isinstance(sign, str) else sign
    read = replace(read, nonmanual=(*read.nonmanual, *parse_nonmanual(nonmanual)))
    motion, _ = solve(track(read, body, dominant=dominant), body)
    return motion


def mirror(made: Track) -> Track:
    """The same movement by a signer of the other hand."""
    swapped = [FACE_ACTIONS.index(_other_side(name)) for name in FACE_ACTIONS]
    return Track(
        wrists=made.wrists[:, ::-1] * MIRROR,
        palms=MIRROR[:, None] * made.palms[:, ::-1] * MIRROR,
        # Axis-angles are pseudo-vectors: mirrored in x they keep x and turn y and z round.
        fingers=-made.fingers[:, ::-1] * MIRROR,
        shrug=made.shrug[:, ::-1],
        head=-made.head * MIRROR,
        face=made.face[:, swapped],
        fps=made.fps,
    )


def _other_side(name: str) -> str:
    if name.endswith("Left"):
        return name[:-4] + "Right"
    if name.endswith("Right"):
        return name[:-5] + "Left"
    return name


def _kept_out(figure: Figure, wrists: Array, palms: Array, fingers: Array, moved: NDArray[np.bool_]) -> Array:
    """Wrists (t, h, 3), lifted where a hand would pass through head or trunk on its way.

    moved: (h) which hands are no longer where they were placed.
    """
    kept = wrists.copy()
    for h, side in enumerate(HANDS):
        if not moved[h]:
            continue
        points = hand_skin(figure, side).posed(fingers[:, h], slice(None, None, _THIN))
        posed = points @ np.swapaxes(palms[:, h], -1, -2)
        for _ in range(4):
            push = _push(figure, posed + kept[:, None, h])
            if push is None:
                break
            kept[:, h] += push
    return kept


def _push(figure: Figure, clouds: Array) -> Array | None:
    """(t, n, 3) points of a hand -> (t, 3) smooth shift that takes them out of head and trunk; None when they are."""
    skin = surface(figure)
    depth = np.maximum(-skin.distance(clouds), 0)
    worst = depth.argmax(1)
    frames = np.arange(len(clouds))
    deepest = depth[frames, worst]
    if deepest.max() <= _GRAZE:
        return None
    out = skin.slope(clouds[frames, worst]) * deepest[:, None]
    # The deeper, the earlier the hand starts to make way.
    frames_before = 1.5 + 15 * float(deepest.max())
    along = gaussian_filter1d(out, frames_before, axis=0, mode="nearest")
    length = np.linalg.norm(along, axis=1, keepdims=True)
    reach = 2 * int(np.ceil(1.5 * frames_before)) + 1
    far = gaussian_filter1d(maximum_filter1d(deepest, reach)[:, None], frames_before, axis=0, mode="nearest")
    shift: Array = np.where(length > 1e-6, along / np.maximum(length, 1e-6) * far, 0.0)
    return shift
