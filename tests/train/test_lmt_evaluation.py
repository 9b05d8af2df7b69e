"""Evaluation of LMT at debug size: which clips, which figures, and under which names."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_i3d
import torch

from sign_models.errors import SignError
from sign_models.lmt.bundle import Lmt, PriorFile, read, save
from sign_models.lmt.motion_transformer import MotionConfig
from sign_models.lmt.prior import LatentTransformer, PriorConfig
from sign_models.lmt.quantizers import QuantizerConfig
from sign_models.lmt.rules import ClipRules
from sign_models.lmt.vqgan import VideoVqGan, VqGanConfig
from train import evaluate
from train.data import video_store
from train.data.video_choice import Choice
from train.data.video_store import VideoClip, VideoStore
from train.evaluation import lmt, lmt_model
from train.evaluation.lmt import MADE, PAIRS, REBUILT, TRAINED, UNSEEN, Settings
from train.metrics import clip_features
from train.metrics.recogniser import RecogniserConfig, SignRecogniser, save_recogniser

RULES = ClipRules(frames=4, height=16, width=16)
GLOSSES = ("ase:A", "ase:B", "gsg:C")
SIGNERS = {"Ada": ("train", "test"), "Ben": ("train", "val"), "Eve": ("signers", "signers")}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three signs and one that the network does not know, two signers that it knows and one that it does not."""
    folder = tmp_path_factory.mktemp("clips")
    generator = np.random.default_rng(0)
    made = []
    for gloss in (*GLOSSES, "ase:OTHER"):
        for signer, splits in SIGNERS.items():
            for split in dict.fromkeys(splits):
                hands = np.zeros((4, 2, 4), np.float32)
                hands[1:, 0] = (0.2, 0.2, 0.6, 0.6)
                frames = generator.integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
                made.append(
                    (VideoClip(f"{gloss}/{signer}/{split}", gloss, gloss[:3], signer, split, 12.0), frames, hands)
                )
    video_store.write(folder, RULES, made)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
    vqgan = VideoVqGan(VqGanConfig(
        patch=(1, 4, 4), strides=((2, 2, 2),), widths=(8, 8), blocks=(1, 1), encoder_motion=MotionConfig("axial", 1, 2),
        quantizer=QuantizerConfig("fsq", levels=(5, 3)),
    )).eval()  # fmt: skip
    config = PriorConfig(15, (2, 2, 2), len(GLOSSES), width=16, layers=1, heads=2, mask="causal")
    about = PriorFile(config, GLOSSES, (12.0,) * 3, 15, (2, 8, 8), ("Ada", "Ben"), ("cross-entropy", "reconstruction"))
    stills = {name: torch.zeros(16, 16, 3, dtype=torch.uint8) for name in ("Ada", "Ben")}
    save(folder, Lmt(vqgan, LatentTransformer(config).eval(), RULES, about, stills), "gradients")
    return folder


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judge")
    torch.manual_seed(1)
    save_recogniser(folder, SignRecogniser(RecogniserConfig((*GLOSSES, "ase:OTHER"), RULES, 2, (8, 8, 16), 8)))
    return folder


Make = Callable[..., Settings]


@pytest.fixture
def settings(data: Path, model: Path, recogniser: Path, tmp_path: Path) -> Make:
    base = Settings(model, data, recogniser, tmp_path / "out", perceptual="gradients", draws=10)
    return lambda **changed: replace(base, **changed)


