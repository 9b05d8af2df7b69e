"""Putting a hand where it is written to be: at a place of the body, or against the other hand, by its own skin.

A hand of a given shape and orientation is shifted along the direction out of the place until the part that is meant
(or the part that faces the place) is as near as the notation says, and no other part is inside anything.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sign_models.hamnosys.figure import MIRROR, Figure
from sign_models.hamnosys.hand.parts import HandSkin, Indices, hand_skin
from sign_models.hamnosys.sign import ARM_AREAS, FINGERS, HandContact, Location, Site
from sign_models.hamnosys.surface.sites import HEAD_AREAS, Spot, place, surface

Array = NDArray[np.float64]

TOUCH = 0.0015
"""Metres of air that still count as touching; keeps skin from flickering through skin."""
CLOSE = 0.035
NEAR_HEAD, NEAR_TRUNK = 0.06, 0.13
"""Metres before a place of head or trunk when no distance is written."""
NEUTRAL = 0.17
"""Metres before the chest for neutral space."""
EXTENDED = 0.36
"""Metres before a place with the arm extended."""
APART = 0.055
"""Metres from the middle to the nearer edge of each of two hands that are not said to be close."""
BESIDE = 0.006
"""The same for hands that are each written to be at their side of a place."""
_CLEAR = 0.001
_OWN_ARM = frozenset({"elbow", "elbowinside", "lowerarm", "upperarm"})
"""Places of an arm that belong to no hand."""
_FAR_PUSH = 0.04
"""Metres from which on it is asked whether another way out of the body is shorter."""
_DRAWN_BACK = 0.03
"""Metres that a hand may be drawn back from a part before the part is met from another side."""
_INTERLACED = -0.022
"""Metres: fingers that interlock go between each other."""


@dataclass(frozen=True)
class HandState:
    """One hand at one moment: wrist (3,) metres, palm (3, 3) world rotation from the T-pose, fingers (15, 3)."""

    wrist: Array
    palm: Array
    fingers: Array

    def moved(self, shift: Array) -> "HandState":
        """The same hand, shifted by metres (3,)."""
        return HandState(self.wrist + shift, self.palm, self.fingers)


def mirrored(state: HandState) -> HandState:
    """The same posture made by the other hand."""
    return HandState(state.wrist * MIRROR, MIRROR[:, None] * state.palm * MIRROR, -state.fingers * MIRROR)


def skin_points(figure: Figure, side: str, state: HandState) -> Array:
    """(n, 3) skin of the hand in the world."""
    points: Array = hand_skin(figure, side).posed(state.fingers) @ state.palm.T + state.wrist
    return points


def at_location(figure: Figure, side: str, state: HandState, location: Location) -> HandState:
    """``state`` shifted to a location on head, trunk or in space. ``location.sites`` must not be empty."""
    spot = spot_of(figure, side, location)
    own_arm = [str(site.area) for site in location.hand if site.area in _OWN_ARM]
    if own_arm:
        return arm_against(figure, spot.point, spot.normal, state, own_arm[0], side)
    return _settle(figure, side, state, spot, location)


def spot_of(figure: Figure, side: str, location: Location) -> Spot:
    """The place of a location; of two sites, halfway."""
    touching = location.contact in ("touch", "brushing", "close")
    # Of a place between body and other hand the body is what can be found here.
    sites = [site for site in location.sites if not site.on_hand] or location.sites
    spots = [place(site, figure, side, touching) for site in sites]
    point = np.mean([spot.point for spot in spots], axis=0)
    normal = np.sum([spot.normal for spot in spots], axis=0)
    skin = all(spot.skin for spot in spots)
    if not touching and not _on_head(location):
        # From afar the trunk is a flat wall: what counts is the distance forward.
        normal = np.array([0.0, 0, -1 if location.sites[0].behind else 1])
    elif not touching and location.sites[0].area != "underchin":
        normal = normal * np.array([1.0, 0.3, 1.0])
    return Spot(point, normal / np.linalg.norm(normal), skin)


def gap_of(location: Location) -> float:
    """Metres between the place and the nearest skin of the hand."""
    if location.extended:
        return EXTENDED
    if location.contact is not None:
        return {"close": CLOSE}.get(location.contact, TOUCH)
    if _on_head(location):
        return NEAR_HEAD
    if location.sites and location.sites[0].area == "neutralspace":
        return NEUTRAL
    return NEAR_TRUNK


def _on_head(location: Location) -> bool:
    return any(site.area in HEAD_AREAS for site in location.sites)


def _settle(figure: Figure, side: str, state: HandState, spot: Spot, location: Location) -> HandState:
    skin = hand_skin(figure, side)
    cloud = skin.posed(state.fingers) @ state.palm.T
    anchor, support = _meant(skin, state, -spot.normal, location.hand, _on_head(location))
    gap = gap_of(location)
    if location.contact is None and not location.hand:
        anchor = np.arange(len(cloud))
    wrist = _against(cloud, anchor, support, spot, gap)
    if spot.skin and location.contact is not None:
        wrist = _touch_down(figure, cloud, support, wrist, spot.normal, gap)
    return HandState(push_out(figure, cloud, wrist, spot.normal), state.palm, state.fingers)


def _against(cloud: Array, anchor: Indices, support: Indices, spot: Spot, gap: float) -> Array:
    """The wrist for which the anchor is straight before the spot and the support's nearest point at the gap."""
    height = cloud @ spot.normal
    nearest = float(height[support].min())
    middle = cloud[anchor].mean(0)
    sideways = middle - spot.normal * float(middle @ spot.normal)
    wrist: Array = spot.point + spot.normal * (gap - nearest) - sideways
    return wrist


