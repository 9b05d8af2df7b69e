"""Non-manual features: SiGML's official codes, what they mean, and their short form ``head:SH eyebrows:RB``.

Left and right are the signer's.
"""

from sign_models.errors import SignError
from sign_models.hamnosys.sign import Feature

FREE_TIERS = frozenset({"mouthing", "extra"})
"""Tiers whose codes are free text: the SAMPA of a mouthed word, and what SiGML leaves open."""

_SHOULDERS = {
    "UL": "left one raised",
    "UR": "right one raised",
    "UB": "both raised",
    "HL": "left one hunched forward",
    "HR": "right one hunched forward",
    "HB": "both hunched forward",
    "SL": "left one shrugs",
    "SR": "right one shrugs",
    "SB": "both shrug",
}
_BODY = {
    "RL": "turned to the left",
    "RR": "turned to the right",
    "TL": "leans to the left",
    "TR": "leans to the right",
    "TF": "leans forward",
    "TB": "leans back",
    "SI": "sighs",
    "HE": "chest heaves",
    "ST": "straightens up",
    "RD": "rounds the back",
}
_HEAD = {
    "NO": "nods",
    "SH": "shakes",
    "SR": "turned to the right",
    "SL": "turned to the left",
    "TR": "tilted to the right",
    "TL": "tilted to the left",
    "NF": "bent forward",
    "NB": "bent back",
    "PF": "pushed forward",
    "PB": "pulled back",
    "LI": "follows the eyes",
}
_EYEGAZE = {
    "AD": "at the addressee",
    "FR": "far away",
    "HD": "at both hands",
    "HI": "at the dominant hand",
    "HC": "at the other hand",
    "UP": "up",
    "DN": "down",
    "LE": "to the left",
    "RI": "to the right",
    "NO": "at nothing",
    "RO": "eyes roll",
    "LU": "up to the left",
    "LD": "down to the left",
    "RU": "up to the right",
    "RD": "down to the right",
}
_EYEBROWS = {"RB": "both raised", "RR": "right one raised", "RL": "left one raised", "FU": "furrowed"}
_EYELIDS = {
    "WB": "both wide open",
    "WR": "right one wide open",
    "WL": "left one wide open",
    "SB": "both narrowed",
    "SR": "right one narrowed",
    "SL": "left one narrowed",
    "CB": "both closed",
    "CR": "right one closed",
    "CL": "left one closed",
    "TB": "both shut tight",
    "TR": "right one shut tight",
    "TL": "left one shut tight",
    "BB": "blink at the end",
}
_NOSE = {"WR": "wrinkled", "WB": "wrinkled", "TW": "twitches", "WI": "nostrils widened"}
_TEETH = {
    "D01": "long e, then s",
    "D02": "f",
    "D03": "ef",
    "D04": "af",
    "D05": "teeth chatter",
    "D06": "teeth chatter, upper lip raised",
    "D07": "one bite, ends with closed teeth",
    "D08": "one bite, lips stretched, teeth seen",
    "D09": "teeth on the lower lip, mouth opens and nearly closes",
}
_JAW = {
    "J01": "lower jaw moves left and right",
    "J02": "chews, mouth closed",
    "J03": "mouth open, jaw forward, teeth seen",
    "J04": "mouth open, jaw says gagaga",
}
_LIPS = {
    "L01": "sh",
    "L02": "prrr, lips vibrate",
    "L03": "pr",
    "L04": "lips pursed",
    "L05": "open o",
    "L06": "closed o",
    "L07": "oa",
    "L08": "boam",
    "L09": "bam",
    "L10": "boa",
    "L11": "ba",
    "L12": "bee",
    "L13": "pi",
    "L14": "pch",
    "L15": "bsss",
    "L16": "pf",
    "L17": "p",
    "L18": "p p p",
    "L19": "phh, lips open",
    "L20": "phh, cheeks puffed",
    "L21": "ph, lips open",
    "L22": "ph, cheeks puffed",
    "L23": "mmm",
    "L24": "mmm, breath held",
    "L25": "m m m",
    "L26": "upper lip raised on one side",
    "L27": "mouth slightly open, then closed, lips hidden",
    "L28": "tongue on the upper lip, then mouth closed, lips hidden",
    "L29": "lips closed and hidden, corners down",
    "L30": "lips pursed, corners down",
    "L31": "lips closed, corners down",
    "L32": "blows, lips vibrate at first",
    "L33": "mouth opens and closes to sh, teeth seen",
    "L34": "lips closed and stretched wide",
    "L35": "blows through slightly open lips",
}
_CHEEKS = {
    "C01": "cheeks puffed",
    "C02": "cheeks and lips puffed",
    "C03": "cheeks puff up slowly",
    "C04": "one cheek puffed",
    "C05": "one cheek puffed, short blow",
    "C06": "one cheek puffed, short blow, cheek pushed",
    "C07": "cheeks sucked in",
    "C08": "cheeks sucked in, air drawn in",
    "C09": "tongue pushes the cheek out",
    "C10": "tongue pushes the cheek out again and again",
    "C11": "one cheek puffed, short blows at the corner",
    "C12": "lips closed, tongue behind the lower lip",
    "C13": "jaw down, cheeks in, short blows through closed lips",
}
_TONGUE = {
    "T01": "l",
    "T02": "tip of the tongue slightly out",
    "T03": "l l l",
    "T04": "tongue out for a moment",
    "T05": "a, tongue out",
    "T06": "tongue out again and again",
    "T07": "lalala",
    "T08": "alalal",
    "T09": "als",
    "T10": "lf",
    "T11": "laf",
    "T12": "tip of the tongue at a corner of the mouth",
    "T13": "tip of the tongue behind the lower lip, its middle seen",
    "T14": "tip of the tongue out, moves sideways",
    "T15": "tongue circles in the open mouth",
    "T16": "lips pursed, tip of the tongue out",
    "T17": "mouth open, tongue out for a moment",
}

