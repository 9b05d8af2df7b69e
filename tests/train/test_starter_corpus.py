"""The starter corpus: real sentences by the real synthesizer, few of them."""

from dataclasses import replace
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from sign_models.dictionary import SignDictionary
from sign_models.errors import SignError
from sign_models.hamnosys.track import Track
from sign_models.languages import LANGUAGES
from sign_models.registry import load_dictionary, load_soke
from sign_models.soke.signs import keys_of
from train import prepare, soke_encode, soke_lm, soke_tokenizer
from train.data import starter, starter_texts
from train.data.starter import Plan, StarterSettings
from train.data.store import Store

SETTINGS = StarterSettings(sentences=60, held_sentences=0.1, held_pairs=0.05)


@cache
def dictionary(code: str) -> SignDictionary:
    return load_dictionary(code)


class _Words:
    """A pipeline of which only the dictionary is asked."""

    def __init__(self, code: str) -> None:
        self.dictionary = dictionary(code)


@cache
def plans() -> tuple[Plan, ...]:
    return tuple(starter.plans(SETTINGS, _Words))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts_are_many_and_only_names_are_spelled(code: str) -> None:
    generator = np.random.default_rng(0)
    for source in (starter_texts.framed, starter_texts.scrambled):
        texts = list(islice(source(dictionary(code), code, generator), 60))
        assert len(set(texts)) > 30
        for text in texts:
            hints = dictionary(code).find_in_line(text)
            assert any(hint.entries for hint in hints), text
            spelled = [hint.word for hint in hints if hint.status == "spelled"]
            assert len(spelled) <= 2, (text, spelled)


@pytest.mark.parametrize("code", LANGUAGES)
def test_scrambled_texts_reach_most_of_the_dictionary(code: str) -> None:
    known = starter_texts.known_words(dictionary(code))
    signs = [entry for entry in dictionary(code) if entry.lemmas]
    assert len(known) > 0.8 * len(signs)


def test_the_seed_makes_the_corpus() -> None:
    small = replace(SETTINGS, sentences=8, languages=("ase",))
    once, again = (starter.plans(small, _Words) for _ in range(2))  # type: ignore[arg-type]
    assert once == again
    assert once != starter.plans(replace(small, seed=2), _Words)  # type: ignore[arg-type]


def test_held_out_sentences_and_pairs_are_not_in_training() -> None:
    keys: dict[str, list[tuple[str, ...]]] = {}
    for plan in plans():
        found = keys_of(dictionary(plan.language).find_in_line(plan.text, reorder=True), "ordered")
        keys.setdefault(plan.split, []).append((plan.language, *(key for piece in found for key in piece)))
    assert keys.keys() == {"train", "val", "test", "pairs"}
    assert not set(keys["train"]) & {*keys["val"], *keys["test"]}
    trained = {(line[0], pair) for line in keys["train"] for pair in pairwise(line[1:])}
    assert all(any((line[0], pair) not in trained for pair in pairwise(line[1:])) for line in keys["pairs"])


def test_only_training_sentences_are_signed_several_times() -> None:
    many = starter.plans(replace(SETTINGS, takes=3, languages=("gsg",)), _Words)  # type: ignore[arg-type]
    takes = {split: {plan.take for plan in many if plan.split == split} for split in ("train", "test")}
    assert takes == {"train": {0, 1, 2}, "test": {0}}


def test_takes_differ_in_tempo_size_and_place_and_are_repeatable() -> None:
    plan, always = Plan("I want to learn.", "ase", "train", 0), replace(SETTINGS, plain=0.0)
    made = [starter.sign(replace(plan, take=take), always) for take in (0, 1, 0)]
    rows = []
    for one in made:
        assert not isinstance(one, SignError)
        assert one[1].shape[1] == 133
        assert np.isfinite(one[1]).all()
        rows.append(one[1])
    assert np.array_equal(rows[0], rows[2])
    assert len(rows[0]) != len(rows[1])
    assert not np.allclose(rows[0][0], rows[1][0])
    plain = [starter.sign(replace(plan, split="test", take=take), always) for take in (0, 1)]
    assert np.array_equal(plain[0][1], plain[1][1])  # type: ignore[index]