def _touch_down(figure: Figure, cloud: Array, support: Indices, wrist: Array, normal: Array, gap: float) -> Array:
    """Shifts along the normal until the nearest point of the support is at the gap from the skin."""
    skin = surface(figure)
    for _ in range(6):
        nearest = float(skin.distance(cloud[support] + wrist).min())
        if abs(nearest - gap) < 0.0005:
            break
        wrist = wrist + normal * np.clip(gap - nearest, -0.05, 0.05)
    return wrist


def push_out(figure: Figure, cloud: Array, wrist: Array, normal: Array) -> Array:
    """Shifts until no point of the hand is inside head or trunk: along the normal, or forward where that is shorter."""
    ways = [_pushed(figure, cloud, wrist, normal)]
    if np.linalg.norm(ways[0] - wrist) > _FAR_PUSH:
        ways.append(_pushed(figure, cloud, wrist, np.array([0.0, 0, 1])))
    skin = surface(figure)
    inside = [float(skin.distance(cloud + way).min()) < 0 for way in ways]
    far = [float(np.linalg.norm(way - wrist)) for way in ways]
    return ways[min(range(len(ways)), key=lambda i: (inside[i], far[i]))]


def _pushed(figure: Figure, cloud: Array, wrist: Array, normal: Array) -> Array:
    """Along one direction until just clear of the body: in strides first, then halving the last one."""
    skin = surface(figure)
    inside = clear = 0.0
    for _ in range(24):
        nearest = float(skin.distance(cloud + wrist + normal * clear).min())
        if nearest >= _CLEAR:
            break
        inside, clear = clear, clear + 1.2 * (_CLEAR - nearest) + 0.0005
    for _ in range(6 if clear - inside > 0.004 else 0):
        middle = (inside + clear) / 2
        if float(skin.distance(cloud + wrist + normal * middle).min()) >= _CLEAR:
            clear = middle
        else:
            inside = middle
    return wrist + normal * clear


