"""Frames of our renderer against stock pyrender used in the usual way: how much faster, and how alike.

The usual way: one OffscreenRenderer is kept, and every frame makes a new mesh with ``Mesh.from_trimesh``, adds it to
the scene, renders and takes it out again. Both draw the same poses from the same camera under the same lights.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sign_models.body import load
from sign_models.render import CAMERAS, Look, Renderer
from sign_models.skeleton import UPPER_BODY
from sign_models.types import Mesh, Motion
from train.bench.report import Figure, Report

ABOUT = "frames at 512x512 against stock pyrender: speed and structural similarity"

Pictures = NDArray[np.uint8]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frames", type=int, default=40, help="frames of the clip (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="times each is measured (default %(default)s)")
    parser.add_argument("--size", type=int, default=512, help="side of the picture in pixels (default %(default)s)")
    parser.add_argument("--camera", default="front", choices=CAMERAS, help="default %(default)s")


def measure(options: argparse.Namespace) -> Report:

    body = load()
    mesh = body.pose(waving(options.frames))
    look = Look(camera=options.camera, size=options.size)
    upper = Mesh(mesh.vertices, mesh.joints, torch.from_numpy(body.upper_faces), mesh.fps)  # as outputs.Studio draws it
    figures = compare(mesh, upper, body.colors, look, options.rounds)
    settings = {
        "size": look.size, "camera": look.camera, "frames": len(mesh), "rounds": options.rounds,
        "vertices": mesh.vertices.shape[1], "triangles": len(mesh.faces),
    }  # fmt: skip
    return Report("render", figures, settings)


def waving(frames: int) -> Motion:
    """Both arms rise, wave before the chest and sink, while the fingers of the right hand close and open."""
    time_ = torch.linspace(0, 1, frames)
    up = (torch.minimum(5 * time_, 5 * (1 - time_))).clamp(0, 1)
    features = torch.zeros(frames, 133)
    body = features[:, :30].view(frames, 10, 3)
    fingers = features[:, 75:120].view(frames, 15, 3)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        body[:, UPPER_BODY.index(f"{side}_shoulder"), 2] = sign * (-1.35 + 0.35 * up)
        body[:, UPPER_BODY.index(f"{side}_elbow"), 1] = -sign * (0.2 + (1.8 + 0.3 * torch.sin(19 * time_)) * up)
    body[:, UPPER_BODY.index("neck"), 1] = 0.15 * torch.sin(6 * time_)
    fingers[:, :12, 2] = (up * (0.7 + 0.6 * torch.sin(12 * time_)))[:, None]
    return Motion(features)


def compare(mesh: Mesh, shown: Mesh, colors: Tensor, look: Look, rounds: int) -> list[Figure]:
    """mesh: the whole body, for pyrender; shown: the part of it that we draw.

    Rounds alternate between the two, so that what else the machine does falls on both.
    """
    stock = Stock(mesh, colors, look)
    with Renderer() as renderer:

        def ours() -> Pictures:
            return renderer.render(shown, colors, look).frames.numpy()

        whole, signer = similarity(ours(), stock.draw(), stock.signer)  # warms both up
        pairs = [(seconds(stock.draw), seconds(ours)) for _ in range(rounds)]
    wall, work = (np.array([[draw[clock] for draw in pair] for pair in pairs]) for clock in (0, 1))  # (rounds, 2)
    slow, fast = 1000 / len(mesh) * np.median(wall, axis=0)
    return [
        Figure("stock pyrender", float(slow), "ms/frame"),
        Figure("ours", float(fast), "ms/frame"),
        Figure("times as fast", float(np.median(wall[:, 0] / wall[:, 1])), at_least=4.0),
        Figure("times less work for all cores", float(np.median(work[:, 0] / work[:, 1]))),
        Figure("structural similarity, mean", float(whole.mean()), at_least=0.97),
        Figure("structural similarity, worst frame", float(whole.min()), at_least=0.97),
        Figure("structural similarity without the background", float(signer.mean())),
    ]


def seconds(draw: Callable[[], Pictures]) -> tuple[float, float]:
    """On the clock, and of processor time on all threads, which other programs do not stretch."""
    start, worked = time.perf_counter(), time.process_time()
    draw()
    return time.perf_counter() - start, time.process_time() - worked


def similarity(ours: Pictures, stock: Pictures, signer: NDArray[np.bool_]) -> tuple[NDArray, NDArray]:
    """SSIM of each frame (t,) over the whole picture, and over the pixels (t, h, w) where the signer is."""
    from skimage.metrics import structural_similarity

    whole, only = [], []
    for one, other, mask in zip(ours, stock, signer, strict=True):
        mean, local = structural_similarity(one, other, channel_axis=2, full=True)
        whole.append(mean)
        only.append(local[mask].mean())
    return np.array(whole), np.array(only)


class Stock:
    """pyrender as its own examples use it."""

    def __init__(self, mesh: Mesh, colors: Tensor, look: Look) -> None:
        import pyrender

        from sign_models.render.gl import lit_scene

        camera = CAMERAS[look.camera]
        self.mesh = mesh
        self.faces = mesh.faces.numpy()
        self.poses = camera.frame(mesh.joints.double().numpy(), camera.yaw).poses()
        share = colors[:, :3].numpy() / (255 if colors.dtype == torch.uint8 else 1)
        self.colors = np.round(255 * share**2.2).astype(np.uint8)  # pyrender takes vertex colours as linear light
        self.scene, self.camera = lit_scene(look.background_rgb)
        self.renderer = pyrender.OffscreenRenderer(look.size, look.size)
        self.signer = np.zeros((len(mesh), look.size, look.size), dtype=bool)

    def draw(self) -> Pictures:
        """(t, h, w, 3); ``signer`` becomes true where the depth says that something was drawn."""
        import pyrender
        import trimesh

        pictures = []
        for frame, vertices in enumerate(self.mesh.vertices.numpy()):
            shape = trimesh.Trimesh(vertices, self.faces, process=False, vertex_colors=self.colors)
            node = self.scene.add(pyrender.Mesh.from_trimesh(shape, smooth=True))
            self.scene.set_pose(self.camera, self.poses[frame])
            picture, depth = self.renderer.render(self.scene)
            self.scene.remove_node(node)
            self.signer[frame] = depth > 0
            pictures.append(picture)
        return np.stack(pictures)
