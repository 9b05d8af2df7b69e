"""A trained LMT on disk: ``vqgan`` and ``prior`` folders with config and weights, and what belongs to neither.

Everything a clip must be (frames, size, crop, rate) and every gloss and signer the network knows travels with it.
"""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from sign_models import checkpoints
from sign_models.errors import SignError
from sign_models.files import atomic
from sign_models.lmt.prior import LatentTransformer, PriorConfig
from sign_models.lmt.rules import ClipRules
from sign_models.lmt.vqgan import VideoVqGan, VqGanConfig

VQGAN_FOLDER, PRIOR_FOLDER, STILLS_FILE = "vqgan", "prior", "stills.safetensors"


@dataclass(frozen=True)
class VqGanFile:
    """model: the network. rules: the clips it was trained on. perceptual: which loss taught it to look right."""

    model: VqGanConfig
    rules: ClipRules
    perceptual: str = ""


@dataclass(frozen=True)
class PriorFile:
    """glosses: label i is glosses[i]. fps: at which each gloss plays. signers: whose stills are in the bundle.

    codes, stride: of the tokenizer it was trained with, so that another one is refused.
    """

    model: PriorConfig
    glosses: tuple[str, ...]
    fps: tuple[float, ...]
    codes: int
    stride: tuple[int, ...]
    signers: tuple[str, ...] = ()
    losses: tuple[str, ...] = ("cross-entropy",)


@dataclass(frozen=True)
class Lmt:
    """All parts of a trained LMT. stills: signer -> (h, w, 3) uint8, a picture to start from."""

    vqgan: VideoVqGan
    prior: LatentTransformer
    rules: ClipRules
    about: PriorFile
    stills: dict[str, Tensor] = field(default_factory=dict)


def save_vqgan(
    folder: Path, vqgan: VideoVqGan, rules: ClipRules, perceptual: str, dtype: torch.dtype | None = None
) -> None:
    checkpoints.save(folder, vqgan, VqGanFile(vqgan.config, rules, perceptual), dtype=dtype)


def read_vqgan(folder: Path) -> tuple[VideoVqGan, VqGanFile]:
    """The first stage; SignError when it is missing or does not fit."""
    file = checkpoints.read_config(folder, VqGanFile)
    vqgan = VideoVqGan(file.model)
    checkpoints.read_weights(folder, vqgan)
    vqgan.config.grid(file.rules.frames, file.rules.height, file.rules.width)
    return vqgan.eval(), file


def save(folder: Path, lmt: Lmt, perceptual: str, dtype: torch.dtype | None = None) -> None:
    """dtype: torch.float16 halves the files."""
    save_vqgan(folder / VQGAN_FOLDER, lmt.vqgan, lmt.rules, perceptual, dtype)
    checkpoints.save(folder / PRIOR_FOLDER, lmt.prior, lmt.about, dtype=dtype)
    with atomic(folder / STILLS_FILE) as part:
        save_file({name: still.contiguous() for name, still in lmt.stills.items()}, part)


def read(folder: Path) -> Lmt:
    """SignError names what is missing or does not fit together."""
    for name in (VQGAN_FOLDER, PRIOR_FOLDER):
        if not (folder / name).is_dir():
            raise SignError(
                f"There is no trained LMT in {folder}: {name} is missing; `python -m train.lmt_prior --help` makes one."
            )
    vqgan, file = read_vqgan(folder / VQGAN_FOLDER)
    about = checkpoints.read_config(folder / PRIOR_FOLDER, PriorFile)
    _check(folder, vqgan, file.rules, about)
    prior = LatentTransformer(about.model)
    checkpoints.read_weights(folder / PRIOR_FOLDER, prior)
    return Lmt(vqgan, prior.eval(), file.rules, about, _stills(folder / STILLS_FILE, about, file.rules))


def _check(folder: Path, vqgan: VideoVqGan, rules: ClipRules, about: PriorFile) -> None:
    config, model = vqgan.config, about.model
    have = {
        "codes": (config.quantizer.size, about.codes),
        "stride": (config.stride, tuple(about.stride)),
        "codes of the prior": (config.quantizer.size, model.codes),
        "latent grid": (config.grid(rules.frames, rules.height, rules.width), tuple(model.grid)),
        "glosses": (model.glosses, len(about.glosses)),
        "rates": (len(about.glosses), len(about.fps)),
    }
    wrong = [f"{name} {mine} and {theirs}" for name, (mine, theirs) in have.items() if mine != theirs]
    if wrong:
        raise SignError(f"{folder}: the two stages do not fit together ({', '.join(wrong)}); train the prior again.")


def _stills(path: Path, about: PriorFile, rules: ClipRules) -> dict[str, Tensor]:
    try:
        stills = load_file(path)
    except (SafetensorError, OSError) as error:
        raise SignError(f"{path} is not a readable safetensors file ({error}); restore or retrain it.") from error
    shape = (rules.height, rules.width, 3)
    if set(stills) != set(about.signers) or any(still.shape != shape for still in stills.values()):
        raise SignError(f"{path} does not hold a picture of {shape[1]} x {shape[0]} for each of {list(about.signers)}.")
    return {name: stills[name] for name in about.signers}
