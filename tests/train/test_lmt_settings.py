"""Settings of LMT that no other test would miss if they were ignored."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from lmt_tasks import prior_task, some, vqgan_task
from small_clips import store

from sign_models.lmt.discriminators import DiscriminatorConfig, Discriminators
from train import lmt_prior
from train.data import sign_videos
from train.data.sign_videos import SignVideos
from train.evaluation.lmt import Settings, _Evaluation


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def first(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first stage that has learned nothing, as a training would leave it."""
    out = tmp_path_factory.mktemp("vqgan")
    task = vqgan_task(data)
    task.model.vqgan(task.store.batch([0]))
    task.write(out)
    return out


@pytest.mark.parametrize("count", [2, 5])
def test_the_perceptual_loss_sees_so_many_frames(data: Path, count: int) -> None:
    task = vqgan_task(data, perceptual_frames=count)
    seen: list[int] = []
    look = task.model._look[0]
    look.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[2]))
    task.terms(task.model.train(), some(task))
    assert seen == [count]


def test_the_guard_forgives_so_many_decibels(data: Path) -> None:
    losses = vqgan_task(data).settings.losses
    verdicts = []
    for drop in (1.0, 3.0):
        task = vqgan_task(data, losses=replace(losses, drop=drop))
        task.at(50, 100)
        verdicts.append([task.judge({"psnr": psnr}) for psnr in (20.0, 18.0)])
    assert verdicts == [["good", "back"], ["good", ""]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_judge_of_pictures_sees_so_many(count: int) -> None:
    judges = Discriminators(DiscriminatorConfig(width=8, layers=2, pictures=count))
    seen: list[int] = []
    judges.picture.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[2]))
    clips = torch.rand(2, 3, 8, 16, 16) * 2 - 1
    judges(clips, clips)
    assert set(seen) == {count}


@pytest.mark.parametrize("count", [1, 3])
def test_so_many_clips_are_decoded_for_their_pictures(
    data: Path, first: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = prior_task(data, first, decoded=lmt_prior.Decoded(reconstruction=0.1, begin=0.0, clips=count))
    seen: list[int] = []
    decode = task.vqgan.decode_soft
    monkeypatch.setattr(task.vqgan, "decode_soft", lambda codes: (seen.append(len(codes)), decode(codes))[1])
    task.terms(task.model.train(), some(task, 4))
    assert seen == [count]


def test_letters_are_filmed_when_asked_and_the_lead_is_shown() -> None:
    plain, with_letters = (
        {entry.gloss for entry in sign_videos.entries_of(SignVideos(letters=letters), "ase") if entry.letter}
        for letters in (False, True)
    )
    assert not plain
    assert {"A", "Z"} <= with_letters
    entry = next(entry for entry in sign_videos.entries_of(SignVideos(), "ase") if entry.gloss == "HELLO")
    short, long = (sign_videos.signed(entry, None, 8, 1.0, lead)[1] for lead in (0.12, 0.36))
    assert short[1] > long[1]
    assert short[-1] == long[-1]


def test_an_evaluation_decodes_as_it_is_told() -> None:
    asked: dict[str, Any] = {
        "mode": "frames",
        "temperature": 0.7,
        "top_k": 5,
        "top_p": 0.9,
        "guidance": 1.5,
        "passes": 3,
    }
    settings = Settings(Path("m"), Path("d"), Path("r"), Path("o"), **asked)
    evaluation = object.__new__(_Evaluation)
    evaluation.settings = settings
    clip = type("Clip", (), {"name": "ase:A/Ada/0"})()
    sampling = evaluation._sampling(clip, 1)  # type: ignore[arg-type]
    assert {name: getattr(sampling, name) for name in asked} == asked
    assert sampling == evaluation._sampling(clip, 1)  # type: ignore[arg-type]
    assert sampling.seed != evaluation._sampling(clip, 2).seed  # type: ignore[arg-type]
