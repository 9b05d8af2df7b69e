"""HamNoSys 4: transcriptions read, and made into motion."""

from sign_models.hamnosys.parser import parse

__all__ = ["parse"]