def _meant(
    skin: HandSkin, state: HandState, facing: Array, sites: tuple[Site, ...], on_head: bool
) -> tuple[Indices, Indices]:
    """Which points are to be before the place (anchor) and which decide the distance (support).

    facing: direction from the hand to the place.
    """
    if sites:
        part = np.concatenate([skin.find(site) for site in sites])
        return part, part
    everything = np.arange(len(skin.points))
    turned = {name: float(axis @ facing) for name, axis in zip(_SIDES, _side_axes(skin.side, state.palm), strict=True)}
    stretched = [digit for digit, share in zip(FINGERS, skin.reach(state.fingers), strict=True) if share > 0.88]
    fingers = [digit for digit in stretched if digit != "thumb"]
    best = max(turned, key=lambda name: turned[name])
    if best == "tips":
        tips = [skin.parts[f"{digit} tip"] for digit in fingers]
        return (np.concatenate(tips) if tips else _foremost(skin, state, facing)), everything
    if best == "palm" and on_head and fingers:
        pads = np.concatenate([skin.parts[f"{digit} pad"] for digit in fingers[:3]])
        return pads, pads
    if best == "handback" and on_head and fingers:
        back = np.concatenate([skin.parts[digit] for digit in fingers[:3]])
        return back, back
    if best == "palm" and "thumb" not in stretched and not fingers and skin.reach(state.fingers)[1:].min() > 0.45:
        return _foremost(skin, state, facing), everything
    return skin.parts[best], everything


_SIDES = ("palm", "handback", "tips", "thumbside", "pinkyside")


def _side_axes(side: str, palm: Array) -> Array:
    """(5, 3) directions out of palm, back, fingertips, thumb's edge and little finger's edge."""
    out = 1.0 if side == "left" else -1.0
    rest = np.array([[0.0, -1, 0], [0, 1, 0], [out, 0, 0], [0, 0, 1], [0, 0, -1]])
    return rest @ palm.T


def _foremost(skin: HandSkin, state: HandState, facing: Array) -> Indices:
    """The points that lie farthest in a direction, within half a centimetre."""
    height = skin.posed(state.fingers) @ state.palm.T @ facing
    return np.flatnonzero(height > height.max() - 0.005)


# --- hand against hand -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Both hands placed against each other, and the point (3,) where they meet."""

    left: HandState
    right: HandState
    point: Array

    def moved(self, shift: Array) -> "Pair":
        """Both hands, shifted together."""
        return Pair(self.left.moved(shift), self.right.moved(shift), self.point + shift)


def against_hand(
    figure: Figure, base: HandState, hand: HandState, contact: HandContact, side: str = "right"
) -> tuple[HandState, Array]:
    """``hand`` shifted so that it meets ``base`` (the other hand) as written; and the point where they meet.

    side: which hand ``hand`` is.
    """
    other = "left" if side == "right" else "right"
    mine, theirs = hand_skin(figure, side), hand_skin(figure, other)
    base_cloud = skin_points(figure, other, base)
    base_normals = theirs.posed_normals(base.fingers) @ base.palm.T
    cloud = mine.posed(hand.fingers) @ hand.palm.T
    base_part, outward = _face_of(theirs, base, base_cloud, base_normals, contact, mine, hand)
    own_arm = [site for site in contact.dominant if site.area in ARM_AREAS and site.area not in mine.parts]
    if own_arm:
        top = base_cloud[base_part].mean(0)
        return arm_against(figure, top, outward, hand, str(own_arm[0].area), side), top
    if contact.contact == "cross":
        outward = np.array([0.0, 0.3, 0.954])
    anchor, _ = _meant(mine, hand, -outward, contact.dominant, False)
    gap = _hand_gap(contact)

    def put(way: Array) -> tuple[float, Array, Array]:
        """Metres that the hand had to be drawn back, its wrist, and where the hands meet, for one way out."""
        heights = base_cloud[base_part] @ way
        point = base_cloud[base_part][heights > heights.max() - 0.008].mean(0)
        if contact.nondominant and not contact.nondominant[0].digits:
            middle = base_cloud[base_part].mean(0)
            point = middle + way * float((point - middle) @ way)
        lowest = float((cloud[anchor] @ way).min())
        centre = cloud[anchor].mean(0)
        first = point + way * (gap - lowest + float(centre @ way)) - centre
        wrist = _off_hand(base_cloud, base_normals, cloud, anchor, first, way, contact)
        return float(np.linalg.norm(wrist - first)), wrist, point

    best = put(outward)
    if best[0] > _DRAWN_BACK and contact.contact == "touch":
        # The rest of the hand is in the way there: the part may be met from another side.
        sides = _side_axes(other, base.palm)
        best = min([best, *(put(way) for way in sides if way @ outward > -0.5)], key=lambda found: found[0])
    return HandState(best[1], hand.palm, hand.fingers), best[2]


