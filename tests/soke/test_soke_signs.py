"""Codes of signs: shares of a dictionary, the published word2code.json, and words found in texts."""

import json
from pathlib import Path

import pytest
import torch

from sign_models.dictionary import SignDictionary
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES
from sign_models.soke.signs import SignCodes, entries_of, keys_of, read_word2code
from sign_models.types import Entry, Hint, MotionTokens


def codes(count: int) -> SignCodes:
    return SignCodes({"ase": {f"W{i}": MotionTokens(torch.full((3, 2), i)) for i in range(count)}})


def test_a_share_of_the_signs() -> None:
    whole = codes(200)
    kept = {share: set(whole.subset(share).keys("ase")) for share in (0.0, 0.25, 0.5, 0.75, 1.0)}
    assert [len(keys) for keys in kept.values()] == [0, 50, 100, 150, 200]
    assert kept[0.25] < kept[0.5] < kept[0.75] < kept[1.0]
    other = set(whole.subset(0.25, seed=1).keys("ase"))
    assert len(other & kept[0.25]) < 30
    assert other == set(codes(200).subset(0.25, seed=1).keys("ase"))
    first = {f"W{i}" for i in range(50)}
    assert 5 < len(kept[0.25] & first) < 25  # not simply the first ones
    with pytest.raises(SignError, match=r"share of known signs is 1\.5"):
        whole.subset(1.5)


def published(path: Path, words: list[str]) -> Path:
    rows = {word: {"body": [i % 96] * 2, "lhand": [i % 192] * 2, "rhand": [3, 4]} for i, word in enumerate(words)}
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_the_published_dictionary(tmp_path: Path) -> None:
    words = [f"字{i}" for i in range(1997)] + [f"wort{i}" for i in range(1090)] + [f"word{i}" for i in range(970)]
    words[1997 + 5], words[3087 + 7] = "regen", "house"
    signs = read_word2code(published(tmp_path / "word2code.json", words))
    assert [len(signs.keys(language)) for language in ("csl", "gsg", "ase")] == [1997, 1090, 970]
    found = signs.find("ase", ("house",))
    assert found is not None
    assert found.ids.tolist() == [[3094 % 96] * 2, [3094 % 192] * 2, [3, 4]]
    assert signs.find("gsg", ("house",)) is None
    with pytest.raises(SignError, match="say which language"):
        read_word2code(published(tmp_path / "own.json", ["rain"]))
    assert read_word2code(tmp_path / "own.json", "ase").keys("ase") == ("rain",)
    (tmp_path / "own.json").write_text('{"rain": {"body": [1], "lhand": [1, 2], "rhand": [1]}}', encoding="utf-8")
    with pytest.raises(SignError, match="body, lhand and rhand"):
        read_word2code(tmp_path / "own.json", "ase")


def test_words_are_found_as_words_and_in_their_own_language() -> None:
    signs = SignCodes(
        {
            "ase": {word: MotionTokens(torch.zeros(3, 1)) for word in ("rock", "house", "tiger")},
            "gsg": {word: MotionTokens(torch.zeros(3, 1)) for word in ("haus", "regen")},
        }
    )
    dictionaries = {code: SignDictionary(LANGUAGES[code], entries_of(signs, code)) for code in ("ase", "gsg")}

    def found(code: str, text: str) -> list[str]:
        return [entry.gloss for hint in dictionaries[code].find_in_line(text) for entry in hint.entries]

    assert found("ase", "Two houses on a rock.") == ["house", "rock"]
    assert found("gsg", "Trocken steht im Haus der Tiger") == ["haus"]  # neither "rock" nor "tiger"


def test_the_published_form_takes_the_longest_words_first() -> None:
    hints = [
        Hint(word, (0, 1), "signed", "exact", "", tuple(Entry(gloss, "ase", "") for gloss in glosses))
        for word, glosses in (("an", ("AN",)), ("umbrella", ("RAIN", "ROOF")), ("tree", ("TREE",)))
    ]
    assert keys_of(hints, "published") == (("RAIN", "ROOF"), ("TREE",), ("AN",))
    assert keys_of(hints, "ordered") == (("AN",), ("RAIN",), ("ROOF",), ("TREE",))
