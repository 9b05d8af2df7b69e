"""Measures of generated signing, each under its right name."""
