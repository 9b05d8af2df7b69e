"""BLEU-4, ROUGE-L, reconstruction errors and the use of codebooks, against plain restatements."""

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from train.metrics.codebook import use, uses
from train.metrics.reconstruction import FOURTEEN, errors, mpvpe, pa_mpjpe
from train.metrics.text import bleu, rouge_l


def plain_bleu(made: list[list[str]], wanted: list[list[str]]) -> float:
    """Papineni et al. 2002, four orders, one reference, for texts where every order has a match."""
    logs = []
    for order in range(1, 5):
        match = total = 0
        for a, b in zip(made, wanted, strict=True):
            grams = [Counter(tuple(x[i : i + order]) for i in range(len(x) - order + 1)) for x in (a, b)]
            match += sum((grams[0] & grams[1]).values())
            total += sum(grams[0].values())
        logs.append(math.log(match / total))
    lengths = [sum(map(len, texts)) for texts in (made, wanted)]
    brevity = min(0.0, 1 - lengths[1] / lengths[0])
    return 100 * math.exp(sum(logs) / 4 + brevity)


def test_bleu_is_the_published_formula_on_words_and_on_chinese_characters() -> None:
    made, wanted = ["the cat sat on the mat today", "a b c d e"], ["the cat sat on a mat today , yes", "a b c d f"]
    expected = plain_bleu([text.split() for text in made], [text.split() for text in wanted])
    assert bleu(made, wanted, "ase").score == pytest.approx(expected)
    chinese, reference = ["我今天想学习手语谢谢"], ["我今天想学习手语谢你"]
    assert bleu(chinese, reference, "csl").score == pytest.approx(plain_bleu([[*chinese[0]]], [[*reference[0]]]))
    assert "tok:13a" in bleu(made, wanted, "gsg").signature
    assert bleu(wanted, wanted, "ase").score == pytest.approx(100)


def plain_common(one: list[str], other: list[str]) -> int:
    """The longest subsequence of one that is also one of the other, by trying all."""
    for size in range(len(one), 0, -1):
        for picked in combinations(one, size):
            rest = iter(other)
            if all(word in rest for word in picked):
                return size
    return 0


def test_rouge_l_is_the_longest_common_subsequence() -> None:
    random = np.random.default_rng(0)
    for _ in range(30):
        one, other = ([str(x) for x in random.integers(0, 4, random.integers(1, 8))] for _ in range(2))
        common = plain_common(one, other)
        precision, recall = common / len(one), common / len(other)
        f1 = 2 * precision * recall / (precision + recall) if common else 0
        assert rouge_l([" ".join(one)], [" ".join(other)], "ase") == pytest.approx(100 * f1)
    assert rouge_l(["你 好吗"], ["你好 吗"], "csl") == pytest.approx(100)
    assert rouge_l(["你 好吗"], ["你好 吗"], "gsg") == 0
    assert rouge_l(["", "a"], ["a", "a"], "ase") == pytest.approx(50)


def test_use_of_a_codebook() -> None:
    assert use([0, 1, 2, 3] * 5, 8) == pytest.approx(use([0, 1, 2, 3], 8))
    made = use([0, 0, 1, 1, 1, 1], 4)
    assert made.share == 0.5
    shares = (1 / 3, 2 / 3)
    assert made.perplexity == pytest.approx(np.prod([p**-p for p in shares]))
    assert use([], 4).share == 0
    both = uses([[[0, 1], [2, 2]], [[1], [2]]], (2, 4))
    assert [one.share for one in both] == [1.0, 0.25]
    with pytest.raises(ValueError, match="A code is 4"):
        use([4], 4)


def test_pa_mpjpe_forgives_a_similarity_of_each_frame() -> None:
    random = np.random.default_rng(1)
    wanted = random.normal(size=(4, 14, 3))
    turns = Rotation.random(4, rng=2).as_matrix()
    made = np.einsum("tab,tjb->tja", turns, wanted) * random.uniform(0.5, 2, (4, 1, 1)) + random.normal(size=(4, 1, 3))
    assert pa_mpjpe(made, wanted) == pytest.approx(0, abs=1e-6)
    assert pa_mpjpe(wanted * np.array([-1, 1, 1]), wanted) > 100  # a mirror image is not a similarity


def test_pa_mpjpe_is_the_mean_of_single_frames_in_millimetres() -> None:
    random = np.random.default_rng(2)
    made, wanted = random.normal(size=(2, 3, 21, 3))
    total = 0.0
    for x, y in zip(made, wanted, strict=True):
        x0, y0 = x - x.mean(0), y - y.mean(0)
        rotation, _ = Rotation.align_vectors(y0, x0)
        turned = rotation.apply(x0)
        scale = (turned * y0).sum() / (x0**2).sum()
        total += np.linalg.norm(scale * turned - y0, axis=1).mean()
    assert pa_mpjpe(made, wanted) == pytest.approx(1000 * total / 3, rel=1e-6)


def test_reconstruction_errors_by_part() -> None:
    random = np.random.default_rng(3)
    shapes = {"body": (2, 127, 3), "left_hand": (2, 21, 3), "right_hand": (2, 21, 3)}
    one, other = ({name: random.normal(size=shape) for name, shape in shapes.items()} for _ in range(2))
    made = errors(one, other)
    assert made["hand"] == pytest.approx((made["left_hand"] + made["right_hand"]) / 2)
    assert made["body"] == pytest.approx(pa_mpjpe(one["body"][:, FOURTEEN], other["body"][:, FOURTEEN]))
    assert made["left_hand"] != made["right_hand"]
    assert len(set(FOURTEEN)) == 14
    assert max(errors(one, one).values()) == pytest.approx(0, abs=1e-6)
    away = np.zeros((2, 5, 3), np.float32)
    away[1, :, 2] = 0.004
    assert mpvpe(away, np.zeros_like(away)) == pytest.approx(2)
