"""How alike two clips look: a part one can change, which says its name, so that every result can say which it was.

Clips are (b, 3, t, h, w) in -1..1. The paper's "patch-level perceptual" loss is taken to be LPIPS, frame by frame; its
weights come from elsewhere, so there are two ways to do without.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from sign_models.errors import SignError

PerceptualKind = Literal["auto", "lpips", "recogniser", "gradients"]

Network = Callable[[Tensor], Sequence[Tensor]]
"""(b, 3, t, h, w) -> maps with the channels on axis 1."""


class Gradients(nn.Module):
    """Differences of neighbouring pixels at several scales: edges must be where they are. Needs no weights."""

    name = "multi-scale gradients"

    def __init__(self, scales: int = 3) -> None:
        super().__init__()
        self.scales = scales

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        a, b = (rearrange(clips.float(), "b c t h w -> (b t) c h w") for clips in (made, real))
        total = a.new_zeros(())
        for scale in range(self.scales):
            if scale:
                a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
            for axis in (2, 3):
                total = total + F.l1_loss(a.diff(dim=axis), b.diff(dim=axis))
        return total / (2 * self.scales)


class Features(nn.Module):
    """Distance of the inner maps of a network, each place scaled to length 1 as LPIPS does; the network stays as it
    is."""

    def __init__(self, name: str, network: Network) -> None:
        super().__init__()
        self.name = name
        self._network = (network,)  # in a tuple: it is neither trained nor saved with the model

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        (network,) = self._network
        with torch.no_grad():
            wanted = network(real.float())
        gaps = [
            (F.normalize(a.float(), dim=1) - F.normalize(b.float(), dim=1)).square().sum(1).mean()
            for a, b in zip(network(made.float()), wanted, strict=True)
        ]
        return torch.stack(gaps).mean()


class Lpips(nn.Module):
    """LPIPS with VGG16 (arXiv 1801.03924) from the ``lpips`` package, when its weights lie where torch keeps them."""

    name = "LPIPS (VGG16)"
    weights = "checkpoints/vgg16-397923af.pth"

    def __init__(self) -> None:
        super().__init__()
        from importlib import import_module

        self._network = (import_module("lpips").LPIPS(net="vgg", verbose=False).eval().requires_grad_(False),)

    @classmethod
    def available(cls) -> bool:
        """Whether the package and its weights are there; nothing is downloaded."""
        from importlib.util import find_spec
        from pathlib import Path

        return find_spec("lpips") is not None and (Path(torch.hub.get_dir()) / cls.weights).is_file()

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        a, b = (rearrange(clips.float(), "b c t h w -> (b t) c h w") for clips in (made, real))
        network = self._network[0].to(a.device)
        distance: Tensor = network(a, b).mean()
        return distance


Perceptual = Gradients | Features | Lpips


def perceptual(kind: PerceptualKind, network: Network | None = None) -> Perceptual:
    """The kind "auto" is the best that is there: LPIPS, else the features of a sign recogniser, else gradients."""
    if kind == "lpips" and not Lpips.available():
        raise SignError(
            f"LPIPS needs the lpips package and {Lpips.weights} in {torch.hub.get_dir()}; put them there or set "
            "perceptual to gradients."
        )
    if kind == "recogniser" and network is None:
        raise SignError("perceptual is recogniser, but no recogniser is given; name its folder or choose gradients.")
    if kind == "lpips" or (kind == "auto" and Lpips.available()):
        return Lpips()
    if kind != "gradients" and network is not None:
        return Features("features of our sign recogniser", network)
    return Gradients()
