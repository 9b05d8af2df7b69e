"""Nobody sees half a file."""

from pathlib import Path

import pytest

from sign_models.errors import SignError
from sign_models.files import atomic


def test_the_file_appears_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with atomic(path) as part:
        assert part.suffix == ".mp4"
        part.write_text("whole")
        assert not path.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert path.read_text() == "whole"


def test_a_failure_leaves_the_old_file_and_no_crumbs(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail() -> None:
        with atomic(path) as part:
            part.write_text("half")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def test_a_missing_folder_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(SignError, match="does not exist"), atomic(tmp_path / "no" / "a.txt"):
        pass
    with pytest.raises(SignError, match="is a folder"), atomic(tmp_path):
        pass
