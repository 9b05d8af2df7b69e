"""Contacts closed: where the written part of a hand is still apart from its place, the hand gives way in direction.

A transcription tells directions in steps of 45 degrees and a place by a word; the hand that its writer saw was turned
a little otherwise, so that the part could touch and nothing else was in the way. Each contact that is left open is
looked at in the frame in which it is nearest: a few small shifts and turns, each the least that brings the part nearer
to its place with no skin in skin, and the way there and back is eased in over the frames around.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.optimize import nnls
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from sign_models.errors import SignError
from sign_models.hamnosys.arm.solver import reached
from sign_models.hamnosys.figure import MIRROR, Figure
from sign_models.hamnosys.hand.parts import HandSkin, Indices, hand_skin
from sign_models.hamnosys.measuring.asked import Asked, asked
from sign_models.hamnosys.measuring.touching import AREAS, ROAM, START
from sign_models.hamnosys.sign import Location, Sign, Site
from sign_models.hamnosys.signing.placement import spot_of
from sign_models.hamnosys.smoothing import to_matrix
from sign_models.hamnosys.surface.sites import Spot, surface
from sign_models.hamnosys.track import Track
from sign_models.skeleton import HANDS

Array = NDArray[np.float64]

OPEN = 0.006
"""Metres from which on a contact is open: what is measured afterwards may be 1 cm."""
MADE = 0.001
"""Metres of air left when it is closed."""
MOST_TURNED, MOST_SHIFTED = np.radians(35.0), 0.08
"""As much a hand gives way: more would be another sign."""
_DEEP, _PRESSED = 0.0045, 0.0025
"""Metres that skin may be in skin, and that are aimed at: flesh gives way."""
_NEAR, _SPREAD = 0.012, 0.01
"""Metres of air within which skin is kept from coming into other skin, and between the points that are watched."""
_ARM = 0.08
"""Metres: a turn of one radian is as dear as a shift by so much."""
_STEPS, _STRIDE, _TURN = 12, 0.015, 0.15
"""Steps at most, and metres and radians of each."""
_RIDGE = 0.02
_ROWS = 8
"""Points of each pair of skins that are watched at a time."""
_MANY = 160
"""Points of a part that are measured."""
_AROUND, _FRAMES = 0.03, 14
"""Metres beyond the nearest frame's distance of middles within which frames are measured, and how many at most."""
_SAME = 0.006
"""Metres within which other frames belong to the same contact."""
_THICK = 0.03
_WORTH = 0.003
"""Metres that a contact must come nearer for anything to be changed."""


def closed(made: Track, figure: Figure, sign: Sign) -> Track:
    """The track with each contact that the sign asks for and that is open closed, as far as that can be had."""
    told = [one for one in asked(sign) if _known(figure, one)]
    # First turned and shifted; then, as the arm cannot give every turn, shifted by what is missing still.
    for turning in (True, False, False):
        if not told:
            return made
        given = replace(made, palms=reached(made, figure).palms)
        still_open = []
        for one in told:
            scene = _scene(given, figure, one, sign.symmetry is not None and sign.symmetry.mirror)
            if scene.gaps[scene.nearest] <= OPEN:
                continue
            still_open.append(one)
            change = _change(scene, turning)
            if change is not None:
                made, given = _applied(made, scene, *change), _applied(given, scene, *change)
        told = still_open
    return made


def _known(figure: Figure, told: Asked) -> bool:
    """Whether both parts are the hand's own (an arm's are not) or a place of the body's skin."""
    mine, theirs = HANDS.index(told.side), 1 - HANDS.index(told.side)
    try:
        _rows(hand_skin(figure, HANDS[mine]), told.part)
        if not told.on_body:
            _rows(hand_skin(figure, HANDS[theirs]), told.sites)
    except SignError:
        return False
    return not told.on_body or _spot(figure, told).skin


def _spot(figure: Figure, told: Asked) -> Spot:
    return spot_of(figure, told.side, Location(sites=told.sites, contacts=("touch",)))


