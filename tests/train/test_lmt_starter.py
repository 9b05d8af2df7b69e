"""The shipped LMT: it can be loaded, it is small, and it signs what it was shown; its card says what it was not."""

import pytest

from sign_models.lmt.decoding import Sampling
from sign_models.paths import assets_folder
from sign_models.registry import load_lmt
from train.data.video_store import as_input
from train.metrics.recogniser import read_recogniser

FOLDER = assets_folder() / "starter" / "lmt"
SHOWN = (("ase:HELLO", "Ada"), ("ase:THANK-YOU", "Ada"), ("csl:学习", "Ben"), ("csl:你好", "Ben"), ("gsg:HALLO", "Ada"))


@pytest.mark.parametrize("mode", ["tokens", "frames"])
def test_signs_it_was_shown_are_recognised(mode: str) -> None:
    pipeline, judge = load_lmt(FOLDER), read_recogniser(FOLDER / "recogniser")
    named = []
    for gloss, signer in SHOWN:
        video = pipeline.generate([gloss], signer=signer, sampling=Sampling(mode)).video  # type: ignore[arg-type]
        named += judge.names(as_input(video.frames[None]), [gloss])
    assert sum(name == gloss for name, (gloss, _) in zip(named, SHOWN, strict=True)) >= 4


def test_the_card_names_every_sign_and_signer_and_files_are_small() -> None:
    pipeline, card = load_lmt(FOLDER), (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in (*(gloss.split(":")[1] for gloss in pipeline.glosses), *pipeline.signers):
        assert name in card
    assert all(path.stat().st_size < 40e6 for path in FOLDER.rglob("*") if path.is_file())
