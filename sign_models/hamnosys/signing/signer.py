"""A signer at work: knows how both hands are held now and turns each movement of a sign into strokes.

Everything is worked out for a right-handed signer; ``synthesizer`` mirrors the result for a left-handed one.
"""

from dataclasses import dataclass, field, replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from sign_models.hamnosys.arm.posture import hand_rotation, rest_posture
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.hand.handshapes import complete, finger_pose, fingerplay
from sign_models.hamnosys.hand.orientation import direction, palm_normal
from sign_models.hamnosys.sign import (
    ARM_AREAS,
    BodyMotion,
    Circle,
    Configuration,
    Fingerplay,
    Fusion,
    HandContact,
    Handshape,
    Hold,
    Location,
    Movement,
    Orientation,
    Parallel,
    Posture,
    Replace,
    Sequence,
    Sign,
    Site,
    Straight,
    Symmetry,
    TwoHands,
    Wrist,
    walk,
)
from sign_models.hamnosys.signing.body_motion import feature_of
from sign_models.hamnosys.signing.movement import Effect, U, circle_start, effect, pace
from sign_models.hamnosys.signing.placement import (
    APART,
    BESIDE,
    HandState,
    against_hand,
    arm_against,
    arm_spot,
    at_location,
    at_middle,
    at_spot,
    facing_of,
    pair_at,
    skin_points,
    spot_of,
    to_skin,
    to_surface,
)
from sign_models.hamnosys.signing.strokes import (
    HEEL,
    Path,
    Stroke,
    apart_seconds,
    back,
    between,
    fused,
    reversed_strokes,
    still,
    turned_along,
    with_effect,
)
from sign_models.skeleton import HANDS

Array = NDArray[np.float64]

MAIN, OTHER = "right", "left"
_ONE = np.ones(3)
_NEUTRAL = Location(sites=(Site(area="neutralspace"),))
_OWN_ARM = ("elbow", "elbowinside", "lowerarm", "upperarm")
_HAND_BASE = Posture(Handshape("flathand", ("out",)), Orientation(("or",), ("u",)))
"""How the other hand is held that nothing is said of but that something happens on it: a palm to work on."""
_ARM_BASE = Posture(Handshape("fist"), Orientation(("r",), ("d",)))
"""The same for its arm: the forearm lies across before the trunk."""
_LIFT = 0.025
"""Metres a brushing hand leaves the skin on its way back."""
_SEEN = 0.65
"""Share of the usual length that a stroke into contact has at least, however near the hand is written to begin."""
_FLAT_ON = 0.4
"""Square of the share of a palm's normal that points sideways from which on two palms that meet are flat on."""
_SEVERAL = 2
"""Repeats meant by a mark that says several."""
_CYCLIC = (Circle, Wrist, Fingerplay)


@dataclass
class Said:
    """What has last been written of one hand; later words change only what they name."""

    shape: Handshape = field(default_factory=lambda: Handshape(base="flathand", thumb=("out",)))
    orientation: Orientation = field(default_factory=lambda: Orientation(finger=("o",), palm=("d",)))
    reflect: Array = field(default_factory=lambda: np.ones(3))
    """How the written directions become this hand's: mirrored for the other hand of a symmetric sign."""


