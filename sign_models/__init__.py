"""Text to sign language: a signing SMPL-X avatar and video in ASL, CSL and DGS."""

__version__ = "0.1.0"
