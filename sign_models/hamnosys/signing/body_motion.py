"""What shoulders, head and face do where the notation moves them like hands: ``[ shoulders, up ]`` is a raise.

They are told as non-manual features, which know how such a part moves; what has none (trunk, elbow) is left to a note.
"""

from sign_models.hamnosys.sign import DIRECTIONS, BodyMotion, Circle, Feature, Movement, Sign, Straight, Wrist, walk

_HEAD = frozenset({"head", "headtop", "forehead", "chin", "underchin", "neck", "ear"})
_SHOULDERS = frozenset({"shoulders", "shouldertop"})
_FACE: dict[tuple[str, str], tuple[str, str]] = {
    ("eyebrows", "up"): ("eyebrows", "R"),
    ("eyebrows", "down"): ("eyebrows", "FU"),
    ("nose", "up"): ("nose", "WR"),
    ("nostrils", "out"): ("nose", "WI"),
    ("cheek", "out"): ("mouthgesture", "C01"),
    ("cheek", "in"): ("mouthgesture", "C07"),
    ("lips", "out"): ("mouthgesture", "L04"),
    ("tongue", "out"): ("mouthgesture", "T01"),
}
"""(place, way) -> (tier, code); a code of one letter is completed by the side."""
_TURNS = {
    "up": "NB",
    "down": "NF",
    "left": "SL",
    "right": "SR",
    "out": "PF",
    "in": "PB",
    "tilt left": "TL",
    "tilt right": "TR",
}


def body_features(sign: Sign) -> tuple[Feature, ...]:
    """Every such movement of a sign's first reading, in the order of writing."""
    motions = [part for part in walk(sign) if isinstance(part, BodyMotion)]
    return tuple(feature for motion in motions if (feature := feature_of(motion)) is not None)


def feature_of(motion: BodyMotion) -> Feature | None:
    """The feature that a movement of another part of the body than the hands is, or None."""
    moves = [part for part in walk(motion.parts) if isinstance(part, Straight | Wrist | Circle)]
    if not motion.sites or not moves:
        return None
    area, side = motion.sites[0].area, str(motion.sites[0].side or "both").split("_")[0]
    one = {"left": "L", "right": "R"}.get(side, "B")
    again = len(moves) > 1 or bool(motion.repeats) or any(move.repeats for move in moves)
    way = _way(moves[0])
    if area in _SHOULDERS:
        how = "S" if again or way in ("round", "twist", "nod") else {"up": "U", "out": "H"}.get(way)
        return Feature("shoulder", how + one) if how else None
    if area in _HEAD:
        return _of_head(way, again)
    tier, code = _FACE.get((str(area), way), ("", ""))
    return Feature(tier, code + one if len(code) == 1 else code) if tier else None


def _of_head(way: str, again: bool) -> Feature | None:
    if way == "nod" or (again and way in ("up", "down")):
        return Feature("head", "NO")
    if way == "twist" or (again and way in ("left", "right")):
        return Feature("head", "SH")
    return Feature("head", _TURNS[way]) if way in _TURNS else None


def _way(move: Movement) -> str:
    """In one word where a movement goes."""
    if isinstance(move, Wrist):
        return "nod" if move.kind == "nodding" else "twist"
    if not isinstance(move, Straight):
        return "round"
    x, y, z = DIRECTIONS[move.directions[0]]
    if x and y:
        return "tilt left" if x > 0 else "tilt right"
    if y:
        return "up" if y > 0 else "down"
    if x:
        return "left" if x > 0 else "right"
    return "out" if z > 0 else "in"
