"""The judge of signs: what it is shown, what it is told, and that it learns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from sign_models.lmt.rules import ClipRules
from train import lmt_recogniser
from train.data import video_store
from train.data.augment import varied
from train.data.video_store import VideoClip, VideoStore
from train.metrics.recogniser import (
    RecogniserConfig,
    SignRecogniser,
    accuracy,
    codes,
    read_recogniser,
    save_recogniser,
)

RULES = ClipRules(frames=8, height=32, width=32)
GLOSSES = ("ase:DOWN", "ase:UP", "gsg:AB", "gsg:AUF")
SMALL = RecogniserConfig(GLOSSES, RULES, every=2, widths=(8, 16, 16), code=16)


def _square(gloss: str, generator: np.random.Generator) -> np.ndarray:
    """A light square that goes up or down over a plain colour."""
    frames = np.empty((8, 32, 32, 3), np.uint8)
    frames[:] = generator.integers(0, 90, 3)
    left = generator.integers(4, 20)
    for t in range(8):
        top = 2 + 3 * (t if gloss in ("ase:DOWN", "gsg:AB") else 7 - t)
        frames[t, top : top + 7, left : left + 7] = 220
    return frames


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    generator = np.random.default_rng(3)
    hands = np.zeros((8, 2, 4), np.float32)
    made = [
        (VideoClip(f"{gloss}/{k}", gloss, gloss[:3], "Ada", split, 10.0), _square(gloss, generator), hands)
        for gloss in GLOSSES
        for k, split in enumerate(["train"] * 10 + ["val"] * 4)
    ]
    video_store.write(folder, RULES, made)
    return folder


def test_it_learns_to_tell_up_from_down(corpus: Path, tmp_path: Path) -> None:
    settings = {
        "training": {"epochs": 20, "batch": 8, "lr": 4e-3, "warmup": 4},
        "widths": [8, 16, 16],
        "code": 16,
        "ship": "fp16",
    }
    file = tmp_path / "settings.yaml"
    file.write_text(f"lmt_recogniser: {settings}", encoding="utf-8")
    assert lmt_recogniser.main(["--settings", str(file), "--data", str(corpus), "--out", str(tmp_path / "run")]) == 0
    judge = read_recogniser(tmp_path / "run" / "recogniser")
    weights = load_file(tmp_path / "run" / "recogniser" / "model.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float16}
    store = VideoStore(corpus)
    assert judge.config.glosses == store.glosses
    assert judge.config.rules == store.rules
    assert accuracy(judge, store, store.indices("val")) >= 0.9
    backwards = store.batch(store.indices("val")).flip(2)
    wanted = [store.clips[i].gloss for i in store.indices("val")]
    named = judge.names(backwards, wanted)
    assert sum(a == b for a, b in zip(named, wanted, strict=True)) <= 2  # it watches the movement, not the place


def test_it_answers_in_the_language_it_is_told() -> None:
    judge = SignRecogniser(SMALL).eval()
    clips = torch.randn(6, 3, 8, 32, 32).clamp(-1, 1)
    spoken = ["ase:UP", "gsg:AUF", "gsg:AB", "ase:DOWN", "gsg:AUF", "ase:UP"]
    named = judge.names(clips, spoken)
    assert [name[:3] for name in named] == [gloss[:3] for gloss in spoken]


def test_it_sees_every_second_frame_from_the_one_it_is_told() -> None:
    judge = SignRecogniser(SMALL).eval()
    clips = torch.randn(1, 3, 8, 32, 32)
    other = clips.clone()
    other[:, :, 0::2] = 0
    assert torch.equal(judge.features(clips)[-1], judge.features(other)[-1])  # odd frames by default
    assert not torch.equal(judge.features(clips, 0)[-1], judge.features(other, 0)[-1])
    every = SignRecogniser(replace(SMALL, every=1)).eval()
    every.load_state_dict(judge.state_dict())
    assert not torch.equal(every.features(clips)[-1], every.features(other)[-1])


def test_features_are_maps_and_a_code_and_let_gradients_through() -> None:
    judge = SignRecogniser(SMALL).eval().requires_grad_(False)
    clips = torch.randn(2, 3, 8, 32, 32, requires_grad=True)
    maps = judge.features(clips)
    assert [tuple(x.shape) for x in maps] == [(2, 8, 4, 8, 8), (2, 16, 4, 4, 4), (2, 16, 2, 2, 2), (2, 16)]
    sum(x.square().mean() for x in maps).backward()  # type: ignore[union-attr]
    assert clips.grad is not None
    assert clips.grad[:, :, 1::2].abs().sum() > 0
    assert clips.grad[:, :, 0::2].abs().sum() == 0


def test_it_is_saved_with_its_glosses_and_rules(tmp_path: Path) -> None:
    judge = SignRecogniser(SMALL).eval()
    save_recogniser(tmp_path, judge)
    again = read_recogniser(tmp_path)
    assert again.config == SMALL
    frames = torch.randint(0, 256, (3, 8, 32, 32, 3), dtype=torch.uint8)
    assert torch.allclose(codes(judge, frames, batch=2), codes(again, frames, batch=3), atol=1e-6)
    assert codes(judge, frames).dtype == torch.float64


def test_a_varied_clip_is_the_same_sign_otherwise_filmed() -> None:
    frames = _square("ase:UP", np.random.default_rng(0))
    first, again, other = (varied(frames, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (3, 8, 32, 32)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert float(first.abs().max()) <= 1
    # the square still goes up: the mean row of what is bright falls from frame to frame
    for clip in (first, other):
        light = clip.sum(0) - clip.sum(0).flatten(1).median(1).values[:, None, None] > 0.5
        rows = [float(frame.nonzero()[:, 0].float().mean()) for frame in light]
        assert rows == sorted(rows, reverse=True)
        assert rows[0] - rows[-1] > 12
