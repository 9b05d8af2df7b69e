"""Generation with a key-value cache: one decoder step a token step (``k`` of them in sequential mode)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from sign_models.soke.language_model import SignLM
from sign_models.soke.steps import Steps
from sign_models.soke.vocabulary import END
from sign_models.types import MotionTokens


@dataclass(frozen=True)
class Sampling:
    """temperature 0 is greedy. top_k 0 keeps all codes. seed belongs to the first sample, seed + i to the i-th."""

    temperature: float = 0.0
    top_k: int = 0
    max_steps: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.top_k < 0 or self.max_steps < 1:
            raise ValueError(f"{self}: temperature and top_k must not be negative, max_steps must be 1 or more.")


class _Chooser:
    """Picks columns from logits; each sample draws from its own random stream, so a batch cannot change a result."""

    def __init__(self, sampling: Sampling, batch: int) -> None:
        self.sampling = sampling
        self.streams = [torch.Generator().manual_seed(sampling.seed + i) for i in range(batch)]

    def __call__(self, logits: Tensor) -> Tensor:
        """(b, ..., v) -> (b, ...) columns."""
        if self.sampling.temperature == 0:
            return logits.argmax(-1)
        scores = logits.float() / self.sampling.temperature
        if self.sampling.top_k:
            k = min(self.sampling.top_k, scores.shape[-1])
            scores = scores.masked_fill(scores < scores.topk(k).values[..., -1:], -torch.inf)
        # argmax of logits plus Gumbel noise is a draw from the softmax
        noise = torch.stack([torch.rand(scores.shape[1:], generator=stream) for stream in self.streams])
        return (scores - (-noise.to(scores).clamp_min(1e-20).log()).log()).argmax(-1)


@torch.inference_mode()
def stream(
    model: SignLM, text_ids: Tensor, text_mask: Tensor, languages: list[str], sampling: Sampling
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields, step by step, codes (b, k) and (b,) bool: which samples are still going (others' codes mean nothing)."""
    source = model.encode(text_ids, text_mask, languages)
    per_step = model.vocabulary.parts if model.config.mode == "sequential" else 1
    steps = Steps(model, source, sampling.max_steps * per_step)
    choose = _Chooser(sampling, len(languages))
    going = torch.ones(len(languages), dtype=torch.bool, device=text_ids.device)
    inputs = source.start
    for step in range(sampling.max_steps):
        columns, inputs = _step(model, steps, inputs, choose, may_end=step > 0)
        ends = columns == END
        going &= ~(ends.any(1) if model.config.stop == "any" else ends[:, 0])
        if not going.any():
            return
        yield columns - 1, going.clone()


def generate(
    model: SignLM,
    text_ids: Tensor,
    text_mask: Tensor,
    languages: list[str],
    sampling: Sampling,
    on_step: Callable[[int, int], None] | None = None,
) -> list[MotionTokens]:
    """One MotionTokens a sample. on_step(step, max_steps) is called after every step and may raise to stop."""
    columns: list[Tensor] = []
    lengths = torch.zeros(len(languages), dtype=torch.long)
    for codes, going in stream(model, text_ids, text_mask, languages, sampling):
        columns.append(codes.cpu())
        lengths += going.cpu()
        if on_step is not None:
            on_step(len(columns), sampling.max_steps)
    whole = torch.stack(columns, dim=-1)  # (b, k, s)
    return [MotionTokens(whole[i, :, : int(n)]) for i, n in enumerate(lengths)]


def _step(model: SignLM, steps: Steps, inputs: Tensor, choose: _Chooser, *, may_end: bool) -> tuple[Tensor, Tensor]:
    """One token step: the chosen columns (b, k), and the embeddings the next step starts from."""
    allowed = _may_end(model, may_end)
    if model.config.mode == "sequential":
        return _sequential_step(model, steps, inputs, choose, allowed)
    logits = model.logits(steps(inputs))[:, :, 0]  # (b, k, v)
    columns = choose(logits + _end_bias(logits, allowed))
    return columns, model.embed_columns(columns[..., None])


def _sequential_step(
    model: SignLM, steps: Steps, inputs: Tensor, choose: _Chooser, allowed: Tensor
) -> tuple[Tensor, Tensor]:
    chosen: list[Tensor] = []
    for part in range(model.vocabulary.parts):
        logits = model.part_logits(steps(inputs)[:, 0], part)
        logits = logits + _end_bias(logits[:, None], allowed[part : part + 1])[:, 0]
        chosen.append(choose(logits))
        # embed_columns wants all parts at once: place the new one, take its embedding out
        columns = torch.zeros(len(logits), model.vocabulary.parts, 1, dtype=torch.long, device=logits.device)
        columns[:, part, 0] = chosen[-1]
        inputs = model.embed_columns(columns)[:, part : part + 1]
    return torch.stack(chosen, dim=1), inputs


def _may_end(model: SignLM, may_end: bool) -> Tensor:
    """(k,) which heads may end the sequence at this step: none at the first, so that no motion is empty."""
    parts = torch.arange(model.vocabulary.parts)
    if not may_end:
        return torch.zeros_like(parts, dtype=torch.bool)
    first_only = model.config.stop == "body" or model.config.mode == "sequential"
    return parts == 0 if first_only else torch.ones_like(parts, dtype=torch.bool)


def _end_bias(logits: Tensor, allowed: Tensor) -> Tensor:
    """(b, k, v) zeros with -inf in the end column of the heads that may not end."""
    bias = torch.zeros(logits.shape[1:], device=logits.device)
    bias[~allowed.to(logits.device), END] = -torch.inf
    return bias[None]
