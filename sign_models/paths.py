"""Where the shipped assets lie: beside the package in a checkout, or where ``SIGN_MODELS_ASSETS`` points."""

import os
from pathlib import Path

from sign_models.errors import SignError

ASSETS_VARIABLE = "SIGN_MODELS_ASSETS"


def assets_folder() -> Path:
    """The folder that holds body/, lexicon/ and starter/."""
    chosen = os.environ.get(ASSETS_VARIABLE)
    return Path(chosen) if chosen else Path(__file__).resolve().parents[1] / "assets"


def asset(name: str) -> Path:
    """Path of one shipped asset, e.g. ``asset("body/open_body.npz")``; SignError when it is not there."""
    path = assets_folder() / name
    if not path.exists():
        raise SignError(
            f"The asset {name} is missing from {assets_folder()}; restore it with `git checkout -- assets` "
            f"or set {ASSETS_VARIABLE} to a folder that has it."
        )
    return path
