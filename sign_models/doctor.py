"""What works on this machine, and the remedy for what does not: one line a finding."""

import importlib.metadata
import os
import platform
import sys
from dataclasses import dataclass

from sign_models.errors import SignError
from sign_models.languages import LANGUAGES


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it works, what was seen or what to do."""

    what: str
    works: bool
    told: str
    optional: bool = False

    def __str__(self) -> str:
        mark = "ok  " if self.works else ("none" if self.optional else "FAIL")
        return f"{mark} {self.what:<12} {self.told}"


def examine() -> list[Finding]:
    """All findings, in the order of a sentence's way through the house."""
    return [_python(), *[_dictionary(code) for code in LANGUAGES], _body(), _graphics(), _video(), _gpu()]


def _python() -> Finding:
    told = f"Python {platform.python_version()}, torch {importlib.metadata.version('torch')}, {os.cpu_count()} cores"
    return Finding("python", sys.version_info >= (3, 11), told)


def _dictionary(code: str) -> Finding:
    from sign_models.registry import load_dictionary

    try:
        dictionary = load_dictionary(code)
    except SignError as error:
        return Finding(f"{code} signs", False, str(error))
    letters = sum(bool(entry.letter) for entry in dictionary)
    return Finding(f"{code} signs", True, f"{len(dictionary) - letters} signs, {letters} letters and digits")


def _body() -> Finding:
    from sign_models.registry import load_body

    try:
        body = load_body()
    except SignError as error:
        return Finding("body", False, str(error))
    kind = "open body (CC0)" if body.is_open else "licensed SMPL-X"
    return Finding("body", True, f"{kind}, {len(body.faces):,} triangles")


def _graphics() -> Finding:
    from sign_models.render import probe

    try:
        return Finding("graphics", True, probe())
    except SignError as error:
        return Finding("graphics", False, str(error))


def _video() -> Finding:
    from sign_models.render import encoders

    found = encoders()
    return Finding("video", "libx264" in found, f"H.264 through PyAV {importlib.metadata.version('av')}")


def _gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("gpu", True, torch.cuda.get_device_name(0), optional=True)
    return Finding("gpu", False, "no CUDA device; everything here runs on the CPU", optional=True)
