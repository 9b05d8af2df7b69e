"""The mesh operations that the open body is built with."""

import sys

import numpy as np
import pytest

from sign_models.errors import SignError
from train import build_open_body
from train.open_body import source
from train.open_body.layout import few_weights
from train.open_body.surface import (
    REGIONS,
    Surface,
    border_edges,
    cut,
    hem,
    keep_faces,
    lining,
    region,
    round_border,
    sides,
)


@pytest.fixture
def sheet() -> Surface:
    """A square sheet of 8 x 8 cells in the x-y plane, skinned to two joints."""
    line = np.linspace(-1, 1, 9)
    points = np.array([[x, y, 0.0] for y in line for x in line])
    corner = np.array([9 * row + column for row in range(8) for column in range(8)])
    faces = np.concatenate(
        [np.stack([corner, corner + 1, corner + 10], 1), np.stack([corner, corner + 10, corner + 9], 1)]
    )
    weights = np.zeros((81, 55))
    weights[:, 0] = (points[:, 0] + 1) / 2
    weights[:, 1] = 1 - weights[:, 0]
    return Surface(points, faces, weights, np.zeros((81, 52, 3)), region("skin", 81), np.ones(81))


def area(surface: Surface) -> float:
    a, b, c = (surface.points[surface.faces[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_a_cut_leaves_no_face_on_both_sides(sheet: Surface) -> None:
    level = 0.7 - np.linalg.norm(sheet.points, axis=1)
    whole, level = cut(sheet, level)
    assert area(whole) == pytest.approx(4.0)
    corners = level[whole.faces]
    assert not ((corners > 0).any(1) & (corners < 0).any(1)).any()
    disc = keep_faces(whole, sides(whole, level))
    assert area(disc) == pytest.approx(np.pi * 0.7**2, rel=0.06)
    np.testing.assert_allclose(disc.weights.sum(1), 1)


def test_a_border_grows_round(sheet: Surface) -> None:
    whole, level = cut(sheet, 0.7 - np.linalg.norm(sheet.points, axis=1))
    disc = keep_faces(whole, sides(whole, level))
    rounder = round_border(disc)
    assert len(border_edges(rounder.faces)) == 4 * len(border_edges(disc.faces))
    radius = np.linalg.norm(rounder.points[np.unique(border_edges(rounder.faces))], axis=1)
    assert radius.std() / radius.mean() < 0.03
    np.testing.assert_allclose(rounder.weights.sum(1), 1)
    assert rounder.weights.min() >= 0


def test_a_hem_turns_in_and_a_lining_faces_back(sheet: Surface) -> None:
    hemmed = hem(sheet, 0.1)
    assert len(hemmed.faces) == len(sheet.faces) + 2 * 32
    assert hemmed.points[:, 2].min() == pytest.approx(-0.1)
    back = lining(sheet, np.ones(len(sheet.faces), bool))
    a, b, c = (back.points[back.faces[:, k]] for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] < 0).all()


def test_few_weights_change_without_a_jump() -> None:
    """Two joints that change places at the cut-off must not make the weights jump."""
    base = np.zeros(55)
    base[:3] = 0.3, 0.25, 0.2
    ahead, behind = base.copy(), base.copy()
    ahead[3:5], behind[3:5] = (0.126, 0.124), (0.124, 0.126)
    few = few_weights(np.stack([ahead, behind]))
    assert (few > 0).sum(1).max() <= 4
    np.testing.assert_allclose(few.sum(1), 1, atol=1e-6)
    assert np.abs(few[0] - few[1]).max() < 0.006


def test_regions_have_names_once() -> None:
    assert len(set(REGIONS)) == len(REGIONS)


def test_without_anny_the_build_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "anny", None)
    with pytest.raises(SignError, match="needs anny"):
        source.read()
    monkeypatch.setattr(sys, "argv", ["build_open_body"])
    assert build_open_body.main() == 1
    assert "pip install" in capsys.readouterr().err
