"""What a visitor is told names files, not the folders of the server."""

from pathlib import Path

import pytest

from demo import pages
from demo.endpoints import refused
from demo.private_paths import without_paths
from sign_models.errors import SignError
from sign_models.paths import assets_folder
from sign_models.registry import load_dictionary, load_soke


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("No weights at /srv/data/soke/model.safetensors; train.", "No weights at model.safetensors; train."),
        ('The file "/srv/a/b.npz" is damaged.', 'The file "b.npz" is damaged.'),
        ("There is nothing in (C:\\Users\\me\\x.toml).", "There is nothing in (x.toml)."),
        (f"Missing from {assets_folder() / 'body'}.", "Missing from body."),
        ("Give and/or leave 1/2; see http://127.0.0.1:7860/api/x.", "Give and/or leave 1/2; see http://127.0.0.1:7860/api/x."),
        ("你好/再见 · a / b", "你好/再见 · a / b"),
    ],
)  # fmt: skip
def test_paths_become_names(message: str, told: str) -> None:
    assert without_paths(message) == told


def test_no_error_of_ours_tells_where_things_lie(tmp_path: Path) -> None:
    place = tmp_path / "my weights"
    for wrong in (lambda: load_soke(place), lambda: load_dictionary("ase", place / "mine.toml")):
        with pytest.raises(SignError) as caught:
            wrong()
        for told in (pages.problem(str(caught.value)), str(refused(caught.value))):
            assert str(tmp_path) not in told
            assert str(tmp_path.parent) not in told
