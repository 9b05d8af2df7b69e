"""A SOKE of random weights over the real dictionaries, so small that it is made in a second or two.

It has learned nothing but to stop: what it signs is nonsense, but every wire of the real thing is in it.
"""

import random
from pathlib import Path

import torch
import torch.nn.functional as F

from sign_models.languages import LANGUAGES
from sign_models.parts import PARTS
from sign_models.registry import load_dictionary, load_pipeline
from sign_models.soke import generator
from sign_models.soke.autoencoder import AutoencoderConfig
from sign_models.soke.generator import Generator
from sign_models.soke.language_model import LanguageModelConfig, SignLM
from sign_models.soke.prompt import PromptConfig
from sign_models.soke.signs import SignCodes, key_of
from sign_models.soke.text import SubwordText
from sign_models.soke.tokenizer import PartConfig, SignTokenizer, TokenizerConfig
from sign_models.soke.vocabulary import END
from sign_models.types import MotionTokens

CODES = (6, 8, 8)


def write(folder: Path, mode: str = "multi_head", form: str = "ordered") -> Path:
    torch.manual_seed(0)
    tokenizer = SignTokenizer(
        TokenizerConfig(
            parts=tuple(PartConfig(part.name, part.columns, n) for part, n in zip(PARTS, CODES, strict=True)),
            autoencoder=AutoencoderConfig(width=16, code_width=8, depth=1),
        )
    ).eval()
    for vae in tokenizer.vaes:
        vae.quantizer.codebook.normal_()
    rest = load_pipeline("ase").generate("Hello.").motion.features
    tokenizer.set_statistics(rest.mean(0), 0.1 * torch.ones(rest.shape[1]))
    model = SignLM(
        LanguageModelConfig(
            text_rows=300, codes=CODES, width=16, encoder_layers=1, decoder_layers=1, attention_heads=2,
            feedforward=32, positions=512, mode=mode, dropout=0.0,
        )
    )  # fmt: skip
    _teach_to_stop(model)
    signs = {code: {key_of(entry): _codes(key_of(entry)) for entry in load_dictionary(code)} for code in LANGUAGES}
    prompt = PromptConfig(form=form, limit=256)  # type: ignore[arg-type]
    parts = Generator(model.eval(), SubwordText.learn(["hello you"], 300), prompt, SignCodes(signs), tokenizer)
    generator.save(folder, parts)
    return folder


def _codes(key: str) -> MotionTokens:
    chance = random.Random(key)
    return MotionTokens(torch.tensor([[chance.randrange(n) for _ in range(3)] for n in CODES]))


def _teach_to_stop(model: SignLM, steps: int = 12) -> None:
    """After so many steps; which codes come before that stays as random as the weights."""
    kept = model.head.detach().clone()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    draw = torch.Generator().manual_seed(0)
    ends = torch.arange(steps + 1) == steps
    for length in torch.randint(5, 150, (60,), generator=draw).tolist():
        text = torch.randint(4, 300, (6, length), generator=draw)
        motion = torch.stack([torch.randint(0, n, (6, steps), generator=draw) for n in CODES], dim=1)
        logits = model(text, torch.ones_like(text, dtype=torch.bool), ["ase"] * 6, motion)
        end = logits[..., END] - logits[..., END + 1 :].logsumexp(-1)
        loss = F.binary_cross_entropy_with_logits(end, ends.float().expand_as(end))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.head[:, END + 1 :] = kept[:, END + 1 :]
