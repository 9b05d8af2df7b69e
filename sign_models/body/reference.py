"""The door to smplx: the body as its own model, for parity and for those who want its other features."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sign_models.body.file import SHAPES, BodyFile
from sign_models.errors import SignError

if TYPE_CHECKING:
    from smplx import SMPLX


def smplx_model(body: BodyFile) -> "SMPLX":
    """The file as an ``smplx.SMPLX`` for batches of any size; every argument of a call needs the batch's length.

    smplx unpickles what it reads, so it is given a clean copy that holds the 13 checked arrays and nothing else.
    """
    try:
        import smplx
    except ImportError as error:
        raise SignError("The package smplx is not installed; run `pip install smplx==0.1.28`.") from error
    columns = body.arrays["shapedirs"].shape[-1]
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "SMPLX_NEUTRAL.npz"
        plain: dict[str, Any] = {key: body.arrays[key] for key in SHAPES}
        np.savez(clean, **plain)
        return smplx.SMPLX(
            str(clean),
            num_betas=10,
            num_expression_coeffs=62 if body.is_open else min(10, columns - 10),
            use_pca=False,
            flat_hand_mean=True,
        )
