"""The perceptual distance that a recipe or an evaluation asks for by name."""

from pathlib import Path

from sign_models.lmt.perceptual import Perceptual, PerceptualKind, perceptual
from train.metrics.recogniser import read_recogniser


def perceptual_of(kind: PerceptualKind, recogniser: Path | None) -> Perceptual:
    """recogniser: folder made by ``train.lmt_recogniser``, None for none."""
    return perceptual(kind, read_recogniser(recogniser).features if recogniser else None)