@dataclass
class Signer:
    """hands: both hands now. touching: the body place that the main hand lies on, if any."""

    figure: Figure
    symmetry: Symmetry | None = None
    hands: dict[str, HandState] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=lambda: {MAIN: Said(), OTHER: Said()})
    place: Location | None = None
    contact: HandContact | None = None
    touching: Location | None = None
    notes: list[str] = field(default_factory=list)

    # --- postures ----------------------------------------------------------------------------------------------------

    def start(self, sign: Sign) -> None:
        """Take up the first posture of a sign."""
        self.symmetry = sign.symmetry
        rest = rest_posture(self.figure)
        for h, side in enumerate(HANDS):
            self.hands[side] = HandState(rest.wrists[0, h], rest.palms[0, h], rest.fingers[0, h])
        config = sign.initial
        told = sign.symmetry is not None or config.nondominant is not None
        met = _met_areas(sign)
        both = told or sign.two_handed or bool(met)
        self._shape(MAIN, config.dominant, explicit=True)
        if told:
            self._shape(OTHER, _posture(config, OTHER), explicit=config.nondominant is not None)
        elif both:
            self._shape(OTHER, _ARM_BASE if any(area in ARM_AREAS for area in met) else _HAND_BASE, explicit=True)
        self.hands.update(self._located(config, both))
        if sign.actions:
            self._make_ready(sign.actions[0])

    def _shape(self, side: str, posture: Posture, explicit: bool) -> None:
        """Handshape and orientation of a hand as written; its place stays."""
        said = self.said[side]
        if posture.handshape is not None:
            said.shape = complete(posture.handshape, said.shape)
        written = posture.orientation
        if written is not None:
            finger = written.finger or said.orientation.finger
            palm = written.palm or said.orientation.palm
            said.orientation = replace(written, finger=finger, palm=palm)
            said.reflect = self._reflect(side) if not (explicit and side == OTHER) else _ONE
        hand = self.hands[side]
        self.hands[side] = HandState(hand.wrist, self._palm(side), np.array(finger_pose(said.shape, side)))

    def _palm(self, side: str) -> Array:
        said = self.said[side]
        axis = direction(said.orientation.finger) * said.reflect
        normal = palm_normal(said.orientation.finger, said.orientation.palm) * said.reflect
        rotation: Array = hand_rotation(side, axis, normal)
        return rotation

    def _reflect(self, side: str) -> Array:
        """(3,) how written directions become those of a hand."""
        if side == MAIN or self.symmetry is None:
            return _ONE
        s = self.symmetry
        return np.array([-1.0 if s.mirror else 1.0, -1.0 if s.up_down else 1.0, -1.0 if s.out_in else 1.0])

    def _located(self, config: Configuration, both: bool) -> dict[str, HandState]:
        """Both hands at the place that a configuration names."""
        location = config.dominant.location
        contact = config.contact
        if _on_hand(location) and location is not None:
            contact, location = _as_contact(location), None
        if location is not None and not location.sites:
            location = replace(location, sites=(self.place or _NEUTRAL).sites)
        self.place = location or _NEUTRAL
        self.contact = contact
        self.touching = self.place if self.place.contact in ("touch", "brushing") else None
        if not both:
            hand = at_location(self.figure, MAIN, self.hands[MAIN], self.place)
            return {MAIN: hand if location is not None else _aside(hand)}
        theirs = config.nondominant.location if config.nondominant is not None else None
        if theirs is not None and _on_hand(theirs):
            # What is told of the other hand is its part that is met, not where it is.
            known = contact or HandContact(contacts=theirs.contacts)
            contact, theirs = replace(known, nondominant=known.nondominant or theirs.sites), None
            self.contact = contact
        if contact is not None:
            return self._met(contact, self.place, theirs)
        hands = {MAIN: self._beside(MAIN, self.place, own=theirs is not None)}
        hands[OTHER] = self._beside(OTHER, _mirrored(self.place) if theirs is None else theirs, own=theirs is not None)
        crossed = config.crossed or (self.symmetry is not None and self.symmetry.crossed)
        if crossed:
            hands = {side: _to_other_side(self.figure, side, hand) for side, hand in hands.items()}
        return hands

    def _beside(self, side: str, location: Location, own: bool) -> HandState:
        """A hand at a place, on its side of the middle. own: no other hand is to be there, too."""
        hand = at_location(self.figure, side, self.hands[side], location)
        sides = {str(site.side).split("_")[0] for site in location.sites if site.side}
        if sides - {side, "both"}:
            return hand  # meant to be on the other side
        touches = location.contact in ("touch", "brushing")
        if own and touches:
            return hand
        apart = at_middle(self.figure, hand, None, side, APART if not sides else BESIDE)
        return self._back_on_skin(side, apart, location) if touches else apart

    def _back_on_skin(self, side: str, hand: HandState, location: Location) -> HandState:
        """A hand that was shifted along a place, brought back to its skin."""
        spot = spot_of(self.figure, side, location)
        return to_skin(self.figure, side, hand, spot, location.hand) if spot.skin else hand

    def _met(self, contact: HandContact, location: Location, theirs: Location | None) -> dict[str, HandState]:
        """Hands that stand to each other as ``contact`` says, the pair at a location."""
        if self._mirrors(contact):
            main = at_location(self.figure, MAIN, self.hands[MAIN], location)
            main = at_middle(self.figure, main, contact, MAIN)
            other = at_location(self.figure, OTHER, self.hands[OTHER], _mirrored(location))
            return {MAIN: main, OTHER: at_middle(self.figure, other, contact, OTHER)}
        if theirs is None and any(site.area in _OWN_ARM for site in contact.nondominant):
            theirs = location  # an arm hangs on its shoulder: it is the hand that is put to the place
        base = at_location(self.figure, OTHER, self.hands[OTHER], theirs) if theirs is not None else self.hands[OTHER]
        main, point = self._against(base, self.hands[MAIN], contact)
        if theirs is not None:
            return {MAIN: main, OTHER: base}
        main, base = pair_at(self.figure, main, base, point, location)
        if any(site.area in ARM_AREAS for site in contact.nondominant):
            # What the arm does depends on where the hand is, so it is asked again now that that is known.
            main, _ = self._against(base, main, contact)
        reach = self._elbow_reach(contact, main)
        return {MAIN: main.moved(reach), OTHER: base.moved(reach)}

    def _elbow_reach(self, contact: HandContact, main: HandState) -> Array:
        """(3,) metres to shift both hands so that an elbow that rests on the other hand can get there."""
        if not any(site.area in _OWN_ARM for site in contact.dominant):
            return np.zeros(3)
        _, shoulder, elbow, _ = self.figure.arm(MAIN)
        along = main.palm @ np.array([1.0, 0.0, 0.0]) * -self._pivot(MAIN)  # the right hand's fingers point along -x
        to_elbow = main.wrist + along - shoulder
        needed: Array = to_elbow * (float(np.linalg.norm(elbow - shoulder)) / float(np.linalg.norm(to_elbow)) - 1)
        return needed

    def _mirrors(self, contact: HandContact) -> bool:
        """Whether the hands are each other's image, so that they meet in the middle."""
        if self.symmetry is None or not self.symmetry.mirror or contact.contact == "cross":
            return False
        same_part = not contact.nondominant or contact.nondominant == contact.dominant
        image = np.array([-1.0, 1, 1])
        turned = image[:, None] * self.hands[MAIN].palm * image
        return same_part and bool(np.abs(turned - self.hands[OTHER].palm).max() < 0.05)

    def _against(self, base: HandState, hand: HandState, contact: HandContact) -> tuple[HandState, Array]:
        arm = [site for site in contact.nondominant if site.area in ARM_AREAS]
        if arm:
            facing = facing_of(self.figure, MAIN, hand, contact.dominant)
            spot = arm_spot(self.figure, OTHER, base, str(arm[0].area), facing)
            own = [site.area for site in contact.dominant if site.area in _OWN_ARM]
            if own:
                return arm_against(self.figure, spot.point, spot.normal, hand, str(own[0]), MAIN), spot.point
            location = Location(contacts=contact.contacts or ("near",), hand=contact.dominant)
            return at_spot(self.figure, MAIN, hand, spot, location), spot.point
        return against_hand(self.figure, base, hand, contact)

    def _make_ready(self, first: Movement) -> None:
        """Take the hands to where the first movement can be seen.

        A sign that begins with a circle has its place in the circle's middle; its hands start on the rim (at opposite
        ends when they move in turn). A stroke that ends in contact starts far enough away.
        """
        for part in _leaves(first):
            if isinstance(part, Circle):
                for side in self._movers(first):
                    opposite = self._in_turn(first) and side == OTHER
                    self._lift_to(side, circle_start(part, self._reflect(side)) * (-1 if opposite else 1))
                return
        moves = self._movers(first)
        drawn = {side: self._drawn_back(side, first) for side in moves}
        self.hands.update(drawn)

    def _drawn_back(self, side: str, first: Movement) -> HandState:
        """The hand as far before the contact in which the first stroke ends as that stroke is usually long."""
        hand = self.hands[side]
        parts = [part for part in _own_parts(_leaves(first), side) if isinstance(part, Straight)]
        in_touch = self.touching is not None or (
            self.contact is not None and self.contact.contact not in (None, "close")
        )
        if len(parts) != 1 or in_touch or any(isinstance(part, Replace) for part in _leaves(first)):
            return hand
        shift = effect(parts[0], side, self._reflect(side)).shift[-1]
        goal = self._goal(side, list(parts), first, hand.moved(shift))
        target = parts[0].target or first.target
        contact = (parts[0].meets or first.meets) is not None or (target is not None and target.contact == "touch")
        if goal is None or not contact:
            return hand
        length = float(np.linalg.norm(shift))
        along = shift / length
        missing = _SEEN * length - float((goal.wrist - hand.wrist) @ along)
        return hand.moved(-along * max(0.0, missing))

    def _lift_to(self, side: str, offset: Array) -> None:
        hand = self.hands[side].moved(offset)
        if self.touching is not None:
            where = self.touching if side == MAIN else _mirrored(self.touching)
            hand = to_surface(self.figure, side, hand, spot_of(self.figure, side, where))
        self.hands[side] = hand

    # --- movements ---------------------------------------------------------------------------------------------------

    def perform(self, movement: Movement) -> list[Stroke]:
        """The strokes of a movement with its repeats; the hands are then where it ends."""
        cycles = 1 + _repeats(movement) if self._goes_round(movement) else 1
        if self._in_turn(movement) and cycles == 1 and not self._goes_round(movement):
            return self._pausing(movement, self._alternating(movement))
        strokes = self._once(movement, cycles)
        if cycles == 1 and strokes:
            strokes = strokes + self._repeated(movement, strokes)
        return self._pausing(movement, strokes)

    def _pausing(self, movement: Movement, strokes: list[Stroke]) -> list[Stroke]:
        if "rest" in movement.manner:
            first = strokes[0].paths if strokes else (still(self.hands[OTHER]), still(self.hands[MAIN]))
            pause = Stroke(0.16, (still(first[0].state(0)), still(first[1].state(0))))
            strokes = [pause, *strokes]
        return strokes

    def _goes_round(self, movement: Movement) -> bool:
        parts = _leaves(movement)
        return isinstance(movement, (*_CYCLIC, Parallel)) and all(isinstance(part, _CYCLIC) for part in parts)

    def _in_turn(self, movement: Movement) -> bool:
        whole = self.symmetry is not None and self.symmetry.alternating
        return (whole or movement.alternating) and self.symmetry is not None

    def _movers(self, movement: Movement) -> tuple[str, ...]:
        """The hands that a movement moves, when it does not tell them apart itself."""
        if self.symmetry is not None:
            return (MAIN, OTHER)
        told = any(isinstance(p, Replace) and p.configuration.nondominant is not None for p in _leaves(movement))
        return (MAIN, OTHER) if told else (MAIN,)

    def _once(self, movement: Movement, cycles: int) -> list[Stroke]:
        match movement:
            case Sequence():
                return [stroke for part in movement.parts for stroke in self.perform(part)]
            case Fusion():
                return fused([stroke for part in movement.parts for stroke in self.perform(part)])
            case TwoHands():
                return self._both(movement)
            case Parallel() if any(isinstance(part, Sequence | Fusion) for part in movement.parts):
                return self._staged(movement)
            case _:
                return self._stroke(movement, cycles)

    def _staged(self, movement: Parallel) -> list[Stroke]:
        """Steps one after the other while something else goes on: the rest is shared out over the steps."""
        chains = [part for part in movement.parts if isinstance(part, Sequence | Fusion)]
        beside = [part for part in movement.parts if not isinstance(part, Sequence | Fusion)]
        if len(chains) > 1:
            self._note("Of several sequences at the same time the first keeps the beat; the others follow it.")
        steps = list(chains[0].parts)
        extra = [part for chain in chains[1:] for part in chain.parts] + beside
        shared: list[list[Movement]] = [[step] for step in steps]
        for i, part in enumerate(extra):
            shared[min(i, len(shared) - 1)].append(part)
        strokes = []
        for group in shared:
            whole = Parallel(parts=tuple(group), manner=movement.manner) if len(group) > 1 else group[0]
            strokes += self.perform(whole)
        return fused(strokes) if isinstance(chains[0], Fusion) else strokes

    def _both(self, movement: TwoHands) -> list[Stroke]:
        """Each hand its own movements, side by side."""
        symmetry, self.symmetry = self.symmetry, None
        strokes = []
        for mine, theirs in zip_longest(movement.dominant, movement.nondominant):
            own = self._solo(MAIN, mine, movement)
            other = self._solo(OTHER, theirs, movement)
            strokes += _side_by_side(own, other, self.hands)
        self.symmetry = symmetry
        self._end_together(movement, strokes)
        return strokes

    def _solo(self, side: str, movement: Movement | None, whole: TwoHands) -> list[Stroke]:
        """Strokes of one hand alone, told in its own directions."""
        if movement is None:
            return []
        if movement.target is None and whole.target is not None and isinstance(movement, Straight):
            target = whole.target if side == MAIN else whole.other_target
            movement = replace(movement, target=target)
        before = dict(self.hands)
        strokes = self._solo_strokes(side, movement)
        other = OTHER if side == MAIN else MAIN
        self.hands[other] = before[other]
        return strokes

    def _solo_strokes(self, side: str, movement: Movement) -> list[Stroke]:
        if isinstance(movement, Sequence | Fusion):
            strokes = [stroke for part in movement.parts for stroke in self._solo_strokes(side, part)]
            return fused(strokes) if isinstance(movement, Fusion) else strokes
        cycles = 1 + _repeats(movement) if self._goes_round(movement) else 1
        strokes = self._stroke(movement, cycles, (side,))
        return strokes if cycles > 1 else strokes + self._repeated(movement, strokes)

    def _end_together(self, movement: TwoHands, strokes: list[Stroke]) -> None:
        """Let the last stroke end with the hands as ``meets`` says."""
        contact = movement.meets
        if contact is None or not strokes:
            return
        last = strokes[-1]
        base = self.hands[OTHER]
        main, _ = self._against(base, self.hands[MAIN], contact)
        half = (main.wrist - self.hands[MAIN].wrist) / 2
        paths = (last.paths[0].moved(-U[:, None] * half), last.paths[1].moved(U[:, None] * half))
        strokes[-1] = replace(last, paths=paths)
        self.hands = {OTHER: paths[0].state(-1), MAIN: paths[1].state(-1)}
        self.contact = contact

    def _stroke(self, movement: Movement, cycles: int, movers: tuple[str, ...] | None = None) -> list[Stroke]:
        """One stroke of everything that a movement does at the same time."""
        parts = _leaves(movement)
        for part in parts:
            self._remark(part)
        moving = movers or self._movers(movement)
        paths, seconds = {}, 0.0
        for side in HANDS:
            if side not in moving:
                paths[side] = still(self.hands[side])
                continue
            path, needed = self._path(side, _own_parts(parts, side), movement, cycles)
            paths[side], seconds = path, max(seconds, needed)
        self._keep(parts, movement)
        manner = tuple(dict.fromkeys((*movement.manner, *(mark for part in parts for mark in part.manner))))
        for side in HANDS:
            self.hands[side] = paths[side].state(-1)
        if seconds == 0:
            return []
        cruising = cycles > 1 or any(isinstance(part, Fingerplay) for part in parts)
        strokes = [Stroke(seconds * pace(manner), (paths["left"], paths["right"]), manner, cruising)]
        if "halt" in manner:
            strokes.append(Stroke(0.08, (still(self.hands["left"]), still(self.hands["right"]))))
        return strokes

    def _path(self, side: str, parts: list[Movement], whole: Movement, cycles: int) -> tuple[Path, float]:
        """The way of one hand, and the seconds it needs."""
        start = self.hands[side]
        reflect = self._reflect(side)
        total = Effect(0.0, cyclic=True)
        for part in parts:
            total = total + (
                self._wiggle(side, part, cycles)
                if isinstance(part, Fingerplay)
                else effect(part, side, reflect, cycles)
            )
        if side == OTHER and self._in_turn(whole) and total.cyclic:
            total = _half_on(total)
        replaced = [part for part in parts if isinstance(part, Replace)]
        for part in replaced:
            self._shape(side, _posture(part.configuration, side), part.configuration.nondominant is not None)
        shaped = self.hands[side]
        self.hands[side] = start
        free = HandState(start.wrist + total.shift[-1], shaped.palm, shaped.fingers)
        goal = self._goal(side, parts, whole, free)
        pivot = self._pivot(side) if goal is None and replaced else 0.0
        if pivot < 0:
            # The elbow stays where it rests, and that alone says where the hand goes.
            total = replace(total, shift=np.zeros_like(total.shift))
        end = goal or _about(start, HandState(start.wrist, shaped.palm, shaped.fingers), side, pivot)
        path = with_effect(between(start, end, side, pivot), total, side, tied=goal is not None)
        path = self._along_skin(side, parts, path)
        if goal is None and self.symmetry is not None and self.symmetry.mirror and not self._in_turn(whole):
            path = self._stopped(side, path)
        relative = self.said[side].orientation.relative or any(part.relative for part in parts)
        if relative and goal is None and not replaced and all(isinstance(part, Straight) for part in parts):
            path = turned_along(path)
        needed = max(total.seconds, apart_seconds(start, end) if replaced or goal is not None else 0.0)
        return path, needed

    def _stopped(self, side: str, path: Path) -> Path:
        """Palms (or backs) of hands that come to each other stop when they meet; edges may go past each other."""
        end = path.state(-1)
        across = end.palm[0, 1] ** 2
        if across < _FLAT_ON:
            return path
        met = at_middle(self.figure, end, None, side, BESIDE)
        own = 1.0 if side == "left" else -1.0
        begun = float((skin_points(self.figure, side, path.state(0))[:, 0] * own).min())
        return path.moved(U[:, None] * (met.wrist - end.wrist)) if begun >= 0 else path

    def _wiggle(self, side: str, play: Fingerplay, cycles: int) -> Effect:
        """Fingers that play, as something added to the shape they have."""
        waves = 1.5 + cycles
        shape = self.said[side].shape
        posed = fingerplay(shape, side, waves * U, play.digits)
        amount = {"small": 0.6, "large": 1.4}.get(play.size or "", 1.0)
        fade = np.minimum(1, np.minimum(U, 1 - U) * 8)[:, None, None]
        bend = (posed - finger_pose(shape, side)) * amount * fade
        return Effect(0.24 * waves + 0.1, bend=bend, cyclic=True)

    def _pivot(self, side: str) -> float:
        """Metres from the wrist along the hand to the point that stays when only the orientation changes."""
        rests = self.contact.dominant if self.contact is not None and side == MAIN else ()
        if any(site.area in _OWN_ARM for site in rests):
            _, _, elbow, wrist = self.figure.arm(side)
            return -float(np.linalg.norm(wrist - elbow))
        return HEEL

    def _goal(self, side: str, parts: list[Movement], whole: Movement, free: HandState) -> HandState | None:
        """Where the hand has to be in the end, if that is said; ``free`` is where it would come to by itself."""
        for movement in dict.fromkeys((*parts, whole)):
            target = movement.target if side == MAIN or movement.other_target is None else movement.other_target
            meets = movement.meets
            if isinstance(movement, Replace):
                target = target or _posture(movement.configuration, side).location
                meets = meets or movement.configuration.contact
            if target is not None and _on_hand(target):
                meets, target = _as_contact(target), None
            if target is not None and target.contact not in (None, "brushing") and not target.sites:
                target, meets = self._bare_contact(target, meets)
            if meets is not None and meets.contact != "brushing":
                return self._meeting(side, free, meets)
            if target is not None and target.sites and "brushing" not in target.contacts:
                return self._at_target(side, free, target)
        return None

    def _bare_contact(self, target: Location, meets: HandContact | None) -> tuple[Location | None, HandContact | None]:
        """A contact written without a place is with what was last in touch or named: the other hand or the body."""
        if self.contact is not None or self.symmetry is not None:
            known = self.contact or HandContact()
            return None, meets or replace(known, contacts=target.contacts, dominant=target.hand or known.dominant)
        if self.place is not None and self.place.sites[0].area != "neutralspace":
            return replace(target, sites=self.place.sites), None
        self._note("A contact without a place or another hand to touch has no effect.")
        return None, meets

    def _at_target(self, side: str, free: HandState, target: Location) -> HandState:
        where = target if side == MAIN or self.symmetry is None else _mirrored(target)
        hand = at_location(self.figure, side, free, where)
        if self.symmetry is None or any(site.side for site in where.sites):
            return hand
        apart = at_middle(self.figure, hand, None, side, APART)
        return self._back_on_skin(side, apart, where) if where.contact in ("touch", "brushing") else apart

    def _meeting(self, side: str, free: HandState, contact: HandContact) -> HandState:
        known = self.contact
        if known is not None and not contact.dominant and not contact.nondominant:
            contact = replace(known, contacts=contact.contacts)
        if self._mirrors(contact):
            return at_middle(self.figure, free, contact, side)
        if side == OTHER:
            return free
        hand, _ = self._against(self.hands[OTHER], free, contact)
        return hand

    def _along_skin(self, side: str, parts: list[Movement], path: Path) -> Path:
        """A circle or a brushing stroke that starts on the skin stays on it."""
        brushes = any(part.target is not None and "brushing" in part.target.contacts for part in parts)
        circles = any(isinstance(part, Circle) for part in parts)
        if brushes and self.touching is None:
            on_body = any(p.target is not None and p.target.sites and not _on_hand(p.target) for p in parts)
            on_hand = self.contact is not None and not on_body
            return path if on_hand else self._dip(side, parts, path)
        if self.touching is None or not (circles or brushes):
            return path
        where = self.touching if side == MAIN else _mirrored(self.touching)
        spot = spot_of(self.figure, side, where)
        index = np.unique(np.linspace(0, len(U) - 1, 13).astype(int))
        lifts = []
        for i in index:
            hand = path.state(int(i))
            lifts.append(float((to_surface(self.figure, side, hand, spot).wrist - hand.wrist) @ spot.normal))
        return path.moved(np.interp(U, U[index], lifts)[:, None] * spot.normal)

    def _dip(self, side: str, parts: list[Movement], path: Path) -> Path:
        """A brushing stroke that starts in the air touches its place halfway."""
        target = next(part.target for part in parts if part.target is not None and "brushing" in part.target.contacts)
        middle = path.state(len(U) // 2)
        if _on_hand(target):
            touched, _ = self._against(self.hands[OTHER], middle, replace(_as_contact(target), contacts=("touch",)))
            return path.moved((np.sin(np.pi * U) ** 2)[:, None] * (touched.wrist - middle.wrist))
        sites = target.sites or (self.place or _NEUTRAL).sites
        touched = at_location(self.figure, side, middle, replace(target, sites=sites, contacts=("touch",)))
        return path.moved((np.sin(np.pi * U) ** 2)[:, None] * (touched.wrist - middle.wrist))

    def _keep(self, parts: list[Movement], whole: Movement) -> None:
        """Remember what the stroke ends in contact with."""
        if all(isinstance(part, Circle | Fingerplay | Hold | Wrist) for part in parts):
            return
        self.touching = None
        for movement in (*parts, whole):
            target = movement.target
            if isinstance(movement, Replace):
                target = target or movement.configuration.dominant.location
                self.contact = movement.configuration.contact or self.contact
                self.symmetry = movement.configuration.symmetry or self.symmetry
            if movement.meets is not None:
                self.contact = _named(movement.meets, self.contact)
            if target is not None and target.sites and not _on_hand(target):
                self.place = target
                self.touching = target if target.contact == "touch" else None
            elif target is not None and target.contact in ("touch", "brushing") and self.place is not None:
                self.touching = replace(self.place, contacts=("touch",))

    # --- repeats -----------------------------------------------------------------------------------------------------

    def _repeated(self, movement: Movement, strokes: list[Stroke]) -> list[Stroke]:
        """The strokes that the repetition marks add."""
        added: list[Stroke] = []
        scale = 1.0
        for mark in movement.repeats:
            times = _SEVERAL if mark.kind.endswith("several") else 1
            scale *= pace(mark.manner)
            for _ in range(times + (1 if mark.etc else 0)):
                again = self._again(movement, mark.kind, strokes)
                added += [replace(s, seconds=s.seconds * scale) for s in again]
            if mark.kind == "reverse":
                # What follows repeats the way there and back.
                strokes = strokes + again
        if movement.etc and not movement.repeats:
            added += self._again(movement, "fromstart", strokes)
        return added

    def _again(self, movement: Movement, kind: str, strokes: list[Stroke]) -> list[Stroke]:
        if kind == "reverse":
            turned = reversed_strokes(strokes)
            self._hold_at(turned[-1])
            return turned
        if kind.startswith("continue"):
            return self._once(replace(movement, repeats=()), 1)
        lift = None
        if self.touching is not None and any(
            part.target is not None and "brushing" in part.target.contacts for part in _leaves(movement)
        ):
            lift = _LIFT * spot_of(self.figure, MAIN, self.touching).normal
        again = back(strokes, lift) + strokes
        self._hold_at(again[-1])
        return again

    def _alternating(self, movement: Movement) -> list[Stroke]:
        """The hands do it in turn: while one goes, the other comes back; without repeats one after the other."""
        before = dict(self.hands)
        strokes = self._once(replace(movement, repeats=()), 1)
        count = _repeats(movement)
        home = [still(before[side]) for side in HANDS]
        gone = [still(self.hands[side]) for side in HANDS]
        if not count:
            first = [replace(s, paths=(home[0], s.paths[1])) for s in strokes]
            return first + [replace(s, paths=(s.paths[0], gone[1])) for s in strokes]
        returning = back(strokes) or reversed_strokes(strokes)
        seconds = sum(s.seconds for s in strokes)
        homeward = [replace(s, seconds=seconds / len(returning)) for s in returning]
        cycle: list[Stroke] = []
        # The other hand is half a cycle ahead: it starts where the movement ends.
        for _ in range(count + 1):
            cycle += _side_by_side(strokes, homeward, self.hands) + _side_by_side(homeward, strokes, self.hands)
        cycle = cycle[: -len(homeward)] if len(cycle) > len(homeward) else cycle
        self._hold_at(cycle[-1])
        return cycle

    def _hold_at(self, stroke: Stroke) -> None:
        self.hands = {side: path.state(-1) for side, path in zip(HANDS, stroke.paths, strict=True)}

    def _remark(self, part: Movement) -> None:
        """Say what is not done as written."""
        if isinstance(part, BodyMotion) and feature_of(part) is None:
            self._note("A movement of another part of the body than hands, shoulders, head and face is held still.")
        if isinstance(part, Straight) and (part.ellipse is not None or part.clock):
            self._note("An ellipse or clock position written with a straight movement has no effect.")
        if isinstance(part, Replace) and {"increasing", "decreasing"} & set(part.manner):
            self._note("Fingers that are to follow one another change together.")
        if part.relative and not isinstance(part, Straight):
            self._note("A hand that turns with its path (hamorirelative) does so in strokes only, not in circles.")

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


# --- small helpers ---------------------------------------------------------------------------------------------------


def _posture(config: Configuration, side: str) -> Posture:
    """What a configuration says of one hand; what it does not say of the other one follows the main hand."""
    if side == MAIN or config.nondominant is None:
        return config.dominant
    theirs = config.nondominant
    return Posture(
        handshape=theirs.handshape or config.dominant.handshape,
        orientation=theirs.orientation or config.dominant.orientation,
        location=theirs.location or config.dominant.location,
    )


def _met_areas(sign: Sign) -> list[str]:
    """The areas of the other hand and arm where the main hand is or goes to, anywhere in a sign."""
    areas = []
    for part in walk(sign):
        if isinstance(part, Location) and _on_hand(part):
            areas += [str(site.area or "finger") for site in part.sites]
        elif isinstance(part, HandContact):
            areas += [str(site.area or "finger") for site in part.nondominant] or ["hand"]
    return areas


def _on_hand(location: Location | None) -> bool:
    return location is not None and bool(location.sites) and all(site.on_hand for site in location.sites)


def _as_contact(location: Location) -> HandContact:
    """A place on the other hand is a way for the hands to meet."""
    return HandContact(dominant=location.hand, nondominant=location.sites, contacts=location.contacts)


def _named(contact: HandContact, before: HandContact | None) -> HandContact:
    if before is not None and not contact.dominant and not contact.nondominant:
        return replace(before, contacts=contact.contacts)
    return contact


_SWAP = {"left": "right", "right": "left"}


def _mirrored(location: Location) -> Location:
    """The same place on the other side of the body."""
    sites = []
    for site in location.sites:
        side = site.side
        if side is not None and not side.startswith("both"):
            edge, _, how = side.partition("_")
            side = f"{_SWAP[edge]}_{how}"
        sites.append(replace(site, side=side))
    return replace(location, sites=tuple(sites))


def _aside(hand: HandState) -> HandState:
    """One-handed signs in neutral space are made on the hand's own side of the middle."""
    return hand.moved(np.array([-0.10, 0.0, 0.0]))


def _to_other_side(figure: Figure, side: str, hand: HandState) -> HandState:
    middle = float(skin_points(figure, side, hand)[:, 0].mean())
    return hand.moved(np.array([-2 * middle, 0, 0.03 if side == MAIN else 0.0]))


def _about(start: HandState, end: HandState, side: str, pivot: float) -> HandState:
    """``end`` shifted so that the point ``pivot`` metres from the wrist along the hand is where it was."""
    offset = np.array([pivot if side == "left" else -pivot, 0, 0])
    return HandState(start.wrist + start.palm @ offset - end.palm @ offset, end.palm, end.fingers)


def _leaves(movement: Movement) -> list[Movement]:
    """Everything that is done at the same time."""
    if isinstance(movement, Parallel):
        return [leaf for part in movement.parts for leaf in _leaves(part)]
    return [movement]


def _own_parts(parts: list[Movement], side: str) -> list[Movement]:
    """What of a parallel movement concerns one hand."""
    own: list[Movement] = []
    for part in parts:
        if isinstance(part, TwoHands):
            mine = part.dominant if side == MAIN else part.nondominant
            own += [leaf for movement in mine for leaf in _leaves(movement)]
        else:
            own.append(part)
    return own


def _repeats(movement: Movement) -> int:
    """How often a movement is done again."""
    count = 0
    for mark in movement.repeats:
        count += _SEVERAL if mark.kind.endswith("several") else 1
        count += 1 if mark.etc else 0
    return count + (1 if movement.etc and not movement.repeats else 0)


def _half_on(total: Effect) -> Effect:
    """A closed movement begun half way round."""
    half = (len(U) - 1) // 2

    def turned(values: Array) -> Array:
        return np.concatenate([values[half:-1], values[: half + 1]])

    shift = turned(total.shift)
    return replace(total, shift=shift - shift[0], turn=turned(total.turn), bend=turned(total.bend))


def _side_by_side(main: list[Stroke], other: list[Stroke], hands: dict[str, HandState]) -> list[Stroke]:
    """Strokes of which the right hand does the first list and the left hand the second, at the same time."""
    strokes = []
    left, right = still(hands["left"]), still(hands["right"])
    if other:
        left = still(other[0].paths[0].state(0))
    if main:
        right = still(main[0].paths[1].state(0))
    for mine, theirs in zip_longest(main, other):
        seconds = max(s.seconds for s in (mine, theirs) if s is not None)
        left = theirs.paths[0] if theirs is not None else still(left.state(-1))
        right = mine.paths[1] if mine is not None else still(right.state(-1))
        leading = mine or theirs
        strokes.append(Stroke(seconds, (left, right), leading.manner, leading.cruising))
    return strokes
