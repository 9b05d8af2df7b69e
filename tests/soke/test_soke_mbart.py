"""Pruning of an MBart folder, and starting from it: a small random MBart, a sentencepiece model made here."""

import io
import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import MBartConfig, MBartForConditionalGeneration

from sign_models.cli import main
from sign_models.errors import SignError
from sign_models.soke import mbart
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.pieces import MODEL_FILE, PUBLISHED_MAP, PieceText, processor, token_count
from sign_models.soke.prompt import PromptConfig, prompt
from sign_models.soke.text import read_text
from sign_models.soke.vocabulary import EOS, UNK

sentencepiece = pytest.importorskip("sentencepiece")

LINES = (
    "the sun shines on the house",
    "rain falls on the tree",
    "die Sonne scheint",
    "der Regen fällt",
    "太阳出来了",
    "下雨了",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a download of mbart-large-cc25 looks like, much smaller."""
    place = tmp_path_factory.mktemp("mbart")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES * 20), model_writer=model, vocab_size=80, character_coverage=1.0,
        model_type="unigram", bos_id=1, eos_id=2, unk_id=0, hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    (place / MODEL_FILE).write_bytes(model.getvalue())
    torch.manual_seed(0)
    config = MBartConfig(
        vocab_size=token_count(processor(model.getvalue())), d_model=16, encoder_layers=2, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24,
        max_position_embeddings=40, scale_embedding=True,
    )  # fmt: skip
    MBartForConditionalGeneration(config).save_pretrained(place)
    return place


@pytest.fixture(scope="module")
def pruned(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pruned")
    clips = [{"text": text, "language": "ase"} for text in LINES[:2]] + [{"text": LINES[4], "language": "csl"}]
    file = out / "clips.jsonl"
    file.write_text("".join(json.dumps(clip) + "\n" for clip in clips), encoding="utf-8")
    command = ["convert", "mbart", str(folder), str(out), "--texts", str(file), "--languages", "ase", "gsg"]
    assert main(command) == 0
    return out


def test_numbering_is_that_of_transformers(folder: Path) -> None:
    from transformers import MBartTokenizer

    text = PieceText.read(folder)
    pieces = processor((folder / MODEL_FILE).read_bytes())
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    vocabulary += [(pieces.id_to_piece(i), pieces.get_score(i)) for i in range(3, pieces.get_piece_size())]
    theirs = MBartTokenizer(vocab=vocabulary, src_lang="de_DE")
    for line in LINES:
        assert theirs(line).input_ids[:-1] == [*text.encode(line), EOS]
        assert text.decode(text.encode(line)) == line
    # of 250,000 pieces en_XX is token 250,004 and <mask> 250,026
    assert text.language_token("en_XX") - pieces.get_piece_size() == 4
    assert text.mask_token - pieces.get_piece_size() == 26


def test_rows_that_no_text_needs_are_gone_and_the_others_unchanged(folder: Path, pruned: Path) -> None:
    whole, small = mbart.read_pretrained(folder), mbart.read_pretrained(pruned)
    assert small.text.rows == small.model.config.vocab_size < whole.text.rows
    before, after = (one.model.get_input_embeddings().weight for one in (whole, small))
    for line in LINES[:2]:
        assert torch.equal(after[small.text.encode(line)], before[whole.text.encode(line)])
    assert UNK in small.text.encode(LINES[4])  # Chinese was in the corpus, but not chosen
    english, chinese, german = small.text.language_rows()
    assert (chinese, UNK) == (UNK, 3)
    assert torch.equal(after[[english, german]], before[[whole.text.language_rows()[i] for i in (0, 2)]])
    ids = torch.tensor([small.text.encode(LINES[0])])
    shift = torch.tensor([whole.text.encode(LINES[0])])
    with torch.no_grad():
        one = small.model(ids, decoder_input_ids=ids).logits
        other = whole.model(shift, decoder_input_ids=shift).logits[..., list(small.text.ids)]
    assert torch.allclose(one, other, atol=1e-5)


def test_a_new_word_is_spelled_in_letters_that_are_left(pruned: Path) -> None:
    text = PieceText.read(pruned)
    assert UNK not in text.encode("shorter tones")
    published = PieceText(text.model, text.ids, spell=False)
    lost = next(line for line in ("shorter tones", "Regen", "Sonne", "scheint") if UNK in published.encode(line))
    assert published.encode(lost).count(UNK) > 0


def test_rare_tokens_can_be_left_out(folder: Path) -> None:
    text = PieceText.read(folder)
    all_of_them, none_lost = mbart.kept_tokens(text, LINES, ["ase"], 1)
    often, lost = mbart.kept_tokens(text, LINES, ["ase"], 3)
    assert none_lost == 0 < lost
    assert set(often) < set(all_of_them)


def test_the_published_map_is_read_and_nothing_else_in_it(pruned: Path, tmp_path: Path) -> None:
    text = PieceText.read(pruned)
    (tmp_path / MODEL_FILE).write_bytes(text.model)
    path = tmp_path / PUBLISHED_MAP
    path.write_bytes(pickle.dumps({token: row for row, token in enumerate(text.ids)}))
    again = read_text(tmp_path)
    assert isinstance(again, PieceText)
    assert (again.ids, again.spell) == (text.ids, False)
    for wrong, told in ((print, "may be harmful"), ([1], "a dict"), ({0: 0, 1: 0}, "one row"), ({0: "x"}, "whole")):
        path.write_bytes(pickle.dumps(wrong))
        with pytest.raises(SignError, match=told):
            read_text(tmp_path)


def test_a_model_starts_from_the_weights(pruned: Path) -> None:
    pretrained = mbart.read_pretrained(pruned)
    config = pretrained.config(LanguageModelConfig(text_rows=1, codes=(5, 7, 7), dropout=0.0))
    assert (config.width, config.encoder_layers, config.decoder_layers, config.positions) == (16, 2, 1, 40)
    model = SignLM(config).eval()
    mbart.start(model, pretrained)
    ids = torch.tensor([[*pretrained.text.encode(LINES[0]), EOS]])
    mask = torch.ones_like(ids, dtype=torch.bool)
    with torch.no_grad():
        states = model.encode(ids, mask, ["ase"]).states
        expected = pretrained.model.model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    assert torch.allclose(states, expected, atol=1e-5)
    rows = model.backbone.get_input_embeddings().weight.detach()
    text, new = rows[: config.text_rows], rows[config.text_rows :]
    assert new.std() == pytest.approx(float(text.std()), rel=0.2)
    with pytest.raises(SignError, match=r"width is 32, not 16"):
        mbart.start(SignLM(replace(config, width=32)), pretrained)


def test_the_prompt_ends_with_the_language_of_the_text(pruned: Path) -> None:
    text = PieceText.read(pruned)
    vocabulary = LanguageModelConfig(text.rows, (5, 7, 7)).vocabulary
    config = PromptConfig(form="none", language_rows=text.language_rows(), limit=6)
    rows = prompt(LINES[0], "gsg", (), text.encode, lambda _: None, vocabulary, config)
    assert rows == [*text.encode(LINES[0])[:4], EOS, text.language_rows()[2]]


def test_mistakes_are_told(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("the sun\n", encoding="utf-8")
    for place, language, told in (
        (tmp_path, "ase", f"no {MODEL_FILE}"),
        (folder, "fra", "choose from ase"),
    ):
        command = [
            "convert",
            "mbart",
            str(place),
            str(tmp_path / "out"),
            "--texts",
            str(texts),
            "--languages",
            language,
        ]
        assert main(command) == 2
        assert told in capsys.readouterr().err
    with pytest.raises(SignError, match="no text to count"):
        mbart.prune(folder, tmp_path / "out", [], ["ase"])
    (tmp_path / MODEL_FILE).write_bytes(b"junk")
    with pytest.raises(SignError, match="cannot be read"):
        PieceText.read(tmp_path)
