"""An LMT of random weights, so small that it is made at once: what it shows is noise, but every wire is in it."""

from collections.abc import Sequence
from pathlib import Path

import torch

from sign_models.lmt import bundle
from sign_models.lmt.bundle import Lmt, PriorFile
from sign_models.lmt.motion_transformer import MotionConfig
from sign_models.lmt.prior import LatentTransformer, PriorConfig
from sign_models.lmt.quantizers import QuantizerConfig
from sign_models.lmt.rules import ClipRules
from sign_models.lmt.vqgan import VideoVqGan, VqGanConfig

RULES = ClipRules(8, 16, 16)
GLOSSES = ("ase:HELLO", "ase:YES", "gsg:JA")
FPS = (10.0, 20.0, 10.0)


def make(glosses: Sequence[str] = GLOSSES, fps: Sequence[float] = FPS) -> Lmt:
    """Its signers are Ada and Ben."""
    torch.manual_seed(0)
    config = VqGanConfig(widths=(8, 16, 16), blocks=(1, 1), encoder_motion=MotionConfig(layers=1, heads=2),
                         quantizer=QuantizerConfig("fsq", levels=(4, 4)))  # fmt: skip
    vqgan = VideoVqGan(config)
    vqgan(torch.rand(2, 3, 8, 16, 16) * 2 - 1)
    prior = LatentTransformer(PriorConfig(16, (2, 2, 2), len(glosses), 16, 1, 2, label="everywhere"))
    with torch.no_grad():
        for p in prior.parameters():
            p.mul_(10 if p.ndim > 1 else 1)
    about = PriorFile(prior.config, tuple(glosses), tuple(fps), 16, config.stride, ("Ada", "Ben"))
    stills = {name: torch.randint(256, (16, 16, 3), dtype=torch.uint8) for name in about.signers}
    return Lmt(vqgan.eval(), prior.eval(), RULES, about, stills)


def write(folder: Path) -> Path:
    bundle.save(folder, make(), "")
    return folder
