"""The seeds of an evaluation that draws."""

from collections.abc import Sequence


def check_seeds(seeds: Sequence[int], temperature: float) -> None:
    """ValueError unless they are different numbers, and one only where nothing is drawn."""
    if len(set(seeds)) != len(seeds) or not seeds:
        raise ValueError(f"seeds {seeds} must be different numbers, at least one.")
    if temperature == 0 and len(seeds) > 1:
        raise ValueError(f"seeds {seeds}: greedy decoding gives the same with each; set a temperature.")