def _hand_gap(contact: HandContact) -> float:
    if contact.contact is None:
        return 0.06
    return {"close": CLOSE, "interlock": _INTERLACED}.get(contact.contact, TOUCH)


def _off_hand(
    base: Array, normals: Array, cloud: Array, anchor: Indices, wrist: Array, outward: Array, contact: HandContact
) -> Array:
    """Shifts along ``outward`` until the hands are the written distance apart."""
    if contact.contact == "interlock":
        return wrist
    tree = cKDTree(base)
    gap = _hand_gap(contact)
    for _ in range(8):
        points = cloud + wrist
        far, nearest = tree.query(points)
        height = np.einsum("nc,nc->n", points - base[nearest], normals[nearest])
        signed = np.where(far < 0.012, height, np.where(height < 0, np.where(far < 0.03, height, far), far))
        lowest = float(signed.min())
        part = float(np.abs(far[anchor]).min())
        if lowest < _CLEAR - 1e-4:
            wrist = wrist + outward * (_CLEAR - lowest + 0.0005)
        elif contact.contact == "touch" and min(lowest, part) > gap + 0.002:
            wrist = wrist - outward * (min(lowest, part) - gap) * 0.8
        else:
            break
    return wrist


def _face_of(
    theirs: HandSkin,
    base: HandState,
    cloud: Array,
    normals: Array,
    contact: HandContact,
    mine: HandSkin,
    hand: HandState,
) -> tuple[Indices, Array]:
    """The part of the base hand that is met, and the direction out of it."""
    if contact.nondominant:
        part = np.concatenate([theirs.find(site) for site in contact.nondominant])
        return part, _outward(cloud, normals, part, theirs, base, contact.nondominant)
    theirs_axes = _side_axes(theirs.side, base.palm)
    if contact.dominant and all(site.area not in ARM_AREAS or site.area in mine.parts for site in contact.dominant):
        part = np.concatenate([mine.find(site) for site in contact.dominant])
        own = mine.posed_normals(hand.fingers)[part].mean(0) @ hand.palm.T
        own_axes = (own / max(float(np.linalg.norm(own)), 1e-9))[None]
    else:
        own_axes = _side_axes(mine.side, hand.palm)
    # Faces that look at each other, and rather those that are turned to where the other hand comes from.
    from_side = -1.0 if theirs.side == "left" else 1.0
    score = -own_axes @ theirs_axes.T + 0.35 * from_side * theirs_axes[:, 0] + 0.15 * theirs_axes[:, 1]
    name = _SIDES[int(score.max(0).argmax())]
    outward = theirs_axes[_SIDES.index(name)]
    if name == "tips":
        height = cloud @ outward
        return np.flatnonzero(height > height.max() - 0.01), outward
    return theirs.parts[name], outward


def _outward(
    cloud: Array, normals: Array, part: Indices, skin: HandSkin, state: HandState, sites: tuple[Site, ...]
) -> Array:
    """Mean direction out of a part; out of a tip it is along the finger, out of a whole finger to its thumb side."""
    if sites[0].part == "tip":
        knuckle = skin.joints.mean(0) @ state.palm.T + state.wrist
        along = cloud[part].mean(0) - knuckle
        unit: Array = along / np.linalg.norm(along)
        return unit
    mean = normals[part].mean(0)
    length = float(np.linalg.norm(mean))
    if length < 0.25:
        thumb: Array = _side_axes(skin.side, state.palm)[3]
        return thumb
    return mean / length


