"""HamNoSys 4: transcriptions read, and made into motion."""

from sign_models.hamnosys.parser import parse
from sign_models.hamnosys.sigml import parse_sigml

__all__ = ["parse", "parse_sigml"]
