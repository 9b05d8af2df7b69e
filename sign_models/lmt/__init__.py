"""LMT (arXiv 2312.12917): a gloss and a still picture become a sign video."""
