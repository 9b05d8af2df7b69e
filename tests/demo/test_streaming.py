"""A long text begins with its first sentence, which is just what the whole begins with."""

from pathlib import Path
from typing import Any

import pytest
import torch

from demo.handlers import Handlers
from demo.service import MOTION, Request, Service
from sign_models.manner import Manner
from sign_models.registry import dictionary_of, load_pipeline, load_soke, sign_text
from sign_models.soke import decoding
from sign_models.soke.pipeline import SokePipeline

TEXT = "Good morning! Where do you live? I like coffee."
CONTROLS = (
    TEXT, "ase", 1.0, "dictionary", 0, "greedy", 1.0, 20, "", True, "none", "light", "navy", "dark brown", "pale blue",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language"),
    [(TEXT, "ase"), ("Guten Morgen! Wo wohnst du? Ich bin müde.", "gsg"), ("你好。谢谢！再见。", "csl")],
)
def test_the_beginning_is_the_beginning_of_the_whole(text: str, language: str) -> None:
    pipeline = load_pipeline(language)
    whole, opening = pipeline.generate(text), pipeline.generate(text, opening=True)
    count = len(opening.motion)
    assert 10 < count < len(whole.motion) / 2
    assert torch.allclose(opening.motion.features, whole.motion.features[:count], atol=2e-3)
    assert opening.motion.face is not None
    assert whole.motion.face is not None
    assert torch.allclose(opening.motion.face, whole.motion.face[:count], atol=2e-3)
    assert opening.cues == tuple(cue for cue in whole.cues if cue.sentence == 0)
    assert opening.sentences == whole.sentences[:1]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_network_begins_alike_too(soke_folder: Path, temperature: float) -> None:
    manner = Manner("soke", seed=3, temperature=temperature)
    whole = sign_text(TEXT, "ase", manner, soke=soke_folder)
    opening = sign_text(TEXT, "ase", manner, soke=soke_folder, opening=True)
    count = len(opening.motion)
    assert count < len(whole.motion)
    assert torch.allclose(opening.motion.features, whole.motion.features[:count], atol=1e-4)
    assert opening.cues == tuple(cue for cue in whole.cues if cue.sentence == 0)


def test_the_network_makes_the_first_sentence_once(soke_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = load_soke(soke_folder)
    rows: list[int] = []
    real = decoding.generate

    def counted(model: Any, ids: Any, *given: Any) -> Any:
        rows.append(len(ids))
        return real(model, ids, *given)

    monkeypatch.setattr(decoding, "generate", counted)
    drawn = decoding.Sampling(temperature=1.0, seed=11)
    opening = pipeline.generate(TEXT, "ase", drawn, opening=True)
    whole = pipeline.generate(TEXT, "ase", drawn)
    sentences = len(whole.sentences)
    assert rows[0] == 1
    assert rows[1] == sentences - 1
    alone = SokePipeline(pipeline.generator, dictionary_of).generate(TEXT, "ase", drawn)
    assert rows[-1] <= sentences
    assert torch.equal(opening.tokens[0].ids, alone.tokens[0].ids)
    for one, other in zip(whole.tokens, alone.tokens, strict=True):
        assert torch.equal(one.ids, other.ids)


def test_the_page_is_given_the_first_sentence_then_the_whole(own_service: Service) -> None:
    shown = [
        update
        for update in Handlers(own_service).sign(*CONTROLS, "")
        if isinstance(update[0], dict) and "glb" in update[0]
    ]
    assert [update[0]["more"] for update in shown] == [True, False]
    assert [update[0]["continues"] for update in shown] == [False, True]
    assert [update[5] is None for update in shown] == [True, False]
    signed = own_service.known(shown[1][5])
    assert signed is not None
    assert signed.file(MOTION).is_file()
    alone = sign_text(TEXT, "ase", Manner("dictionary"))
    assert torch.equal(signed.result.motion.features, alone.motion.features)
    assert signed.result.cues == alone.cues


def test_a_short_text_and_one_that_is_made_already_come_at_once(own_service: Service) -> None:
    request = Request(TEXT, "ase", Manner("dictionary"))
    assert own_service.is_long(request)
    assert not own_service.is_long(Request("Hello. Thank you.", "ase", Manner("dictionary")))
    own_service.sign(request)
    assert not own_service.is_long(request)
