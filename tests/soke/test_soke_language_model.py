from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from sign_models.soke import decoding
from sign_models.soke.decoding import Sampling
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.vocabulary import END, EOS, PAD, SignVocabulary

TINY = LanguageModelConfig(text_rows=20, codes=(5, 7, 7), width=32, encoder_layers=2, decoder_layers=2,
                           attention_heads=4, feedforward=64, dropout=0.0, positions=64)  # fmt: skip
MODES = ("multi_head", "sequential", "parallel")
TEXT = torch.tensor([[5, 6, 7, 2], [8, 2, 1, 1]])
TEXT_MASK = TEXT != PAD
LANGUAGES = ["ase", "gsg"]


def tiny(**changes: object) -> SignLM:
    torch.manual_seed(0)
    return SignLM(replace(TINY, **changes)).eval()  # type: ignore[arg-type]


def codes(steps: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.stack([torch.randint(0, n, (2, steps), generator=generator) for n in TINY.codes], dim=1)


def test_rows_do_not_overlap_and_fill_the_table() -> None:
    vocabulary = SignVocabulary(19_012, (96, 192, 192))
    table = vocabulary.row_of_column()
    real = table[(table != PAD) & (table != EOS)]
    assert len(real) == len(real.unique()) == 480
    languages = {vocabulary.language_row(name, part) for name in ("ase", "csl", "gsg") for part in (None, 0, 1, 2)}
    assert len(languages) == 12
    assert not languages & set(real.tolist())
    assert max(real) < vocabulary.rows
    assert vocabulary.mask()[0].isinf().sum() == 96


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("heads", ["separate", "tied"])
def test_logits_are_shaped_and_masked(mode: str, heads: str) -> None:
    logits = tiny(mode=mode, heads=heads)(TEXT, TEXT_MASK, LANGUAGES, codes())
    assert logits.shape == (2, 3, 7, 8)
    assert logits[:, 0, :, 6:].isinf().all()
    assert logits[:, 1:].isfinite().all()


def test_multi_head_input_is_the_weighted_sum_of_the_parts() -> None:
    model = tiny(fusion=0.4)
    columns = codes() + 1
    rows = model.vocabulary.row_of_column()
    table = model.backbone.get_input_embeddings().weight
    parts = [table[rows[k][columns[:, k]]] * 32**0.5 for k in range(3)]
    assert torch.allclose(model.embed_columns(columns), 0.2 * parts[0] + 0.4 * parts[1] + 0.4 * parts[2], atol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_a_later_code_never_changes_an_earlier_logit(mode: str) -> None:
    model = tiny(mode=mode)
    motion, changed = codes(), codes()
    changed[:, :, 4] = (changed[:, :, 4] + 1) % 5
    before, after = (model(TEXT, TEXT_MASK, LANGUAGES, ids) for ids in (motion, changed))
    assert torch.allclose(before[:, :, :5], after[:, :, :5], atol=1e-5) or mode == "sequential"
    assert torch.allclose(before[:, 0, :5], after[:, 0, :5], atol=1e-5)
    assert not torch.allclose(before[:, :, 5:].nan_to_num(neginf=0), after[:, :, 5:].nan_to_num(neginf=0), atol=1e-5)


def test_only_parallel_mode_keeps_the_parts_apart() -> None:
    changed = codes()
    changed[:, 1, 2] = (changed[:, 1, 2] + 1) % 7
    for mode in MODES:
        model = tiny(mode=mode)
        before, after = (model(TEXT, TEXT_MASK, LANGUAGES, ids)[:, 0, :, :6] for ids in (codes(), changed))
        assert torch.allclose(before, after, atol=1e-5) == (mode == "parallel")


@pytest.mark.parametrize("mode", MODES)
def test_loss_is_the_sum_of_three_cross_entropies_without_padding(mode: str) -> None:
    model = tiny(mode=mode)
    motion = codes()
    mask = torch.tensor([[True] * 6, [True] * 4 + [False] * 2])
    logits = model(TEXT, TEXT_MASK, LANGUAGES, motion)
    expected = 0.0
    for part in range(3):
        rows, targets = [], []
        for i, steps in enumerate((6, 4)):
            ends = 1 if mode != "sequential" or part == 0 else 0
            rows.append(logits[i, part, : steps + ends])
            targets.append(torch.cat([motion[i, part, :steps] + 1, torch.full((ends,), END)]))
        expected += F.cross_entropy(torch.cat(rows), torch.cat(targets))
    assert torch.allclose(model.loss(logits, motion, mask), torch.as_tensor(expected))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sampling", [Sampling(max_steps=9), Sampling(1.0, 4, 9, seed=3)], ids=["greedy", "sampled"])
def test_cached_decoding_equals_the_whole_prefix_again(mode: str, sampling: Sampling) -> None:
    model = tiny(mode=mode)
    fast = decoding.generate(model, TEXT[:1], TEXT_MASK[:1], ["ase"], sampling)[0].ids
    choose = decoding._Chooser(sampling, 1)
    slow = torch.zeros(1, 3, 0, dtype=torch.long)
    for step in range(fast.shape[1]):
        nxt = torch.zeros(1, 3, 1, dtype=torch.long)
        end_bias = decoding._end_bias(torch.zeros(1, 3, 8), decoding._may_end(model, step > 0))
        if mode == "sequential":
            for part in range(3):
                guess = model(TEXT[:1], TEXT_MASK[:1], ["ase"], torch.cat([slow, nxt], -1))
                nxt[:, part, 0] = choose(guess[:, part, step] + end_bias[:, part]) - 1
        else:
            guess = model(TEXT[:1], TEXT_MASK[:1], ["ase"], slow)
            nxt = (choose(guess[:, :, -1] + end_bias) - 1)[..., None]
        slow = torch.cat([slow, nxt], dim=-1)
    assert torch.equal(fast, slow[0])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sampling", [Sampling(max_steps=12), Sampling(1.0, 0, 12)], ids=["greedy", "sampled"])
def test_a_batch_gives_what_single_calls_give(mode: str, sampling: Sampling) -> None:
    model = tiny(mode=mode)
    together = decoding.generate(model, TEXT, TEXT_MASK, LANGUAGES, sampling)
    for i, language in enumerate(LANGUAGES):
        n = int(TEXT_MASK[i].sum())
        own = replace(sampling, seed=sampling.seed + i)
        alone = decoding.generate(model, TEXT[i : i + 1, :n], TEXT_MASK[i : i + 1, :n], [language], own)[0]
        assert torch.equal(alone.ids, together[i].ids)


def test_without_the_cross_attention_mask_neighbours_matter() -> None:
    padded = torch.tensor([[8, 2, 1, 1]])
    for masked in (True, False):
        model = tiny(mask_cross_attention=masked)
        alone = model(padded[:, :2], padded[:, :2] != PAD, ["gsg"], codes()[:1])
        together = model(padded, padded != PAD, ["gsg"], codes()[:1])
        assert torch.allclose(alone, together, atol=1e-5) == masked


@pytest.mark.parametrize("mode", MODES)
def test_overfits_two_sentences_and_stops_by_itself(mode: str) -> None:
    model = tiny(mode=mode).train()
    motion = codes()
    mask = torch.tensor([[True] * 6, [True] * 4 + [False] * 2])
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(120):
        loss = model.loss(model(TEXT, TEXT_MASK, LANGUAGES, motion), motion, mask)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seen: list[int] = []
    result = decoding.generate(model.eval(), TEXT, TEXT_MASK, LANGUAGES, Sampling(), lambda step, _: seen.append(step))
    assert torch.equal(result[0].ids, motion[0])
    assert torch.equal(result[1].ids, motion[1, :, :4])
    assert seen == list(range(1, 7))


def test_stop_rule_any_head_or_the_body_head() -> None:
    for stop in ("any", "body"):
        model = tiny(stop=stop)
        with torch.no_grad():
            model.head[:] = 0
            model.head[0, 1] = model.head[2, 1] = 1.0
            model.head[1, END] = 1.0  # only a hand's head wants to end, whatever the state
            model.backbone.decoder.layer_norm.bias[:] = 1.0
            model.backbone.decoder.layer_norm.weight[:] = 0.0
        length = decoding.generate(model, TEXT[:1], TEXT_MASK[:1], ["ase"], Sampling(max_steps=5))[0].ids.shape[1]
        assert length == (1 if stop == "any" else 5)


def test_the_language_token_and_the_scale_matter() -> None:
    model = tiny()
    asl, dgs = (model(TEXT[:1], TEXT_MASK[:1], [name], codes()[:1]) for name in ("ase", "gsg"))
    assert not torch.allclose(asl, dgs)
    other = tiny(embedding_scale=1.0)
    assert not torch.allclose(asl, other(TEXT[:1], TEXT_MASK[:1], ["ase"], codes()[:1]))


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match=r"fusion is 0\.6"):
        tiny(fusion=0.6)
    with pytest.raises(ValueError, match="max_steps"):
        Sampling(max_steps=0)


@pytest.mark.parametrize("mode", MODES)
def test_folded_signs_take_one_place_a_step(mode: str) -> None:
    """A prompt of text, two steps of a sign and the end gives the encoder four places; the sign's are mixed."""
    model = tiny(mode=mode, fold_signs=True, fusion=0.25)
    rows = model.vocabulary.row_of_column()
    sign = [int(rows[k, 1 + code]) for step in ((0, 1, 2), (3, 4, 5)) for k, code in enumerate(step)]
    prompts = torch.tensor([[9, *sign, 2], [9, 10, 11, 2, 1, 1, 1, 1]])
    seen: list[torch.Tensor] = []
    encoder = model.backbone.encoder
    encoder.register_forward_pre_hook(lambda _, args, kwargs: seen.append(kwargs["inputs_embeds"]), with_kwargs=True)
    source = model.encode(prompts, prompts != PAD, LANGUAGES)
    assert seen[0].shape == (2, 4, 32)
    assert source.mask.all()
    plain = model._embed(prompts)
    weights = torch.tensor([0.5, 0.25, 0.25])
    assert torch.allclose(seen[0][0, 1], torch.einsum("kd,k->d", plain[0, 1:4], weights), atol=1e-5)
    assert torch.allclose(seen[0][0, 2], torch.einsum("kd,k->d", plain[0, 4:7], weights), atol=1e-5)
    assert torch.allclose(seen[0][0, [0, 3]], plain[0, [0, 7]])
    assert torch.allclose(seen[0][1], plain[1, :4])


def test_folding_pads_the_shorter_prompt() -> None:
    model = tiny(fold_signs=True)
    first = int(model.vocabulary.row_of_column()[0, 1])
    prompts = torch.tensor([[9, first, first + 8, first + 18, 2], [9, 10, 11, 12, 2]])
    both = model(prompts, prompts != PAD, LANGUAGES, codes())
    alone = model(prompts[:1], prompts[:1] != PAD, LANGUAGES[:1], codes()[:1])
    assert torch.allclose(both[:1], alone, atol=1e-5)


def test_with_waves_the_next_place_is_one_turn_for_all_places() -> None:
    model = tiny(wave_positions=0.3)
    for half in (model.backbone.encoder, model.backbone.decoder):
        places = half.embed_positions.weight.detach().double()
        assert torch.allclose(places.norm(dim=1), torch.tensor(0.3 * 16**0.5).double(), atol=1e-5)
        turn = torch.linalg.lstsq(places[:-1], places[1:], driver="gelsd").solution
        assert torch.allclose(places[:-1] @ turn, places[1:], atol=1e-4)
    plain = tiny().backbone.encoder.embed_positions.weight.detach().double()
    turn = torch.linalg.lstsq(plain[:-1], plain[1:]).solution
    assert not torch.allclose(plain[:-1] @ turn, plain[1:], atol=1e-2)