def _rows(folder: Path) -> dict[str, dict[str, object]]:
    lines = (folder / "clips.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["key"]: row for row in map(json.loads, lines)}


def test_only_what_was_kept_out_of_training_is_measured(settings: Make) -> None:
    chosen = settings()
    summaries = lmt.evaluate(chosen)
    rows = _rows(chosen.out)
    assert set(rows) == {
        *(f"{gloss}/{name} 0" for gloss in GLOSSES for name in ("Ada/test", "Ben/val", "Eve/signers")),
    }
    assert {row["group"] for key, row in rows.items() if "Eve" in key} == {UNSEEN}
    assert {row["group"] for key, row in rows.items() if "Eve" not in key} == {PAIRS}
    assert {group: summary["clips"] for group, summary in summaries.items()} == {PAIRS: 6, UNSEEN: 3, "all": 9}
    fewer = lmt.evaluate(settings(clips=2, out=chosen.out.parent / "few"))
    assert {group: summary["clips"] for group, summary in fewer.items()} == {PAIRS: 2, UNSEEN: 2, "all": 4}


def test_figures_are_those_of_the_decoded_clips(settings: Make, model: Path, data: Path) -> None:
    chosen = settings()
    lmt.evaluate(chosen)
    store, network = VideoStore(data), read(model)
    place = next(i for i, clip in enumerate(store.clips) if clip.name == "ase:B/Ben/val")
    with torch.no_grad():
        rebuilt = network.vqgan.decode(network.vqgan.encode(store.batch([place])))
    frames = ((rebuilt[0].clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 3, 0).double().numpy()
    gap = np.square(frames - store.frames(place).astype(float))
    figures = _rows(chosen.out)["ase:B/Ben/val 0"]["figures"][REBUILT]  # type: ignore[index]
    assert figures["PSNR"] == pytest.approx(10 * np.log10(255**2 / gap.mean()), rel=1e-6)
    inside = gap[1:, 3:10, 3:10]  # pixels whose middle lies in 0.2 to 0.6 of 16, where there are hands
    assert figures["hand PSNR"] == pytest.approx(10 * np.log10(255**2 / inside.mean()), rel=1e-6)


def test_a_prior_that_gives_the_true_codes_generates_the_reconstruction(
    settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        lmt_model.Subject, "generated", lambda self, gloss, real, sampling: self.vqgan.encode(real)
    )  # fmt: skip
    summaries = lmt.evaluate(settings())
    for summary in summaries.values():
        for name in ("PSNR", "hand PSNR", "SSIM", "energy ratio", "named", "diversity"):
            assert summary[MADE][name] == summary[REBUILT][name], name
    judge = "Fréchet distance (sign recogniser)"
    assert summaries["all"][MADE][judge] == summaries["all"][REBUILT][judge]


def test_a_network_that_ignores_the_gloss_is_found_out(settings: Make, model: Path, tmp_path: Path) -> None:
    network = read(model)
    with torch.no_grad():
        for name, value in network.prior.named_parameters():
            if "gloss" in name:
                value.zero_()
    save(tmp_path / "deaf", network, "gradients")
    told = lmt.evaluate(settings())["all"]["cross-entropy"]
    deaf = lmt.evaluate(settings(model=tmp_path / "deaf", out=tmp_path / "deaf-out"))["all"]["cross-entropy"]
    assert deaf["right gloss"] == pytest.approx(deaf["wrong gloss"], abs=1e-6)
    assert abs(told["right gloss"] - told["wrong gloss"]) > 1e-4


def test_a_stopped_evaluation_goes_on(settings: Make) -> None:
    chosen = settings()
    whole = lmt.evaluate(chosen)
    path = chosen.out / "clips.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:4]), encoding="utf-8")
    again = lmt.evaluate(chosen)
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(lines)
    for summaries in (whole, again):
        for summary in summaries.values():
            summary.pop("seconds a clip")
    assert again == whole


def test_sampling_is_used(settings: Make, tmp_path: Path) -> None:
    chosen = settings(temperature=1.0, seeds=(1, 2), clips=1)
    lmt.evaluate(chosen)
    by_seed = {key: row["generated codes"] for key, row in _rows(chosen.out).items()}
    assert by_seed["ase:A/Ada/test 1"] != by_seed["ase:A/Ada/test 2"]
    frames = settings(mode="frames", passes=2, clips=1, out=tmp_path / "frames")
    lmt.evaluate(frames)
    assert set(_rows(frames.out)) == {"ase:A/Ada/test 0", "ase:A/Eve/signers 0"}
    with pytest.raises(ValueError, match="greedy"):
        settings(seeds=(1, 2))


def test_the_tables_are_the_papers_and_hold_none_of_its_figures(
    settings: Make, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    chosen = settings()
    file = tmp_path / "settings.json"
    values = {
        name: str(value) for name, value in vars(chosen).items() if name in ("model", "data", "recogniser", "out")
    }
    file.write_text(json.dumps({"evaluate_lmt": {**values, "perceptual": "gradients", "draws": 10}}), encoding="utf-8")
    assert evaluate.main(["lmt", "--settings", str(file)]) == 0
    text = capsys.readouterr().out
    for title in (
        "Table 2: attention in the motion",
        "Table 4: size of the codebook",
        "Table 5: attention of the latent",
    ):
        assert title in text
    assert text.count("not available to us") > 10
    assert "FVD" not in text  # no I3D was given
    results = json.loads((chosen.out / "results.json").read_text(encoding="utf-8"))
    assert results["about"]["attention"] == "axial"
    assert results["about"]["codes"] == 15
    assert results["about"]["mask"] == "causal"
    assert "Fréchet distance (sign recogniser)" in results["summaries"]["all"][MADE]
    assert results["about"]["perceptual"] == "multi-scale gradients"


def test_it_is_fvd_with_i3d_alone(settings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings(i3d=small_i3d.saved(tmp_path / "i3d.pt", clip_features.KNOWN_ANSWER**0.5 / 2), clips=2)
    with pytest.raises(SignError, match="10 frames or more; these clips have 4"):
        lmt.evaluate(chosen)
    monkeypatch.setattr(clip_features, "I3D_SHORTEST", 4)
    summary = lmt.evaluate(chosen)["all"]
    assert summary[MADE]["FVD"]["value"] > 0
    assert {"FVD", "KVD"} < summary[REBUILT].keys()
    assert not any("recogniser" in name for name in summary[MADE])
    assert "FVD, KVD" in (chosen.out / "results.md").read_text(encoding="utf-8")
    with pytest.raises(SignError, match="what it measures is not FVD"):
        lmt.evaluate(replace(chosen, i3d=small_i3d.saved(tmp_path / "other.pt", 5.0)))


def test_clips_of_another_cut_are_refused(settings: Make, data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    rules = replace(RULES, crop="box")
    store = VideoStore(data)
    video_store.write(
        other, rules, [(c, store.frames(i), store.hands([i])[0].numpy()) for i, c in enumerate(store.clips)]
    )
    with pytest.raises(SignError, match=r"crop box \(needed: signing space\)"):
        lmt.evaluate(settings(data=other))


def test_a_first_stage_alone_is_measured_alone(settings: Make, model: Path, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "vqgan").symlink_to(model / "vqgan")
    choice = Choice(glosses=GLOSSES, signers=("Ada", "Ben"))
    chosen = settings(model=tmp_path / "first", choice=choice, out=tmp_path / "first-out")
    alone, whole = lmt.evaluate(chosen), lmt.evaluate(settings())
    assert {group: summary["clips"] for group, summary in alone.items()} == {PAIRS: 6, UNSEEN: 3, "all": 9}
    for group in alone:
        assert alone[group][REBUILT] == whole[group][REBUILT]
        assert MADE not in alone[group]
    text = (chosen.out / "results.md").read_text(encoding="utf-8")
    assert "Table 2" in text
    assert "Table 5" not in text  # there is nothing to say of what it does not do


def test_clips_of_the_training_stand_beside_the_others(settings: Make, tmp_path: Path) -> None:
    with_, without = lmt.evaluate(settings(trained=2)), lmt.evaluate(settings(out=tmp_path / "without"))
    assert with_[TRAINED]["clips"] == 2
    assert TRAINED not in without
    assert with_["all"]["clips"] == without["all"]["clips"]
    assert with_["all"][MADE] == without["all"][MADE]
