import pytest
import torch

from sign_models.types import Entry, Hint, Mesh, Motion, Video


def test_motion_refuses_a_wrong_width_with_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"\(5, 132\); \(any, 133\)"):
        Motion(torch.zeros(5, 132))


def test_motion_refuses_a_face_of_another_length() -> None:
    with pytest.raises(ValueError, match=r"Motion\.face"):
        Motion(torch.zeros(5, 133), face=torch.zeros(4, 52))


def test_video_refuses_floats() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Video(torch.zeros(2, 4, 4, 3))


def test_mesh_refuses_joints_of_another_length() -> None:
    with pytest.raises(ValueError, match=r"Mesh\.joints"):
        Mesh(torch.zeros(2, 8, 3), torch.zeros(3, 55, 3), torch.zeros(1, 3, dtype=torch.long))


def test_gloss_of_a_hint_joins_letters_with_hyphens() -> None:
    letters = tuple(Entry(gloss=letter, language="ase", hamnosys="", letter=letter) for letter in "ANNA")
    spelled = Hint("Anna", (0, 4), "spelled", "spelled", "a name", letters)
    assert spelled.gloss == "A-N-N-A"