def _rows(skin: HandSkin, sites: tuple[Site, ...]) -> Indices:
    rows = np.concatenate([skin.find(site) for site in sites]) if sites else np.arange(len(skin.points))
    return rows[:: 1 + len(rows) // _MANY]


@dataclass(frozen=True, eq=False)
class _Scene:
    """One contact of a track: what touches (hand a), what is touched, and how far apart they are in some frames.

    radius: metres around the spot of the body that belong to the place. both: the other hand does the same, mirrored.
    nearest: which of the frames is the one in which the contact is looked at.
    """

    track: Track
    figure: Figure
    told: Asked
    a: int
    both: bool
    spot: Spot | None
    radius: float
    frames: Indices
    gaps: Array
    nearest: int

    def cloud(self, h: int, i: int) -> tuple[Array, Array]:
        """(n, 3) metres from the wrist and (n, 3) normals of a hand in frame i, not turned."""
        skin = hand_skin(self.figure, HANDS[h])
        fingers = self.track.fingers[i, h]
        return skin.posed(fingers), skin.posed_normals(fingers)


def _scene(track: Track, figure: Figure, told: Asked, mirrors: bool) -> _Scene:
    a, t = HANDS.index(told.side), len(track)
    count = min(t, max(1, round(START * track.fps))) if told.at_start else t
    mine = _placed(track, figure, a, _rows(hand_skin(figure, HANDS[a]), told.part))
    spot, radius = None, 0.0
    if told.on_body:
        spot = _spot(figure, told)
        radius = max(AREAS[str(site.area)] for site in told.sites) + (ROAM if told.roams else 0.0)
        rough = np.linalg.norm(mine - spot.point, axis=-1).min(1)
    else:
        other = hand_skin(figure, HANDS[1 - a])
        rows = _rows(other, told.sites)
        theirs = _placed(track, figure, 1 - a, rows)
        rough = np.linalg.norm(mine.mean(1) - theirs.mean(1), axis=-1)
    near = np.flatnonzero(rough < rough[:count].min() + _AROUND)
    near = near[np.unique(np.linspace(0, len(near) - 1, min(len(near), _FRAMES)).round().astype(int))]
    frames = np.union1d(near, [int(rough[:count].argmin())])
    if spot is not None:
        gaps = _off_place(figure, mine[frames], spot, radius)[0].min(-1)
    else:
        turned = other.posed_normals(track.fingers[frames, 1 - a], rows) @ np.swapaxes(track.palms[frames, 1 - a], 1, 2)
        gaps = np.array([_apart(mine[i], theirs[i], turned[k])[0] for k, i in enumerate(frames)])
    nearest = int(np.where(frames < count, gaps, np.inf).argmin())
    return _Scene(track, figure, told, a, mirrors and not told.on_body, spot, radius, frames, gaps, nearest)


def _placed(track: Track, figure: Figure, h: int, rows: Indices) -> Array:
    points = hand_skin(figure, HANDS[h]).posed(track.fingers[:, h], rows)
    placed: Array = points @ np.swapaxes(track.palms[:, h], -1, -2) + track.wrists[:, None, h]
    return placed


def _off_place(figure: Figure, points: Array, spot: Spot, radius: float) -> tuple[Array, Array]:
    """Metres that points (..., 3) are off a place of the body, and those that they are off its skin."""
    height = surface(figure).distance(points)
    aside = np.linalg.norm(points - spot.point, axis=-1) - radius
    return np.maximum(np.abs(height), aside), height


def _apart(mine: Array, theirs: Array, normals: Array) -> tuple[float, int, int]:
    """Metres between two skins, and the points of both that are nearest."""
    far, nearest = cKDTree(theirs).query(mine)
    height = np.abs(np.einsum("nc,nc->n", mine - theirs[nearest], normals[nearest]))
    gap = np.where(far < 0.008, height, far)
    k = int(gap.argmin())
    return float(gap[k]), k, int(nearest[k])


def _change(scene: _Scene, turning: bool) -> tuple[Array, Array, Array] | None:
    """Shift (3,) and turn (3, axis-angle) of hand a, and the point (3,) from its wrist that it is turned about."""
    i = int(scene.frames[scene.nearest])
    a, b = scene.a, 1 - scene.a
    track, figure = scene.track, scene.figure
    rest = [scene.cloud(h, i) for h in range(2)]
    few = [_few(figure, h) for h in range(2)]
    part = _rows(hand_skin(figure, HANDS[a]), scene.told.part)
    goal = _rows(hand_skin(figure, HANDS[b]), () if scene.told.on_body else scene.told.sites)
    wrists, palms = track.wrists[i].copy(), track.palms[i].copy()
    middle = rest[a][0][part].mean(0)
    first: tuple[float, float] | None = None
    best: tuple[float, Array, Array] | None = None
    shift, turn = np.zeros(3), np.eye(3)
    dear = np.array([1.0] * 3 + [_ARM if turning else 10.0] * 3)
    for step in range(_STEPS + 1):
        points = [rest[h][0] @ palms[h].T + wrists[h] for h in range(2)]
        normals = [rest[h][1] @ palms[h].T for h in range(2)]
        centres = (wrists[a] + palms[a] @ middle, wrists[b] + palms[b] @ (middle * MIRROR))
        gap, way, at, their = _towards(scene, points, normals, part, goal)
        pull = _row(scene, way, at, their, centres) / dear
        deepest, rows, wanted = 0.0, [], []
        for depth, out, where, on_other in _nearby(scene, points, normals, few):
            deepest = max(deepest, depth)
            rows.append(_row(scene, out, where, where if on_other else None, centres) / dear)
            wanted.append(min(depth - _PRESSED, _STRIDE))
        first = first or (gap, deepest)
        score = _score(gap, deepest)
        if best is None or score < best[0] - 1e-5:
            best = score, shift.copy(), _axis_angle(turn)
        if step == _STEPS or (gap < 2 * MADE and deepest <= _DEEP):
            break
        answer = _step(pull, min(gap - MADE, _STRIDE), np.array(rows).reshape(-1, 6), np.array(wanted)) / dear
        move, spin = _bounded(answer[:3], _STRIDE), _bounded(answer[3:], _TURN)
        shift = _bounded(shift + move, MOST_SHIFTED)
        turned = _bounded(_axis_angle(to_matrix(spin) @ turn), MOST_TURNED)
        turn = to_matrix(turned)
        for h, mirror in ((a, np.ones(3)), (b, MIRROR)):
            if h == b and not scene.both:
                continue
            rotation = mirror[:, None] * turn * mirror
            offset = middle if h == a else middle * MIRROR
            palms[h] = rotation @ track.palms[i, h]
            wrists[h] = track.wrists[i, h] + track.palms[i, h] @ offset + mirror * shift - palms[h] @ offset
    assert best is not None
    assert first is not None
    before = _score(*first)
    return (best[1], best[2], middle) if best[0] < before - _WORTH else None


def _score(gap: float, deepest: float) -> float:
    """Metres: how bad a contact is that is so far apart, with skin so deep in skin."""
    return max(gap, MADE) + 2 * max(deepest - _DEEP, 0.0)


def _towards(
    scene: _Scene, points: list[Array], normals: list[Array], part: Indices, goal: Indices
) -> tuple[float, Array, Array, Array | None]:
    """Metres that are missing, the way (3,) there, from which point, and the point of the other hand if it is that."""
    mine = points[scene.a][part]
    if scene.spot is None:
        theirs = points[1 - scene.a][goal]
        gap, k, j = _apart(mine, theirs, normals[1 - scene.a][goal])
        return gap, _unit(theirs[j] - mine[k]), mine[k], theirs[j]
    off, height = _off_place(scene.figure, mine, scene.spot, scene.radius)
    k = int(off.argmin())
    if off[k] > abs(height[k]):
        return float(off[k]), _unit(scene.spot.point - mine[k]), mine[k], None
    out = surface(scene.figure).slope(mine[k])
    return float(off[k]), -out if height[k] > 0 else out, mine[k], None


def _nearby(
    scene: _Scene, points: list[Array], normals: list[Array], few: list[Indices]
) -> list[tuple[float, Array, Array, bool]]:
    """Skin that is in other skin or may come into it: depth (negative outside), way out for hand a, where, and
    whether it is the other hand's; of each pair of skins the deepest few, some way from each other."""
    a, b = scene.a, 1 - scene.a
    found: list[tuple[float, Array, Array, bool]] = []
    mine = points[a][few[a]]
    if scene.figure.distance(mine).min() < 0.03:
        depth = -surface(scene.figure).distance(mine)
        for k in _deepest(depth, mine):
            found.append((float(depth[k]), surface(scene.figure).slope(mine[k]), mine[k], False))
    for h, sign in ((a, 1.0), (b, -1.0)):
        own, theirs = points[h][few[h]], points[1 - h][few[1 - h]]
        own = own[((own > theirs.min(0) - _NEAR) & (own < theirs.max(0) + _NEAR)).all(1)]
        if not len(own):
            continue
        far, nearest = cKDTree(theirs).query(own)
        rows = few[1 - h][nearest]
        height = np.einsum("nc,nc->n", own - points[1 - h][rows], normals[1 - h][rows])
        # Beside an edge a point seems to be under a skin that is really far off to the side.
        depth = np.where((far < _THICK) & (height < -0.6 * far), -height, -far)
        for k in _deepest(depth, own):
            found.append((float(depth[k]), sign * normals[1 - h][rows[k]], own[k], True))
    return found


def _deepest(depth: Array, points: Array) -> list[int]:
    """Up to ``_ROWS`` of points (n, 3), the deepest first, none within ``_SPREAD`` of another."""
    order = np.argsort(-depth)
    order = order[depth[order] > -_NEAR]
    chosen: list[int] = []
    while len(order) and len(chosen) < _ROWS:
        chosen.append(int(order[0]))
        order = order[np.linalg.norm(points[order] - points[order[0]], axis=1) > _SPREAD]
    return chosen


def _step(pull: Array, missing: float, rows: Array, least: Array) -> Array:
    """(6,) the least change z with ``pull`` . z about ``missing`` and ``rows`` (n, 6) . z at least ``least`` (n,).

    Least distance programming by non-negative least squares (Lawson and Hanson 1974, chapter 23). Where not all can be
    had, what is asked of ``pull`` is let go.
    """
    metric = np.outer(pull, pull) + _RIDGE * np.eye(6)
    lower = np.linalg.cholesky(metric)
    free = np.linalg.solve(metric, pull * missing)
    if not len(rows) or (rows @ free >= least).all():
        return np.asarray(free)
    sides = np.linalg.solve(lower, rows.T).T
    answer, _ = nnls(np.concatenate([sides.T, (least - rows @ free)[None]]), np.array([0.0] * 6 + [1.0]))
    rest = np.concatenate([sides.T, (least - rows @ free)[None]]) @ answer - np.array([0.0] * 6 + [1.0])
    if abs(rest[6]) < 1e-9:
        return np.asarray(np.linalg.lstsq(rows, np.maximum(least, 0), rcond=1e-3)[0])
    return np.asarray(free + np.linalg.solve(lower.T, -rest[:6] / rest[6]))


def _row(scene: _Scene, way: Array, at: Array, their: Array | None, centres: tuple[Array, Array]) -> Array:
    """(6,) how far ``at`` goes along ``way`` when hand a is shifted and turned, against ``their`` point if it moves."""
    row = np.concatenate([way, np.cross(at - centres[0], way)])
    if scene.both and their is not None:
        image = MIRROR * way
        row = row - np.concatenate([image, np.cross(MIRROR * (their - centres[1]), image)])
    return row


def _applied(made: Track, scene: _Scene, shift: Array, turn: Array, middle: Array) -> Track:
    """The track with the change eased in around the frames of the contact."""
    near = np.zeros(len(made))
    same = scene.frames[scene.gaps < scene.gaps[scene.nearest] + _SAME]
    # Of frames that were left out between two that were measured, the whole stretch belongs.
    for one, two in pairwise(same):
        if two - one <= max(2, len(made) // _FRAMES + 1):
            near[one : two + 1] = 1.0
    near[same] = 1.0
    size = float(np.linalg.norm(shift)) + _ARM * float(np.linalg.norm(turn))
    width = 1.2 + 14 * size  # frames: a short while, so that the way to and from the contact stays what it was
    reach = 2 * int(np.ceil(1.2 * width)) + 1
    share = gaussian_filter1d(maximum_filter1d(near, reach, mode="nearest"), width, mode="nearest")
    share = share / max(float(share.max()), 1e-9)
    wrists, palms = made.wrists.copy(), made.palms.copy()
    for h, mirror in ((scene.a, np.ones(3)), (1 - scene.a, MIRROR)):
        if h != scene.a and not scene.both:
            continue
        # An axis is no arrow: mirrored in x it keeps x and turns the rest round.
        axis = turn if h == scene.a else -MIRROR * turn
        offset = middle if h == scene.a else middle * MIRROR
        palms[:, h] = to_matrix(share[:, None] * axis) @ made.palms[:, h]
        wrists[:, h] += (made.palms[:, h] - palms[:, h]) @ offset + share[:, None] * (mirror * shift)
    return replace(made, wrists=wrists, palms=palms)


@lru_cache(maxsize=4)
def _few(figure: Figure, hand: int) -> Indices:
    points = hand_skin(figure, HANDS[hand]).points
    few: Indices = np.sort(np.unique(np.round(points / 0.006).astype(int), axis=0, return_index=True)[1])
    return few


def _unit(vector: Array) -> Array:
    unit: Array = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit


def _bounded(vector: Array, most: float) -> Array:
    length = float(np.linalg.norm(vector))
    return vector * (most / length) if length > most else vector


def _axis_angle(matrix: Array) -> Array:
    return np.asarray(Rotation.from_matrix(matrix).as_rotvec())
