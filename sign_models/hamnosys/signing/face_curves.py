"""Non-manual features -> curves of shoulders, head and face over the length of a sign."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sign_models.face import FACE_ACTIONS, FACE_INDEX
from sign_models.hamnosys.sign import Feature
from sign_models.types import FPS

Array = NDArray[np.float64]
Curve = Callable[[Array], Array]
"""Share of a feature's time (n,) in 0..1 -> weight (n,) in 0..1."""

_RAMP = 0.16
"""Seconds in which a feature comes and goes."""


def express(features: tuple[Feature, ...], frames: int) -> tuple[Array, Array, Array, list[str]]:
    """-> shrug (t, h), head (t, 3), face (t, 52), and a note for each feature that cannot be shown.

    Features of one tier share the time one after the other; tiers run side by side.
    """
    shrug, head, face = np.zeros((frames, 2)), np.zeros((frames, 3)), np.zeros((frames, len(FACE_ACTIONS)))
    notes: list[str] = []
    tiers: dict[str, list[str]] = {}
    for feature in features:
        tiers.setdefault(feature.tier, []).append(feature.code)
    for tier, codes in tiers.items():
        for i, code in enumerate(codes):
            time, window = _window(frames, i, len(codes))
            if tier == "shoulder":
                shrug += window[:, None] * _shrug(code, time)
            elif tier == "head":
                head += window[:, None] * _head(code, time, frames / len(codes) / FPS)
            elif tier == "mouthing":
                face = np.maximum(face, window[:, None] * _mouthing(code, time))
            elif code in _FACES.get(tier, {}):
                face = np.maximum(face, window[:, None] * _weights(_FACES[tier][code], time))
            else:
                notes.append(f"The non-manual feature {tier}:{code} is not shown.")
    return np.clip(shrug, 0, 1), head, np.clip(face, 0, 1), notes


def _window(frames: int, index: int, count: int) -> tuple[Array, Array]:
    """(time, weight) of a feature that has one of ``count`` equal shares: 0..1 inside it, ramps at both ends."""
    place = (np.arange(frames) + 0.5) / frames * count - index
    seconds = np.minimum(place, 1 - place) * frames / count / FPS
    ramp = np.clip(seconds / min(_RAMP, frames / count / FPS / 3) + 0.2, 0, 1)
    return np.clip(place, 0, 1), ramp * ramp * (3 - 2 * ramp)


def _shrug(code: str, time: Array) -> Array:
    """(t, h) lift of left and right; a shrug comes and goes, a raise stays. Hunching lifts a little."""
    sides = {"L": (1, 0), "R": (0, 1), "B": (1, 1)}[code[1]]
    lift = {"U": 0.8, "H": 0.4, "S": 1.0}[code[0]]
    shape = np.sin(np.pi * time) if code[0] == "S" else np.ones_like(time)
    return lift * shape[:, None] * np.array(sides, dtype=np.float64)


_HEAD_HOLD = {
    "SR": (0, -28, 0),
    "SL": (0, 28, 0),
    "TR": (0, 0, 14),
    "TL": (0, 0, -14),
    "NF": (16, 0, 0),
    "NB": (-14, 0, 0),
    "PF": (7, 0, 0),
    "PB": (-7, 0, 0),
    "LI": (3, 0, 0),
}
"""Degrees about x (forward), y (to the left) and z (to the right) while the feature lasts."""


def _head(code: str, time: Array, seconds: float) -> Array:
    """(t, 3) axis-angle."""
    if code in ("NO", "SH"):
        beats = max(2, round(seconds * 2.4))
        # a shake swells and fades: cut off in full swing, it would be carried far past its width afterwards
        fading = np.sqrt(np.sin(np.pi * time).clip(0))
        shake = fading * np.sin(2 * np.pi * beats * time)
        swing = shake if code == "SH" else (1 - np.cos(2 * np.pi * beats * time)) / 2
        axis = np.array([0, np.radians(14), 0]) if code == "SH" else np.array([np.radians(13), 0, 0])
        return swing[:, None] * axis
    return np.tile(np.radians(np.array(_HEAD_HOLD[code], dtype=np.float64)), (len(time), 1))


def _stay(time: Array) -> Array:
    return np.ones_like(time)


def _once(time: Array) -> Array:
    """Comes late and goes: a short burst in the second half."""
    return np.clip(1 - np.abs(time - 0.55) / 0.3, 0, 1)


