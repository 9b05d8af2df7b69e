"""A posed signer small enough to draw in a moment, and one renderer for all tests of this folder."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from sign_models.body import load
from sign_models.parts import FEATURES
from sign_models.render import Renderer
from sign_models.skeleton import UPPER_BODY
from sign_models.types import Mesh, Motion

FRAMES = 20


@pytest.fixture(scope="session")
def mesh() -> Mesh:
    """Arms hang, rise before the chest at different heights, and sink again."""
    up = torch.sin(torch.linspace(0, torch.pi, FRAMES)).clamp(0, 1)
    features = torch.zeros(FRAMES, FEATURES)
    joints = features[:, :30].view(FRAMES, 10, 3)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        joints[:, UPPER_BODY.index(f"{side}_shoulder"), 2] = sign * (-1.3 + (0.3 + 0.2 * sign) * up)
        joints[:, UPPER_BODY.index(f"{side}_elbow"), 1] = -sign * (0.2 + 1.8 * up)
    return load().pose(Motion(features))


@pytest.fixture(scope="session")
def colors() -> Tensor:
    return load().colors


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one
