"""Extended finger direction and palm orientation -> rotation of the hand.

The extended finger direction is that of the hand from wrist to knuckles (where straight fingers would point), not of
bent fingers. The palm symbol then tells the turn about that axis. It is not simply an absolute direction, since
inward and outward have no palm symbol:

    Hold the hand pointing straight OUT (away from the body) with the palm facing as the symbol says (u d l r ...).
    Then carry the hand to its finger direction by the shortest turn; the palm goes along.
    Fingers that point level back to the body (i, il, ir) are carried from straight IN instead: symbols as they are.

So with fingers up: d away from the body, u towards it, l left, r right. Fingers left: l towards the body, r away, u up,
d down. Fingers right: r towards the body, l away. Fingers down: u away, d towards. Fingers ul: dr away, ul towards,
dl down-left, ur up-right. Fingers ui: u towards the body, d away, as for u. Fingers il, i, ir: l and r as they are
(the right hand pointing at its own chest: palm r).

Evidence (published transcriptions, facts only): in the DictaSign BSL lexicon STOP is flat hands, fingers u, palm d,
pushed outward; HAND and AGE show the palm to the signer with fingers u, palm u; WANT and DAY lay the hand on the chest
with fingers l, palm l, SURPRISE the left hand with fingers r, palm r; GAS lays the nail of the index on the nose, so
palm away, with fingers ul, palm dr; LIE ends with the finger up and a little in, palm d, away; WISH touches the neck
with fingers il, palm r; MUSIC swings the index from ur with palm ul to ul with palm dl. UEA's own example
"I" touches the chest with fingers il, palm r, and "mug" ends at the mouth with fingers ul, palm dl, thumb to the face.
The sign HOUSE slopes like a roof with fingers ul, palm dl.
"""

import numpy as np
from numpy.typing import NDArray

from sign_models.hamnosys.sign import DIRECTIONS

Array = NDArray[np.float64]

_REST = {
    "right": np.array([[-1.0, 0, 0], [0, -1, 0], [0, 0, 1]]).T,
    "left": np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, 1]]).T,
}
"""Columns: finger axis, palm normal and thumb side of each hand in the T-pose."""


def direction(names: tuple[str, ...]) -> Array:
    """(3,) unit vector of a direction; of two names, halfway between them."""
    total = np.zeros(3)
    for name in names:
        vector = np.array(DIRECTIONS[name], dtype=np.float64)
        total += vector / np.linalg.norm(vector)
    length = float(np.linalg.norm(total))
    if length < 1e-6:
        # Two opposite names have no middle; the first is as near as the notation says.
        return direction(names[:1])
    return total / length


def palm_normal(fingers: tuple[str, ...], palm: tuple[str, ...]) -> Array:
    """(3,) unit vector out of the palm, for written finger direction and palm symbols (one name or two each)."""
    axis = direction(fingers)
    # "l between il" is still read as l is: the first name says which half the writer thought in.
    _, y, z = DIRECTIONS[fingers[0]]
    start = np.array([0.0, 0.0, -1.0 if z < 0 and y == 0 else 1.0])
    return _carry(start, axis) @ direction(palm)


def finger_axis(rotation: Array, side: str) -> Array:
    """Where the fingers point, for rotations (..., 3, 3) from the T-pose."""
    axis: Array = rotation @ _REST[side][:, 0]
    return axis


def palm_axis(rotation: Array, side: str) -> Array:
    """Where the palm faces, for rotations (..., 3, 3) from the T-pose."""
    axis: Array = rotation @ _REST[side][:, 1]
    return axis


def thumb_axis(rotation: Array, side: str) -> Array:
    """Where the thumb's edge of the hand faces, for rotations (..., 3, 3) from the T-pose."""
    axis: Array = rotation @ _REST[side][:, 2]
    return axis


def _carry(start: Array, end: Array) -> Array:
    """(3, 3) the shortest rotation that takes one unit vector to another (not its opposite)."""
    turn = np.cross(start, end)
    cosine = float(start @ end)
    skew = np.array([[0, -turn[2], turn[1]], [turn[2], 0, -turn[0]], [-turn[1], turn[0], 0]])
    return np.eye(3) + skew + skew @ skew / (1 + cosine)
