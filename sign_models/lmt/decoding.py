"""From a gloss and a still to the codes of a clip: code by code, or frame by frame, both from a key-value cache."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from sign_models.lmt.prior import Cache, LatentTransformer, as_grid

OnStep = Callable[[int, int], None]
"""(steps done, steps in all), after each; may raise to stop."""


@dataclass(frozen=True)
class Sampling:
    """mode "tokens": one code a pass (the paper). "frames": a whole frame of codes in ``passes`` passes, the surest
    codes first (after MaskGIT, arXiv 2202.04200).

    temperature 0 takes the likeliest code. top_k 0 and top_p 1 keep all. guidance: 1 is the network as it is; above,
    what the gloss changes is exaggerated (arXiv 2207.12598). seed belongs to the first clip, seed + i to the i-th.
    """

    mode: Literal["tokens", "frames"] = "frames"
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    guidance: float = 1.0
    passes: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.top_k < 0 or not 0 < self.top_p <= 1 or self.guidance < 0 or self.passes < 1:
            raise ValueError(
                f"{self}: temperature, top_k and guidance must not be negative, top_p above 0 and at most 1, passes 1 "
                "or more."
            )


@torch.inference_mode()
def generate(
    model: LatentTransformer,
    gloss_ids: Tensor,
    still_ids: Tensor,
    sampling: Sampling,
    on_step: OnStep | None = None,
) -> Tensor:
    """gloss_ids (b,), still_ids (b, h, w) -> ids (b, t, h, w)."""
    decoder = _Decoder(model, gloss_ids, still_ids, sampling)
    t, n = model.config.grid[0], model.config.places
    steps = t * n if sampling.mode == "tokens" else t * sampling.passes
    ids = torch.full((len(gloss_ids), t * n), model.config.hidden, device=gloss_ids.device)
    done = 0
    if sampling.mode == "tokens":
        for place in range(t * n):
            ids[:, place] = decoder.next_code(place, ids)
            done += 1
            if on_step is not None:
                on_step(done, steps)
    else:
        for frame in range(t):
            for step in range(sampling.passes):
                decoder.fill(frame, step, ids)
                done += 1
                if on_step is not None:
                    on_step(done, steps)
            decoder.read(frame, ids)
    return as_grid(ids, model.config.grid)


class _Decoder:
    """The network with its cache; with guidance the batch holds each clip twice, the second time without its gloss."""

    def __init__(self, model: LatentTransformer, gloss_ids: Tensor, still_ids: Tensor, sampling: Sampling) -> None:
        self.model, self.sampling = model, sampling
        self.clips = len(gloss_ids)
        self.guided = sampling.guidance != 1
        if self.guided:
            gloss_ids = torch.cat([gloss_ids, torch.full_like(gloss_ids, model.config.no_gloss)])
            still_ids = torch.cat([still_ids, still_ids])
        self.gloss_ids = gloss_ids
        self.cache = Cache()
        self.choose = _Chooser(sampling, self.clips)
        start = torch.full((len(gloss_ids), 1), model.start, device=gloss_ids.device)
        inputs = torch.cat([model.prefix(gloss_ids, still_ids), model.slots(gloss_ids, start, 0)], dim=1)
        p = inputs.shape[1]
        self.last = model.run(inputs, model.allowed[:p, :p], self.cache)[:, -1:]

    def next_code(self, place: int, ids: Tensor) -> Tensor:
        """(b,) the code at ``place``, those before it being in ``ids`` (b, s)."""
        if place:
            slot = self.model.slots(self.gloss_ids, self._twice(ids[:, place - 1 : place]), place)
            self.last = self.model.run(slot, None, self.cache)
        return self.choose(self._guide(self.model.logits(self.last)))[0][:, 0]

    def fill(self, frame: int, step: int, ids: Tensor) -> None:
        """Pass ``step`` over a frame: the surest of its hidden codes are set in ``ids``; in the last pass all are."""
        config = self.model.config
        n = config.places
        own = slice(frame * n, (frame + 1) * n)
        shown = ids[:, own]
        frames = torch.full((len(self.gloss_ids), 1), frame, device=ids.device)
        grid = self._twice(shown).view(-1, 1, *config.grid[1:])
        hidden = self.model.run(self.model.queries(self.gloss_ids, frames, grid), None, self.cache, keep=False)
        codes, sure = self.choose(self._guide(self.model.logits(hidden)))
        open_ = shown == config.hidden
        share = math.cos(math.pi / 2 * (step + 1) / self.sampling.passes)  # still hidden after this pass
        leave = 0 if step + 1 == self.sampling.passes else int(share * n)
        take = min(max(int(open_[0].sum()) - leave, 0), n)
        order = sure.masked_fill(~open_, -torch.inf).argsort(dim=1, descending=True, stable=True)[:, :take]
        ids[:, own] = shown.scatter(1, order, codes.gather(1, order))

    def read(self, frame: int, ids: Tensor) -> None:
        """Puts a filled frame into the cache, as the frames after it need it."""
        n, first = self.model.config.places, frame * self.model.config.places
        if first + n >= ids.shape[1]:
            return
        slots = self.model.slots(self.gloss_ids, self._twice(ids[:, first : first + n]), first + 1)
        before = self.cache.pairs[0][0].shape[2]
        allowed = torch.ones(n, before + n, dtype=torch.bool, device=ids.device).tril(before)
        self.model.run(slots, allowed, self.cache)

    def _twice(self, ids: Tensor) -> Tensor:
        return torch.cat([ids, ids]) if self.guided else ids

    def _guide(self, logits: Tensor) -> Tensor:
        logits = logits.float()
        if not self.guided:
            return logits
        told, untold = logits.chunk(2)
        return untold + self.sampling.guidance * (told - untold)


class _Chooser:
    """Picks codes from logits; each clip draws from its own random stream, so a batch cannot change a result."""

    def __init__(self, sampling: Sampling, clips: int) -> None:
        self.sampling = sampling
        self.streams = [torch.Generator().manual_seed(sampling.seed + i) for i in range(clips)]

    def __call__(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """(b, k, v) -> codes (b, k) and how sure each is (b, k), its log-probability."""
        if self.sampling.temperature == 0:
            best = logits.log_softmax(-1).max(-1)
            return best.indices, best.values
        scores = self._kept(logits / self.sampling.temperature)
        # argmax of logits plus Gumbel noise is a draw from the softmax
        noise = torch.stack([torch.rand(scores.shape[1:], generator=stream) for stream in self.streams])
        codes = (scores - (-noise.to(scores).clamp_min(1e-20).log()).log()).argmax(-1)
        return codes, scores.log_softmax(-1).gather(-1, codes[..., None])[..., 0]

    def _kept(self, scores: Tensor) -> Tensor:
        """Only the ``top_k`` likeliest, then only those that make up ``top_p``; -inf elsewhere."""
        if self.sampling.top_k:
            k = min(self.sampling.top_k, scores.shape[-1])
            scores = scores.masked_fill(scores < scores.topk(k).values[..., -1:], -torch.inf)
        if self.sampling.top_p < 1:
            ranked = scores.sort(-1, descending=True)
            share = ranked.values.softmax(-1)
            beyond = share.cumsum(-1) - share >= self.sampling.top_p  # the one that crosses the limit stays
            drop = torch.zeros_like(beyond).scatter(-1, ranked.indices, beyond)
            scores = scores.masked_fill(drop, -torch.inf)
        return scores
