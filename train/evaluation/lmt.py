"""A trained LMT on clips kept out of its training: a gloss and a still in, a clip out, compared with the true one."""

import hashlib
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sign_models.errors import SignError
from sign_models.lmt.decoding import Sampling
from sign_models.lmt.perceptual import PerceptualKind
from train.data.video_choice import Choice
from train.data.video_store import VideoClip, VideoStore, as_frames, as_input
from train.evaluation import lmt_tables
from train.evaluation.journal import Journal, each
from train.evaluation.lmt_model import read_subject, some
from train.evaluation.output import told, write
from train.evaluation.seeds import check_seeds
from train.evaluation.summary import ALL, Summary
from train.metrics import pictures
from train.metrics.clip_features import ClipFeatures, I3dFeatures, RecogniserFeatures
from train.metrics.codebook import uses
from train.metrics.distances import frechet, interval, kernel, spread
from train.metrics.looks import perceptual_of
from train.metrics.recogniser import read_recogniser

ABOUT = "gloss and still to video on clips kept out of training (measures of Tables 2, 4 and 5 of the paper)"
SECTION = "evaluate_lmt"

PAIRS, UNSEEN = "held-out pairs", "unseen signers"
"""Signer and sign each known, but never together; and signers of whom the network has seen nothing."""
TRAINED = "clips of the training"
"""Beside the others on request, never among them: what was learned by heart."""
REAL, REBUILT, MADE = "truth", "reconstruction", "generated"
KEPT = 24.0
"""Levels of 255: clothes and background whose colours are off by less are taken for the same."""


@dataclass(frozen=True)
class Settings:
    """model: the out folder of ``train.lmt_prior``; or of ``train.lmt_vqgan``, then ``choice`` says which signs and
    signers it was trained on, and the first stage alone is measured. data: clips made by ``train.prepare_videos``.
    recogniser: the judge, made by ``train.lmt_recogniser``. i3d: I3D as TorchScript, for FVD.

    clips: at most so many of each group, 0 for all. trained: so many clips of the training beside them. mode,
    temperature, top_k, top_p, guidance, passes: see ``lmt.decoding``; temperature 0 draws nothing, so it has one seed.
    draws: of the bootstrap. label: of the row.
    """

    model: Path
    data: Path
    recogniser: Path
    out: Path
    i3d: Path | None = None
    choice: Choice = field(default_factory=Choice)
    label: str = "LMT"
    clips: int = 0
    trained: int = 0
    mode: Literal["tokens", "frames"] = "tokens"
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    guidance: float = 1.0
    passes: int = 4
    seeds: tuple[int, ...] = (0,)
    perceptual: PerceptualKind = "auto"
    draws: int = 200

    def __post_init__(self) -> None:
        if min(self.clips, self.trained) < 0 or self.draws < 1:
            raise ValueError(
                f"clips {self.clips} and trained {self.trained} must not be negative, draws {self.draws} 1 or more."
            )
        check_seeds(self.seeds, self.temperature)


def evaluate(settings: Settings) -> Summary:
    """Measures what is not yet in the out folder's journal, and writes results.json and results.md there."""
    evaluation = _Evaluation(settings)
    journal = Journal(settings.out, SECTION, settings)
    items = [
        (f"{evaluation.store.clips[i].name} {seed}", (group, i, seed))
        for seed in settings.seeds
        for group, members in evaluation.groups().items()
        for i in members
    ]
    rows = each(journal, items, evaluation.measure, settings.label)
    members = {PAIRS: (PAIRS,), UNSEEN: (UNSEEN,), TRAINED: (TRAINED,), ALL: (PAIRS, UNSEEN)}
    sorted_rows = {name: [row for row in rows if row["group"] in groups] for name, groups in members.items()}
    summaries = {name: evaluation.summary(own) for name, own in sorted_rows.items() if own}
    results = {"evaluation": SECTION, "label": settings.label, "about": evaluation.about(),
               "settings": _told(settings), "summaries": summaries}  # fmt: skip
    write(settings.out, results, lmt_tables.document([results]))
    return summaries


