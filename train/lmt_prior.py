"""python -m train.lmt_prior --settings debug --data CLIPS --vqgan FOLDER --out FOLDER: LMT's second training.

FOLDER of --vqgan is the out folder of ``train.lmt_vqgan``; the out folder here is what
``sign_models.registry.load_lmt`` reads.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.lmt.bundle import VQGAN_FOLDER, Lmt, PriorFile, read_vqgan, save
from sign_models.lmt.decoding import Sampling, generate
from sign_models.lmt.perceptual import Perceptual, PerceptualKind
from sign_models.lmt.prior import LatentTransformer, PriorConfig
from sign_models.lmt.vqgan import VideoVqGan
from train import pictures
from train.data.video_choice import Choice, chosen_glosses, parts
from train.data.video_store import VideoStore, as_frames, as_input
from train.engine.loop import run
from train.engine.options import Training
from train.engine.task import Terms, Verdict
from train.metrics.looks import perceptual_of
from train.settings import from_command_line

SECTION = "lmt_prior"


@dataclass(frozen=True)
class Transformer:
    """The part of ``PriorConfig`` that the data do not say."""

    width: int = 512
    layers: int = 8
    heads: int = 8
    dropout: float = 0.1
    mask: Literal["seq2seq", "causal"] = "seq2seq"
    label: Literal["prefix", "everywhere"] = "prefix"


@dataclass(frozen=True)
class Hiding:
    """What is hidden from the network in training. label: share of clips without their gloss, for guidance.

    still, past: of each clip, a share drawn from 0 to this of the still's codes and of the codes before each code.
    wrong: share of the codes before each code that are replaced by others (TATS).
    """

    label: float = 0.1
    still: float = 0.0
    past: float = 0.0
    wrong: float = 0.0


@dataclass(frozen=True)
class Decoded:
    """Losses on pictures: codes are drawn with Gumbel noise, straight through, and decoded by the frozen first stage.

    Weights reconstruction (L1) and perceptual, 0 for none; begin: share of the run before they start; clips: of each
    batch that are decoded; temperature: from the first number to the second over the rest of the run.
    """

    reconstruction: float = 0.0
    perceptual: float = 0.0
    begin: float = 0.5
    clips: int = 2
    temperature: tuple[float, ...] = (1.0, 0.3)

    def __post_init__(self) -> None:
        if len(self.temperature) != 2 or min(self.temperature) <= 0 or not 0 <= self.begin <= 1 or self.clips < 1:
            raise ValueError(
                f"temperature {list(self.temperature)} must be two numbers above 0, begin {self.begin} from 0 to 1, "
                f"clips {self.clips} 1 or more."
            )

    @property
    def wanted(self) -> bool:
        return bool(self.reconstruction or self.perceptual)


@dataclass(frozen=True)
class Settings:
    """data: made by ``train.prepare_videos``; vqgan: made by ``train.lmt_vqgan``. choice: which clips.

    frames: of each clip, so many are also filled as a whole (for decoding frame by frame), 0 for none; frames_weight:
    of that loss. label_smoothing: see torch's cross-entropy. ship: "fp16" writes the network at half the size.
    """

    data: Path
    vqgan: Path
    out: Path
    training: Training
    model: Transformer = field(default_factory=Transformer)
    choice: Choice = field(default_factory=Choice)
    hiding: Hiding = field(default_factory=Hiding)
    decoded: Decoded = field(default_factory=Decoded)
    frames: int = 0
    frames_weight: float = 1.0
    label_smoothing: float = 0.0
    perceptual: PerceptualKind = "auto"
    recogniser: Path | None = None
    ship: Literal["fp32", "fp16"] = "fp32"
    resume: bool = False
    estimate_only: bool = False


class SecondStage(nn.Module):
    """The transformer, and beside it the frozen first stage. Figures are sums and counts, by name."""

    def __init__(self, settings: Settings, config: PriorConfig, vqgan: VideoVqGan) -> None:
        super().__init__()
        self.settings = settings
        self.prior = LatentTransformer(config)
        # in a tuple: neither trained nor saved with the state
        look = perceptual_of(settings.perceptual, settings.recogniser)
        self._fixed: tuple[VideoVqGan, Perceptual] = (vqgan.eval().requires_grad_(False), look)

    @property
    def look(self) -> str:
        """Name of the perceptual loss."""
        return self._fixed[1].name

    def forward(
        self, labels: Tensor, still: Tensor, latent: Tensor, clips: Tensor | None, temperature: float
    ) -> dict[str, tuple[Tensor, Tensor]]:
        """labels (b,), still (b, h, w), latent (b, t, h, w); clips (k, 3, t, h, w): the first k as pictures, or
        None."""
        shown = self._hide(labels, still, latent) if self.training else (labels, still, latent)
        frames, seen = self._some_frames(latent)
        logits, filled = self.prior.both(*shown, frames, seen)
        logits = logits.float()
        sums = {"code": self._cross_entropy(logits, latent.flatten(1))}
        if filled is not None and frames is not None and seen is not None:
            wanted = latent.gather(1, frames[..., None, None].expand_as(seen))
            hidden = (seen == self.prior.config.hidden).flatten(2)
            sums["frame"] = self._cross_entropy(filled.float(), wanted.flatten(2), hidden)
        right = (logits.argmax(-1) == latent.flatten(1)).float()
        sums["right"] = (right.sum(), torch.tensor(right.numel(), device=right.device))
        if not self.training:
            sums |= self._under_wrong_gloss(labels, still, latent)
        if self.settings.decoded.wanted:
            sums |= self._decoded(logits, clips, temperature)
        return sums

    def _cross_entropy(self, logits: Tensor, wanted: Tensor, counted: Tensor | None = None) -> tuple[Tensor, Tensor]:
        smoothing = self.settings.label_smoothing if self.training else 0.0
        each = F.cross_entropy(logits.flatten(0, -2), wanted.flatten(), reduction="none", label_smoothing=smoothing)
        if counted is None:
            return each.sum(), torch.tensor(each.numel(), device=each.device)
        return (each * counted.flatten()).sum(), counted.sum()

    def _hide(self, labels: Tensor, still: Tensor, latent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hiding, config = self.settings.hiding, self.prior.config
        labels = labels.masked_fill(torch.rand(labels.shape, device=labels.device) < hiding.label, config.no_gloss)
        wrong = torch.rand(latent.shape, device=latent.device) < hiding.wrong
        past = torch.where(wrong, torch.randint_like(latent, config.codes), latent)
        return labels, _hidden(still, hiding.still, config.hidden), _hidden(past, hiding.past, config.hidden)

    def _some_frames(self, latent: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """(b, m) frames drawn by chance, and their codes with a share hidden as MaskGIT's cosine has it."""
        b, t = latent.shape[:2]
        count = min(self.settings.frames, t)
        if not count:
            return None, None
        frames = torch.rand(b, t, device=latent.device).argsort(1)[:, :count].sort(1).values
        own = latent.gather(1, frames[..., None, None].expand(-1, -1, *latent.shape[2:]))
        share = torch.cos(torch.rand(b, count, 1, 1, device=latent.device) * torch.pi / 2)
        hide = torch.rand(own.shape, device=latent.device) < share
        hide[..., 0, 0] |= ~hide.flatten(2).any(2)  # never nothing to fill
        return frames, own.masked_fill(hide, self.prior.config.hidden)

    def _under_wrong_gloss(self, labels: Tensor, still: Tensor, latent: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
        """Cross-entropy when the label is another one: as low as under the right one means that it is ignored."""
        others = (
            labels + 1 + torch.arange(len(labels), device=labels.device) % max(self.prior.config.glosses - 1, 1)
        ) % (self.prior.config.glosses)
        logits = self.prior(others, still, latent).float()
        return {"code, wrong gloss": self._cross_entropy(logits, latent.flatten(1))}

    def _decoded(self, logits: Tensor, clips: Tensor | None, temperature: float) -> dict[str, tuple[Tensor, Tensor]]:
        """L1 and perceptual distance of the pictures of drawn codes."""
        vqgan, look = self._fixed
        zero, one = logits.sum() * 0, torch.ones((), device=logits.device)
        if clips is None:
            return {"reconstruction": (zero, one), "perceptual": (zero, one)}
        count = len(clips)
        chosen = F.gumbel_softmax(logits[:count], temperature, hard=True)
        t, h, w = self.prior.config.grid
        made = vqgan.decode_soft(chosen.view(count, t, h, w, -1)).float()
        times = torch.tensor(float(count), device=logits.device)
        return {
            "reconstruction": (F.l1_loss(made, clips) * count, times),
            "perceptual": (look(made, clips) * count, times),
        }


def _hidden(ids: Tensor, most: float, hidden: int) -> Tensor:
    """A share of the codes of each clip, drawn from 0 to ``most``, becomes ``hidden``."""
    if not most:
        return ids
    share = torch.rand(len(ids), *[1] * (ids.ndim - 1), device=ids.device) * most
    return ids.masked_fill(torch.rand(ids.shape, device=ids.device) < share, hidden)


class PriorTask:
    """Codes of all chosen clips, made once; losses of the second stage."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = VideoStore(settings.data)
        self.vqgan, self.file = read_vqgan(settings.vqgan / VQGAN_FOLDER)
        self.file.rules.check(self.store.rules, f"the clips in {settings.data}")
        self.glosses = chosen_glosses(self.store, settings.choice)
        self._label = {gloss: i for i, gloss in enumerate(self.glosses)}
        self._clips = parts(self.store, settings.choice)
        self._codes = _encoded(self.vqgan, self.store, [i for part in self._clips.values() for i in part])
        rules, quantizer = self.store.rules, self.vqgan.config.quantizer
        model, grid = settings.model, self.vqgan.config.grid(rules.frames, rules.height, rules.width)
        config = PriorConfig(quantizer.size, grid, len(self.glosses), model.width, model.layers, model.heads,
                             model.dropout, model.mask, model.label)  # fmt: skip
        self.model: nn.Module = SecondStage(settings, config, self.vqgan)
        self._place = 1.0  # share of the run that is over

    def lengths(self, split: str) -> list[int]:
        return [self.store.rules.frames] * len(self._clips[split])

    def example(self, split: str, index: int, epoch: int) -> tuple[int, Tensor, Tensor, Tensor]:
        """Label, codes of the still (h, w), codes of the clip (t, h, w), frames (t, h, w, 3)."""
        i = self._clips[split][index]
        still, latent = self._codes[i]
        frames = self.store.frames(i) if self.settings.decoded.wanted else np.zeros((0, 0, 0, 3), np.uint8)
        return self._label[self.store.clips[i].gloss], still, latent, torch.from_numpy(frames)

    def collate(self, examples: Sequence[tuple[int, Tensor, Tensor, Tensor]]) -> tuple[Tensor, ...]:
        labels, stills, latents, frames = zip(*examples, strict=True)
        return torch.tensor(labels), torch.stack(stills), torch.stack(latents), torch.stack(frames)

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        labels, still, latent, frames = batch
        decoded = self.settings.decoded
        on = decoded.wanted and (self._place >= decoded.begin or not model.training)
        clips = as_input(frames[: decoded.clips]) if on else None
        device = latent.device
        for part in self._own._fixed:
            part.to(device)
        made = model(labels, still, latent, clips, self._temperature())
        weights = {
            "code": 1.0,
            "frame": self.settings.frames_weight,
            "reconstruction": decoded.reconstruction if on else 0.0,
            "perceptual": decoded.perceptual if on else 0.0,
        }
        return Terms(
            tuple(made),
            torch.stack([total for total, _ in made.values()]),
            torch.stack([count.float() for _, count in made.values()]),
            tuple(weights.get(name, 0.0) for name in made),
        )

    def write(self, folder: Path) -> None:
        dtype = torch.float16 if self.settings.ship == "fp16" else None
        save(folder, self._lmt(), self.file.perceptual, dtype)

    def groups(self) -> list[dict[str, Any]]:
        """Biases, norms and embeddings are not decayed."""
        decayed = [p for name, p in self.model.named_parameters() if p.ndim > 1 and _is_product(name)]
        free = [p for name, p in self.model.named_parameters() if p.ndim <= 1 or not _is_product(name)]
        return [{"params": decayed}, {"params": free, "weight_decay": 0.0}]

    def at(self, step: int, steps: int) -> None:
        self._place = step / steps

    def epoch_figures(self) -> Mapping[str, float]:
        return {}

    def judge(self, figures: Mapping[str, float]) -> Verdict:
        return ""

    def gone_back(self) -> None:
        raise AssertionError("this task never asks to go back")

    @torch.no_grad()
    def show(self, folder: Path, step: int) -> None:
        """Real clips, and what is made of their glosses and first frames, both ways."""
        some = self._clips["val"][:: max(len(self._clips["val"]) // 4, 1)][:4]
        if not some:
            return
        own = self._own.prior.eval()
        device = own.head.weight.device
        labels = torch.tensor([self._label[self.store.clips[i].gloss] for i in some], device=device)
        stills = torch.stack([self._codes[i][0] for i in some]).to(device)
        rows = [torch.from_numpy(self.store.frames(i)) for i in some]
        ways = [Sampling("tokens")] + ([Sampling("frames")] if self.settings.frames else [])
        for sampling in ways:
            ids = generate(own, labels, stills, sampling)
            rows += list(as_frames(self.vqgan.decode(ids)).cpu())
        order = [row for k in range(len(some)) for row in rows[k :: len(some)]]
        pictures.save(folder / "pictures", f"{step:06d}", order)

    def _temperature(self) -> float:
        first, last = self.settings.decoded.temperature
        begin = self.settings.decoded.begin
        share = min(max((self._place - begin) / max(1 - begin, 1e-9), 0.0), 1.0)
        return float(first * (last / first) ** share)

    def _lmt(self) -> Lmt:
        store, config = self.store, self._own.prior.config
        rate = [
            float(
                np.mean([store.clips[i].fps for i in self._clips["train"] if store.clips[i].gloss == gloss] or [25.0])
            )
            for gloss in self.glosses
        ]
        stills = self._stills()
        terms = ("cross-entropy", *self._extra_losses())
        about = PriorFile(config, self.glosses, tuple(round(value, 3) for value in rate), config.codes,
                          self.vqgan.config.stride, tuple(stills), terms)  # fmt: skip
        return Lmt(self.vqgan, self._own.prior, self.file.rules, about, stills)

    def _stills(self) -> dict[str, Tensor]:
        """The first frame of a clip that starts from rest, for each signer."""
        stills: dict[str, Tensor] = {}
        for i in self._clips["train"]:
            clip = self.store.clips[i]
            if clip.signer not in stills and not clip.before:
                stills[clip.signer] = torch.from_numpy(self.store.frames(i)[0])
        return stills

    def _extra_losses(self) -> list[str]:
        decoded = self.settings.decoded
        names = ["reconstruction"] if decoded.reconstruction else []
        return names + ([f"perceptual: {self._own.look}"] if decoded.perceptual else [])

    @property
    def _own(self) -> SecondStage:
        assert isinstance(self.model, SecondStage)
        return self.model


def _is_product(name: str) -> bool:
    return not any(part in name for part in ("code.", "gloss.", "time.", "row.", "column.", "kind."))


@torch.no_grad()
def _encoded(
    vqgan: Any, store: VideoStore, indices: Sequence[int], batch: int = 16
) -> dict[int, tuple[Tensor, Tensor]]:
    """Clip -> codes of its first frame (h, w) and of the whole (t, h, w)."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    vqgan.to(device)
    codes: dict[int, tuple[Tensor, Tensor]] = {}
    for start in range(0, len(indices), batch):
        part = list(indices[start : start + batch])
        clips = store.batch(part).to(device)
        stills, latents = vqgan.encode_still(clips[:, :, 0]).cpu(), vqgan.encode(clips).cpu()
        codes |= {i: pair for i, pair in zip(part, zip(stills, latents, strict=True), strict=True)}
    return codes


def main(arguments: Sequence[str] | None = None) -> int:
    settings = from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    run(lambda: PriorTask(replace(settings)), settings, SECTION)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.lmt_prior: {error}")
