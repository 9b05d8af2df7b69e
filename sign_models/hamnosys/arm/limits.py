"""How far human joints go, in degrees, and the soft stop a posture is eased into when a sign asks for more.

Values are the usual clinical ranges of motion of adults, a little tightened where the skin of the body folds badly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """Degrees from ``low`` to ``high``; ``ease`` degrees before each end the motion starts to slow down."""

    low: float
    high: float
    ease: float = 8.0

    def inner(self, margin: float) -> "Range":
        """The same range, ``margin`` degrees narrower at both ends."""
        return Range(self.low + margin, self.high - margin, self.ease)

    def clip(self, angle: Array) -> Array:
        """(...) radians -> (...) the nearest radians inside the range."""
        return np.clip(angle, np.radians(self.low), np.radians(self.high))

    def excess(self, angle: Array) -> Array:
        """(...) radians -> (...) radians beyond the range, 0 inside."""
        low, high = np.radians(self.low), np.radians(self.high)
        return np.maximum(angle - high, 0) + np.maximum(low - angle, 0)

    def strain(self, angle: Array) -> Array:
        """(...) radians -> (...) share of the range used up: 0 at rest, 1 at either end."""
        return np.where(angle > 0, angle / np.radians(self.high), angle / np.radians(self.low))

    def soft(self, angle: Array) -> Array:
        """(...) radians -> (...) radians inside the range: unchanged up to the ease, then bending smoothly."""
        ease = np.radians(self.ease)
        high, low = np.radians(self.high) - ease, np.radians(self.low) + ease
        above = ease * np.tanh(np.maximum(angle - high, 0) / ease)
        below = ease * np.tanh(np.maximum(low - angle, 0) / ease)
        return np.clip(angle, low, high) + above - below


ELBOW = Range(0, 150)
"""Flexion."""
PRONATION = Range(-85, 85)
"""Forearm: palm up (negative) to palm down, thumb towards the bend of the elbow at 0."""
WRIST_FLEXION = Range(-70, 75)
"""Back of the hand towards the forearm (negative) to palm towards it."""
WRIST_DEVIATION = Range(-40, 25)
"""Towards the little finger (negative) to towards the thumb."""
UPPER_ARM_TWIST = Range(-80, 95)
"""Turn of the upper arm about itself against the T-pose, outward (negative) to inward."""
COLLAR_LIFT = Range(-10, 35)
COLLAR_FORWARD = Range(-20, 30)
HEAD_PITCH = Range(-45, 50)
HEAD_YAW = Range(-70, 70)
HEAD_ROLL = Range(-38, 38)
