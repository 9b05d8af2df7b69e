"""The published pose numbers: which of the 179 columns are ours, and the mean and spread of the published tokenizer.

Two pairs of mean and spread are in circulation; their hashes tell them apart (soke.md section 1.2).
"""

import hashlib
import pickle
from pathlib import Path

import torch
from torch import Tensor

from sign_models.errors import SignError
from sign_models.parts import FEATURES

PUBLISHED_WIDTH = 179
"""Root 3, body 63, left hand 45, right hand 45, jaw 3, shape 10, expression 10."""

_KEPT = (*range(36, 159), *range(169, PUBLISHED_WIDTH))
assert len(_KEPT) == FEATURES

HASHES = {
    "mean.pt": "38041ea364a5b1e187f7d633edd3ae564e1f8771506b7390fee48e80e3de0c23",
    "std.pt": "88ed5e7e9f484d35908088a22295fb6a8c05e1ad50f6dcf2018a253aa6bffee4",
}
"""SHA-256 of the right files; csl_mean.pt and csl_std.pt are other numbers."""


def from_published(columns: Tensor) -> Tensor:
    """(..., 179) -> (..., 133): without root, legs and trunk, and without the body shape."""
    if columns.shape[-1] != PUBLISHED_WIDTH:
        raise SignError(f"There are {columns.shape[-1]} numbers a pose; {PUBLISHED_WIDTH} are needed.")
    return columns[..., list(_KEPT)]


def read_statistics(folder: Path, *, check: bool = True) -> tuple[Tensor, Tensor]:
    """(133,) mean and std from ``mean.pt`` and ``std.pt`` of 179 numbers; check: refuse all but the published files."""
    return _read(folder / "mean.pt", check), _read(folder / "std.pt", check)


def _read(path: Path, check: bool) -> Tensor:
    if not path.is_file():
        raise SignError(f"There is no {path.name} in {path.parent}; SOKE's authors publish it beside the tokenizer.")
    have = hashlib.sha256(path.read_bytes()).hexdigest()
    if check and have != HASHES[path.name]:
        raise SignError(
            f"{path} is not the published {path.name}: its SHA-256 begins with {have[:12]}, not "
            f"{HASHES[path.name][:12]} (another pair, made for CSL-Daily, gives wrong poses); give the right "
            "file, or in training set check_statistics to false."
        )
    try:
        value = torch.load(path, weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise SignError(f"{path} is not a plain torch tensor ({error}).") from error
    if not isinstance(value, Tensor):
        raise SignError(f"{path} holds a {type(value).__name__}; a tensor of 179 numbers is needed.")
    return from_published(value.float().flatten())
