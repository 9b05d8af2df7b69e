from itertools import pairwise

import numpy as np
import pytest

from sign_models.registry import load_pipeline, load_sign
from sign_models.soke.alignment import align
from sign_models.soke.cues import cues, labels

TEXT = "Hello, my name is Anna. I want to learn sign language."


def test_signs_are_found_where_the_dictionary_put_them() -> None:
    """Stitching knows when each sign is made: the estimate has to find the same without being told."""
    pipeline = load_pipeline("ase")
    entries = {
        key: entry
        for sentence in pipeline.dictionary.read(TEXT)
        for label in labels(sentence.hints)
        for key, entry in zip(label.keys, _entries(label), strict=True)
    }
    for tempo in (0.8, 1.0, 1.3):
        result = pipeline.generate(TEXT, tempo=tempo)
        hints = [hint for sentence in result.sentences for hint in sentence.hints]
        spread = result.motion.features.numpy().std(0) + 0.02
        found = cues(result.motion, hints, lambda key: load_sign(entries[key]), spread)
        assert [(cue.gloss, cue.kind, cue.word, cue.span) for cue in found] == [
            (cue.gloss, cue.kind, cue.word, cue.span) for cue in result.cues
        ]
        off = [abs(mine.start - cue.start) for mine, cue in zip(found, result.cues, strict=True)]
        off += [abs(mine.end - cue.end) for mine, cue in zip(found, result.cues, strict=True)]
        assert np.median(off) <= 0.12
        assert max(off) <= 0.6


def _entries(label):  # type: ignore[no-untyped-def]
    named = [entry for entry in label.hint.entries if entry.letter or entry.gloss == label.gloss]
    return named[: len(label.keys)]


def test_a_sign_made_twice_is_found_twice_and_in_order() -> None:
    chance = np.random.default_rng(0)
    one, other, still = chance.normal(size=(8, 5)), chance.normal(size=(6, 5)), np.zeros((4, 5))
    motion = np.concatenate([still, one, still, other, one, still])
    assert align(motion, [one, other, one]) == [(4, 12), (16, 22), (22, 30)]


@pytest.mark.parametrize("frames", [3, 4, 7, 40])
def test_every_sign_gets_a_frame_however_short_the_motion_is(frames: int) -> None:
    chance = np.random.default_rng(1)
    signs = [chance.normal(size=(n, 5)) for n in (9, 1, 20)]
    spans = align(chance.normal(size=(frames, 5)), signs)
    assert all(start < end for start, end in spans)
    assert [end <= start for (_, end), (start, _) in pairwise(spans)] == [True, True]
    assert spans[-1][1] <= frames


def test_more_signs_than_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="2 frames cannot hold 3 signs"):
        align(np.zeros((2, 5)), [np.zeros((1, 5))] * 3)
    assert align(np.zeros((2, 5)), []) == []
