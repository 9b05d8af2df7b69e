"""SOKE (arXiv 2411.17799): part-wise motion tokens, a multilingual language model over them, and retrieval."""
