"""python -m train.lmt_vqgan --settings debug --data CLIPS --out FOLDER: LMT's first training, clips to codes and back.

CLIPS are made by ``train.prepare_videos``.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.lmt.bundle import VQGAN_FOLDER, save_vqgan
from sign_models.lmt.discriminators import DiscriminatorConfig, Discriminators
from sign_models.lmt.perceptual import PerceptualKind
from sign_models.lmt.vqgan import VideoVqGan, VqGanConfig
from train import pictures
from train.data.video_choice import Choice, parts
from train.data.video_store import VideoStore, as_frames, as_input, box_mask
from train.engine.loop import run
from train.engine.options import Training
from train.engine.task import Terms, Verdict
from train.metrics.looks import perceptual_of
from train.settings import from_command_line

SECTION = "lmt_vqgan"


@dataclass(frozen=True)
class Losses:
    """Weights. l1: of pixels; motion: of differences between frames; matching: of the judges' inner maps.

    hands, moving: how much more a pixel counts in a hand and where the clip changes. adversarial 0 is a VQ-VAE: no
    judges. ``adversarial`` and ``matching`` rise from 0 between the shares ``begin`` and ``full`` of the run; judges
    learn from the share ``judges`` on. drop: when validation loses so many dB of PSNR after that, the weights go back
    to the best ones and ``adversarial`` is halved. judges_lr: learning rate of the judges as a share of the network's.
    """

    l1: float = 1.0
    motion: float = 0.5
    perceptual: float = 1.0
    commitment: float = 0.25
    adversarial: float = 0.0
    matching: float = 1.0
    hands: float = 0.0
    moving: float = 0.0
    judges: float = 0.3
    begin: float = 0.4
    full: float = 0.6
    drop: float = 1.0
    judges_lr: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.judges <= self.begin < self.full <= 1:
            raise ValueError(
                f"judges {self.judges}, begin {self.begin}, full {self.full} must follow one another from 0 to 1."
            )


@dataclass(frozen=True)
class Settings:
    """data: made by ``train.prepare_videos``. choice: which of its clips. perceptual: see ``lmt.perceptual``;
    recogniser: folder of the one whose features may be used; perceptual_frames: frames of each clip it sees, by
    chance."""

    data: Path
    out: Path
    training: Training
    vqgan: VqGanConfig = field(default_factory=VqGanConfig)
    discriminators: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    losses: Losses = field(default_factory=Losses)
    choice: Choice = field(default_factory=Choice)
    perceptual: PerceptualKind = "auto"
    perceptual_frames: int = 4
    recogniser: Path | None = None
    resume: bool = False
    estimate_only: bool = False


class FirstStage(nn.Module):
    """The network and its judges, with what must survive a stop.

    forward(clips, hands mask (b, 1, t, h, w), judged) -> a dict of losses, means over the batch.
    """

    used: Tensor
    best: Tensor
    trust: Tensor

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.losses = settings.losses
        self.vqgan = VideoVqGan(settings.vqgan)
        self.judges = Discriminators(settings.discriminators) if settings.losses.adversarial else None
        self._look = (perceptual_of(settings.perceptual, settings.recogniser),)
        self._frames = settings.perceptual_frames
        # of this epoch; PSNR of the best weights; share of the adversarial weight that is left
        self.register_buffer("used", torch.zeros(settings.vqgan.quantizer.size, dtype=torch.long))
        self.register_buffer("best", torch.zeros((), dtype=torch.float64))
        self.register_buffer("trust", torch.ones((), dtype=torch.float64))

    @property
    def look(self) -> str:
        """Name of the perceptual loss."""
        return self._look[0].name

    def forward(self, clips: Tensor, hands: Tensor, judged: bool) -> dict[str, Tensor]:
        made, ids, commitment = self.vqgan(clips)
        made = made.float()
        if self.training:
            self.used += torch.bincount(ids.flatten(), minlength=len(self.used))
        weight = self._weight(clips, hands)
        change = (made.diff(dim=2) - clips.diff(dim=2)).abs()
        losses = {
            "l1": ((made - clips).abs() * weight).mean(),
            "motion": (change * weight[:, :, 1:]).mean(),
            "perceptual": self._perceptual(made, clips),
            "commitment": commitment.float(),
        }
        if self.judges is not None:
            # judges that wait still take part, with nothing: several processes need every weight in every step
            idle = sum(value.sum() for value in self.judges.parameters()) * 0.0
            verdict, fooled, matching = self.judges(made, clips) if judged else (idle, idle, idle)
            losses |= {"judges": verdict, "adversarial": fooled, "matching": matching}
        return losses | _quality(made.detach(), clips, hands)

    def _weight(self, clips: Tensor, hands: Tensor) -> Tensor:
        """(b, 1, t, h, w), on average 1."""
        moving = (clips - clips.mean(2, keepdim=True)).abs().mean(1, keepdim=True).clamp_max(1)
        weight = 1 + self.losses.hands * hands + self.losses.moving * moving
        return weight / weight.mean()

    def _perceptual(self, made: Tensor, clips: Tensor) -> Tensor:
        look = self._look[0]
        if look.name.startswith("features"):  # of motion: it needs the whole clip
            return look(made, clips)
        some = torch.randperm(clips.shape[2], device=clips.device)[: self._frames].sort().values
        return look(made[:, :, some], clips[:, :, some])


def _quality(made: Tensor, clips: Tensor, hands: Tensor) -> dict[str, Tensor]:
    """Mean over clips of the PSNR (dB) of the whole clip and of the hands."""
    squared = ((made.clamp(-1, 1) - clips) / 2).square().mean(1, keepdim=True)
    whole = squared.mean((1, 2, 3, 4))
    inside = (squared * hands).sum((1, 2, 3, 4)) / hands.sum((1, 2, 3, 4)).clamp_min(1)
    return {"psnr": _decibels(whole), "hand psnr": _decibels(inside)}


def _decibels(error: Tensor) -> Tensor:
    return (-10 * error.clamp_min(1e-6).log10()).mean()


class VqGanTask:
    """Clips and hand boxes; all losses of the first stage."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = VideoStore(settings.data)
        rules = self.store.rules
        settings.vqgan.grid(rules.frames, rules.height, rules.width)
        self._clips = parts(self.store, settings.choice)
        self.model: nn.Module = FirstStage(settings)
        self._place = 1.0  # share of the run that is over

    def lengths(self, split: str) -> list[int]:
        return [self.store.rules.frames] * len(self._clips[split])

    def example(self, split: str, index: int, epoch: int) -> tuple[Tensor, Tensor]:
        """Frames (t, h, w, 3) uint8 and hand boxes (t, 2, 4)."""
        i = self._clips[split][index]
        return torch.from_numpy(self.store.frames(i)), self.store.hands([i])[0]

    def collate(self, examples: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        frames, boxes = zip(*examples, strict=True)
        return torch.stack(frames), torch.stack(boxes)

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        frames, boxes = batch
        clips = as_input(frames)
        hands = box_mask(boxes, *clips.shape[3:])
        losses, share = self.settings.losses, self._ramp()
        judged = bool(losses.adversarial) and model.training and self._place >= losses.judges
        made = model(clips, hands, judged)
        weights = {
            "l1": losses.l1,
            "motion": losses.motion,
            "perceptual": losses.perceptual,
            "commitment": losses.commitment,
            "judges": 1.0,
            "adversarial": losses.adversarial * share,
            "matching": losses.matching * share,
        }
        count = torch.tensor(len(clips), device=clips.device)
        sums = torch.stack(list(made.values())) * count
        return Terms(tuple(made), sums, count.expand(len(made)), tuple(weights.get(name, 0.0) for name in made))

    def write(self, folder: Path) -> None:
        save_vqgan(folder / VQGAN_FOLDER, self._own.vqgan, self.store.rules, self._own.look)

    def groups(self) -> list[dict[str, Any]]:
        own = self._own
        groups: list[dict[str, Any]] = [{"params": list(own.vqgan.parameters())}]
        if own.judges is not None:
            share = self.settings.losses.judges_lr
            groups.append({"params": list(own.judges.parameters()), "share": share})
        return groups

    def at(self, step: int, steps: int) -> None:
        self._place = step / steps

    def epoch_figures(self) -> Mapping[str, float]:
        """Codes in use over the epoch, and their perplexity."""
        used = self._own.used
        share = used.double() / used.sum().clamp_min(1)
        perplexity = float(torch.exp(-(share * share.clamp_min(1e-12).log()).sum()))
        figures = {"codes used": float((used > 0).sum()), "perplexity": perplexity}
        used.zero_()
        return figures

    def judge(self, figures: Mapping[str, float]) -> Verdict:
        """Before the ramp every state is good; on it, one that is not worse than the best by ``drop`` stays."""
        own, psnr = self._own, figures["psnr"]
        if not self.settings.losses.adversarial:
            return ""
        if self._place < self.settings.losses.begin or psnr >= float(own.best):
            own.best.fill_(psnr)
            return "good"
        return "back" if psnr < float(own.best) - self.settings.losses.drop else ""

    def gone_back(self) -> None:
        self._own.trust.mul_(0.5)

    @torch.no_grad()
    def show(self, folder: Path, step: int) -> None:
        some = self._clips["val"][:: max(len(self._clips["val"]) // 4, 1)][:4]
        if not some:
            return
        self._own.eval()
        clips = self.store.batch(some).to(self._own.used.device)
        made = as_frames(self._own.vqgan(clips)[0]).cpu()
        real = as_frames(clips).cpu()
        pictures.save(
            folder / "pictures", f"{step:06d}", [row for pair in zip(real, made, strict=True) for row in pair]
        )

    def _ramp(self) -> float:
        losses = self.settings.losses
        share = (self._place - losses.begin) / (losses.full - losses.begin)
        return min(max(share, 0.0), 1.0) * float(self._own.trust)

    @property
    def _own(self) -> FirstStage:
        assert isinstance(self.model, FirstStage)
        return self.model


def main(arguments: Sequence[str] | None = None) -> int:
    settings = from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    run(lambda: VqGanTask(settings), settings, SECTION)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.lmt_vqgan: {error}")
