"""LatentTransformer: from a gloss and the codes of a still picture to the codes of a clip (LMT, second stage).

The sequence is the prefix [label, codes of the still] and then the codes of the clip, frame by frame. Under
"sequence-to-sequence" attention the prefix sees all of itself and the clip sees the prefix and what came before; under
"causal" attention the prefix, too, sees only what came before.

Beside that the network learns to fill whole frames: a third stretch of the sequence holds frames with hidden codes,
each of which sees the prefix, the frames before it as the second stretch has them, and all of itself. One pass trains
both, and both decode from the same cache. This is ours; the paper goes code by code.

Letters: t frames, n = h * w places of a frame, p = 1 + n places of the prefix, s = t * n codes of a clip, v codes in
the codebook, m frames that are filled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn


@dataclass(frozen=True)
class PriorConfig:
    """codes: of the tokenizer. grid: (t, h, w) of a clip's codes. glosses: how many labels there are.

    mask: see above. label: "prefix", one token in front (the paper), or "everywhere", added at every place as well,
    without which a small network copies the still and forgets the sign (lmt.md section 8.3).
    """

    codes: int
    grid: tuple[int, ...]
    glosses: int
    width: int = 512
    layers: int = 8
    heads: int = 8
    dropout: float = 0.1
    mask: Literal["seq2seq", "causal"] = "seq2seq"
    label: Literal["prefix", "everywhere"] = "prefix"

    def __post_init__(self) -> None:
        if self.width % self.heads or len(self.grid) != 3 or min(self.codes, self.glosses, *self.grid) < 1:
            raise ValueError(
                f"width {self.width} must be a multiple of heads {self.heads}, grid {list(self.grid)} three sizes, and "
                f"codes {self.codes} and glosses {self.glosses} 1 or more."
            )

    @property
    def places(self) -> int:
        """n."""
        return self.grid[1] * self.grid[2]

    @property
    def length(self) -> int:
        """s."""
        return self.grid[0] * self.places

    @property
    def hidden(self) -> int:
        """The id of a code that is not shown."""
        return self.codes

    @property
    def no_gloss(self) -> int:
        """The label that says nothing, for guidance."""
        return self.glosses


class Cache:
    """Keys and values of what has been read, a pair (b, g, places, e) a layer."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Tensor, Tensor]] = []

    def with_new(self, layer: int, k: Tensor, v: Tensor, *, keep: bool) -> tuple[Tensor, Tensor]:
        if layer < len(self.pairs):
            k, v = (torch.cat(pair, dim=2) for pair in zip(self.pairs[layer], (k, v), strict=True))
        if keep:
            self.pairs[layer : layer + 1] = [(k, v)]
        return k, v


