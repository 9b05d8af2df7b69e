"""A trained model made small: the same signing from half the bytes, with today's signs and its whole history."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from small_corpus import WORDS, Words, corpus, sign_of

from sign_models.errors import SignError
from sign_models.soke import generator
from sign_models.soke.decoding import Sampling
from sign_models.soke.pipeline import SokePipeline
from sign_models.types import Entry
from train import settings as settings_io
from train import soke_decoder, soke_encode, soke_lm, soke_ship, soke_tokenizer

DEBUG = ["--settings", "debug"]


def more_words(language: str) -> list[Entry]:
    return [*Words(language), Entry("NEW", language, "hamfist")]


def shipped(folder: Path) -> tuple[Path, Path]:
    """(run, what is shipped of it)"""
    data, tokenizer, tokens, run, out = (folder / name for name in ("data", "tokenizer", "tokens", "run", "out"))
    corpus(data)
    soke_tokenizer.main([*DEBUG, "--data", f"[{data}]", "--out", str(tokenizer)])
    values = settings_io.read_section("debug", "soke_encode")
    values |= {"data": [str(data)], "tokenizer": str(tokenizer), "out": str(tokens)}
    soke_encode.encode(settings_io.build(soke_encode.Settings, values, "soke_encode"), Words, sign_of)
    soke_lm.main([*DEBUG, "--data", str(tokens), "--out", str(run)])
    (data / settings_io.SAVED).write_text('{"prepare": {"corpus": "starter", "out": "/home/me"}}', encoding="utf-8")
    decoder = folder / "decoder"
    soke_decoder.main([*DEBUG, "--tokenizer", str(tokenizer), "--data", f"[{data}]", "--out", str(decoder)])
    chosen = soke_ship.Settings(run, out, decoder, curve_every=2)
    assert soke_ship.ship(chosen, more_words, sign_of) == 3 * (len(WORDS) + 1)
    return run, out


def test_what_is_shipped_signs_the_same_at_half_the_size_and_tells_how_it_was_made(tmp_path: Path) -> None:
    run, out = shipped(tmp_path)
    for inner in ("language_model", "tokenizer"):
        weights = load_file(out / inner / "model.safetensors")
        assert {value.dtype for value in weights.values() if value.is_floating_point()} == {torch.float16}
    before, after = generator.read(run), generator.read(out)
    decoder = generator.read_tokenizer(tmp_path / "decoder" / "tokenizer")
    assert after.signs.find("ase", ("NEW",)) is not None
    assert before.signs.find("ase", ("NEW",)) is None
    text, few = " ".join(WORDS[:3]), Sampling(max_steps=4)
    made = [SokePipeline(one, Words).generate(text, "ase", few) for one in (replace(before, tokenizer=decoder), after)]
    assert (made[0].motion.features - made[1].motion.features).abs().max() < 0.02

    told = (out / soke_ship.MADE_FILE).read_text(encoding="utf-8")
    assert str(tmp_path) not in told
    assert "/home/me" not in told
    history = json.loads(told)
    assert set(history["settings"]) == {"prepare", "soke_tokenizer", "soke_decoder", "soke_encode", "soke_lm"}
    assert history["settings"]["soke_lm"]["training"]["seed"] == 1234
    steps = [line["step"] for line in history["curves"]["soke_lm"] if line["kind"] == "train"]
    assert steps
    assert all(step % 2 == 0 for step in steps)
    assert history["curves"]["soke_tokenizer"][-1]["kind"] == history["curves"]["soke_decoder"][-1]["kind"] == "val"
    with torch.no_grad():
        decoder.vaes[0].quantizer.codebook[0] += 1
    generator.save_tokenizer(tmp_path / "decoder" / "tokenizer", decoder)
    with pytest.raises(SignError, match=r"other codes .* vaes\.0\.quantizer\.codebook differs"):
        soke_ship.ship(soke_ship.Settings(run, out, tmp_path / "decoder"), more_words, sign_of)