class _Evaluation:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = VideoStore(settings.data)
        self.lmt = read_subject(settings.model, self.store, settings.choice)
        self.lmt.rules.check(self.store.rules, f"the clips in {settings.data}")
        self._judge = read_recogniser(settings.recogniser)
        self._judge.config.rules.check(self.store.rules, f"the clips in {settings.data}")
        self._features: ClipFeatures = I3dFeatures(settings.i3d) if settings.i3d else RecogniserFeatures(self._judge)
        self._look = perceptual_of(settings.perceptual, settings.recogniser)
        self.versions = (REBUILT,) if self.lmt.prior is None else (REBUILT, MADE)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        for network in (self.lmt, self._judge, self._look):
            network.to(self._device)

    def groups(self) -> dict[str, list[int]]:
        """Clips of signs that the network knows, which it has not been trained on; those from rest before others."""
        known = [i for i, clip in enumerate(self.store.clips) if clip.gloss in self.lmt.glosses and not clip.before]
        signers = self.lmt.signers
        pairs = [i for i in known if self.store.clips[i].signer in signers and self.store.clips[i].split != "train"]
        unseen = [i for i in known if self.store.clips[i].signer not in signers]
        if not pairs and not unseen:
            raise SignError(
                f"{self.settings.data} has no clip of the network's {len(self.lmt.glosses)} signs that was kept out of "
                "its training; give clips with other signers or held-out pairs."
            )
        most = self.settings.clips
        groups = {PAIRS: some(pairs, most), UNSEEN: some(unseen, most)}
        seen = [i for i in known if self.store.clips[i].signer in signers and self.store.clips[i].split == "train"]
        return groups | {TRAINED: some(seen, self.settings.trained)} if self.settings.trained else groups

    @torch.inference_mode()
    def measure(self, item: tuple[str, int, int]) -> dict[str, Any]:
        group, index, seed = item
        clip = self.store.clips[index]
        real = self.store.batch([index]).to(self._device)
        ids = self.lmt.vqgan.encode(real)
        versions = {REAL: real, REBUILT: self.lmt.vqgan.decode(ids)}
        row: dict[str, Any] = {"group": group, "language": clip.language, "gloss": clip.gloss, "signer": clip.signer,
                               "seed": seed, "codes": ids.flatten().tolist()}  # fmt: skip
        if self.lmt.prior is not None:
            start = time.perf_counter()
            made = self.lmt.generated(clip.gloss, real, self._sampling(clip, seed))
            versions[MADE] = self.lmt.vqgan.decode(made)
            row |= {"seconds": time.perf_counter() - start, "generated codes": made.flatten().tolist(),
                    "cross-entropy": self.lmt.cross_entropy(clip.gloss, real, ids)}  # fmt: skip
        frames = {name: as_frames(version).cpu() for name, version in versions.items()}
        row["named"] = {name: self._judge.names(as_input(shown), [clip.gloss])[0] for name, shown in frames.items()}
        row["features"] = {name: _short(self._features.of(shown)[0]) for name, shown in frames.items()}
        return row | {"figures": self._figures(index, frames)}

    def summary(self, rows: Sequence[Mapping[str, Any]]) -> Summary:
        glosses = {row["gloss"] for row in rows}
        summary: Summary = {"clips": len(rows), "glosses": len(glosses), REAL: {"named": self._named(rows, REAL)}}
        for name in self.versions:
            figures = {key: _mean(row["figures"][name][key] for row in rows) for key in rows[0]["figures"][name]}
            summary[name] = {**figures, **self._sets(rows, name)}
        (used,) = uses([[row["codes"]] for row in rows], [self.lmt.vqgan.config.quantizer.size])
        summary["codes"] = vars(used)
        if self.lmt.prior is not None:
            judged = [row for row in rows if row["named"][REAL] == row["gloss"]]
            summary[MADE]["named where the truth is"] = self._named(judged, MADE) if judged else {}
            right, wrong = (_mean(row["cross-entropy"][k] for row in rows) for k in range(2))
            summary["cross-entropy"] = {"right gloss": right, "wrong gloss": wrong}
            summary["seconds a clip"] = statistics.median(row["seconds"] for row in rows)
        return summary

    def about(self) -> dict[str, Any]:
        named = {"frechet": self._features.frechet, "kernel": self._features.kernel, "perceptual": self._look.name}
        return self.lmt.about() | named

    def _sampling(self, clip: VideoClip, seed: int) -> Sampling:
        """Each clip draws from a stream of its own that depends on its name and the seed alone."""
        settings = self.settings
        number = int.from_bytes(hashlib.sha256(f"{seed} {clip.name}".encode()).digest()[:6], "big")
        return Sampling(settings.mode, settings.temperature, settings.top_k, settings.top_p, settings.guidance,
                        settings.passes, number)  # fmt: skip

    def _figures(self, index: int, frames: Mapping[str, Tensor]) -> dict[str, dict[str, float | None]]:
        boxes, real = self.store.hands([index]), frames[REAL]
        figures: dict[str, dict[str, float | None]] = {}
        for name in self.versions:
            made = frames[name]
            gap = (pictures.looks(made, boxes) - pictures.looks(real, boxes)).abs().amax()
            distance = self._look(as_input(made).to(self._device), as_input(real).to(self._device))
            figures[name] = {
                "PSNR": float(pictures.psnr(made, real)),
                "hand PSNR": _known(pictures.hand_psnr(made, real, boxes)),
                "SSIM": float(pictures.ssim(made, real)),
                "perceptual": float(distance),
                "energy ratio": float(pictures.energy(made) / pictures.energy(real).clamp_min(1e-9)),
                "looks kept": float(gap < KEPT),
            }
        return figures

    def _named(self, rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
        right = np.array([row["named"][name] == row["gloss"] for row in rows], float)
        return {"share": float(right.mean()), "of": len(rows), "interval": self._interval(right)}

    def _sets(self, rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
        """What is measured between all clips and all true ones."""
        made, real = (np.array([row["features"][version] for row in rows]) for version in (name, REAL))
        found: dict[str, Any] = {"named": self._named(rows, name)}
        if len(rows) > 1:
            for key, distance in (
                (self._features.frechet, frechet),
                (self._features.kernel, partial(kernel, paired=True)),
            ):
                value = distance(made, real)
                found[key] = {"value": value, "interval": self._drawn(made, real, distance, value)}
            found["diversity"] = _ratio(spread(made), spread(real))
            found["diversity within a gloss"] = _within(rows, made, real)
        return found

    def _interval(self, values: NDArray[np.float64]) -> tuple[float, float]:
        return interval(len(values), lambda chosen: float(values[chosen].mean()), self.settings.draws)

    def _drawn(
        self,
        made: NDArray[np.float64],
        real: NDArray[np.float64],
        distance: Callable[[NDArray[np.float64], NDArray[np.float64]], float],
        value: float,
    ) -> tuple[float, float]:
        draws = min(self.settings.draws, 50)
        return interval(len(made), lambda chosen: distance(made[chosen], real[chosen]), draws, around=value)


def _told(settings: Settings) -> dict[str, Any]:
    """The choice is told only where it counts."""
    plain = {name: value for name, value in told(settings).items() if name != "choice"}
    return plain if settings.choice == Choice() else plain | {"choice": asdict(settings.choice)}


def _within(rows: Sequence[Mapping[str, Any]], made: NDArray[np.float64], real: NDArray[np.float64]) -> float | None:
    """How different clips of one sign are, in parts of how different the true ones are; None without two of any."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(row["gloss"], []).append(place)
    several = [own for own in places.values() if len(own) > 1]
    if not several:
        return None
    return _ratio(sum(spread(made[own]) for own in several), sum(spread(real[own]) for own in several))


def _mean(values: Iterable[float | None]) -> float | None:
    """Over what is known: a clip without hands in sight has no hand PSNR."""
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _known(value: Tensor) -> float | None:
    """None for what is no number."""
    return None if bool(value.isnan().any()) else float(value)


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0


def _short(features: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.5g}") for value in features]
