import torch
from hypothesis import given
from hypothesis import strategies as st

from sign_models import parts, skeleton
from sign_models.face import EXPRESSIONS, FACE_ACTIONS, expression_of, face_of


def test_parts_cover_every_column_once() -> None:
    columns = sorted(column for part in parts.PARTS for column in part.columns)
    assert columns == list(range(parts.FEATURES))


def test_merge_is_the_inverse_of_split() -> None:
    features = torch.randn(2, 7, parts.FEATURES)
    pieces = parts.split(features)
    assert [piece.shape[-1] for piece in pieces] == [43, 45, 45]
    assert torch.equal(parts.merge(pieces), features)


def test_body_columns_are_smplx_joints_12_to_21() -> None:
    assert [skeleton.INDEX[name] for name in skeleton.UPPER_BODY] == list(range(12, 22))
    assert len(skeleton.JOINTS) == 55
    assert skeleton.INDEX["left_index1"] == 25
    assert skeleton.INDEX["right_thumb3"] == 54


def test_every_parent_comes_before_its_child() -> None:
    assert all(parent < joint for joint, parent in enumerate(skeleton.PARENTS))


@given(st.lists(st.floats(0, 1), min_size=10, max_size=10))
def test_expression_columns_survive_the_way_to_face_actions_and_back(weights: list[float]) -> None:
    expression = torch.tensor([weights])
    assert torch.allclose(expression_of(face_of(expression)), expression, atol=1e-6)


def test_face_actions_are_the_52_arkit_names() -> None:
    assert len(set(FACE_ACTIONS)) == 52
    assert len(EXPRESSIONS) == 10
