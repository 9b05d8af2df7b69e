"""The people in the rendered clips: a table of looks, and the camera that films them.

Hands must stand off the clothes behind them: light skin wears dark tops, dark skin light ones.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sign_models.body import Appearance, Body, load
from sign_models.body.body import FINGERTIPS
from sign_models.paths import asset
from sign_models.render.cameras import FIELD_OF_VIEW, Shot, framed
from sign_models.render.gl import Canvas
from sign_models.render.look import Look
from sign_models.render.renderer import open_canvas
from sign_models.render.surface import Surface, surface
from sign_models.render.take import Take
from sign_models.skeleton import FINGERS, HANDS, JOINTS
from sign_models.types import Motion

Floats = NDArray[np.float32]

CENTRE, HEIGHT = (0.0, 0.645, 0.25), 0.71
"""Metres, in the open body's space: the point the camera looks at and how much of it fits between the lower and the
upper edge. Of the fingertips of the dictionary's signs, 98 in 100 are inside; the head is as well, the hips are not."""

HAND_MARGIN = 0.012
"""Share of the picture that is added around the joints of a hand: skin lies outside the bones."""


@dataclass(frozen=True)
class Signer:
    """One look. build, stature: the body's breadth and depth, and its height, as a share of the open body's."""

    name: str
    appearance: Appearance
    background: str
    build: float = 1.0
    stature: float = 1.0


SIGNERS: tuple[Signer, ...] = (
    Signer("Ada", Appearance("light", "navy", "dark brown", "brown"), "#e4e9ef"),
    Signer("Ben", Appearance("deep", "cream", "black", "dark brown"), "#7d8c86", 1.06, 1.02),
    Signer("Chen", Appearance("tan", "bottle green", "black", "dark brown"), "#efe9dd", 0.95, 0.97),
    Signer("Dora", Appearance("porcelain", "burgundy", "blond", "blue"), "#aebfce", 0.97, 1.0),
    Signer("Emre", Appearance("brown", "sky", "black", "dark brown"), "#4b5560", 1.04, 1.03),
    Signer("Fay", Appearance("light", "charcoal", "auburn", "green"), "#dfe7d8", 0.94, 0.98),
    Signer("Gus", Appearance("porcelain", "slate", "grey", "grey"), "#f4efe6", 1.08, 1.0),
    Signer("Hana", Appearance("dark brown", "cream", "dark brown", "brown"), "#8a9bb0", 0.96, 0.96),
    Signer("Ines", Appearance("tan", "charcoal", "brown", "green"), "#cfd8e3", 1.0, 1.01),
    Signer("Juno", Appearance("brown", "cream", "auburn", "brown"), "#5d6b5f", 0.98, 0.99),
)
"""The first ones are trained on, the last ones are never: see ``sign_videos.Plan``."""


@dataclass(frozen=True)
class View:
    """A camera a little off its mark. yaw: degrees; shift: metres to the right and up; zoom: share of the height."""

    yaw: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0

    def shot(self, length: int) -> Shot:
        """The same in all frames."""
        centre = np.add(CENTRE, (*self.shift, 0.0))
        return framed(np.tile(centre, (length, 1)), np.full(length, HEIGHT / self.zoom), self.yaw)


class Film:
    """Body, mesh and GL context of one thread, kept for many clips."""

    def __init__(self) -> None:
        self.body: Body = load(asset("body/open_body.npz"))  # a licensed body would make other clips
        self.surface: Surface = surface(self.body.upper_faces, len(self.body.template))
        self.canvas: Canvas = open_canvas()
        self._colors: dict[str, Floats] = {}

    def clip(
        self, motion: Motion, seconds: NDArray[np.float64], signer: Signer, view: View, size: int, fineness: int = 2
    ) -> tuple[NDArray[np.uint8], Floats]:
        """Pictures (t, size, size, 3) at ``seconds`` (t,) of the motion, and the hands' boxes (t, 2, 4).

        fineness: drawn so many times as large, then averaged, for fingers are thinner than a pixel.
        """
        vertices, joints = self._between(motion, seconds)
        scale = np.array([signer.build, signer.stature, signer.build], np.float32)
        shot = view.shot(len(seconds))
        look = Look(size=size * fineness, background=signer.background)
        take = Take(self.surface, vertices * scale, self._paint(signer), shot.poses(), look.size, look.background_rgb,
                    False)  # fmt: skip
        drawn = self.canvas.draw(take).astype(np.float32)
        fine = drawn.reshape(len(drawn), size, fineness, size, fineness, 3).mean((2, 4))
        return np.rint(fine).astype(np.uint8), hand_boxes(hand_points(vertices, joints) * scale, shot)

    def close(self) -> None:
        self.canvas.delete()

    def _paint(self, signer: Signer) -> Floats:
        if signer.name not in self._colors:
            self._colors[signer.name] = np.ascontiguousarray(self.body.colors_for(signer.appearance)[:, :3].numpy())
        return self._colors[signer.name]

    def _between(self, motion: Motion, seconds: NDArray[np.float64]) -> tuple[Floats, Floats]:
        """Vertices (t, v, 3) and joints (t, 55, 3) at times between the motion's frames."""
        place = np.clip(seconds * motion.fps, 0, len(motion) - 1)
        low = np.floor(place).astype(int)
        used, index = np.unique(np.concatenate([low, np.minimum(low + 1, len(motion) - 1)]), return_inverse=True)
        chosen = torch.from_numpy(used)
        face = None if motion.face is None else motion.face[chosen]
        mesh = self.body.pose(Motion(motion.features[chosen], motion.fps, face, motion.flat_hands))
        share = (place - low).astype(np.float32)[:, None, None]
        before, after = np.split(index, 2)
        first, second = ((points[before], points[after]) for points in (mesh.vertices.numpy(), mesh.joints.numpy()))
        return first[0] + (first[1] - first[0]) * share, second[0] + (second[1] - second[0]) * share


def hand_points(vertices: Floats, joints: Floats) -> Floats:
    """(t, 2, k, 3): wrist, finger joints and fingertips of the left and the right hand."""
    sides = []
    for h, side in enumerate(HANDS):
        names = {f"{side}_wrist", *(f"{side}_{finger}{k}" for finger in FINGERS for k in (1, 2, 3))}
        bones = joints[:, [i for i, name in enumerate(JOINTS) if name in names]]
        sides.append(np.concatenate([bones, vertices[:, list(FINGERTIPS[h])]], axis=1))
    return np.stack(sides, axis=1)


def hand_boxes(points: Floats, shot: Shot) -> Floats:
    """(t, 2, k, 3) points -> (t, 2, 4) boxes in 0..1 of the picture; all 0 for a hand that is outside."""
    seen = np.einsum("thkc,tcd->thkd", points - shot.eye[:, None, None], shot.turn)
    flat = seen[..., :2] / (-seen[..., 2:] * np.tan(FIELD_OF_VIEW / 2))
    place = np.stack([(flat[..., 0] + 1) / 2, (1 - flat[..., 1]) / 2], axis=-1)
    boxes = np.concatenate([place.min(2) - HAND_MARGIN, place.max(2) + HAND_MARGIN], axis=-1).clip(0, 1)
    shown = (boxes[..., 2:] > boxes[..., :2]).all(-1, keepdims=True)
    return (boxes * shown).astype(np.float32)