def _first(time: Array) -> Array:
    return np.clip((0.55 - time) / 0.2, 0, 1)


def _then(time: Array) -> Array:
    return np.clip((time - 0.4) / 0.2, 0, 1)


def _grow(time: Array) -> Array:
    return time


def _again(time: Array) -> Array:
    return (1 - np.cos(6 * np.pi * time)) / 2


def _middle(time: Array) -> Array:
    return np.sin(np.pi * time)


def _end(time: Array) -> Array:
    return np.clip(1 - np.abs(time - 0.85) / 0.15, 0, 1)


Weights = dict[str, float] | list[tuple[dict[str, float], Curve]]

_JAW_AJAR, _JAW_OPEN = {"jawOpen": 0.25}, {"jawOpen": 0.6}
_PUCKER = {"mouthPucker": 0.9}
_SH = {"mouthFunnel": 0.7, "mouthPucker": 0.3, "jawOpen": 0.1}
_O = {"mouthFunnel": 0.8, "jawOpen": 0.4}
_A = {"jawOpen": 0.65}
_E = {"mouthStretch": 0.5, "mouthSmile": 0.25, "jawOpen": 0.15}
_F = {"mouthRollLower": 0.6, "mouthUpperUp": 0.35}
_M = {"mouthPress": 0.5, "mouthRollLower": 0.25, "mouthRollUpper": 0.25}
_PUFF = {"cheekPuff": 0.9}
_BLOW = {"mouthPucker": 0.7, "mouthFunnel": 0.3, "cheekPuff": 0.3}
_TONGUE = {"tongueOut": 0.8, "jawOpen": 0.3}
_TIP = {"tongueOut": 0.35, "jawOpen": 0.2}
_TEETH = {"mouthUpperUp": 0.5, "mouthLowerDown": 0.5, "mouthStretch": 0.4}
_DOWN = {"mouthFrown": 0.8, "mouthShrugLower": 0.4}
_HIDDEN = {"mouthRollLower": 0.9, "mouthRollUpper": 0.9}