def test_in_training_each_sign_begins_with_a_token() -> None:
    plan = Plan("I want to learn.", "ase", "train", 0)
    pipeline = starter.load_pipeline("ase")
    one = starter.sign(plan, replace(SETTINGS, plain=1.0))
    own = starter.sign(replace(plan, split="test"), SETTINGS)
    assert not isinstance(one, SignError)
    assert not isinstance(own, SignError)
    assert len(one[1]) % 4 == 0
    assert np.array_equal(own[1], pipeline.generate(plan.text).motion.features.numpy())
    hands = slice(75, 120)
    for hint in pipeline.dictionary.read(plan.text)[0].hints:
        for entry in hint.entries:
            shape = pipeline.track(entry).fingers[0, 1].ravel()
            near = np.abs(one[1][:, hands] - shape).max(-1) < 0.02
            assert near[::4].any(), entry.gloss


def test_a_transition_may_take_longer() -> None:
    plan, slow = (
        Plan("I want to learn.", "ase", "train", 0),
        replace(SETTINGS, plain=0.0, tempo=(1.0, 1.0), transition=1),
    )
    short, long = (starter.sign(plan, replace(slow, transition=share)) for share in (0.0, 1.0))
    assert not isinstance(short, SignError)
    assert not isinstance(long, SignError)
    signs = sum(len(hint.entries) for hint in load_dictionary("ase").find_in_line(plan.text))
    assert len(long[1]) - len(short[1]) == 4 * (signs + 1)  # the way back to rest is one too


def test_another_signer_has_other_arms_and_the_same_hands() -> None:
    figure = starter.load_pipeline("ase").figure
    other = starter.signer(figure, SETTINGS, np.random.default_rng(0))
    for side in ("left", "right"):
        before, after = (np.linalg.norm(np.diff(one.arm(side), axis=0), axis=1) for one in (figure, other))
        change = after / before - 1
        assert (np.abs(change) > 0).all()
        assert (np.abs(change) <= SETTINGS.signer).all()
    assert len(set(np.round(change, 6))) == 3
    assert np.array_equal(other.joint("head"), figure.joint("head"))


def test_both_hands_move_alike_to_another_place() -> None:
    wrists = np.random.default_rng(0).normal(size=(9, 2, 3))
    still = Track(wrists, np.zeros((9, 2, 3, 3)), np.zeros((9, 2, 15, 3)), np.zeros((9, 2)), np.zeros((9, 3)),
                  np.zeros((9, 52)))  # fmt: skip
    moved = starter.vary(still, SETTINGS, np.random.default_rng(1)).wrists
    before, after = (np.ptp(w.reshape(-1, 3), axis=0) for w in (wrists, moved))
    scale = after / before
    assert np.allclose(scale, scale[0])
    assert 0.94 <= scale[0] <= 1.06 != 1.0
    assert 0 < np.abs(moved.mean((0, 1)) - wrists.mean((0, 1))).max() <= 2 * SETTINGS.place


def test_a_corpus_is_written_with_what_was_left_out(tmp_path: Path) -> None:
    few = StarterSettings(sentences=3, languages=("ase",), longest=5.0)
    count, left_out = prepare.prepare(prepare.Settings("starter", tmp_path, starter=few))
    store = Store(tmp_path)
    assert len(store.clips) == count
    assert count + len(left_out) == len(starter.plans(few, _Words))  # type: ignore[arg-type]
    assert all(clip.length / clip.fps <= 5 for clip in store.clips)
    assert all("lasts" in clip.reason for clip in left_out)


@pytest.mark.slow
def test_from_dictionary_to_free_text_with_the_ready_debug_settings(tmp_path: Path) -> None:
    corpus, tokenizer, tokens, lm = (str(tmp_path / name) for name in ("corpus", "tokenizer", "tokens", "lm"))
    debug = ["--settings", "debug"]
    prepare.main([*debug, "--out", corpus, "--starter.held_sentences", "0"])
    soke_tokenizer.main([*debug, "--data", f"[{corpus}]", "--out", tokenizer])
    soke_encode.main([*debug, "--data", f"[{corpus}]", "--tokenizer", tokenizer, "--out", tokens])
    soke_lm.main([*debug, "--data", tokens, "--out", lm])
    result = load_soke(lm).generate("Hello Anna, you learn.", "ase")
    assert result.retrieved[0][0][0] == ("HELLO",)
    assert ("A/A",) in [keys for keys, _ in result.retrieved[0]]
    assert len(result.motion) > 0
