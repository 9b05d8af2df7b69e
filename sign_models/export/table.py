"""THE table of file formats: suffix -> what writes it. Command line, page and batch script all use it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sign_models.errors import SignError
from sign_models.export.bvh import write_bvh
from sign_models.export.captions import gloss_captions, sentence_captions, to_srt, to_vtt, write_text
from sign_models.export.glb import write_glb
from sign_models.export.npz import write_npz
from sign_models.export.pose import write_pose
from sign_models.export.rig import Rig
from sign_models.export.timeline import timeline
from sign_models.types import SignResult

Exporter = Callable[[Path, SignResult, Rig, Mapping[str, Any]], None]
"""(path, result, rig, settings worth keeping) -> a file."""


def _glb(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_glb(path, result.motion, rig, timeline(result), settings)


def _npz(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_npz(path, result.motion)


def _bvh(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_bvh(path, result.motion, rig)


def _pose(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_pose(path, result.motion, rig)


def _json(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    values = {**timeline(result), "settings": dict(settings)}
    write_text(path, json.dumps(values, ensure_ascii=False, indent=2) + "\n")


def _vtt(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_text(path, to_vtt(sentence_captions(result.cues, result.sentences)))


def _srt(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_text(path, to_srt(sentence_captions(result.cues, result.sentences)))


def _gloss_vtt(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_text(path, to_vtt(gloss_captions(result.cues)))


def _gloss_srt(path: Path, result: SignResult, rig: Rig, settings: Mapping[str, Any]) -> None:
    write_text(path, to_srt(gloss_captions(result.cues)))


EXPORTERS: dict[str, Exporter] = {
    ".glb": _glb,
    ".npz": _npz,
    ".bvh": _bvh,
    ".pose": _pose,
    ".json": _json,
    ".gloss.vtt": _gloss_vtt,
    ".gloss.srt": _gloss_srt,
    ".vtt": _vtt,
    ".srt": _srt,
}
"""Longer suffixes stand before the ones they end with."""


def exporter_for(path: Path) -> Exporter:
    """The exporter a file name asks for by its suffix (in any case); SignError lists the suffixes there are."""
    name = path.name.lower()
    for suffix, exporter in EXPORTERS.items():
        if name.endswith(suffix):
            return exporter
    raise SignError(
        f"{path.name!r} does not say what kind of file to write; its name must end in one of {', '.join(EXPORTERS)}."
    )
