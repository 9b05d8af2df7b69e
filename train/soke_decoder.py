"""python -m train.soke_decoder --settings starter --tokenizer RUN --data [CORPUS] --out OUT: hands in their places.

The decoders of the arms learn on while the codes stay what they are, now judged by where the hands come to lie and how
steadily they move. A language model trained on the same codes need not know of it: ``train.soke_ship --decoder OUT``.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sign_models.errors import SignError
from sign_models.hamnosys.figure import load_figure
from sign_models.parts import UPPER_BODY_COLUMNS
from sign_models.rotations import axis_angle_to_matrix
from sign_models.skeleton import HANDS, INDEX, UPPER_BODY
from sign_models.soke.generator import TOKENIZER_FOLDER, read_tokenizer, save_tokenizer
from sign_models.soke.tokenizer import PartVqVae, SignTokenizer
from train.data.lengths import fit_length
from train.data.store import Clip, Store, chosen
from train.engine.loop import run
from train.engine.options import Training
from train.engine.task import Terms
from train.settings import from_command_line
from train.soke_tokenizer import padded

SECTION = "soke_decoder"
CHAIN = ("collar", "shoulder", "elbow", "wrist")
PALM = ("wrist", "index1", "pinky1", "thumb2")
"""Points of a hand that do not move with its fingers: where it is and how it is turned."""


@dataclass(frozen=True)
class Settings:
    """tokenizer: the out folder of ``train.soke_tokenizer``. data: as there. window: frames of training examples, 0 for
    whole clips; at an end that is cut, ``context`` tokens are not judged, whose codes would be others in the whole.

    velocity: weight of the error of the steps from frame to frame, in spreads. places: of the distance of the hands
    from where they should be, metres; speed, acceleration: of the error of its first and second differences.
    """

    tokenizer: Path
    data: tuple[Path, ...]
    out: Path
    training: Training
    window: int = 96
    context: int = 3
    velocity: float = 3.0
    places: float = 10.0
    speed: float = 20.0
    acceleration: float = 20.0
    shortest: int = 40
    longest: int = 400
    resume: bool = False
    estimate_only: bool = False


class Arms(nn.Module):
    """forward((b, t, 133), mask (b, t)) -> the same, normalised, with what the codes of the arms' parts give back."""

    def __init__(self, tokenizer: SignTokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer.requires_grad_(False)
        arms = {column for side in HANDS for joint in CHAIN for column in columns_of(f"{side}_{joint}")}
        self.rows = [k for k, part in enumerate(tokenizer.parts) if arms & set(part.columns)]
        for k in self.rows:
            tokenizer.vaes[k].decoder.requires_grad_(True)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        made = self.normalised(features).clone()
        for k in self.rows:
            vae, columns = self.tokenizer.vaes[k], list(self.tokenizer.parts[k].columns)
            assert isinstance(vae, PartVqVae)
            with torch.no_grad():
                latent = vae.encoder(self.normalised(features)[..., columns], mask)
                codes = vae.quantizer.lookup(vae.quantizer.nearest(latent.flatten(0, 1))).view_as(latent)
            made[..., columns] = vae.decoder(codes, mask[:, :: self.tokenizer.frames_per_token]).to(made)
        return made

    def normalised(self, features: Tensor) -> Tensor:
        return (features - self.tokenizer.mean) / self.tokenizer.std

    def columns(self) -> list[int]:
        return sorted(column for k in self.rows for column in self.tokenizer.parts[k].columns)


class DecoderTask:
    """Windows of clips; reconstruction, and the places of both hands."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        stores = [Store(folder) for folder in settings.data]
        self._clips = {split: list(chosen(stores, split)) for split in ("train", "val")}
        self._arms = Arms(read_tokenizer(settings.tokenizer / TOKENIZER_FOLDER).float())
        self._joints = torch.tensor(load_figure().joints, dtype=torch.float32)
        self._columns = self._arms.columns()
        self.model: nn.Module = self._arms
        step = self._arms.tokenizer.frames_per_token
        least = 2 * settings.context * step
        if settings.window % step or 0 < settings.window <= least:
            raise SignError(f"window is {settings.window}; a multiple of {step} above {least} is needed, or 0.")

    def lengths(self, split: str) -> list[int]:
        return [len(self._frames(clip)) for _, clip in self._clips[split]]

    def example(self, split: str, index: int, epoch: int) -> tuple[Tensor, Tensor]:
        """(t, 133) frames, and (t,) which of them are judged."""
        store, clip = self._clips[split][index]
        rows = torch.from_numpy(store.rows(clip)[self._frames(clip)]).float()
        judged = torch.ones(len(rows), dtype=torch.bool)
        window, step = self.settings.window, self._arms.tokenizer.frames_per_token
        if not window or split != "train" or len(rows) <= window:
            return rows, judged
        generator = np.random.default_rng((self.settings.training.seed, epoch, index))
        start = step * int(generator.integers((len(rows) - window) // step + 1))
        end, margin = start + window, self.settings.context * step
        judged[: start + margin if start else 0] = False
        judged[end - margin if end < len(rows) else end :] = False
        return rows[start:end], judged[start:end]

    def collate(self, examples: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, ...]:
        """(b, t, 133), the mask (b, t), and which frames are judged (b, t)."""
        rows, judged = zip(*examples, strict=True)
        return (*padded(rows), padded(judged)[0])

    def terms(self, model: nn.Module, batch: Any) -> Terms:
        features, mask, judged = batch
        made, target = model(features, mask).float(), self._arms.normalised(features)
        std, mean = self._arms.tokenizer.std, self._arms.tokenizer.mean
        off = palms(made * std + mean, self._joints) - palms(features, self._joints)
        made, target = made[..., self._columns], target[..., self._columns]
        errors = (
            F.smooth_l1_loss(made, target, reduction="none").mean(-1),
            F.smooth_l1_loss(made.diff(dim=1), target.diff(dim=1), reduction="none").mean(-1),
            *(_length(off.diff(n=order, dim=1) if order else off) for order in range(3)),
        )
        counted = [_runs(judged, error.shape[1]) for error in errors]
        sums = torch.stack([(error * run).sum() for error, run in zip(errors, counted, strict=True)])
        settings = self.settings
        weights = (1.0, settings.velocity, settings.places, settings.speed, settings.acceleration)
        names = ("reconstruction", "velocity", "places", "speed", "acceleration")
        return Terms(names, sums, torch.stack([run.sum() for run in counted]), weights)

    def counts(self, batch: Any) -> Tensor:
        judged = batch[-1]
        return torch.stack([_runs(judged, judged.shape[1] - order).sum() for order in (0, 1, 0, 1, 2)])

    def write(self, folder: Path) -> None:
        save_tokenizer(folder / TOKENIZER_FOLDER, self._arms.tokenizer)

    def _frames(self, clip: Clip) -> Any:
        settings = self.settings
        return fit_length(clip.length, settings.shortest, settings.longest, self._arms.tokenizer.frames_per_token)


def columns_of(joint: str) -> range:
    first = UPPER_BODY_COLUMNS.start + 3 * UPPER_BODY.index(joint)
    return range(first, first + 3)


def palms(features: Tensor, joints: Tensor) -> Tensor:
    """(b, t, 133) -> (b, t, 2, 4, 3) ``PALM`` of both hands, metres; joints: (55, 3) at rest."""
    return torch.stack([_palm(features, joints, side) for side in HANDS], dim=2)


def _palm(features: Tensor, joints: Tensor, side: str) -> Tensor:
    chain = [joints[INDEX[f"{side}_{joint}"]] for joint in CHAIN]
    ends = torch.stack([joints[INDEX[f"{side}_{point}"]] for point in PALM]) - chain[-1]
    place, turned = chain[0], torch.eye(3)
    for number, joint in enumerate(CHAIN):
        turned = turned @ axis_angle_to_matrix(features[..., list(columns_of(f"{side}_{joint}"))])
        place = place + turned @ (chain[number + 1] - chain[number]) if number + 1 < len(chain) else place
    return place[..., None, :] + torch.einsum("...ij,kj->...ki", turned, ends)


def _length(off: Tensor) -> Tensor:
    """(b, t, 2, 4, 3) -> (b, t) mean length; smooth at zero, where a length alone has no gradient."""
    return (off.square().sum(-1) + 1e-12).sqrt().mean((-1, -2))


def _runs(judged: Tensor, length: int) -> Tensor:
    """(b, t) -> (b, length) 1.0 where a frame and those after it that go into its difference are all judged."""
    order = judged.shape[1] - length
    return torch.stack([judged[:, k : k + length] for k in range(order + 1)]).all(0).float()


def main(arguments: Sequence[str] | None = None) -> int:
    settings = from_command_line(Settings, SECTION, (__doc__ or "").splitlines()[0], arguments)
    run(lambda: DecoderTask(settings), settings, SECTION)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SignError as error:
        sys.exit(f"train.soke_decoder: {error}")
