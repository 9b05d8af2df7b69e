"""Glosses to one video, and the folder a trained LMT lives in."""

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_lmt
import torch
from PIL import Image
from tiny_lmt import GLOSSES, RULES

from sign_models.errors import SignError
from sign_models.lmt import bundle
from sign_models.lmt.bundle import Lmt
from sign_models.lmt.decoding import Sampling
from sign_models.lmt.pipeline import LmtPipeline, read_still
from sign_models.lmt.rules import ClipRules
from sign_models.registry import load_lmt


@pytest.fixture
def lmt() -> Lmt:
    return tiny_lmt.make()


def test_a_sequence_of_glosses_is_one_video_each_sign_from_the_last_frame_before(lmt: Lmt) -> None:
    pipeline = LmtPipeline(lmt)
    seen: list[torch.Tensor] = []
    encode = lmt.vqgan.encode_still

    def watched(pictures: torch.Tensor) -> torch.Tensor:
        seen.append(((pictures[0] + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0))
        return encode(pictures)

    lmt.vqgan.encode_still = watched  # type: ignore[method-assign]
    result = pipeline.generate(["ase:HELLO", "gsg:JA"], signer="Ben")
    assert torch.equal(seen[0], lmt.stills["Ben"])
    assert result.video.fps == 10
    assert len(result.video) == 8 + 7
    assert torch.equal(seen[1], result.video.frames[7])
    assert [(cue.gloss, cue.start, cue.end) for cue in result.cues] == [("HELLO", 0.0, 0.8), ("JA", 0.8, 1.5)]
    assert result.ids.shape == (2, 2, 2, 2)
    assert result.signer == "Ben"


def test_slower_signs_hold_their_frames_longer(lmt: Lmt) -> None:
    result = LmtPipeline(lmt).generate(["ase:YES", "ase:HELLO"])
    assert result.video.fps == 20
    assert len(result.video) == 8 + 14
    assert torch.equal(result.video.frames[8], result.video.frames[9])
    assert result.cues[1].end == pytest.approx(1.1)


def test_gloss_still_and_sampling_reach_the_result(lmt: Lmt) -> None:
    pipeline = LmtPipeline(lmt)

    def ids(gloss: str = "ase:HELLO", **more: object) -> list[int]:
        return pipeline.generate([gloss], **more).ids.flatten().tolist()  # type: ignore[arg-type]

    assert ids() == ids(signer="Ada") != ids("gsg:JA")
    assert ids(sampling=Sampling(temperature=5.0, seed=1)) != ids(sampling=Sampling(temperature=5.0, seed=2))
    still = lmt.stills["Ben"]
    assert ids(still=still) == ids(signer="Ben")
    assert pipeline.generate(["ase:YES"], still).signer == ""


def test_steps_are_told(lmt: Lmt) -> None:
    told: list[tuple[str, float]] = []
    LmtPipeline(lmt).generate(["ase:YES", "ase:YES"], sampling=Sampling("frames", passes=2),
                              on_step=lambda *step: told.append(step))  # fmt: skip
    assert [share for _, share in told] == [k / 8 for k in range(1, 9)]


def test_what_cannot_be_is_told(lmt: Lmt) -> None:
    pipeline = LmtPipeline(lmt)
    with pytest.raises(SignError, match=r'"ase:TREE" is not among the 3 signs .* it knows ase:HELLO, ase:YES\.'):
        pipeline.generate(["ase:TREE"])
    with pytest.raises(SignError, match="no gloss"):
        pipeline.generate([])
    with pytest.raises(SignError, match='no signer "Eve"; choose one of Ada, Ben'):
        pipeline.generate(["ase:YES"], signer="Eve")
    with pytest.raises(SignError, match="The still is 20 x 16 pixels; this network was trained on 16 x 16"):
        pipeline.generate(["ase:YES"], torch.zeros(16, 20, 3, dtype=torch.uint8))
    with pytest.raises(SignError, match="uint8 is needed"):
        pipeline.generate(["ase:YES"], torch.zeros(16, 16, 3))
    with pytest.raises(SignError, match="brings no signers"):
        LmtPipeline(replace(lmt, stills={})).generate(["ase:YES"])
    assert pipeline.knows("ase:YES")
    assert not pipeline.knows("YES")


def test_a_still_is_read_from_a_picture_of_the_right_size(lmt: Lmt, tmp_path: Path) -> None:
    picture = tmp_path / "still.png"
    Image.fromarray(lmt.stills["Ada"].numpy()).save(picture)
    assert torch.equal(read_still(picture, RULES), lmt.stills["Ada"])
    with pytest.raises(SignError, match=r"still\.png is 16 x 16 pixels; .* trained on 64 x 64"):
        read_still(picture, ClipRules())
    (tmp_path / "note.png").write_text("no picture")
    with pytest.raises(SignError, match=r"note\.png cannot be read as a picture"):
        read_still(tmp_path / "note.png", RULES)
    with pytest.raises(SignError, match="no picture"):
        read_still(tmp_path / "none.png", RULES)


@pytest.mark.parametrize("dtype", [None, torch.float16])
def test_saved_and_read_it_makes_the_same(lmt: Lmt, tmp_path: Path, dtype: torch.dtype | None) -> None:
    bundle.save(tmp_path, lmt, "multi-scale gradients", dtype)
    again = bundle.read(tmp_path)
    assert again.about == lmt.about
    assert again.rules == RULES
    assert again.stills.keys() == lmt.stills.keys()
    one, other = (LmtPipeline(x).generate(["ase:HELLO"]).video.frames.int() for x in (lmt, again))
    assert (one - other).abs().max() <= (0 if dtype is None else 2)
    _, file = bundle.read_vqgan(tmp_path / "vqgan")
    assert file.perceptual == "multi-scale gradients"


def test_stages_that_do_not_fit_together_are_refused(lmt: Lmt, tmp_path: Path) -> None:
    with pytest.raises(SignError, match="vqgan is missing"):
        bundle.read(tmp_path)
    for number, (change, told) in enumerate(
        [
            ({"codes": 17}, "codes 16 and 17"),
            ({"stride": (2, 8, 8)}, r"stride \(4, 8, 8\) and \(2, 8, 8\)"),
            ({"glosses": GLOSSES[:2]}, "glosses 3 and 2"),
            ({"fps": (1.0,)}, "rates 3 and 1"),
        ]
    ):
        folder = tmp_path / str(number)
        bundle.save(folder, replace(lmt, about=replace(lmt.about, **change)), "")  # type: ignore[arg-type]
        with pytest.raises(SignError, match=told):
            bundle.read(folder)
    folder = tmp_path / "rules"
    bundle.save(folder, replace(lmt, rules=ClipRules(12, 16, 16)), "")
    with pytest.raises(SignError, match=r"latent grid \(3, 2, 2\) and \(2, 2, 2\)"):
        bundle.read(folder)
    folder = tmp_path / "stills"
    bundle.save(folder, replace(lmt, stills={"Ada": lmt.stills["Ada"]}), "")
    with pytest.raises(SignError, match="does not hold a picture of 16 x 16 for each of"):
        bundle.read(folder)


def test_it_is_loaded_by_folder_or_by_the_environment(
    lmt: Lmt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle.save(tmp_path / "own", lmt, "")
    assert load_lmt(tmp_path / "own").glosses == GLOSSES
    assert load_lmt(tmp_path / "own") is load_lmt(str(tmp_path / "own"))
    monkeypatch.setenv("SIGN_MODELS_LMT", str(tmp_path / "own"))
    assert load_lmt().glosses == GLOSSES
    with pytest.raises(SignError, match=r"no LMT weights at .*nowhere"):
        load_lmt(tmp_path / "nowhere")