class LatentTransformer(nn.Module):
    """forward(gloss_ids (b,), still_ids (b, h, w), latent_ids (b, t, h, w)) -> logits (b, s, v) of every code from
    those before it. ``config.hidden`` in place of a still's code hides it; in place of a clip's code it hides it from
    later ones.
    """

    allowed: Tensor

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.config = config
        t, h, w = config.grid
        d = config.width
        self.code = nn.Embedding(config.codes + 2, d)  # the codes, hidden, start
        self.gloss = nn.Embedding(config.glosses + 1, d)
        self.time = nn.Embedding(t + 1, d)  # the frames, the still
        self.row, self.column = nn.Embedding(h, d), nn.Embedding(w, d)
        self.kind = nn.Embedding(2, d)  # code by code, frame by frame
        self.layers = nn.ModuleList(_Layer(d, config.heads, config.dropout) for _ in range(config.layers))
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, config.codes)
        self.apply(_start)
        for layer in self.layers:
            for last in (layer.proj, layer.mlp[2]):  # type: ignore[index]
                nn.init.normal_(last.weight, std=0.02 / (2 * config.layers) ** 0.5)  # type: ignore[union-attr,arg-type]
        self.register_buffer("allowed", self._mask(), persistent=False)

    def forward(self, gloss_ids: Tensor, still_ids: Tensor, latent_ids: Tensor) -> Tensor:
        return self.both(gloss_ids, still_ids, latent_ids)[0]

    def both(
        self,
        gloss_ids: Tensor,
        still_ids: Tensor,
        latent_ids: Tensor,
        frames: Tensor | None = None,
        shown_ids: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Logits as ``forward`` gives them, and (b, m, n, v) those of whole frames.

        frames: (b, m) which; shown_ids: (b, m, h, w) what is shown of them, ``config.hidden`` where nothing is.
        """
        config = self.config
        inputs = self._shifted(latent_ids)
        x = [self.prefix(gloss_ids, still_ids), self.slots(gloss_ids, inputs, 0)]
        allowed = self.allowed
        if frames is not None and shown_ids is not None:
            x.append(self.queries(gloss_ids, frames, shown_ids))
            allowed = self._mask_with(frames)
        hidden = self.run(torch.cat(x, dim=1), allowed)
        p, s = 1 + config.places, config.length
        later = hidden[:, p + s :]
        filled = rearrange(self.logits(later), "b (m n) v -> b m n v", n=config.places) if later.shape[1] else None
        return self.logits(hidden[:, p : p + s]), filled

    def states(self, gloss_ids: Tensor, still_ids: Tensor, latent_ids: Tensor) -> Tensor:
        """(b, p + s, d) last hidden states of prefix and clip."""
        x = torch.cat([self.prefix(gloss_ids, still_ids), self.slots(gloss_ids, self._shifted(latent_ids), 0)], dim=1)
        return self.run(x, self.allowed)

    def prefix(self, gloss_ids: Tensor, still_ids: Tensor) -> Tensor:
        """(b, p, d) inputs of label and still."""
        label = self.gloss(gloss_ids)[:, None]
        frame = torch.full_like(gloss_ids, self.config.grid[0])
        still = self.code(still_ids.flatten(1)) + self._places(frame[:, None])[:, 0]
        return torch.cat([label, self._labelled(still, gloss_ids)], dim=1)

    def slots(self, gloss_ids: Tensor, inputs: Tensor, first: int) -> Tensor:
        """inputs: (b, k) the code before each of the places ``first`` to ``first + k`` of the clip -> (b, k, d)."""
        places = self._every_place()[first : first + inputs.shape[1]]
        return self._labelled(self.code(inputs) + places + self.kind.weight[0], gloss_ids)

    def queries(self, gloss_ids: Tensor, frames: Tensor, shown_ids: Tensor) -> Tensor:
        """frames (b, m), shown_ids (b, m, h, w) -> (b, m * n, d)."""
        x = self.code(shown_ids.flatten(2)) + self._places(frames) + self.kind.weight[1]
        return self._labelled(x.flatten(1, 2), gloss_ids)

    def run(self, x: Tensor, allowed: Tensor | None, cache: Cache | None = None, *, keep: bool = True) -> Tensor:
        """x (b, k, d) inputs -> last hidden states. allowed: (k, places) or (b, 1, k, places) bool, None for all.

        cache: what came before; ``keep`` adds these places to it.
        """
        for i, layer in enumerate(self.layers):
            x = layer(x, allowed, cache, i, keep)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self.head(hidden)
        return logits

    @property
    def start(self) -> int:
        """The id that stands before the first code."""
        return self.config.codes + 1

    def _shifted(self, latent_ids: Tensor) -> Tensor:
        flat = latent_ids.flatten(1)
        return torch.cat([torch.full_like(flat[:, :1], self.start), flat[:, :-1]], dim=1)

    def _labelled(self, x: Tensor, gloss_ids: Tensor) -> Tensor:
        return x + self.gloss(gloss_ids)[:, None] if self.config.label == "everywhere" else x

    def _places(self, frames: Tensor) -> Tensor:
        """frames (b, m) -> (b, m, n, d)."""
        plane = rearrange(self.row.weight[:, None] + self.column.weight[None], "h w d -> (h w) d")
        return self.time(frames)[:, :, None] + plane

    def _every_place(self) -> Tensor:
        """(s, d)."""
        frames = torch.arange(self.config.grid[0], device=self.head.weight.device)
        return self._places(frames[None])[0].flatten(0, 1)

    def _mask(self) -> Tensor:
        """(p + s, p + s) bool: who may look at whom."""
        p, s = 1 + self.config.places, self.config.length
        allowed = torch.ones(p + s, p + s, dtype=torch.bool).tril()
        if self.config.mask == "seq2seq":
            allowed[:p, :p] = True
        return allowed

    def _mask_with(self, frames: Tensor) -> Tensor:
        """The same with filled frames (b, m) behind: (b, 1, p + s + m * n, p + s + m * n)."""
        p, s, n = 1 + self.config.places, self.config.length, self.config.places
        b, m = frames.shape
        allowed = torch.zeros(b, p + s + m * n, p + s + m * n, dtype=torch.bool, device=frames.device)
        allowed[:, : p + s, : p + s] = self.allowed
        owner = frames.repeat_interleave(n, dim=1)  # (b, m n) the frame of each query
        # slot j reads code j - 1: the first n * frame + 1 slots know the frames before and no more
        slot = torch.arange(s, device=frames.device)
        allowed[:, p + s :, :p] = True
        allowed[:, p + s :, p : p + s] = slot <= owner[..., None] * n
        nth = torch.arange(m * n, device=frames.device) // n
        allowed[:, p + s :, p + s :] = nth[:, None] == nth[None]
        return allowed[:, None]


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor, allowed: Tensor | None, cache: Cache | None, index: int, keep: bool) -> Tensor:
        q, k, v = rearrange(self.qkv(self.norm1(x)), "b s (three g e) -> three b g s e", three=3, g=self.heads)
        if cache is not None:
            k, v = cache.with_new(index, k, v, keep=keep)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
        x = x + self.dropout(self.proj(rearrange(seen, "b g s e -> b s (g e)")))
        return x + self.dropout(self.mlp(self.norm2(x)))


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def as_grid(ids: Tensor, grid: Sequence[int]) -> Tensor:
    """(b, s) -> (b, t, h, w)."""
    t, h, w = grid
    return rearrange(ids, "b (t h w) -> b t h w", t=t, h=h, w=w)
