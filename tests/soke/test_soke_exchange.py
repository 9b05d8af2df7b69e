"""Generators under the published names: in, out, and the same tokens as transformers' own model gives."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from test_soke_mbart import folder as folder
from transformers import MBartConfig, MBartForConditionalGeneration

from sign_models.cli import main
from sign_models.errors import SignError
from sign_models.soke import decoding, exchange, generator
from sign_models.soke.autoencoder import AutoencoderConfig
from sign_models.soke.decoding import Sampling
from sign_models.soke.pieces import MODEL_FILE, PUBLISHED_MAP, PieceText
from sign_models.soke.public import published_names
from sign_models.soke.tokenizer import SPLITS, SignTokenizer, TokenizerConfig
from sign_models.soke.vocabulary import EOS

CODES = (5, 7, 7)
SMALL = TokenizerConfig(
    tuple(replace(part, codes=size) for part, size in zip(SPLITS["body+left+right"], CODES, strict=True)),
    AutoencoderConfig(8, 6),
)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    made = SignTokenizer(SMALL)
    for vae in made.vaes:
        vae.quantizer.codebook.normal_()
    place = tmp_path_factory.mktemp("tokenizer")
    generator.save_tokenizer(place, made)
    return place


@pytest.fixture(scope="module")
def published(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MBartForConditionalGeneration]:
    """A checkpoint as Lightning writes it, the text's files beside it, and the model that is in it."""
    place = tmp_path_factory.mktemp("published")
    text = PieceText.read(folder)
    (place / MODEL_FILE).write_bytes(text.model)
    (place / PUBLISHED_MAP).write_bytes(pickle.dumps({token: row for row, token in enumerate(text.ids)}))
    torch.manual_seed(0)
    config = MBartConfig(
        vocab_size=text.rows + 3 + sum(size + 3 for size in CODES), d_model=64, encoder_layers=1, decoder_layers=2,
        encoder_attention_heads=1, decoder_attention_heads=1, encoder_ffn_dim=24, decoder_ffn_dim=24,
        max_position_embeddings=64, scale_embedding=False, init_std=0.2,
    )  # fmt: skip
    model = MBartForConditionalGeneration(config).eval()
    state = {exchange.PREFIX + name: value for name, value in model.state_dict().items()}
    assert {exchange.PREFIX + name for name in exchange.COPIES} < state.keys()
    torch.save({"state_dict": state | {"metrics.count": torch.zeros(1)}, "epoch": 1}, place / "last.ckpt")
    return place / "last.ckpt", model


def greedy(
    model: MBartForConditionalGeneration, source: list[int], text_rows: int, scales: tuple[float, float], fusion: float
) -> list[list[int]]:
    """The published loop, restated: the whole prefix again, one tied head under three masks."""
    table = model.model.shared.weight
    first = text_rows + 3
    starts = [first, first + CODES[0] + 3, first + CODES[0] + CODES[1] + 6]
    weights = [1 - 2 * fusion, fusion, fusion]
    states = model.model.encoder(inputs_embeds=table[torch.tensor([source])] * scales[0]).last_hidden_state
    made: list[list[int]] = [[], [], []]
    for step in range(8):
        inputs = [table[text_rows]]  # en_ASL
        for t in range(step):
            inputs.append(sum(w * table[a + ids[t]] for w, a, ids in zip(weights, starts, made, strict=True)))
        hidden = model.model.decoder(
            inputs_embeds=torch.stack(inputs)[None] * scales[1], encoder_hidden_states=states
        ).last_hidden_state[0, -1]
        scores = hidden @ table.T
        choice = []
        for a, size in zip(starts, CODES, strict=True):
            allowed = [a + i for i in range(size)] + ([EOS] if step and a == starts[0] else [])
            choice.append(allowed[int(scores[allowed].argmax())] - a)
        if choice[0] == EOS - starts[0]:
            break
        for ids, code in zip(made, choice, strict=True):
            ids.append(code)
    return made


