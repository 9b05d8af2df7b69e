"""What many tests share: the shipped body, a procedural motion that moves all of it, and the page being served."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_lmt
import tiny_soke
import torch

from demo.app import launch
from demo.service import Service
from sign_models.body.body import load
from sign_models.export import Rig
from sign_models.face import FACE_ACTIONS, FACE_INDEX, expression_of
from sign_models.parts import EXPRESSION_COLUMNS, FEATURES, HAND_COLUMNS, JAW_COLUMNS
from sign_models.skeleton import UPPER_BODY
from sign_models.types import Cue, Motion, Sentence, SignResult, Timings

LONG = ("tests/browser/", "tests/demo/test_batch_render.py", "tests/test_readme.py", "tests/demo/")
"""These files begin first, in this order, so that at the end no process waits for another's long one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((at for at, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG)))


@pytest.fixture(scope="session")
def rig() -> Rig:
    return load()


def wave(seconds: float = 4.0, fps: float = 25.0) -> Motion:
    """Arms that rise and wave, fingers that close one after another, brows, a smile and a jaw."""
    t = torch.arange(round(seconds * fps)) / fps
    features = torch.zeros(len(t), FEATURES)
    face = torch.zeros(len(t), len(FACE_ACTIONS))

    def column(joint: str, axis: int) -> int:
        return UPPER_BODY.index(joint) * 3 + axis

    swing = torch.sin(t * 3.0)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        features[:, column(f"{side}_shoulder", 2)] = sign * (-1.0 + 0.25 * swing)
        features[:, column(f"{side}_elbow", 1)] = sign * (-1.6 + 0.5 * swing)
        features[:, column(f"{side}_wrist", 0)] = 0.4 * swing
    features[:, column("head", 1)] = 0.2 * torch.sin(t * 2)
    for hand_number, columns in enumerate(HAND_COLUMNS):
        hand = features[:, columns].reshape(len(t), 15, 3)
        for finger in range(4):
            bend = 0.75 * (1 - torch.cos(2 * t + 0.5 * finger))
            hand[:, 3 * finger : 3 * finger + 3, 2] = (-bend if hand_number == 0 else bend)[:, None]
        features[:, columns] = hand.reshape(len(t), 45)
    features[:, JAW_COLUMNS.start] = 0.1 * (1 - torch.cos(t * 4))
    for name in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "mouthSmileLeft", "mouthSmileRight"):
        face[:, FACE_INDEX[name]] = 0.5 - 0.5 * torch.cos(2 * t)
    face[:, FACE_INDEX["tongueOut"]] = (t > 3).float() * 0.5
    features[:, EXPRESSION_COLUMNS] = expression_of(face)
    return Motion(features, fps, face)


@pytest.fixture(scope="session")
def motion() -> Motion:
    return wave()


@pytest.fixture(scope="session")
def result(motion: Motion) -> SignResult:
    text = "Hello Ana. How <are> you --> & me?"
    sentences = (
        Sentence("Hello Ana.", (0, 10), "statement", False, ()),
        Sentence("How <are> you --> & me?", (11, 34), "wh_question", False, ()),
        Sentence("…", (35, 36), "statement", False, ()),
    )
    cues = (
        Cue(0.4, 1.0, "HELLO", "sign", "Hello", (0, 5), 0),
        Cue(1.2, 1.9, "A-N-A", "spelled", "Ana", (6, 9), 0),
        Cue(2.1, 2.8, "HOW", "sign", "How", (11, 14), 1),
        Cue(3.0, 3.6, "YOU", "sign", "you", (21, 24), 1),
    )
    return SignResult(motion, cues, sentences, text, "ase", Timings())


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the real page is served on this machine, without weights: the dictionary signs."""
    nothing = tmp_path_factory.mktemp("no weights")
    yield from served(Service(tmp_path_factory.mktemp("results"), soke=nothing, lmt=nothing))


@pytest.fixture(scope="session")
def soke_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny untrained SOKE that decodes in two ways."""
    place = tiny_soke.write(tmp_path_factory.mktemp("soke"))
    tiny_soke.write(place / "one after another", "sequential")
    return place


@pytest.fixture(scope="session")
def soke_address(tmp_path_factory: pytest.TempPathFactory, soke_folder: Path, lmt_folder: Path) -> Iterator[str]:
    """The real page with a tiny untrained SOKE and a tiny untrained LMT."""
    yield from served(Service(tmp_path_factory.mktemp("soke results"), soke=soke_folder, lmt=lmt_folder))


@pytest.fixture(scope="session")
def lmt_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny untrained LMT that has learned HELLO, YES and the German JA, with the signers Ada and Ben."""
    return tiny_lmt.write(tmp_path_factory.mktemp("lmt"))


def served(service: Service) -> Iterator[str]:
    page = launch(service, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    yield str(page.local_url)
    page.close()


@pytest.fixture
def own_service(tmp_path: Path) -> Service:
    """A service that keeps two results only."""
    return Service(tmp_path, keep=2)
