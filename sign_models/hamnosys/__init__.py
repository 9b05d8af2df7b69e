"""HamNoSys 4: transcriptions read, and made into motion."""

from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.reading.sigml import parse_sigml
from sign_models.hamnosys.synthesizer import synthesize, track

__all__ = ["parse", "parse_sigml", "synthesize", "track"]
