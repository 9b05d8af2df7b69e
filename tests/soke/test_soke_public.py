"""The published tokenizer's file: read without running anything from it, every tensor in its place."""

import collections
import fractions
import os
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sign_models.cli import main
from sign_models.errors import SignError
from sign_models.soke import public
from sign_models.soke.generator import read_tokenizer
from sign_models.soke.statistics import HASHES

PREFIXES = (("vae", 43, 96), ("hand_vae", 45, 192), ("rhand_vae", 45, 192))


def published_keys(features: int, codes: int) -> dict[str, tuple[int, ...]]:
    """The table of soke.md section 10.1."""
    shapes: dict[str, tuple[int, ...]] = {"quantizer.codebook": (codes, 512)}

    def conv(name: str, out: int, into: int, width: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (out, into, width), (out,)

    conv("encoder.model.0", 512, features, 3)
    conv("encoder.model.4", 512, 512, 3)
    conv("decoder.model.0", 512, 512, 3)
    conv("decoder.model.4", 512, 512, 3)
    conv("decoder.model.6", features, 512, 3)
    for level in (2, 3):
        conv(f"encoder.model.{level}.0", 512, 512, 4)
        conv(f"decoder.model.{level}.2", 512, 512, 3)
        for place in (f"encoder.model.{level}.1", f"decoder.model.{level}.0"):
            for block in range(3):
                conv(f"{place}.model.{block}.conv1", 512, 512, 3)
                conv(f"{place}.model.{block}.conv2", 512, 512, 1)
    return shapes


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    made = {
        f"{prefix}.{name}": torch.randn(shape) * 0.02
        for prefix, features, codes in PREFIXES
        for name, shape in published_keys(features, codes).items()
    }
    assert len(made) == 3 * 67
    return made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in HASHES:
        torch.save(torch.linspace(1, 2, 179), tmp_path / name)
    monkeypatch.setattr("sign_models.soke.public.read_statistics", _unchecked)
    return tmp_path


def _unchecked(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    from sign_models.soke.statistics import read_statistics

    return read_statistics(folder, check=False)


def word_vectorizer() -> object:
    """An object of the class that the published file carries in its settings."""
    module = types.ModuleType("mGPT.data.humanml.utils.word_vectorizer")
    kind = type("WordVectorizer", (), {"__module__": module.__name__})
    module.WordVectorizer = kind  # type: ignore[attr-defined]
    parts = module.__name__.split(".")
    for i in range(1, len(parts)):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    sys.modules[module.__name__] = module
    made = kind()
    made.vectors, made.word2idx = np.ones((2, 3), np.float32), {"a": 0}
    return made


def save(path: Path, state: dict[str, torch.Tensor], **more: object) -> None:
    before = set(sys.modules)
    torch.save({"state_dict": state, "epoch": 3, "hyper_parameters": {"words": word_vectorizer()}, **more}, path)
    for name in set(sys.modules) - before:
        if name.split(".")[0] == "mGPT":
            del sys.modules[name]


def test_every_tensor_is_in_its_place(
    folder: Path, state: dict[str, torch.Tensor], capsys: pytest.CaptureFixture[str]
) -> None:
    save(folder / "tokenizer.ckpt", state | {"_losses.total": torch.zeros(1), "metrics.vae.count": torch.zeros(1)})
    assert main(["convert", "soke-tokenizer", str(folder / "tokenizer.ckpt"), str(folder / "out")]) == 0
    told = capsys.readouterr().out
    assert "201 tensors" in told
    assert "2 others" in told
    assert "not the published file" in told
    tokenizer = read_tokenizer(folder / "out")
    assert (tokenizer.config.flat_hands, tokenizer.config.expression_space) == (False, "smplx")
    features = torch.randn(1, 8, 133)
    ids = tokenizer.encode(features)[0]
    scaled = (features - tokenizer.mean) / tokenizer.std
    columns = [[*range(30), *range(120, 133)], range(30, 75), range(75, 120)]
    for k, (prefix, _, _) in enumerate(PREFIXES):
        latent = restated_encoder(scaled[..., list(columns[k])], state, prefix)
        expected = torch.cdist(latent, state[f"{prefix}.quantizer.codebook"]).argmin(1)
        assert torch.equal(ids[k], expected)


def restated_encoder(x: torch.Tensor, state: dict[str, torch.Tensor], prefix: str) -> torch.Tensor:
    def conv(h: torch.Tensor, name: str, **how: int) -> torch.Tensor:
        name = f"{prefix}.encoder.model.{name}"
        return F.conv1d(h, state[f"{name}.weight"], state[f"{name}.bias"], **how)

    h = conv(x.transpose(1, 2), "0", padding=1).relu()
    for level in (2, 3):
        h = conv(h, f"{level}.0", stride=2, padding=1)
        for block, dilation in enumerate((9, 3, 1)):
            inner = conv(h.relu(), f"{level}.1.model.{block}.conv1", padding=dilation, dilation=dilation)
            h = h + conv(inner.relu(), f"{level}.1.model.{block}.conv2")
    return conv(h, "4", padding=1)[0].T


def test_missing_unknown_and_misshapen_tensors_are_told(folder: Path, state: dict[str, torch.Tensor]) -> None:
    path = folder / "tokenizer.ckpt"
    broken = dict(state)
    del broken["hand_vae.encoder.model.4.bias"]
    broken["vae.encoder.model.9.bias"] = torch.zeros(1)
    broken["rhand_vae.quantizer.codebook"] = torch.zeros(96, 512)
    save(path, broken)
    with pytest.raises(SignError) as told:
        public.convert_tokenizer(path, folder / "out")
    for piece in ("left_hand encoder.leave.bias is missing", "body encoder.model.9.bias is unknown", "(96, 512), not"):
        assert piece in str(told.value)
    assert not (folder / "out").exists()


class Settings:
    """Like what training programs keep beside the weights: of a class of their own, filled while it is read."""

    def __setstate__(self, _: object) -> None:
        raise AssertionError("nothing in the file may be called")


def test_objects_of_any_class_are_passed_over(folder: Path, state: dict[str, torch.Tensor]) -> None:
    path = folder / "tokenizer.ckpt"
    settings = Settings()
    settings.flags = {"a": collections.defaultdict(dict, x=1), "array": np.arange(3), "kind": dict, "at": path}
    save(path, state, config=settings, callbacks={"best": fractions.Fraction(1, 3)})
    assert public.convert_tokenizer(path, folder / "out").tensors == 201


class Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch harmed",)


def test_nothing_in_the_file_is_executed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    path = folder / "tokenizer.ckpt"
    save(path, {}, callbacks=Harm())
    with pytest.raises(SignError, match="holds more than weights"):
        public.convert_tokenizer(path, folder / "out")
    assert not (folder / "harmed").exists()
    path.write_bytes(b"junk")
    with pytest.raises(SignError, match="not a torch checkpoint"):
        public.convert_tokenizer(path, folder / "out")
    with pytest.raises(SignError, match="no file"):
        public.convert_tokenizer(folder / "none.ckpt", folder / "out")


def test_mean_and_spread_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.ckpt").write_bytes(b"x")
    with pytest.raises(SignError, match=r"no mean\.pt"):
        public.convert_tokenizer(tmp_path / "tokenizer.ckpt", tmp_path / "out")
