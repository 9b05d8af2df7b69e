"""What is measured of LMT: both stages, or the first one alone when that is all there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from sign_models.lmt.bundle import PRIOR_FOLDER, VQGAN_FOLDER, read, read_vqgan
from sign_models.lmt.decoding import Sampling, generate
from sign_models.lmt.prior import LatentTransformer
from sign_models.lmt.rules import ClipRules
from sign_models.lmt.vqgan import VideoVqGan
from train.data.video_choice import Choice, chosen_clips, chosen_glosses
from train.data.video_store import VideoStore

FOILS = 7
"""Wrong glosses under which a clip is tried."""


@dataclass(frozen=True)
class Subject:
    """glosses, signers: that it was trained on. prior: None for the first stage alone. losses: of the second stage."""

    vqgan: VideoVqGan
    prior: LatentTransformer | None
    rules: ClipRules
    glosses: tuple[str, ...]
    signers: tuple[str, ...]
    losses: tuple[str, ...] = ()

    def to(self, device: str) -> None:
        self.vqgan.to(device)
        if self.prior is not None:
            self.prior.to(device)

    def about(self) -> dict[str, Any]:
        """What the tables of the paper vary."""
        config = self.vqgan.config
        motion, quantizer = config.encoder_motion, config.quantizer
        second = {"mask": self.prior.config.mask, "label": self.prior.config.label} if self.prior else {}
        return {
            "attention": motion.attention if motion.layers else "none", "quantizer": quantizer.kind,
            "codes": quantizer.size, **second, "losses": list(self.losses), "signers": list(self.signers),
            "glosses": list(self.glosses), "rules": vars(self.rules),
        }  # fmt: skip

    def generated(self, gloss: str, real: Tensor, sampling: Sampling) -> Tensor:
        """ids (1, t', h', w') made of the gloss and the first frame of ``real`` (1, 3, t, h, w)."""
        assert self.prior is not None
        labels = torch.tensor([self.glosses.index(gloss)], device=real.device)
        return generate(self.prior, labels, self.vqgan.encode_still(real[:, :, 0]), sampling)

    def cross_entropy(self, gloss: str, real: Tensor, ids: Tensor) -> tuple[float, float | None]:
        """Nats a code of the true clip, under its own gloss and, on average, under some others of its language."""
        assert self.prior is not None
        own = self.glosses.index(gloss)
        others = [i for i in range(len(self.glosses)) if i != own]
        same = [i for i in others if self.glosses[i].split(":")[0] == gloss.split(":")[0]]
        foils = some(same or others, FOILS)
        labels = torch.tensor([own, *foils], device=real.device)
        still = self.vqgan.encode_still(real[:, :, 0]).expand(len(labels), -1, -1)
        whole = ids.expand(len(labels), -1, -1, -1)
        logits = self.prior(labels, still, whole).float()
        each_code = functional.cross_entropy(logits.flatten(0, 1), whole.flatten(), reduction="none")
        each_gloss = each_code.view(len(labels), -1).mean(1)
        return float(each_gloss[0]), float(each_gloss[1:].mean()) if foils else None


def read_subject(folder: Path, store: VideoStore, choice: Choice) -> Subject:
    """folder: of a whole LMT, or of ``train.lmt_vqgan``, which does not say what it was trained on: ``choice`` does."""
    if (folder / PRIOR_FOLDER).is_dir():
        lmt = read(folder)
        return Subject(lmt.vqgan, lmt.prior, lmt.rules, lmt.about.glosses, lmt.about.signers, lmt.about.losses)
    vqgan, file = read_vqgan(folder / VQGAN_FOLDER)
    signers = {store.clips[i].signer for i in chosen_clips(store, choice, "train")}
    return Subject(vqgan, None, file.rules, chosen_glosses(store, choice), tuple(sorted(signers)))


def some(indices: Sequence[int], most: int) -> list[int]:
    """At most ``most``, evenly spread; all for 0."""
    if not most or len(indices) <= most:
        return list(indices)
    return [indices[round(k * (len(indices) - 1) / max(most - 1, 1))] for k in range(most)]
