"""Which file, and refusing broken ones in one sentence, without unpickling."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sign_models.body.file import BODY_VARIABLE, OPEN_BODY, SHAPES, find, read
from sign_models.errors import SignError
from sign_models.paths import asset


def small_body() -> dict[str, Any]:
    """The 13 keys with plausible, tiny-where-possible contents."""
    v = 9930
    parents = read(asset(OPEN_BODY)).arrays["kintree_table"]
    weights = np.zeros((v, 55), np.float32)
    weights[:, 0] = 1
    sizes = {"v": v, "f": 1, "s": 20}
    arrays: dict[str, Any] = {
        key: np.zeros([n if isinstance(n, int) else sizes[n] for n in shape], np.int8)  # bytes: quick to write
        for key, shape in SHAPES.items()
    }
    return arrays | {"weights": weights, "kintree_table": parents, "f": np.array([[0, 1, 2]], np.uint32)}


@pytest.fixture(scope="module")
def good() -> dict[str, Any]:
    return small_body()


class Trap:
    """Unpickling one of these would be seen."""

    sprung = False

    def __reduce__(self) -> tuple[Any, ...]:
        return (spring, ())


def spring() -> str:
    Trap.sprung = True
    return "sprung"


def test_a_good_file_is_read(good: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "body.npz"
    np.savez(path, **good, other=np.array([Trap()], dtype=object))
    body = read(path)
    assert not body.is_open
    assert set(body.arrays) == set(SHAPES)
    assert not Trap.sprung


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a missing key": ({"weights": None}, "lacks weights"),
    "a wrong shape": ({"posedirs": np.zeros((9930, 3, 207), np.float32)}, "has posedirs of shape"),
    "another vertex count": ({"J_regressor": np.zeros((55, 10), np.float32)}, "has J_regressor of shape"),
    "too few shape columns": ({"shapedirs": np.zeros((9930, 3, 10), np.float32)}, "10 shape columns"),
    "pickled objects": ({"hands_meanl": np.array([Trap()] * 45, dtype=object)}, "pickled objects"),
    "not finite": ({"v_template": np.full((9930, 3), np.nan, np.float32)}, "finite numbers in v_template"),
    "faces past the end": ({"f": np.array([[0, 1, 99999]])}, "past its last vertex"),
    "text": ({"hands_meanr": np.array(["x"] * 45)}, "finite numbers in hands_meanr"),
    "another tree": ({"kintree_table": np.zeros((2, 55), np.int64)}, "another joint tree"),
    "weights that do not sum to one": ({"weights": np.zeros((9930, 55), np.float32)}, "do not sum to 1"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused(case: str, good: dict[str, Any], tmp_path: Path) -> None:
    change, message = BROKEN[case]
    path = tmp_path / "body.npz"
    np.savez(path, **{key: value for key, value in (good | change).items() if value is not None})
    with pytest.raises(SignError, match=message) as refusal:
        read(path)
    told = str(refusal.value)
    assert str(path) in told
    assert "register at" in told
    assert "\n" not in told
    assert not Trap.sprung


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04 cut off"])
def test_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "body.npz"
    path.write_bytes(content)
    with pytest.raises(SignError, match="npz archive"):
        read(path)


def test_a_single_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "body.npy"
    np.save(path, np.zeros(3))
    with pytest.raises(SignError, match="not an npz archive"):
        read(path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    whole = asset(OPEN_BODY).read_bytes()
    path = tmp_path / "body.npz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SignError, match="npz archive"):
        read(path)


def test_order_of_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BODY_VARIABLE, raising=False)
    assert find() == asset(OPEN_BODY)
    folder = tmp_path / "smplx"
    folder.mkdir()
    licensed = folder / "SMPLX_NEUTRAL.npz"
    licensed.touch()
    monkeypatch.setenv(BODY_VARIABLE, str(tmp_path))
    assert find() == licensed
    given = tmp_path / "given.npz"
    given.touch()
    assert find(given) == given


def test_a_missing_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SignError, match="does not exist"):
        find(tmp_path / "none.npz")
    monkeypatch.setenv(BODY_VARIABLE, str(tmp_path))
    with pytest.raises(SignError, match=r"holds no SMPLX_NEUTRAL\.npz"):
        find()
