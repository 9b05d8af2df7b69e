from dataclasses import replace
from pathlib import Path

import pytest
import torch

from sign_models.errors import SignError
from sign_models.soke.prompt import PUBLISHED, PromptConfig, batch, interleaved, prompt
from sign_models.soke.text import SubwordText
from sign_models.soke.vocabulary import EOS, PAD, SignVocabulary
from sign_models.types import Entry, Hint, MotionTokens

VOCABULARY = SignVocabulary(300, (5, 7, 7))


def hint(word: str, known: bool = True) -> Hint:
    entries = (Entry(word.upper(), "ase", ""),) if known else ()
    return Hint(word, (0, len(word)), "signed" if known else "left_out", "exact", "", entries)


def tokens_of(h: Hint) -> MotionTokens | None:
    steps = 12 if h.word == "long" else 2
    return MotionTokens(torch.arange(3 * steps).view(3, steps) % 5) if h.entries else None


def encode(text: str) -> list[int]:
    return [10 + ord(letter) % 100 for letter in text]


HINTS = [hint("one"), hint("the", known=False), hint("two"), hint("long"), hint("four")]


def made(config: PromptConfig, text: str = "ab") -> list[int]:
    return prompt(text, "ase", HINTS, encode, tokens_of, VOCABULARY, config)


def test_codes_go_in_as_body_left_right_of_each_step() -> None:
    rows = VOCABULARY.row_of_column()
    ids = torch.tensor([[0, 1], [2, 3], [4, 5]])
    expected = [rows[0, 1], rows[1, 3], rows[2, 5], rows[0, 2], rows[1, 4], rows[2, 6]]
    assert interleaved(MotionTokens(ids), VOCABULARY, 10) == [int(row) for row in expected]


def test_a_long_sign_is_thinned_from_its_first_to_its_last_step() -> None:
    ids = (torch.arange(12) % 5).repeat(3, 1)
    thin = interleaved(MotionTokens(ids), VOCABULARY, 10)
    assert len(thin) == 30
    assert thin[:3] == interleaved(MotionTokens(ids[:, :1]), VOCABULARY, 10)
    assert thin[-3:] == interleaved(MotionTokens(ids[:, -1:]), VOCABULARY, 10)


def test_published_form_names_three_keywords_by_number() -> None:
    rows = made(PUBLISHED)
    expected = encode("ab")
    for number, word in enumerate(("one", "two", "long"), 1):
        expected += encode(f" Key word {number}, ") + interleaved(tokens_of(hint(word)), VOCABULARY, 10)
    assert rows == [*expected, EOS]


def test_the_older_wording_names_the_words() -> None:
    config = replace(PUBLISHED, named=True, words=1)
    rows = prompt("ab", "ase", HINTS, encode, tokens_of, VOCABULARY, config, lambda h: h.word)
    assert rows == [*encode("ab"), *encode(" [one]: "), *interleaved(tokens_of(HINTS[0]), VOCABULARY, 10), EOS]


def test_ordered_form_gives_every_known_word() -> None:
    expected = encode("ab")
    for word in ("one", "two", "long", "four"):
        expected += interleaved(tokens_of(hint(word)), VOCABULARY, 10)
    assert made(PromptConfig()) == [*expected, EOS]
    assert made(PromptConfig(form="none")) == [*encode("ab"), EOS]


def test_the_limit_holds_and_no_sign_is_cut() -> None:
    for limit in range(3, 60):
        rows = made(replace(PromptConfig(), limit=limit))
        assert len(rows) <= limit
        assert rows[-1] == EOS
        assert (len(rows) - 3) in (0, 6, 12, 42, 48)
    assert len(made(PromptConfig(limit=8), "a long text")) == 8


def test_batch_pads_at_the_end() -> None:
    ids, mask = batch([[5, 6, 2], [7, 2]], PAD)
    assert ids.tolist() == [[5, 6, 2], [7, 2, PAD]]
    assert mask.tolist() == [[True, True, True], [True, True, False]]


def test_any_text_survives_the_subword_vocabulary(tmp_path: Path) -> None:
    text = SubwordText.learn(["hello you", "你好 世界", "Straße für Jörg"] * 5, 300)
    assert text.rows <= 300
    text.save(tmp_path)
    again = SubwordText.read(tmp_path)
    for sample in ("hello Jörg", "謝謝", "👋 ok", "x\ty"):
        rows = again.encode(sample)
        assert rows == text.encode(sample)
        assert min(rows) > 3
        assert again.decode(rows).strip() == sample
    with pytest.raises(SignError, match="No text vocabulary"):
        SubwordText.read(tmp_path / "nowhere")
