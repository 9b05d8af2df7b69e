"""The generated video beside a signed utterance: on its clock, sign by sign, and plain about what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_lmt
import torch
from PIL import Image

from sign_models.errors import SignError
from sign_models.lmt.beside import BAR, CARD, LEAD, in_step
from sign_models.lmt.decoding import Sampling
from sign_models.lmt.pipeline import LmtPipeline
from sign_models.registry import check_signer, generate_video, lmt_fingerprint, lmt_signers
from sign_models.types import SignResult

FPS = 25


@pytest.fixture(scope="module")
def pipeline() -> LmtPipeline:
    """Knows HELLO and YES; the letters A-N-A, HOW and YOU of ``result`` it does not know."""
    return LmtPipeline(tiny_lmt.make())


def test_it_runs_on_the_clock_of_the_motion(pipeline: LmtPipeline, result: SignResult) -> None:
    made = in_step(pipeline, result, signer="Ben")
    assert len(made.video) == len(result.motion)
    assert made.video.fps == result.motion.fps
    assert [(cue.start, cue.end) for cue in made.cues] == [(cue.start, cue.end) for cue in result.cues]
    assert made.signer == "Ben"


def test_each_sign_is_shown_when_the_avatar_makes_it(pipeline: LmtPipeline, result: SignResult) -> None:
    cues = (result.cues[0], replace(result.cues[3], gloss="YES"))  # 0.4 to 1.0 s and 3.0 to 3.6 s
    frames = in_step(pipeline, replace(result, cues=cues), signer="Ben").video.frames
    hello, yes = pipeline.clips(["ase:HELLO", "ase:YES"], signer="Ben").frames
    begin, end = round((0.4 - LEAD) * FPS), round(1.0 * FPS)
    assert torch.equal(frames[0], tiny_lmt.make().stills["Ben"])
    assert torch.equal(frames[begin], hello[0])
    assert torch.equal(frames[end - 1], hello[-1])
    between = frames[end : round((3.0 - LEAD) * FPS)]
    assert (between == hello[-1]).all()  # the last picture stays
    assert torch.equal(frames[round(3.6 * FPS) - 1], yes[-1])
    shown = frames[begin:end]
    assert all(any(torch.equal(picture, one) for one in shown) for picture in hello)  # nothing is left out
    assert torch.equal(frames[-1], yes[-1])


def test_a_sign_that_is_not_known_is_a_card_and_told(pipeline: LmtPipeline, result: SignResult) -> None:
    made = in_step(pipeline, result, signer="Ada")
    assert [cue.known for cue in made.cues] == [True, False, False, False]
    assert made.cues[2].text == "HOW: not learned by the video network"
    assert made.cues[0].text == "HELLO"
    assert made.missing == ("A-N-A", "HOW", "YOU")
    assert "leaves out 3 of 4 signs" in made.note
    card = made.video.frames[round(2.4 * FPS)]
    assert set(card.unique().tolist()) == {CARD, BAR}
    known = replace(result, cues=result.cues[:1])
    assert in_step(pipeline, known, signer="Ada").note == ""


def test_a_letter_is_no_sign_of_that_name(pipeline: LmtPipeline, result: SignResult) -> None:
    cues = (result.cues[0], replace(result.cues[1], gloss="YES", kind="spelled"))
    assert [cue.known for cue in in_step(pipeline, replace(result, cues=cues)).cues] == [True, False]


def test_where_nothing_is_known_there_is_no_video(pipeline: LmtPipeline, result: SignResult) -> None:
    with pytest.raises(SignError, match=r"none of the text's signs; of this language it knows HELLO, YES\.$"):
        in_step(pipeline, replace(result, cues=result.cues[1:]))
    with pytest.raises(SignError, match="it knows none of this language"):
        in_step(pipeline, replace(result, language="csl"))


def test_signer_seed_and_still_change_it(pipeline: LmtPipeline, result: SignResult) -> None:
    def frames(sampling: Sampling | None = None, **more: object) -> torch.Tensor:
        return in_step(pipeline, result, sampling, **more).video.frames  # type: ignore[arg-type]

    warm = Sampling(temperature=5.0, seed=1)
    assert torch.equal(frames(warm, signer="Ada"), frames(warm, signer="Ada"))
    assert not torch.equal(frames(warm, signer="Ada"), frames(replace(warm, seed=2), signer="Ada"))
    assert not torch.equal(frames(signer="Ada"), frames(signer="Ben"))
    still = tiny_lmt.make().stills["Ben"]
    assert torch.equal(frames(still=still), frames(signer="Ben"))


def test_scaled_it_is_the_same_picture(pipeline: LmtPipeline, result: SignResult) -> None:
    made = in_step(pipeline, result, signer="Ada")
    large = made.scaled(32)
    assert large.frames.shape == (len(made.video), 32, 32, 3)
    back = torch.nn.functional.avg_pool2d(large.frames.permute(0, 3, 1, 2).float(), 2)
    assert (back - made.video.frames.permute(0, 3, 1, 2)).abs().mean() < 30  # noise, smoothed
    assert made.scaled(16) is made.video


def test_the_registry_makes_it_from_a_folder(result: SignResult, tmp_path: Path) -> None:
    folder = tiny_lmt.write(tmp_path / "lmt")
    assert lmt_signers(folder) == ("Ada", "Ben")
    assert lmt_signers(tmp_path / "nowhere") == ()
    made = generate_video(result, "Ben", 3, lmt=folder)
    assert (made.signer, made.seed) == ("Ben", 3)
    picture = tmp_path / "still.png"
    Image.fromarray(tiny_lmt.make().stills["Ben"].numpy()).save(picture)
    assert torch.equal(generate_video(result, still=picture, lmt=folder).video.frames, made.video.frames)
    with pytest.raises(SignError, match=r'no signer "Eve" .* choose one of Ada, Ben'):
        generate_video(result, "Eve", lmt=folder)
    with pytest.raises(SignError, match="no LMT weights at"):
        check_signer("Ada", tmp_path / "nowhere")
    before = lmt_fingerprint(folder)
    stills = folder / "stills.safetensors"
    whole = stills.read_bytes()
    stills.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert lmt_fingerprint(folder) != before
    (folder / "prior" / "config.json").write_text("{}")
    with pytest.raises(SignError, match="does not name LMT's signers"):
        lmt_signers(folder)
