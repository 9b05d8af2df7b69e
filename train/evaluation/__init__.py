"""Measuring what was trained on clips that were kept out: figures a clip in a journal, one JSON, one Markdown."""
