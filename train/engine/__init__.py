"""The training loop that every recipe shares."""