def at_middle(
    figure: Figure, state: HandState, contact: HandContact | None, side: str = "right", apart: float = APART
) -> HandState:
    """``state`` shifted sideways so that it and its mirror image meet in the middle as written, or are well apart.

    Only the named part decides when one is named; without a contact the nearer edge keeps ``apart`` metres.
    """
    own = 1.0 if side == "left" else -1.0
    skin = hand_skin(figure, side)
    cloud = skin_points(figure, side, state)
    part = np.arange(len(cloud))
    if contact is not None and contact.dominant:
        part = np.concatenate([skin.find(site) for site in contact.dominant])
    inner = float((cloud[part, 0] * own).min())
    if contact is None:
        return state if inner >= apart else state.moved(np.array([own * (apart - inner), 0, 0]))
    gap = _hand_gap(contact) / 2
    if contact.contact != "interlock":
        # Other parts may not pass through the mirror either.
        inner = min(inner, float((cloud[:, 0] * own).min()) + (0.0 if part.size == len(cloud) else 0.004))
    return state.moved(np.array([own * (gap - inner), 0, 0]))


def to_surface(figure: Figure, side: str, state: HandState, spot: Spot) -> HandState:
    """``state`` shifted along the normal of a spot until its nearest skin just touches head or trunk."""
    cloud = hand_skin(figure, side).posed(state.fingers) @ state.palm.T
    wrist = _touch_down(figure, cloud, np.arange(len(cloud)), state.wrist, spot.normal, TOUCH)
    return HandState(wrist, state.palm, state.fingers)


def to_skin(figure: Figure, side: str, state: HandState, spot: Spot, sites: tuple[Site, ...]) -> HandState:
    """The same for the parts of the hand that are meant, and so that no other part is inside the body."""
    skin = hand_skin(figure, side)
    cloud = skin.posed(state.fingers) @ state.palm.T
    part = np.concatenate([skin.find(site) for site in sites]) if sites else np.arange(len(cloud))
    wrist = _touch_down(figure, cloud, part, state.wrist, spot.normal, TOUCH)
    return HandState(push_out(figure, cloud, wrist, spot.normal), state.palm, state.fingers)


def at_spot(figure: Figure, side: str, state: HandState, spot: Spot, location: Location) -> HandState:
    """``state`` shifted to a spot that is not skin of head or trunk (an arm); ``location`` tells contact and part."""
    return _settle(figure, side, state, Spot(spot.point, spot.normal, skin=False), location)


def pair_at(
    figure: Figure, main: HandState, base: HandState, point: Array, location: Location
) -> tuple[HandState, HandState]:
    """Both hands (right, left) shifted together so that where they meet is at a location, neither inside the body."""
    spot = spot_of(figure, "right", location)
    both = np.concatenate([skin_points(figure, "right", main), skin_points(figure, "left", base)])
    nearest = float((both @ spot.normal).min())
    away = spot.point - point
    forward = float(spot.point @ spot.normal) + gap_of(location) - nearest
    shift = away - spot.normal * float(away @ spot.normal) + spot.normal * forward
    if spot.skin and location.contact is not None:
        shift = _touch_down(figure, both, np.arange(len(both)), shift, spot.normal, gap_of(location))
    shift = push_out(figure, both, shift, spot.normal)
    return main.moved(shift), base.moved(shift)


_ARM_SIDE = 0.038
"""Metres from the middle of a forearm to its skin."""
_ELBOW_END = 0.018
"""Metres from the elbow's joint to the skin at its end."""


