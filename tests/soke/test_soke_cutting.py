"""Long sentences are signed in pieces, and nothing of them is lost."""

import pytest

from sign_models.soke.cutting import pieces
from sign_models.types import Entry, Hint, Sentence

WORDS = "why did my mother and my old father buy all that bread"


def sentence(mark: str = "?") -> Sentence:
    """In signing order the first word comes last."""
    hints, place = [], 0
    for word in WORDS.split():
        entries = () if word in ("did", "and") else (Entry(word.upper(), "ase", ""),)
        hints.append(Hint(word, (place, place + len(word)), "signed" if entries else "left_out", "", "", entries))
        place += len(word) + 1
    return Sentence(WORDS + mark, (0, place), "wh_question", False, (*hints[1:], hints[0]))


def steps_of(hint: Hint) -> int:
    return len(hint.word) if hint.entries else 0


@pytest.mark.parametrize("most", [4, 8, 16, 30])
def test_pieces_have_every_word_once_in_signing_order_and_few_steps(most: int) -> None:
    whole = sentence()
    made = pieces(whole, steps_of, most)
    assert tuple(hint for piece in made for hint in piece.hints) == whole.hints
    assert all(sum(map(steps_of, piece.hints)) <= most + 6 for piece in made)  # "mother" stays whole
    assert len(made) >= sum(map(steps_of, whole.hints)) / (most + 6)
    assert all(any(hint.entries for hint in piece.hints) for piece in made)
    assert [piece.text[-1] == "?" for piece in made] == [False] * (len(made) - 1) + [True]
    assert {piece.mood for piece in made} == {"wh_question"}


def test_a_piece_reads_as_the_text_does() -> None:
    texts = [piece.text for piece in pieces(sentence(""), steps_of, 24)]
    assert texts == ["did my mother and my old father", "why buy all that bread"]


def test_what_is_short_enough_or_has_no_limit_stays_as_it_is() -> None:
    for most in (0, 1000):
        assert pieces(sentence(), steps_of, most) == [sentence()]
