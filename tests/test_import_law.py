"""Who may import whom: downwards only, and one door for each third-party library."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "paths", "files", "unpickle", "skeleton", "face"}),
    frozenset({"types", "parts", "rotations", "languages", "checkpoints"}),
    frozenset({"hamnosys", "dictionary", "soke", "lmt", "body", "render", "export"}),
    frozenset({"measure"}),
    frozenset({"manner", "registry", "outputs", "doctor"}),
    frozenset({"cli"}),
)
"""Rooms of sign_models from the ground up; a room may import its own level only where listed below."""

SIDEWAYS = {"dictionary": {"hamnosys"}}
FLAT_LEVELS = {0, 1, 4}
"""Levels whose rooms are single files that may use one another."""

DOORS = {
    "smplx": "sign_models/body",
    "pyrender": "sign_models/render",
    "OpenGL": "sign_models/render",
    "moviepy": "sign_models/render",
    "av": "sign_models/render",
    "pygltflib": "sign_models/export",
    "pose_format": "sign_models/export",
    "faiss": "sign_models/dictionary",
    "jieba": "sign_models/dictionary",
    "pypinyin": "sign_models/dictionary",
    "simplemma": "sign_models/dictionary",
    "anny": "train",
    "sacrebleu": "train",
    "gradio": "demo",
}
"""Where each library may be imported from."""


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "sign_models" and len(parts) > 1 else None


def level(name: str) -> int | None:
    return next((i for i, names in enumerate(LEVELS) if name in names), None)


def allowed(importer: str, target: str) -> bool:
    if importer == target or target in SIDEWAYS.get(importer, ()):
        return True
    here, there = level(importer), level(target)
    assert here is not None, f"sign_models.{importer} has no level in LEVELS"
    return there is None or there < here or (there == here and here in FLAT_LEVELS)


@pytest.mark.parametrize("path", sources("sign_models"), ids=lambda path: str(path.relative_to(ROOT)))
def test_sign_models_imports_downwards(path: Path) -> None:
    own = path.relative_to(ROOT / "sign_models").parts[0].removesuffix(".py")
    if own == "__init__":
        return
    wrong = {
        m for m in imported(path) if (target := room(m)) and level(target) is not None and not allowed(own, target)
    }
    wrong |= {m for m in imported(path) if m.split(".")[0] in {"train", "demo"}}
    assert not wrong, f"{own} may not import {sorted(wrong)}"


@pytest.mark.parametrize(("folder", "other"), [("train", "demo"), ("demo", "train")])
def test_train_and_demo_do_not_know_each_other(folder: str, other: str) -> None:
    for path in sources(folder):
        assert not {m for m in imported(path) if m.split(".")[0] == other}, path


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_library_has_one_door(library: str) -> None:
    doors = {
        path.relative_to(ROOT)
        for folder in ("sign_models", "train", "demo")
        for path in sources(folder)
        if any(m.split(".")[0] == library for m in imported(path))
    }
    outside = {door for door in doors if not door.is_relative_to(DOORS[library]) and "bench" not in door.parts}
    assert not outside
