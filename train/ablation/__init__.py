"""Rows of ablations as data, and the work that they share."""
