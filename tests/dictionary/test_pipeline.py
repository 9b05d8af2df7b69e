"""Text to motion through the dictionary: stages told and timed, signs worked out once, failures in one sentence."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from sign_models.dictionary.pipeline import DictionaryPipeline
from sign_models.errors import SignError
from sign_models.hamnosys.figure import load_figure
from sign_models.languages import language
from sign_models.parts import UPPER_BODY_COLUMNS
from sign_models.registry import load_pipeline
from sign_models.skeleton import UPPER_BODY
from sign_models.types import Entry, Hint, Sentence

WAVE = "hamflathand hamextfingeru hampalmd hamshoulders hammover"
POINT = "hamfinger2 hamextfingero hampalmd hamchest hammoveo"
BROKEN = "hamflathand hamnothing"
SIGNS = {"wave": WAVE, "point": POINT, "broken": BROKEN}


class Words:
    """A dictionary of a few words; anything else is left out."""

    language = language("ase")

    def read(self, text: str, reorder: bool = True) -> list[Sentence]:
        hints, place = [], 0
        for word in text.split():
            span = (place, place + len(word))
            place += len(word) + 1
            if word in SIGNS:
                entry = Entry(word.upper(), "ase", SIGNS[word])
                hints.append(Hint(word, span, "signed", "exact", "It is in the dictionary.", (entry,)))
            else:
                hints.append(Hint(word, span, "left_out", "left out", "It is not signed.", ()))
        return [Sentence(text, (0, len(text)), "statement", False, tuple(hints))]


@pytest.fixture(scope="module")
def pipeline() -> DictionaryPipeline:
    return DictionaryPipeline(Words(), load_figure())


def test_a_text_becomes_a_motion_with_its_timeline(pipeline: DictionaryPipeline) -> None:
    told: list[tuple[str, float]] = []
    result = pipeline.generate("wave the point", on_step=lambda stage, share: told.append((stage, share)))
    assert [cue.gloss for cue in result.cues] == ["WAVE", "POINT"]
    assert [stage for stage, _ in told] == ["words", "signs", "motion"] == list(result.timings.stages)
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert result.text == "wave the point"
    assert result.language == "ase"
    assert [hint.status for hint in result.hints] == ["signed", "left_out", "signed"]
    assert result.cues[-1].end < result.motion.seconds
    assert torch.allclose(result.motion.features[0], result.motion.features[-1], atol=5e-3)
    assert float(np.ptp(result.motion.features[:, 15:18].numpy(), axis=0).max()) > 0.3


def test_a_sign_is_worked_out_once(pipeline: DictionaryPipeline) -> None:
    entry = Entry("WAVE", "ase", WAVE)
    assert pipeline.track(entry) is pipeline.track(Entry("WAVE", "ase", WAVE))


def test_tempo_reaches_the_motion(pipeline: DictionaryPipeline) -> None:
    slow, fast = (pipeline.generate("wave point", tempo=tempo).motion.seconds for tempo in (0.5, 1.5))
    assert slow > 2.2 * fast


def test_nothing_to_sign_and_a_broken_sign_are_told(pipeline: DictionaryPipeline) -> None:
    with pytest.raises(SignError, match="left out"):
        pipeline.generate("the of")
    with pytest.raises(SignError, match=r"The sign BROKEN \(ase\) cannot be made: "):
        pipeline.generate("wave broken")


def test_a_listener_may_stop_it(pipeline: DictionaryPipeline) -> None:
    class Stopped(Exception):
        pass

    def stop(stage: str, share: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        pipeline.generate("wave", on_step=stop)


def test_eight_at_once_get_their_own_right_answers() -> None:
    shared, alone = DictionaryPipeline(Words()), DictionaryPipeline(Words())
    texts = ["wave", "point", "wave point", "point wave"] * 2
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: shared.generate(text), texts))
    for text, answer in zip(texts, answers, strict=True):
        assert torch.equal(answer.motion.features, alone.generate(text).motion.features)


@pytest.mark.parametrize(
    ("language", "text"), [("gsg", "Ich verstehe nicht."), ("ase", "I do not understand."), ("csl", "我今天不去学校。")]
)
def test_a_shaken_head_turns_no_further_than_a_person_shakes_it(language: str, text: str) -> None:
    motion = load_pipeline(language).generate(text).motion
    joints = motion.features[:, UPPER_BODY_COLUMNS].reshape(len(motion), 10, 3)
    yaw = (joints[:, UPPER_BODY.index("neck"), 1] + joints[:, UPPER_BODY.index("head"), 1]).rad2deg()
    assert 5 < yaw.abs().max() < 35
    assert yaw.diff().abs().max() * motion.fps < 400


def test_a_greeting_keeps_its_order_and_a_sentence_puts_the_time_first() -> None:
    read = load_pipeline("gsg").dictionary.read
    assert [hint.gloss for hint in read("Guten Morgen!")[0].hints] == ["GUT", "MORGEN-FRUEH"]
    assert read("Ich komme morgen.")[0].hints[0].gloss == "MORGEN"
