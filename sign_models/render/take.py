"""A clip cut into stretches that are ready to draw: what the GL thread is handed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sign_models.render.cameras import CAMERAS
from sign_models.render.look import Look
from sign_models.render.surface import Floats, Surface, seen, surface
from sign_models.types import Mesh

TAKE = 16
"""Frames drawn at one go: the turn of one caller when several wait, and the most that is lost when one cancels."""


@dataclass(frozen=True)
class Take:
    """A stretch of frames to draw.

    positions: (t, v, 3) of the whole mesh. colors: (v, 3) sRGB in 0..1. poses: (t, 4, 4) camera to world.
    """

    surface: Surface
    positions: Floats
    colors: Floats
    poses: NDArray[np.float64]
    size: int
    background: tuple[float, float, float]
    mirror: bool


def takes(mesh: Mesh, colors: Tensor, look: Look) -> Iterator[Take]:
    """The clip in stretches of ``TAKE`` frames, each complete in itself."""
    positions = mesh.vertices.numpy(force=True).astype(np.float32, copy=False)
    if not np.isfinite(positions).all():
        raise ValueError("Mesh.vertices holds numbers that are not finite.")
    faces = mesh.faces.numpy(force=True).astype(np.int64, copy=False)
    camera = CAMERAS[look.camera]
    shot = camera.frame(mesh.joints.numpy(force=True).astype(np.float64), camera.yaw)
    visible = seen(positions, faces, shot)
    part = surface(faces, positions.shape[1], visible if visible.any() else None)
    paint, poses = _paint(colors, positions.shape[1]), shot.poses()
    for start in range(0, len(mesh), TAKE):
        span = slice(start, start + TAKE)
        yield Take(part, positions[span], paint, poses[span], look.size, look.background_rgb, look.mirror)


def _paint(colors: Tensor, count: int) -> Floats:
    """(v, 3) in 0..1."""
    values = colors.numpy(force=True)
    if values.ndim != 2 or values.shape[0] != count or values.shape[1] not in (3, 4):
        raise ValueError(f"colors has shape {values.shape}; ({count}, 3) or ({count}, 4) is needed.")
    scale = np.float32(255 if values.dtype == np.uint8 else 1)
    return np.ascontiguousarray(values[:, :3] / scale, dtype=np.float32)