_FACES: dict[str, dict[str, Weights]] = {
    "eyebrows": {
        "RB": {"browInnerUp": 0.8, "browOuterUp": 0.8},
        "RR": {"browOuterUpRight": 0.9, "browInnerUp": 0.3},
        "RL": {"browOuterUpLeft": 0.9, "browInnerUp": 0.3},
        "FU": {"browDown": 0.9, "noseSneer": 0.1},
    },
    "eyelids": {
        "WB": {"eyeWide": 0.9},
        "WR": {"eyeWideRight": 0.9},
        "WL": {"eyeWideLeft": 0.9},
        "SB": {"eyeSquint": 0.9, "eyeBlink": 0.3},
        "SR": {"eyeSquintRight": 0.9, "eyeBlinkRight": 0.3},
        "SL": {"eyeSquintLeft": 0.9, "eyeBlinkLeft": 0.3},
        "CB": {"eyeBlink": 1.0},
        "CR": {"eyeBlinkRight": 1.0},
        "CL": {"eyeBlinkLeft": 1.0},
        "TB": {"eyeBlink": 1.0, "eyeSquint": 0.9, "cheekSquint": 0.6},
        "TR": {"eyeBlinkRight": 1.0, "eyeSquintRight": 0.9, "cheekSquintRight": 0.6},
        "TL": {"eyeBlinkLeft": 1.0, "eyeSquintLeft": 0.9, "cheekSquintLeft": 0.6},
        "BB": [({"eyeBlink": 1.0}, _end)],
    },
    "eyegaze": {
        "AD": {},
        "FR": {"eyeLookUp": 0.1},
        "NO": {"eyeLookDown": 0.1},
        "HD": {"eyeLookDown": 0.6},
        "HI": {"eyeLookDown": 0.5, "eyeLookOutRight": 0.3, "eyeLookInLeft": 0.3},
        "HC": {"eyeLookDown": 0.5, "eyeLookOutLeft": 0.3, "eyeLookInRight": 0.3},
        "UP": {"eyeLookUp": 0.8},
        "DN": {"eyeLookDown": 0.8},
        "LE": {"eyeLookOutLeft": 0.8, "eyeLookInRight": 0.8},
        "RI": {"eyeLookOutRight": 0.8, "eyeLookInLeft": 0.8},
        "RO": [
            ({"eyeLookOutLeft": 0.7, "eyeLookInRight": 0.7}, _first),
            ({"eyeLookUp": 0.9}, _middle),
            ({"eyeLookOutRight": 0.7, "eyeLookInLeft": 0.7}, _then),
        ],
        "LU": {"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6, "eyeLookUp": 0.6},
        "LD": {"eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6, "eyeLookDown": 0.6},
        "RU": {"eyeLookOutRight": 0.6, "eyeLookInLeft": 0.6, "eyeLookUp": 0.6},
        "RD": {"eyeLookOutRight": 0.6, "eyeLookInLeft": 0.6, "eyeLookDown": 0.6},
    },
    "nose": {
        "WR": {"noseSneer": 0.9},
        "WB": {"noseSneer": 0.9},
        "TW": [({"noseSneer": 0.7}, _again)],
        "WI": {"noseSneer": 0.3},
    },
    "mouthgesture": {
        "D01": [(_E, _first), (_TEETH, _then)],
        "D02": _F,
        "D03": [(_E, _first), (_F, _then)],
        "D04": [(_A, _first), (_F, _then)],
        "D05": [(_TEETH, _stay), ({"jawOpen": 0.15}, _again)],
        "D06": [({"mouthUpperUp": 0.8}, _stay), ({"jawOpen": 0.15}, _again)],
        "D07": [(_JAW_OPEN, _first), (_TEETH, _then)],
        "D08": [(_JAW_AJAR, _first), (_TEETH, _stay)],
        "D09": [(_F, _first), (_JAW_OPEN, _once)],
        "J01": [({"jawLeft": 0.7}, _again), ({"jawRight": 0.7}, lambda t: 1 - _again(t))],
        "J02": [({"jawLeft": 0.4, "mouthPress": 0.4}, _again)],
        "J03": {"jawOpen": 0.5, "jawForward": 0.7, "mouthLowerDown": 0.5},
        "J04": [({"jawOpen": 0.6}, _again)],
        "L01": _SH,
        "L02": [(_BLOW, _stay), ({"mouthPress": 0.4}, _again)],
        "L03": [(_M, _first), (_BLOW, _then)],
        "L04": _PUCKER,
        "L05": _O,
        "L06": {"mouthFunnel": 0.6, "mouthPucker": 0.5},
        "L07": [(_O, _first), (_A, _then)],
        "L08": [(_M, _first), (_O, _middle), (_M, _end)],
        "L09": [(_M, _first), (_A, _middle), (_M, _end)],
        "L10": [(_M, _first), (_O, _middle), (_A, _then)],
        "L11": [(_M, _first), (_A, _then)],
        "L12": [(_M, _first), (_E, _then)],
        "L13": [(_M, _first), (_E, _then)],
        "L14": [(_M, _first), (_SH, _then)],
        "L15": [(_M, _first), (_TEETH, _then)],
        "L16": [(_M, _first), (_F, _then)],
        "L17": [(_M, _first), (_BLOW, _once)],
        "L18": [(_M, _stay), (_BLOW, _again)],
        "L19": {"mouthFunnel": 0.4, "jawOpen": 0.15},
        "L20": [(_PUFF, _stay), (_BLOW, _then)],
        "L21": [({"mouthFunnel": 0.4, "jawOpen": 0.2}, _once)],
        "L22": [(_PUFF, _first), (_BLOW, _once)],
        "L23": _M,
        "L24": [(_M, _stay), ({"cheekPuff": 0.25}, _stay)],
        "L25": [(_M, _again)],
        "L26": {"mouthUpperUpRight": 0.8, "noseSneerRight": 0.4},
        "L27": [(_JAW_AJAR, _first), (_HIDDEN, _then)],
        "L28": [(_TIP, _first), (_HIDDEN, _then)],
        "L29": _HIDDEN | {"mouthFrown": 0.5},
        "L30": _PUCKER | {"mouthFrown": 0.6},
        "L31": _DOWN,
        "L32": [(_BLOW, _stay), ({"mouthPress": 0.4}, _first)],
        "L33": [(_SH, _again), (_TEETH, _middle)],
        "L34": {"mouthStretch": 0.8, "mouthPress": 0.5},
        "L35": _BLOW,
        "C01": _PUFF,
        "C02": _PUFF | {"mouthShrugUpper": 0.3},
        "C03": [(_PUFF, _grow)],
        "C04": {"cheekPuff": 0.6, "mouthLeft": 0.3},
        "C05": [({"cheekPuff": 0.6, "mouthLeft": 0.3}, _first), (_BLOW, _once)],
        "C06": [({"cheekPuff": 0.6, "mouthLeft": 0.3}, _first), (_BLOW, _once)],
        "C07": {"mouthPucker": 0.6, "mouthDimple": 0.6},
        "C08": [({"mouthPucker": 0.6, "mouthDimple": 0.6}, _grow)],
        "C09": {"cheekPuff": 0.4, "mouthLeft": 0.2, "jawOpen": 0.08},
        "C10": [({"cheekPuff": 0.5, "mouthLeft": 0.2, "jawOpen": 0.08}, _again)],
        "C11": [({"cheekPuff": 0.6, "mouthLeft": 0.4}, _again)],
        "C12": _M | {"mouthShrugLower": 0.5},
        "C13": [({"mouthPucker": 0.5, "jawOpen": 0.2, "mouthDimple": 0.4}, _again)],
        "T01": _TIP,
        "T02": _TIP,
        "T03": [(_TIP, _again)],
        "T04": [(_TONGUE, _once)],
        "T05": [(_A, _stay), ({"tongueOut": 0.9}, _stay)],
        "T06": [(_TONGUE, _again)],
        "T07": [(_A, _stay), ({"tongueOut": 0.35}, _again)],
        "T08": [(_A, _stay), ({"tongueOut": 0.35}, lambda t: 1 - _again(t))],
        "T09": [(_A, _first), (_TIP, _middle), (_TEETH, _then)],
        "T10": [(_TIP, _first), (_F, _then)],
        "T11": [(_TIP, _first), (_A, _middle), (_F, _then)],
        "T12": _TIP | {"mouthLeft": 0.4},
        "T13": {"jawOpen": 0.3, "mouthShrugLower": 0.5},
        "T14": [(_TIP, _stay), ({"mouthLeft": 0.4}, _again)],
        "T15": [(_JAW_OPEN, _stay), ({"tongueOut": 0.3}, _again)],
        "T16": _PUCKER | {"tongueOut": 0.35},
        "T17": [(_JAW_OPEN, _stay), (_TONGUE, _once)],
    },
}
"""Tier -> code -> weights; a name without a side means both sides. Several: each with when it shows."""


def _weights(face: Weights, time: Array) -> Array:
    """(t, 52)."""
    total = np.zeros((len(time), len(FACE_ACTIONS)))
    pairs: list[tuple[dict[str, float], Curve]] = [(face, _stay)] if isinstance(face, dict) else face
    for weights, curve in pairs:
        for name, weight in weights.items():
            for column in _columns(name):
                total[:, column] = np.maximum(total[:, column], weight * curve(time))
    return total


def _columns(name: str) -> list[int]:
    if name in FACE_INDEX:
        return [FACE_INDEX[name]]
    return [FACE_INDEX[name + "Left"], FACE_INDEX[name + "Right"]]


_VISEMES: dict[str, dict[str, float]] = {
    "aA6VQ{": _A,
    "eEI@3iYj9": _E,
    "oOU": _O,
    "uywW2": {"mouthPucker": 0.7, "mouthFunnel": 0.3, "jawOpen": 0.12},
    "pbmBPM": _M,
    "fvFV": _F,
    "SZ": _SH,
    "szTDC": _TEETH | {"jawOpen": 0.05},
    "lLnNtdrR": {"jawOpen": 0.2, "tongueOut": 0.1},
    "kgxhqG": {"jawOpen": 0.25},
}
"""SAMPA symbols -> the shape of the mouth."""

_LOOKS = {symbol: weights for symbols, weights in reversed(_VISEMES.items()) for symbol in symbols}


def _mouthing(sampa: str, time: Array) -> Array:
    """(t, 52): the mouth shapes of a SAMPA word, sounds of equal length, each melting into the next."""
    sounds = [symbol for symbol in sampa if symbol in _LOOKS]
    total = np.zeros((len(time), len(FACE_ACTIONS)))
    for i, symbol in enumerate(sounds):
        place = time * len(sounds) - i - 0.5
        weight = np.clip(1.1 - np.abs(place), 0, 1)
        for name, value in _LOOKS[symbol].items():
            for column in _columns(name):
                total[:, column] = np.maximum(total[:, column], value * weight)
    return total