@pytest.mark.parametrize(("scaled", "scales"), [("encoder", (8, 1)), ("neither", (1, 1)), ("both", (8, 8))])
@pytest.mark.parametrize("fusion", [0.4, 1 / 3])
@torch.inference_mode()
def test_an_imported_generator_signs_what_the_published_loop_signs(
    published: tuple[Path, MBartForConditionalGeneration], tokenizer: Path, tmp_path: Path,
    scaled: exchange.Scaled, scales: tuple[float, float], fusion: float,
) -> None:  # fmt: skip
    file, theirs = published
    unsaid = exchange.Unsaid(fusion=fusion, scaled=scaled)
    exchange.import_generator(file, tmp_path, file.parent, unsaid, tokenizer=tokenizer)
    ours = generator.read(tmp_path)
    assert ours.prompt.language_rows == ours.text.language_rows()
    source = [*ours.text.encode("the sun shines"), EOS, ours.text.language_rows()[0]]
    ids = torch.tensor([source])
    made = decoding.generate(ours.model, ids, torch.ones_like(ids, dtype=torch.bool), ["ase"], Sampling(max_steps=8))
    assert made[0].ids.tolist() == greedy(theirs, source, ours.text.rows, scales, fusion)


def test_out_again_and_in_again(
    published: tuple[Path, MBartForConditionalGeneration], tokenizer: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file, _ = published
    first, back = tmp_path / "first", tmp_path / "back.ckpt"
    command = ["convert", "soke-lm", str(file), str(first), "--tokenizer", str(tokenizer), "--named"]
    assert main([*command, "--fusion", "0.25", "--scaled", "encoder"]) == 0
    read = generator.read(first)
    assert (read.prompt.named, read.model.config.fusion, read.model.config.decoder_embedding_scale) == (True, 0.25, 1.0)
    assert main(["convert", "soke-lm", str(first), str(back)]) == 0
    assert "with the tokenizer" in capsys.readouterr().out
    before, after = (torch.load(path, weights_only=True)["state_dict"] for path in (file, back))
    names = [name for name in before if name.startswith("lm.")]
    assert all(torch.equal(before[name], after[name]) for name in names)
    assert {name for name in after if not name.startswith("lm.")} == {
        f"{prefix}.{name}" for prefix in exchange.PARTS for name in published_names().values()
    }
    monkeypatch.setattr(exchange, "PUBLISHED", SMALL)
    monkeypatch.setattr(exchange, "read_statistics", lambda _: (torch.zeros(133), torch.ones(133)))
    exchange.import_generator(back, tmp_path / "again", back.parent)
    again = generator.read(tmp_path / "again").tokenizer.state_dict()
    own = generator.read_tokenizer(tokenizer).state_dict()
    assert all(torch.equal(own[name], again[name]) for name in own if "code_" not in name and "ready" not in name)


def test_what_does_not_fit_is_told(
    published: tuple[Path, MBartForConditionalGeneration], tokenizer: Path, tmp_path: Path
) -> None:
    file, _ = published
    state = torch.load(file, weights_only=True)["state_dict"]

    def read(changes: dict[str, torch.Tensor], without: str = "nothing", **more: Path) -> None:
        path = tmp_path / "x.ckpt"
        changed = {exchange.PREFIX + name: value for name, value in changes.items()}
        torch.save({"state_dict": {k: v for k, v in (state | changed).items() if without not in k}}, path)
        exchange.import_generator(path, tmp_path / "out", file.parent, tokenizer=more.get("tokenizer", tokenizer))

    rows = len(state[exchange.PREFIX + "model.shared.weight"])
    for changes, without, told in (
        ({}, "e", 'no "lm.language_model'),
        ({"lm_head.weight": torch.zeros(rows, 64)}, "nothing", "should be a copy"),
        ({"final_logits_bias": torch.ones(1, rows)}, "nothing", "not zero"),
        ({"model.x": torch.ones(1)}, "decoder.layers.1.fc1.bias", r"fc1\.bias is missing; model\.x is unknown"),
        ({"model.decoder.layers.0.fc1.bias": torch.ones(3)}, "nothing", r"is \(3,\), not \(24,\)"),
    ):
        with pytest.raises(SignError, match=told):
            read(changes, without)
    with pytest.raises(SignError, match="it is not whole"):
        read({}, "layers.0")
    with pytest.raises(SignError, match="holds no tokenizer"):
        exchange.import_generator(file, tmp_path / "out", file.parent)
    assert not (tmp_path / "out").exists()
    read({}, "model.shared")  # its copies say the same
    exchange.import_generator(file, tmp_path / "ok", file.parent, tokenizer=tokenizer)
    own = generator.read(tmp_path / "ok")
    separate = replace(own.model.config, heads="separate")
    generator.save(tmp_path / "two", replace(own, model=type(own.model)(separate)))
    with pytest.raises(SignError, match="separate heads"):
        exchange.export_generator(tmp_path / "two", tmp_path / "two.ckpt")
