"""A transcription, read: what ``parse`` makes of HamNoSys and all that the synthesizer looks at.

Names are the SiGML tags without ``ham`` and without the family's own prefix, so ``hamflathand`` is the base
``"flathand"``, ``hamextfingerul`` the direction ``"ul"``, ``hamthumboutmod`` the thumb ``"out"``, ``hamfingertip`` the
part ``"tip"``. Everything is seen by the signer: l is the signer's left, u up, o outward (away from the chest).

Where the notation writes ``hambetween``, a tuple holds two names: the value lies halfway. Where it writes nothing, the
tuple is empty or the field None, and means "not said" (kept from before, or neutral), never a default.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

DIRECTIONS: dict[str, tuple[int, int, int]] = {
    "u": (0, 1, 0),
    "ur": (-1, 1, 0),
    "r": (-1, 0, 0),
    "dr": (-1, -1, 0),
    "d": (0, -1, 0),
    "dl": (1, -1, 0),
    "l": (1, 0, 0),
    "ul": (1, 1, 0),
    "ol": (1, 0, 1),
    "o": (0, 0, 1),
    "or": (-1, 0, 1),
    "il": (1, 0, -1),
    "i": (0, 0, -1),
    "ir": (-1, 0, -1),
    "ui": (0, 1, -1),
    "di": (0, -1, -1),
    "do": (0, -1, 1),
    "uo": (0, 1, 1),
}
"""Direction name -> world axes (x signer's left, y up, z outward), not normalised. The first eight also name palms."""

FINGERS = ("thumb", "index", "middle", "ring", "pinky")
"""Digit names, in this order wherever digits are listed."""

ARM_AREAS = frozenset(
    {"upperarm", "elbow", "elbowinside", "lowerarm", "wristback", "wristpulse", "wristthumb", "wristpinky"}
)
"""Areas on an arm; as a place they are those of the other arm."""

HAND_AREAS = frozenset({"thumbball", "palm", "handback", "thumbside", "pinkyside"})
"""Areas on a hand; as a place they are those of the other hand."""


@dataclass(frozen=True)
class FingerShape:
    """What is said of single fingers: ``digits`` (of FINGERS) bent as ``bend`` says.

    bend: one of "straight", "bend", "hook", "doublebent", "doublehooked"; two lie between; empty: the digits only take
    part (they stand out of a fist, or they are the ones that make the pinch or the C).
    part, contacts: when the thumb (or another finger) touches those digits: at which ``part`` of them (names as in
    Site.part) and how (names as in Location.contacts; "cross": the digits lie crossed, first named on top).
    between: the thumb is pushed in between the first and the second of the digits; with no digits: it is enclosed by
        the fingers.
    """

    digits: tuple[str, ...]
    bend: tuple[str, ...] = ()
    part: str | None = None
    contacts: tuple[str, ...] = ()
    between: bool = False


@dataclass(frozen=True)
class Handshape:
    """One handshape.

    base: "fist", "flathand", "finger2", "finger23", "finger23spread", "finger2345", "pinch12", "pinchall",
        "pinch12open", "cee12", "ceeall", "ceeopen"; "" only inside a Replace that changes thumb, bend or fingers and
        keeps the base.
    thumb: "out", "across", "open"; two lie between.
    bend: as in FingerShape, for all the fingers that the base extends.
    fingers: exceptions for single fingers, in written order.
    size: "small" or "large" opening or spread.
    between: the second shape, when the hand is halfway between this one and that one.
    approximate: only roughly so (hametc).
    """

    base: str
    thumb: tuple[str, ...] = ()
    bend: tuple[str, ...] = ()
    fingers: tuple[FingerShape, ...] = ()
    size: str | None = None
    between: "Handshape | None" = None
    approximate: bool = False


@dataclass(frozen=True)
class Orientation:
    """How the hand is held.

    finger: extended finger direction, names of DIRECTIONS; two lie between.
    palm: palm direction, one of the first eight of DIRECTIONS; two lie between.
    relative: the orientation is tied to the path (turns with it) instead of to the body (hamorirelative).
    approximate: only roughly so (hametc).
    """

    finger: tuple[str, ...] = ()
    palm: tuple[str, ...] = ()
    relative: bool = False
    approximate: bool = False


@dataclass(frozen=True)
class Site:
    """One spot on the body, an arm or a hand.

    area: a body site ("head", "headtop", "forehead", "eyebrows", "eyes", "nose", "nostrils", "ear", "earlobe", "cheek",
        "lips", "tongue", "teeth", "chin", "underchin", "neck", "shouldertop", "shoulders", "chest", "stomach",
        "belowstomach", "neutralspace"), one of ARM_AREAS or HAND_AREAS, or None when only fingers are named.
    digits: fingers the spot is on (of FINGERS), empty for none. Several digits: all of them together.
    part: "tip", "nail", "pad", "midjoint", "base", "side" of the digits; with no digits: of the fingers that the shape
        extends.
    side: "left_beside", "left_at", "right_at", "right_beside" (signer's left and right), "both_at", "both_beside" (each
        hand on its side), None for the middle. On a hand or arm site it tells which edge.
    behind: behind the site instead of in front of it.
    mark: "coreftag" (remember this place) or "corefref" (the remembered place), else None.
    """

    area: str | None = None
    digits: tuple[str, ...] = ()
    part: str | None = None
    side: str | None = None
    behind: bool = False
    mark: str | None = None

    @property
    def on_hand(self) -> bool:
        """Whether the spot is on a hand or an arm rather than on head, trunk or in space."""
        return self.area in HAND_AREAS or self.area in ARM_AREAS or (self.area is None and self.mark is None)


@dataclass(frozen=True)
class Location:
    """Where a hand is, or where a movement ends.

    sites: one site; two lie between; none when only a contact or distance is said (then the place is the one said
        last, or the other hand).
    contacts: "close" (a few centimetres away), "touch", "interlock", "cross", "brushing" (touches while passing),
        "behind" (of the other hand); usually one or none. None means near the site, about a hand's length before it.
    extended: arm's length away from the site (hamarmextended).
    hand: the part of this hand that is at the place, empty when not said; two lie between.
    relative: the hand is tied to the place as it moves (hamorirelative).
    approximate: only roughly there (hametc).
    """

    sites: tuple[Site, ...] = ()
    contacts: tuple[str, ...] = ()
    extended: bool = False
    hand: tuple[Site, ...] = ()
    relative: bool = False
    approximate: bool = False

    @property
    def contact(self) -> str | None:
        """The first of contacts, or None."""
        return self.contacts[0] if self.contacts else None


@dataclass(frozen=True)
class HandContact:
    """How the hands stand to each other: which part of the dominant hand meets which part of the other one.

    dominant, nondominant: parts, two lie between; an empty one is not said (with symmetry: the same part as the other
        hand's; without: the hand as a whole).
    contacts: as in Location; empty: near each other.
    """

    dominant: tuple[Site, ...] = ()
    nondominant: tuple[Site, ...] = ()
    contacts: tuple[str, ...] = ()

    @property
    def contact(self) -> str | None:
        """The first of contacts, or None."""
        return self.contacts[0] if self.contacts else None


@dataclass(frozen=True)
class Posture:
    """Shape, orientation and place of one hand; None is "not said"."""

    handshape: Handshape | None = None
    orientation: Orientation | None = None
    location: Location | None = None


@dataclass(frozen=True)
class Configuration:
    """Both hands at one moment.

    nondominant: what is said of the other hand by itself (written ``[dominant + nondominant]`` or after
        hamnondominant). None at the start of a sign: with symmetry the other hand follows from the dominant one,
        without it rests. A field that is None in it follows by symmetry when there is one, else it is as the dominant
        hand's.
    contact: how the hands meet. The place of the pair is then ``dominant.location``.
    symmetry: told anew inside a sign (only in a Replace); it then rules from here on.
    crossed: each hand is on the other's side (hamnonipsi without a symmetry mark).
    """

    dominant: Posture = Posture()
    nondominant: Posture | None = None
    contact: HandContact | None = None
    symmetry: "Symmetry | None" = None
    crossed: bool = False


@dataclass(frozen=True)
class Symmetry:
    """How the other hand follows the dominant one.

    mirror: left and right are exchanged (hamsymmlr); False: both do the same in space (hamsymmpar).
    up_down, out_in: up and down, outward and inward are exchanged too.
    alternating: the hands move in turn, half a cycle apart (hamalternatingmotion).
    crossed: each hand is on the other's side (hamnonipsi).
    """

    mirror: bool
    up_down: bool = False
    out_in: bool = False
    alternating: bool = False
    crossed: bool = False


@dataclass(frozen=True)
class Repetition:
    """One repetition mark.

    kind: "fromstart" (go back, do it again), "fromstartseveral", "continue" (do it again from where one is),
        "continueseveral", "reverse" (and back).
    manner: as in Movement, for the repeats ("small"/"large" and "increasing"/"decreasing" may stand here too: each
        repeat is smaller, larger ...).
    etc: and so on (hametc).
    """

    kind: str
    manner: tuple[str, ...] = ()
    etc: bool = False


@dataclass(frozen=True, kw_only=True)
class Movement:
    """What every movement can carry; the classes below say which movement it is.

    Sizes everywhere are "small", "large", "verysmall" and "verylarge" (doubled marks) or None.

    size: how big the movement itself is.
    curve: "l", "u", "r", "d": the path bulges to that side (as seen along the path, u is up), else None.
    second_curve: the other side, when it bulges halfway between two.
    curve_size: how much it bulges.
    ripple, ripple_size: "wavy" or "zigzag" superposed, and its size.
    ellipse, ellipse_size: long axis "h", "ur", "v", "ul" of an ellipse (for a circle), and how flat (small) it is.
    clock: clock positions in written order, of "u", "ul", "l", "dl", "d", "dr", "r", "ur", "full": the first is where
        a circle starts, a further one is where it ends; each "full" is one whole turn. Empty: one whole turn.
    manner: any of "fast", "slow", "tense", "rest" (a pause before it), "halt" (ends abruptly), "increasing",
        "decreasing" (speed or size grows, fades; for a Replace: the fingers follow one another, towards the little
        finger, towards the thumb), in written order. A second, differing size mark stands here too.
    target: where it ends, or the contact it makes; ``Location(contacts=("brushing",))`` brushes while moving.
    meets: how the hands meet at its end.
    other_target: where the other hand ends, when the notation tells them apart.
    repeats: repetition marks, in written order; two of one kind are two repeats.
    alternating: the hands do it in turn.
    relative: the hand turns with the path (hamorirelative).
    etc: and so on, or roughly so (hametc).
    """

    size: str | None = None
    curve: str | None = None
    second_curve: str | None = None
    curve_size: str | None = None
    ripple: str | None = None
    ripple_size: str | None = None
    ellipse: str | None = None
    ellipse_size: str | None = None
    clock: tuple[str, ...] = ()
    manner: tuple[str, ...] = ()
    target: Location | None = None
    meets: HandContact | None = None
    other_target: Location | None = None
    repeats: tuple[Repetition, ...] = ()
    alternating: bool = False
    relative: bool = False
    etc: bool = False


@dataclass(frozen=True, kw_only=True)
class Straight(Movement):
    """A path from here to there, straight or curved.

    directions: names of DIRECTIONS; two lie between.
    """

    directions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Circle(Movement):
    """A circular path.

    axis: the direction of the circle's axis: the hand turns clockwise for someone who looks in this direction; two lie
        between. See ``clock`` and ``ellipse``.
    """

    axis: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Wrist(Movement):
    """A movement in the wrist: "nodding", "swinging", "twisting", "stircw", "stirccw"; two kinds lie between."""

    kind: str
    second_kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fingerplay(Movement):
    """The fingers wiggle: ``digits`` of FINGERS, empty for all that the shape extends."""

    digits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Crossing(Movement):
    """An obsolete sign for a whole path: "cross" or "X" is drawn in the air (hammovecross, hammoveX)."""

    kind: str


@dataclass(frozen=True, kw_only=True)
class BodyMotion(Movement):
    """Not the hand but ``sites`` (shoulders, elbow, head ...) make the movements ``parts``, one after the other."""

    sites: tuple[Site, ...]
    parts: tuple[Movement, ...]


@dataclass(frozen=True, kw_only=True)
class Hold(Movement):
    """No motion: the hand is held (hamnomotion); with repeats: the posture before is taken up, or touched, again."""


@dataclass(frozen=True, kw_only=True)
class Replace(Movement):
    """The hands change to ``configuration``; what it does not say stays.

    written: True for hamreplace (a change of the running sign); False where the transcription simply writes the next
    shape, orientation or place (a compound: the hand may travel there freely).
    """

    configuration: Configuration
    written: bool = True


@dataclass(frozen=True, kw_only=True)
class Reach(Movement):
    """The hand goes to ``target`` (or the hands meet as ``meets`` says) on the shortest way."""


@dataclass(frozen=True, kw_only=True)
class Mime(Movement):
    """The rest of the sign is mimed; the notation says no more (hammime)."""


@dataclass(frozen=True, kw_only=True)
class Sequence(Movement):
    """``parts`` one after the other (hamseqbegin ... hamseqend)."""

    parts: tuple[Movement, ...]


@dataclass(frozen=True, kw_only=True)
class Parallel(Movement):
    """``parts`` at the same time, by the same hand or hands (hamparbegin ... hamparend)."""

    parts: tuple[Movement, ...]


@dataclass(frozen=True, kw_only=True)
class Fusion(Movement):
    """``parts`` melt into one smooth movement (hamfusionbegin ... hamfusionend)."""

    parts: tuple[Movement, ...]


@dataclass(frozen=True, kw_only=True)
class TwoHands(Movement):
    """Each hand its own movement (``[... hamplus ...]``); an empty tuple: that hand keeps still.

    The two tuples start together; the parts of one tuple are one after the other. Inside a tuple, ``target`` and a
    Replace's ``configuration.dominant`` speak of the hand whose tuple it is.
    """

    dominant: tuple[Movement, ...] = ()
    nondominant: tuple[Movement, ...] = ()


@dataclass(frozen=True)
class Feature:
    """One non-manual feature: ``tier`` ("head", "eyebrows", "mouthgesture" ...) and its SiGML ``code``.

    Several features of one tier follow each other in time; different tiers run side by side. ``mouthing`` holds the
    SAMPA of a mouthed word as its code. See ``nonmanual.TIERS`` for every code and what it means.
    """

    tier: str
    code: str


@dataclass(frozen=True)
class Sign:
    """A whole transcription.

    symmetry: None for a one-handed sign or one whose hands are told apart by hand.
    initial: both hands before anything moves.
    actions: what happens, one after the other; empty: the sign is held.
    nonmanual: what face, head and body do the while.
    variants: the same sign by the other choices of ``{ ... | ... }``, each whole; empty when there are none.
    marks: remarks on the whole: "version40", "query", "exclaim", "comma", "fullstop", "lost" (a symbol that somebody
        else's conversion has already lost and left as the word None).
    tags: the transcription as SiGML tags.
    """

    symmetry: Symmetry | None
    initial: Configuration
    actions: tuple[Movement, ...] = ()
    nonmanual: tuple[Feature, ...] = ()
    variants: tuple["Sign", ...] = ()
    marks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def two_handed(self) -> bool:
        """Whether the other hand takes part at all."""
        return self.symmetry is not None or any(
            isinstance(part, TwoHands)
            or (isinstance(part, Configuration) and (part.nondominant is not None or part.contact is not None))
            for part in walk(self)
        )


def walk(node: object) -> Iterator[object]:
    """``node`` and every dataclass in it, depth first; the variants of a sign are left out."""
    if isinstance(node, tuple):
        for part in node:
            yield from walk(part)
    elif hasattr(node, "__dataclass_fields__"):
        yield node
        for item in fields(node):  # type: ignore[arg-type]
            if item.name != "variants":
                yield from walk(getattr(node, item.name))