TIERS: dict[str, dict[str, str]] = {
    "shoulder": _SHOULDERS,
    "body": _BODY,
    "head": _HEAD,
    "eyegaze": _EYEGAZE,
    "eyebrows": _EYEBROWS,
    "eyelids": _EYELIDS,
    "nose": _NOSE,
    "mouthgesture": _TEETH | _JAW | _LIPS | _CHEEKS | _TONGUE,
    "mouthing": {},
    "extra": {},
}
"""Tier -> code -> what it looks like; the tiers of FREE_TIERS have free codes."""


def feature(tier: str, code: str) -> Feature:
    """A feature, checked against TIERS."""
    if tier not in TIERS:
        raise SignError(f"{tier!r} is no tier of non-manual features; the tiers are {', '.join(TIERS)}.")
    if not code:
        raise SignError(f"The non-manual feature {tier!r} needs a code behind a colon, such as 'head:SH'.")
    if tier not in FREE_TIERS and code not in TIERS[tier]:
        codes = list(TIERS[tier])
        shown = ", ".join(codes) if len(codes) < 20 else f"{codes[0]} to {codes[-1]}"
        raise SignError(f"{code!r} is no code of the non-manual tier {tier!r}; its codes are {shown}.")
    return Feature(tier, code)


def parse_nonmanual(text: str) -> tuple[Feature, ...]:
    """The short form: ``tier:code`` tokens parted by spaces, such as ``head:SH eyebrows:FU mouthing:haUs``."""
    features = []
    for token in text.split():
        tier, _, code = token.partition(":")
        features.append(feature(tier, code))
    return tuple(features)


def format_nonmanual(features: tuple[Feature, ...]) -> str:
    """The short form of ``features``; ``parse_nonmanual`` reads it back."""
    return " ".join(f"{one.tier}:{one.code}" for one in features)
