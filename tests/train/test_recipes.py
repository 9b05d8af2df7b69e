"""The whole training at debug size: tokenizer, encoding, language model, and a text that becomes a motion."""

import io
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small_corpus import Words, corpus, sign_of

from sign_models import cli
from sign_models.errors import SignError
from sign_models.hamnosys.figure import load_figure
from sign_models.registry import load_body, load_soke
from sign_models.skeleton import HANDS, INDEX
from sign_models.soke import generator
from sign_models.soke.coverage import HintCoverage, hint_coverage
from sign_models.soke.decoding import Sampling
from sign_models.soke.pieces import PieceText
from sign_models.soke.pipeline import SokePipeline
from sign_models.soke.signs import SignCodes
from sign_models.types import Motion, MotionTokens
from train import settings as settings_io
from train import soke_decoder, soke_encode, soke_lm, soke_signs, soke_tokenizer
from train.data.store import Store
from train.data.unusable import UNUSABLE_FILE

FEW = ["--training.epochs", "2"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus"))


def train_tokenizer(data: Path, out: Path, *more: str) -> Path:
    soke_tokenizer.main(["--settings", "debug", "--data", f"[{data}]", "--out", str(out), *FEW, *more])
    return out


def train_lm(tokens: Path, out: Path, *more: str) -> Path:
    soke_lm.main(["--settings", "debug", "--data", str(tokens), "--out", str(out), *FEW, *more])
    return out


def encode(data: Path, tokenizer: Path, out: Path) -> Path:
    values = settings_io.read_section("debug", "soke_encode")
    values |= {"data": [str(data)], "tokenizer": str(tokenizer), "out": str(out)}
    soke_encode.encode(settings_io.build(soke_encode.Settings, values, "soke_encode"), Words, sign_of)
    return out


@pytest.fixture(scope="module")
def tokenizer_run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tokenizer(data, tmp_path_factory.mktemp("runs") / "tokenizer")


@pytest.fixture(scope="module")
def tokens(data: Path, tokenizer_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(data, tokenizer_run, tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="module")
def lm_run(tokens: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_lm(tokens, tmp_path_factory.mktemp("runs") / "lm")


def logged(run: Path, kind: str) -> list[dict[str, float]]:
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["kind"] == kind]


def weights(run: Path) -> dict[str, torch.Tensor]:
    return torch.load(run / "state.pt", weights_only=True)["model"]


def test_tokens_are_those_of_the_trained_tokenizer(data: Path, tokens: Path) -> None:
    tokenizer = generator.read_tokenizer(tokens / "tokenizer")
    clip, encoded = Store(data).clips[0], Store(tokens).clips[0]
    assert (clip.name, encoded.length) == (encoded.name, clip.length // 4)
    rows = torch.from_numpy(Store(data).rows(clip))[None].float()
    assert tokenizer.encode(rows)[0].T.tolist() == Store(tokens).rows(encoded).tolist()
    assert encoded.signs == tuple((word.upper(),) for word in clip.text.split())
    signs = SignCodes.read(tokens)
    found = signs.find(encoded.language, encoded.signs[0])
    assert found is not None
    assert found.ids.shape == (3, 3)  # ten frames and two held ones


def test_a_text_becomes_a_motion(lm_run: Path) -> None:
    pipeline = SokePipeline(generator.read(lm_run), Words)
    told: list[tuple[str, float]] = []
    sampling = Sampling(max_steps=7)
    result = pipeline.generate("sun tree xyz. you rain", "ase", sampling, lambda *step: told.append(step))
    assert len(result.tokens) == 2
    first, second = (4 * tokens.ids.shape[1] for tokens in result.tokens)
    assert len(result.motion) == round(25 * result.starts[1]) + second >= first + second > 0
    assert result.motion.features.isfinite().all()
    assert [[keys for keys, _ in signs] for signs in result.retrieved] == [[("SUN",), ("TREE",)], [("YOU",), ("RAIN",)]]
    assert list(result.timings.stages) == ["words", "tokens", "motion", "cues"]
    assert [share for _, share in told] == sorted(share for _, share in told)
    again = pipeline.generate("sun tree xyz. you rain", "ase", sampling)
    assert torch.equal(again.motion.features, result.motion.features)
    with pytest.raises(SignError, match='"bfi"'):
        pipeline.generate("sun", "bfi")


def test_retrieved_signs_reach_the_model(lm_run: Path) -> None:
    parts = generator.read(lm_run)
    inputs: list[torch.Tensor] = []
    parts.model.backbone.encoder.register_forward_pre_hook(
        lambda _, __, how: inputs.append(how["inputs_embeds"]), with_kwargs=True
    )
    for kept in (parts, replace(parts, signs=parts.signs.subset(0.0))):
        SokePipeline(kept, Words).generate("sun tree", "ase", Sampling(max_steps=2))
    # two signs of three steps in three parts
    assert inputs[0].shape[1] - inputs[1].shape[1] == 18


def test_the_log_tells_estimate_training_and_validation(tokenizer_run: Path, lm_run: Path) -> None:
    for run, figures in ((tokenizer_run, {"reconstruction", "commitment", "perplexity body"}), (lm_run, {"right"})):
        assert logged(run, "estimate")[0]["bytes"] > 0
        train = logged(run, "train")
        assert [line["step"] for line in train] == list(range(1, 7))
        assert figures < train[0].keys()
        assert train[-1]["lr"] < train[0]["lr"]
        assert len(logged(run, "val")) == 1
    effective = json.loads((lm_run / "settings.json").read_text(encoding="utf-8"))
    assert effective["soke_lm"]["training"]["epochs"] == 2
    assert settings_io.build(soke_lm.Settings, effective["soke_lm"], "soke_lm").model.width == 16


def test_a_stopped_and_resumed_run_is_the_same_to_the_bit(
    data: Path, tokens: Path, tokenizer_run: Path, lm_run: Path, tmp_path: Path
) -> None:
    for train, source, whole in ((train_tokenizer, data, tokenizer_run), (train_lm, tokens, lm_run)):
        out = tmp_path / whole.name
        train(source, out, "--training.stop_after", "4")
        assert len(logged(out, "train")) == 4
        train(source, out, "--resume", "true")
        expected = weights(whole)
        assert all(torch.equal(value, expected[name]) for name, value in weights(out).items())
        steps = [line["loss"] for line in logged(out, "train")]
        assert steps == [line["loss"] for line in logged(whole, "train")]


def test_a_run_is_neither_overwritten_nor_resumed_with_other_settings(data: Path, tokenizer_run: Path) -> None:
    with pytest.raises(SignError, match="holds a run"):
        train_tokenizer(data, tokenizer_run)
    with pytest.raises(SignError, match=r"another training\.lr"):
        train_tokenizer(data, tokenizer_run, "--resume", "true", "--training.lr", "0.01")
    with pytest.raises(SignError, match="holds no run"):
        train_tokenizer(data, tokenizer_run / "new", "--resume", "true")


def test_estimate_only_trains_nothing(data: Path, tmp_path: Path) -> None:
    out = train_tokenizer(data, tmp_path / "run", "--estimate_only", "true")
    assert logged(out, "estimate")
    assert not (out / "state.pt").exists()


def test_bf16_trains_and_differs_a_little(
    data: Path, tokens: Path, tokenizer_run: Path, lm_run: Path, tmp_path: Path
) -> None:
    for train, source, whole in ((train_tokenizer, data, tokenizer_run), (train_lm, tokens, lm_run)):
        out = train(source, tmp_path / whole.name, "--training.precision", "bf16")
        one, other = (logged(run, "train")[0]["loss"] for run in (out, whole))
        assert one == pytest.approx(other, rel=0.05)
        expected = weights(whole)
        assert any(not torch.equal(value, expected[name]) for name, value in weights(out).items())
        assert all(value.dtype != torch.bfloat16 for value in weights(out).values())


def test_clipping_changes_the_steps(data: Path, tokenizer_run: Path, tmp_path: Path) -> None:
    out = train_tokenizer(data, tmp_path / "run", "--training.clip", "0.001")
    assert logged(out, "train")[0]["gradient"] == pytest.approx(logged(tokenizer_run, "train")[0]["gradient"])
    expected = weights(tokenizer_run)
    assert any(not torch.equal(value, expected[name]) for name, value in weights(out).items())


def test_pieces_of_a_batch_one_after_another_make_the_step_of_the_whole(
    data: Path, tokens: Path, tmp_path: Path
) -> None:
    """Clips of different lengths: the mean of the pieces' means would be another step."""
    same = ["--model.dropout", "0", "--training.batch", "5", "--training.average", "0.5"]
    whole, pieces = (
        train_lm(tokens, tmp_path / str(count), *same, "--training.accumulate", str(count)) for count in (1, 3)
    )
    for one, other in zip(logged(whole, "train"), logged(pieces, "train"), strict=True):
        assert one["step"] == other["step"]
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-5)
        assert one["gradient"] == pytest.approx(other["gradient"], rel=1e-4)
    expected = weights(whole)
    assert all(torch.allclose(value, expected[name], atol=1e-5) for name, value in weights(pieces).items())
    assert logged(pieces, "estimate")[0]["bytes"] < logged(whole, "estimate")[0]["bytes"]
    with pytest.raises(SignError, match="batch is 2; 3 pieces in 1 processes need 3"):
        train_lm(tokens, tmp_path / "few", "--training.accumulate", "3")
    with pytest.raises(SignError, match="learns from whole batches only"):
        train_tokenizer(data, tmp_path / "codes", "--training.accumulate", "2")


OTHERWISE = {
    "training": {"weight_decay": 0.5, "betas": "[0.5, 0.6]", "warmup": 3, "bucket": 3, "seed": 5, "average": 0.5},
    "tokenizer": {"window": 0, "least_std": 0.5, "shortest": 40, "longest": 16, "commitment": 9.0, "velocity": 1.0,
                  "mu": 0.5},
    "lm": {"without_signs": 1.0, "known_signs": 0.2, "corrupt": 0.9, "shortest": 18, "longest": 4, "multiple": 4,
           "drop": 1.0, "prompt.form": "published", "prompt.limit": 12, "prompt.words": 1, "prompt.steps": 1,
           "model.fold_signs": "true", "model.wave_positions": 0.3, "model.embedding_scale": 1.0, "model.fusion": 0.1,
           "model.heads": "tied", "model.dropout": 0.5, "model.mask_cross_attention": "false"},
}  # fmt: skip
"""Settings that what a run makes depends on, with other values than ``debug`` has."""


@pytest.mark.slow
def test_every_setting_of_a_training_changes_what_it_makes(data: Path, tokens: Path, tmp_path: Path) -> None:
    def made(recipe: str, name: str = "", value: object = None) -> tuple[list[float], dict[str, torch.Tensor]]:
        out = tmp_path / recipe / (name or "as it is")
        train, source = (train_tokenizer, data) if recipe == "tokenizer" else (train_lm, tokens)
        train(source, out, "--training.stop_after", "2", *([f"--{name}", str(value)] if name else []))
        model = generator.read_tokenizer(out / "tokenizer") if recipe == "tokenizer" else generator.read(out).model
        return [line["loss"] for line in logged(out, "train")], model.state_dict()

    for recipe in ("tokenizer", "lm"):
        losses, base = made(recipe)
        # what the two recipes share is looked at with the smaller one
        shared = {f"training.{name}": value for name, value in OTHERWISE["training"].items()} if recipe == "lm" else {}
        for name, value in (OTHERWISE[recipe] | shared).items():
            other, weights = made(recipe, name, value)
            same = weights.keys() == base.keys() and all(torch.equal(base[key], weights[key]) for key in base)
            assert losses != other or not same, f"{recipe}: {name} changes nothing"


def test_decoders_learn_where_the_hands_are_and_leave_the_codes_alone(
    data: Path, tokenizer_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "decoder"
    arguments = ["--settings", "debug", "--tokenizer", str(tokenizer_run), "--data", f"[{data}]", "--out", str(out)]
    soke_decoder.main([*arguments, "--training.epochs", "20", "--training.lr", "1e-2"])
    before, after = (generator.read_tokenizer(run / "tokenizer").state_dict() for run in (tokenizer_run, out))
    changed = {".".join(name.split(".")[:3]) for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"vaes.0.decoder"}  # the arms are in the first part
    train = logged(out, "train")
    first, last = (np.mean([line["places"] for line in lines]) for lines in (train[:6], train[-6:]))
    assert last < 0.9 * first, (first, last)
    with pytest.raises(SignError, match="window is 8; a multiple of 4 above 8"):
        soke_decoder.main([*arguments[:-1], str(tmp_path / "x"), "--window", "8"])


def test_places_of_the_hands_are_those_of_the_body() -> None:
    features = torch.zeros(3, 133)
    features[:, :30] = 0.4 * torch.randn(3, 30, generator=torch.Generator().manual_seed(0))
    features[:, :12] = 0  # the neck and the collars of the open body move nothing else
    found = soke_decoder.palms(features[None], torch.tensor(load_figure().joints, dtype=torch.float32))[0]
    joints = load_body().pose(Motion(features, 25.0)).joints
    for side, name in enumerate(HANDS):
        for point, joint in enumerate(soke_decoder.PALM[:3]):
            assert torch.allclose(found[:, side, point], joints[:, INDEX[f"{name}_{joint}"]], atol=2e-3), joint


def test_frames_near_a_cut_are_not_judged(data: Path, tokenizer_run: Path) -> None:
    values = settings_io.read_section("debug", "soke_decoder") | {"window": 16, "data": [str(data)], "out": "x"}
    task = soke_decoder.DecoderTask(
        settings_io.build(soke_decoder.Settings, values | {"tokenizer": str(tokenizer_run)}, "")
    )
    rows, judged = task.example("train", 0, 0)
    assert len(rows) == 16
    whole = Store(data).rows(next(clip for clip in Store(data).clips if clip.split == "train"))
    cut = [not np.allclose(rows[0], whole[0]), not np.allclose(rows[-1], whole[-1])]
    assert judged.tolist() == [not cut[0]] * 4 + [True] * 8 + [not cut[1]] * 4
    assert any(cut)
    batch = task.collate([task.example("train", index, 0) for index in range(3)])
    assert torch.equal(task.counts(batch), task.terms(task.model, batch).counts)


def test_the_best_model_is_kept_when_training_makes_it_worse(tokens: Path, tmp_path: Path) -> None:
    wild = ["--training.lr", "0.5", "--training.last_lr", "0.5", "--training.epochs", "3"]
    wild += ["--training.validate_every", "1"]
    out = train_lm(tokens, tmp_path / "run", *wild, "--training.keep_best", "true")
    losses = {line["step"]: line["loss"] for line in logged(out, "val")}
    best = min(losses, key=lambda step: losses[step])
    assert best < max(losses)
    stopped = train_lm(tokens, tmp_path / "stopped", *wild, "--training.stop_after", str(best))
    kept, then, last = (generator.read(folder).model.state_dict() for folder in (out / "best", stopped, out))
    assert all(torch.equal(value, then[name]) for name, value in kept.items())
    assert any(not torch.equal(value, last[name]) for name, value in kept.items())
    assert not (stopped / "best").exists()


def test_what_does_not_fit_together_is_refused(data: Path, tokens: Path, tmp_path: Path) -> None:
    with pytest.raises(SignError, match=r"model\.codes is \[5, 8, 8\]; the tokenizer has \[6, 8, 8\]"):
        train_lm(tokens, tmp_path / "a", "--model.codes", "[5, 8, 8]")
    with pytest.raises(SignError, match=r"need model\.positions"):
        train_lm(tokens, tmp_path / "b", "--model.positions", "60")
    with pytest.raises(SignError, match="a batch needs 7"):
        train_tokenizer(data, tmp_path / "c", "--training.batch", "7")
    with pytest.raises(SignError, match="whole has 1 parts"):
        train_tokenizer(data, tmp_path / "d", "--split", "whole")
    with pytest.raises(SignError, match="no SOKE weights"):
        load_soke(tmp_path / "nowhere")
    with pytest.raises(SignError, match="language_model is missing"):
        load_soke(data)


def test_training_can_start_from_an_mbart(tokens: Path, tmp_path: Path) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    from transformers import MBartConfig, MBartForConditionalGeneration

    place, model = tmp_path / "mbart", io.BytesIO()
    place.mkdir()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["sun rain tree house you"] * 20), model_writer=model, vocab_size=30, unk_id=0,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    (place / "sentencepiece.bpe.model").write_bytes(model.getvalue())
    rows = PieceText.whole(model.getvalue()).rows
    config = MBartConfig(vocab_size=rows, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
                         decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
                         max_position_embeddings=128, scale_embedding=True)  # fmt: skip
    whole = MBartForConditionalGeneration(config)
    whole.save_pretrained(place)
    with pytest.raises(SignError, match=f"text_rows is 300, not {rows}"):
        train_lm(tokens, tmp_path / "wrong", "--start_from", str(place))
    slow = ["--training.lr", "1e-12", "--training.last_lr", "1e-12", "--model.text_rows", str(rows)]
    made = generator.read(train_lm(tokens, tmp_path / "run", "--start_from", str(place), *slow))
    assert isinstance(made.text, PieceText)
    assert made.prompt.language_rows == made.text.language_rows()
    inner = made.model.backbone.state_dict()
    assert all(
        torch.allclose(value, inner[name]) for name, value in whole.model.state_dict().items() if "layers.0" in name
    )
    pipeline = SokePipeline(made, Words)
    assert len(pipeline.generate("sun tree", "ase", Sampling(max_steps=3)).motion) > 0


def word_clips(folder: Path) -> Path:
    """Two words of ASL, one with two instances of which one cannot be coded well, and one file that is no clip."""
    from train.data.pose_files import KEYS

    def clip(path: Path, frames: int, size: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng(frames)
        rows = {key: size * generator.normal(size=(frames, width)).astype(np.float32) for key, width in KEYS.items()}
        path.write_bytes(pickle.dumps(rows))

    clip(folder / "ase" / "sun" / "wild.pkl", 12, 50.0)
    clip(folder / "ase" / "sun" / "calm.pkl", 16, 0.1)
    clip(folder / "ase" / "tree.pkl", 20, 0.1)
    (folder / "ase" / "broken.pkl").write_bytes(pickle.dumps([1]))
    clip(folder / "ase" / "short.pkl", 2, 0.1)
    return folder


def test_a_dictionary_of_word_clips(data: Path, tokenizer_run: Path, tmp_path: Path) -> None:
    words, tokens = tmp_path / "words", tmp_path / "tokens"
    settings = soke_signs.Settings(tokenizer_run, word_clips(tmp_path / "clips"), words, shortest=4)
    signs, left_out = soke_signs.encode_words(settings)
    assert {one.name: one.reason for one in left_out}.keys() == {"ase/broken.pkl", "ase/short.pkl"}
    assert len((words / UNUSABLE_FILE).read_text(encoding="utf-8").splitlines()) == 2
    assert signs.keys("ase") == ("sun", "tree")
    sun = signs.find("ase", ("sun",))
    assert sun is not None
    assert sun.ids.shape == (3, 4)  # the calm one
    values = settings_io.read_section("debug", "soke_encode")
    values |= {"data": [str(data)], "tokenizer": str(tokenizer_run), "out": str(tokens), "words": str(words)}
    soke_encode.encode(settings_io.build(soke_encode.Settings, values, "soke_encode"))
    clip = next(clip for clip in Store(tokens).clips if clip.language == "ase" and "sun" in clip.text.split())
    assert ("sun",) in clip.signs
    assert set(clip.signs) <= {("sun",), ("tree",)}
    train_lm(tokens, tmp_path / "lm", "--prompt.by_word", "true")
    pipeline = load_soke(tmp_path / "lm")
    result = pipeline.generate("Two suns and a tree.", "ase", Sampling(max_steps=3))
    assert {keys for pieces in result.retrieved for keys, _ in pieces} == {("sun",), ("tree",)}
    own = tmp_path / "own.csv"
    own.write_text("gloss,language,hamnosys,lemmas\nMOON,ase,hamfist hamextfingeru hampalmd,moon\n", encoding="utf-8")
    result = load_soke(tmp_path / "lm", own=own).generate("The moon and a tree.", "ase", Sampling(max_steps=3))
    assert {keys for pieces in result.retrieved for keys, _ in pieces} == {("MOON",), ("tree",)}


def test_coverage_counts_the_words_that_reach_the_prompt(
    lm_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = generator.read(lm_run)
    lines = ["sun tree xyz", "you you rain house"]
    sign = MotionTokens(torch.zeros(3, 3, dtype=torch.long))
    half = SignCodes({"ase": {"SUN": sign, "YOU": sign}})
    find = Words("ase").find_in_line

    def counted(limit: int) -> HintCoverage:
        config = replace(parts.prompt, limit=limit)
        return hint_coverage(lines, "ase", find, half, config, parts.text.encode, parts.model.vocabulary)

    wide = counted(200)
    assert (wide.words, wide.found, wide.pieces, wide.given) == (7, 3, 3, 3)
    assert dict(wide.missing) == {"tree": 1, "xyz": 1, "rain": 1, "house": 1}
    texts = [len(parts.text.encode(line)) for line in lines]
    for limit in range(max(texts) + 1, max(texts) + 30):  # a sign takes three steps of three rows
        room = [(limit - 1 - text) // 9 for text in texts]
        assert counted(limit).given == min(room[0], 1) + min(room[1], 2)
    file = tmp_path / "x.txt"
    file.write_text("sun\n", encoding="utf-8")
    assert cli.main(["dictionary", "coverage", str(file), "--language", "ase", "--soke", str(lm_run)]) == 0
    assert "with codes" in capsys.readouterr().out