def arm_spot(figure: Figure, side: str, base: HandState, area: str, facing: Array) -> Spot:
    """A place on the arm that holds the base hand; on the forearm, on the side that ``facing`` points to."""
    points, normals = _wrist_faces(figure, side, base)
    if area in points:
        return Spot(points[area], normals[area], skin=False)
    shoulder, elbow = _elbow(figure, side, base)
    along = {"elbow": (elbow, 1.0), "elbowinside": (elbow, 1.0)}.get(area)
    back_of_arm = elbow - (shoulder + base.wrist) / 2
    back_of_arm /= np.linalg.norm(back_of_arm)
    if along is not None:
        outward = back_of_arm if area == "elbow" else -back_of_arm
        return Spot(elbow + outward * 1.15 * _ARM_SIDE, outward, skin=False)
    start, end = (shoulder, elbow) if area == "upperarm" else (elbow, base.wrist)
    bone = (end - start) / np.linalg.norm(end - start)
    own = 1.0 if side == "left" else -1.0
    if area == "upperarm":
        facing = np.array([own, 0.1, 0.35])
    outward = facing - bone * float(bone @ facing)
    if np.linalg.norm(outward) < 0.2:
        outward = np.array([0.0, 1, 0.3]) - bone * float(bone @ np.array([0.0, 1, 0.3]))
    outward /= np.linalg.norm(outward)
    radius = 1.25 * _ARM_SIDE if area == "upperarm" else _ARM_SIDE
    return Spot(start + 0.5 * (end - start) + outward * radius, outward, skin=False)


def facing_of(figure: Figure, side: str, hand: HandState, sites: tuple[Site, ...]) -> Array:
    """(3,) direction from what a part of a hand (or its palm) looks at towards the hand."""
    if not sites or any(site.area in ARM_AREAS for site in sites):
        return hand.palm @ np.array([0.0, 1, 0])
    skin = hand_skin(figure, side)
    part = np.concatenate([skin.find(site) for site in sites])
    normals = skin.posed_normals(hand.fingers) @ hand.palm.T
    return -_outward(skin_points(figure, side, hand), normals, part, skin, hand, sites)


def arm_against(figure: Figure, base_point: Array, outward: Array, hand: HandState, area: str, side: str) -> HandState:
    """``hand`` held so that a place of its own arm rests on a point; the forearm is taken to go on along the hand."""
    _, _, elbow, wrist = figure.arm(side)
    length = float(np.linalg.norm(wrist - elbow))
    share = {"lowerarm": 0.5, "elbow": 1.0, "elbowinside": 0.95, "upperarm": 1.3}.get(area, 0.0)
    out = 1.0 if side == "left" else -1.0
    axis = hand.palm @ np.array([out, 0.0, 0])
    upright = abs(float(outward @ axis)) if area == "elbow" else 0.0
    thick = _ARM_SIDE + upright * (_ELBOW_END - _ARM_SIDE) + TOUCH
    return HandState(base_point + outward * thick + axis * length * share, hand.palm, hand.fingers)


def _wrist_faces(figure: Figure, side: str, base: HandState) -> tuple[dict[str, Array], dict[str, Array]]:
    """Points and directions of the four sides of a wrist."""
    skin = hand_skin(figure, side)
    cloud = skin_points(figure, side, base)
    axes = dict(zip(_SIDES, _side_axes(side, base.palm), strict=True))
    faces = {"wristback": "handback", "wristpulse": "palm", "wristthumb": "thumbside", "wristpinky": "pinkyside"}
    around = np.concatenate([skin.parts["wristback"], skin.parts["wristpulse"]])
    points, normals = {}, {}
    for area, face in faces.items():
        heights = cloud[around] @ axes[face]
        points[area] = base.wrist + axes[face] * float(heights.max() - base.wrist @ axes[face])
        normals[area] = axes[face]
    return points, normals


def _elbow(figure: Figure, side: str, base: HandState) -> tuple[Array, Array]:
    """Shoulder, and about where the elbow hangs for a hand that is held so."""
    _, shoulder, elbow, wrist = figure.arm(side)
    upper, lower = float(np.linalg.norm(elbow - shoulder)), float(np.linalg.norm(wrist - elbow))
    line = base.wrist - shoulder
    far = float(np.clip(np.linalg.norm(line), abs(upper - lower) + 0.01, 0.995 * (upper + lower)))
    line = line / np.linalg.norm(line)
    own = 1.0 if side == "left" else -1.0
    down = np.array([0.38 * own, -0.85, -0.37])
    down = down - line * float(down @ line)
    down /= np.linalg.norm(down)
    cosine = (upper**2 + far**2 - lower**2) / (2 * upper * far)
    return shoulder, shoulder + upper * (cosine * line + np.sqrt(max(0.0, 1 - cosine**2)) * down)
