"""The body that signs: ``load().pose(motion)`` gives a mesh; a licensed SMPL-X file or the bundled open body."""

from sign_models.body.appearance import EYES, HAIR, SKIN_TONES, TOPS, TROUSERS, Appearance
from sign_models.body.body import Body, load
from sign_models.body.file import BODY_VARIABLE

__all__ = ["BODY_VARIABLE", "EYES", "HAIR", "SKIN_TONES", "TOPS", "TROUSERS", "Appearance", "Body", "load"]
