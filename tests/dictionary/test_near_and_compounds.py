"""Words that look alike, and words written together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sign_models.dictionary.near import TYPING_ERROR, NearWords, slips, typing_error
from sign_models.dictionary.reading.compounds import split

WORDS = st.text("abc", max_size=8)


def test_nearest_first_and_itself_is_one() -> None:
    near = NearWords(["hello", "help", "yellow", "tomorrow"])
    found = near.nearest("hello", 4)
    assert found[0] == ("hello", pytest.approx(1.0))
    assert [likeness for _, likeness in found] == sorted((likeness for _, likeness in found), reverse=True)
    assert near.nearest("helo")[0][0] == "hello"
    assert near.nearest("helo")[0][1] >= TYPING_ERROR
    assert max(likeness for _, likeness in near.nearest("zzz")) == 0.0
    assert NearWords([]).nearest("hello") == []


@pytest.mark.parametrize(
    ("word", "lemma", "mistyped"),
    [
        ("helo", "hello", True),
        ("becuase", "because", True),
        ("tommorow", "tomorrow", True),
        ("mouse", "house", False),
        ("cat", "cart", False),
        ("happily", "happy", False),
    ],
)
def test_typing_errors(word: str, lemma: str, mistyped: bool) -> None:
    assert typing_error(word, lemma) == mistyped


@given(a=WORDS, b=WORDS)
def test_slips_are_a_distance(a: str, b: str) -> None:
    assert slips(a, b) == slips(b, a)
    assert (slips(a, b) == 0) == (a == b)
    assert abs(len(a) - len(b)) <= slips(a, b) <= max(len(a), len(b))


PARTS = {"regen", "wolken", "kind", "garten", "haus", "tür", "schlüssel", "arbeit", "zeit", "unter", "ei"}


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("regenwolken", ("regen", "wolken")),
        ("kindergarten", ("kind", "garten")),
        ("haustürschlüssel", ("haus", "tür", "schlüssel")),
        ("arbeitszeit", ("arbeit", "zeit")),
        ("regenxwolken", ()),
        ("haus", ()),
        ("eizeit", ()),
        ("regenwolkenn", ()),
    ],
)
def test_compounds_are_all_or_nothing(word: str, parts: tuple[str, ...]) -> None:
    assert split(word, "de", PARTS.__contains__) == parts
