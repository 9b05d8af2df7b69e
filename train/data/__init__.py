"""Corpora: one reader a family, all of them written into the same two stores (clips, tokens)."""
