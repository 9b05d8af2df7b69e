"""The two judges of the adversarial loss: one sees single pictures, one sees motion. Hinge loss, feature matching.

Patch discriminators after TATS (arXiv 2204.03638), section 3.1; they exist in training alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class DiscriminatorConfig:
    """width: channels of the first layer, doubled by each of ``layers``. pictures: frames of each clip that the judge
    of pictures sees, drawn by chance."""

    width: int = 64
    layers: int = 3
    pictures: int = 2


class PatchDiscriminator(nn.Module):
    """clips (b, 3, t, h, w) -> the maps of all layers, the last one being the verdict on each patch.

    motion: kernels reach over three frames; without it each frame is judged alone.
    """

    def __init__(self, config: DiscriminatorConfig, *, motion: bool) -> None:
        super().__init__()
        kernel, padding = ((3, 4, 4), (1, 1, 1)) if motion else ((1, 4, 4), (0, 1, 1))
        layers: list[nn.Module] = []
        inside = 3
        for layer in range(config.layers):
            out = config.width * 2**layer
            stride = (2 if motion and layer == 0 else 1, 2, 2)
            steps: list[nn.Module] = [nn.Conv3d(inside, out, kernel, stride, padding)]
            if layer:
                steps.append(nn.GroupNorm(8, out))
            layers.append(nn.Sequential(*steps, nn.LeakyReLU(0.2)))
            inside = out
        layers.append(
            nn.Conv3d(inside, 1, (3, 3, 3) if motion else (1, 3, 3), padding=(1, 1, 1) if motion else (0, 1, 1))
        )
        self.layers = nn.ModuleList(layers)

    def forward(self, clips: Tensor) -> list[Tensor]:
        maps, x = [], clips
        for layer in self.layers:
            x = layer(x)
            maps.append(x)
        return maps


class Discriminators(nn.Module):
    """Both judges. Clips are (b, 3, t, h, w) in -1..1; losses are means over judges, clips and patches."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        self.picture = PatchDiscriminator(config, motion=False)
        self.motion = PatchDiscriminator(config, motion=True)

    def forward(self, made: Tensor, real: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(loss of the judges, adversarial loss of the maker, feature matching).

        The first reaches the judges alone, the other two ``made`` alone, so all can be added up and stepped together.
        """
        frames = self._frames(made)
        verdict, fooled, matching = [], [], []
        for judge, own in ((self.picture, frames), (self.motion, slice(None))):
            a, b = made[:, :, own], real[:, :, own]
            of_real, of_made = judge(b), judge(a.detach())
            verdict.append((F.relu(1 - of_real[-1].float()).mean() + F.relu(1 + of_made[-1].float()).mean()) / 2)
            fixed = {name: value.detach() for name, value in judge.named_parameters()}
            seen = torch.func.functional_call(judge, fixed, (a,))
            fooled.append(-seen[-1].float().mean())
            matching.append(_distance(seen[:-1], of_real[:-1]))
        return torch.stack(verdict).mean(), torch.stack(fooled).mean(), torch.stack(matching).mean()

    def _frames(self, clips: Tensor) -> Tensor:
        t = clips.shape[2]
        return torch.randperm(t, device=clips.device)[: min(self.config.pictures, t)].sort().values


def _distance(made: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of maps, each measured against the size of the real one."""
    gaps = [
        F.l1_loss(a.float(), b.detach().float()) / b.detach().float().abs().mean().clamp_min(1e-6)
        for a, b in zip(made, real, strict=True)
    ]
    return torch.stack(gaps).mean()
