"""SOKE as users have it: a folder of weights, a manner, a text."""

import copy
import dataclasses
from pathlib import Path

import pytest
import torch

from sign_models.errors import SignError
from sign_models.manner import Manner
from sign_models.registry import SOKE_VARIABLE, dictionary_of, load_soke, sign_text, soke_modes, usual_maker
from sign_models.soke.cutting import most_steps
from sign_models.soke.pipeline import SokePipeline, SokeResult
from sign_models.soke.vocabulary import END

TEXT = "Hello, my name is Anna. What is your name?"


@pytest.fixture
def folder(soke_folder: Path) -> Path:
    return soke_folder


def signed(folder: Path, text: str = TEXT, **how: object) -> SokeResult:
    result = sign_text(text, "ASL", Manner("soke", **how), soke=folder)  # type: ignore[arg-type]
    assert isinstance(result, SokeResult)
    return result


def same(one: SokeResult, other: SokeResult) -> bool:
    return one.motion.features.shape == other.motion.features.shape and torch.equal(
        one.motion.features, other.motion.features
    )


def test_every_setting_of_a_manner_changes_the_motion_and_a_repeat_does_not(folder: Path) -> None:
    plain = signed(folder)
    drawn = signed(folder, temperature=1.0, seed=1)
    assert same(plain, signed(folder))
    assert same(plain, signed(folder, seed=1))  # greedy needs no chance
    assert same(drawn, signed(folder, temperature=1.0, seed=1))
    changes = ({"seed": 2}, {"temperature": 0.5}, {"top_k": 2}, {"mode": "sequential"})
    for change in changes:
        assert not same(drawn, signed(folder, **{"temperature": 1.0, "seed": 1} | change)), change
    assert signed(folder, tempo=0.5).motion.seconds > 1.8 * plain.motion.seconds
    assert [len(signs) for signs in plain.retrieved] == [7, 3]  # HELLO MY NAME and four letters; YOUR NAME WHAT
    assert signed(folder, retrieval=False).retrieved == ((), ())
    in_order = signed(folder, reorder=False)
    assert [cue.gloss for cue in in_order.cues][-3:] == ["WHAT", "YOUR", "NAME"]


def test_the_result_tells_what_happened(folder: Path) -> None:
    result = signed(folder, tempo=0.8)
    assert (result.by, result.estimated, result.mode) == ("soke", True, "multi_head")
    assert result.parts == ("body", "left_hand", "right_hand")
    assert list(result.timings.stages) == ["words", "tokens", "motion", "cues"]
    for start, tokens in zip(result.starts, result.tokens, strict=True):
        assert start + tokens.ids.shape[1] * result.step <= result.motion.seconds + result.step
    dictionary = sign_text(TEXT, "ase", Manner("dictionary"))
    assert (dictionary.by, dictionary.estimated) == ("dictionary", False)
    assert [cue.gloss for cue in result.cues] == [cue.gloss for cue in dictionary.cues]
    assert [hint.reason for hint in result.hints] == [hint.reason for hint in dictionary.hints]
    for cue in result.cues:
        begin = result.starts[cue.sentence]
        assert begin <= cue.start < cue.end <= result.motion.seconds + 0.1
        assert TEXT[slice(*cue.span)] == cue.word


def test_what_is_cut_or_left_without_signs_is_told(folder: Path) -> None:
    (note,) = signed(
        folder, "Supercalifragilisticexpialidocious Anna Bartholomew Christopherson met Wolfeschlegel."
    ).notes
    assert "more signs than the network can be given" in note
    assert not signed(folder).notes


def test_a_network_that_does_not_stop_is_stopped_where_its_signs_must_be_over(folder: Path) -> None:
    """Signs of three steps each: the sentence is made again in ever smaller pieces, and a word that goes on is cut."""
    kept = load_soke(folder)
    model = copy.deepcopy(kept.generator.model)
    model.part_mask[:, END] = -torch.inf
    endless = SokePipeline(dataclasses.replace(kept.generator, model=model), dictionary_of)
    asked: list[int] = []
    model.backbone.encoder.register_forward_hook(lambda _, __, made: asked.append(len(made.last_hidden_state)))
    result = endless.generate("Mother thanks you.", "ase")
    assert [len(signs) for signs in result.retrieved] == [3]
    assert [tokens.ids.shape[1] for tokens in result.tokens] == [3 * most_steps(3)]
    assert asked == [1, 2, 2]
    assert not result.notes
    free = endless.generate("Mother thanks you.", "ase", retrieval=False)
    assert [tokens.ids.shape[1] for tokens in free.tokens] == [100]
    assert "cut after 100 steps" in free.notes[0]


def test_weights_are_found_where_they_are_said_to_be(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert soke_modes(folder) == {"multi_head": folder, "sequential": folder / "one after another"}
    monkeypatch.setenv(SOKE_VARIABLE, str(folder))
    assert usual_maker() == "soke"
    assert sign_text("Hello.", "ase").by == "soke"
    monkeypatch.setenv(SOKE_VARIABLE, str(tmp_path))
    assert usual_maker() == "dictionary"
    assert sign_text("Hello.", "ase").by == "dictionary"
    with pytest.raises(SignError, match="no trained SOKE"):
        load_soke()
    with pytest.raises(SignError, match=r'does not decode by "parallel"; it knows multi_head, sequential\.'):
        load_soke(folder, "parallel")
    (tmp_path / "language_model").mkdir()
    (tmp_path / "language_model" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SignError, match="does not say how SOKE decodes"):
        soke_modes(tmp_path)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"by": "Leonardo"}, 'as "Leonardo"; choose soke or dictionary'),
        ({"seed": -1}, "seed is -1; choose one from 0 to 2147483647"),
        ({"temperature": 9.0}, "temperature is 9"),
        ({"top_k": -3}, "top-k number is -3"),
        ({"tempo": 3.0}, r"tempo is 3; choose one from 0\.5 to 1\.5"),
    ],
)
def test_a_setting_beyond_its_limits_is_one_sentence(how: dict[str, object], told: str) -> None:
    with pytest.raises(SignError, match=told):
        Manner(**how)  # type: ignore[arg-type]
