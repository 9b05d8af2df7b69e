"""Transcriptions read: symbols, HamNoSys text and SiGML to a ``Sign``."""
