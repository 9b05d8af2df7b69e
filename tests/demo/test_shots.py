"""The player's cameras are those of the mp4."""

from demo import shots


def test_the_player_has_the_numbers_of_today() -> None:
    assert shots.FILE.read_text(encoding="utf-8") == shots.text(), "run python -m demo.shots"
