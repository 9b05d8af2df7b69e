from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

from sign_models import checkpoints
from sign_models.errors import SignError


@dataclass(frozen=True)
class Inner:
    width: int


@dataclass(frozen=True)
class Config:
    inner: Inner
    names: tuple[str, ...] = ("a",)


class Model(nn.Module):
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.tied = nn.Linear(width, width)
        self.tied.weight = self.first.weight


CONFIG = Config(Inner(3), ("a", "b"))


def test_round_trip_with_tied_weights(tmp_path: Path) -> None:
    model, other = Model(), Model()
    checkpoints.save(tmp_path, model, CONFIG)
    checkpoints.read_weights(tmp_path, other)
    assert checkpoints.read_config(tmp_path, Config) == CONFIG
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_half_precision_on_disk_is_read_back_as_float(tmp_path: Path) -> None:
    model, other = Model(), Model()
    checkpoints.save(tmp_path, model, CONFIG, dtype=torch.float16)
    checkpoints.read_weights(tmp_path, other)
    assert other.first.weight.dtype == torch.float32
    assert torch.allclose(model.first.weight, other.first.weight, atol=1e-3)


def test_wrong_shape_missing_file_broken_file_and_unknown_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SignError, match=r"config\.json is missing"):
        checkpoints.read_config(tmp_path, Config)
    with pytest.raises(SignError, match="No weights"):
        checkpoints.read_weights(tmp_path, Model())
    checkpoints.save(tmp_path, Model(), CONFIG)
    with pytest.raises(SignError, match=r"\(3, 3\) for \(4, 4\)"):
        checkpoints.read_weights(tmp_path, Model(4))
    (tmp_path / checkpoints.WEIGHTS_FILE).write_bytes(b"nonsense")
    with pytest.raises(SignError, match="not a readable safetensors"):
        checkpoints.read_weights(tmp_path, Model())
    (tmp_path / checkpoints.CONFIG_FILE).write_text('{"inner": {"width": 3}, "nmaes": []}', encoding="utf-8")
    with pytest.raises(SignError, match="nmaes"):
        checkpoints.read_config(tmp_path, Config)
