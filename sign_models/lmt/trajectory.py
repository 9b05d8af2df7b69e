"""Trajectory attention: each token follows what it looks at through all frames, then weighs the frames.

Source: Motionformer (arXiv 2106.05392), section 3; LMT's motion transformer uses it. Letters: t frames, n places of a
frame, l prototypes, g heads, e channels of a head, c = g * e.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

Values = Literal["projected", "published"]
"""What is averaged over frames: the learned projection of the trajectories (the equation), or the trajectories as they
are, as the code published with Motionformer does."""


class TrajectoryAttention(nn.Module):
    """(b, t, n, c) -> (b, t, n, c), for any t and n.

    landmarks: 0 for the exact form, else the number of prototypes of the linear approximation (same paper, section
    3.2), whose cost grows with t * n and not with its square.
    """

    def __init__(self, width: int, heads: int, values: Values = "projected", landmarks: int = 0) -> None:
        super().__init__()
        if width % heads or landmarks < 0:
            raise ValueError(f"width {width} must be a multiple of heads {heads}, landmarks {landmarks} 0 or more.")
        self.heads, self.values, self.landmarks = heads, values, landmarks
        self.qkv = nn.Linear(width, 3 * width)
        self.proj_q = nn.Linear(width, width)
        self.proj_kv = nn.Linear(width, 2 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        b, t, n, c = x.shape
        q, k, v = rearrange(self.qkv(x), "b t n (three g e) -> three b g t n e", three=3, g=self.heads)
        y = self._approximate(q, k, v) if self.landmarks else _exact(q, k, v)  # (b, s, t, c), s = t * n queries
        own = torch.arange(t * n, device=x.device) // n  # the frame of each query
        diagonal = y[:, torch.arange(t * n, device=x.device), own]
        return self.proj(self._along_frames(diagonal, y)).view(b, t, n, c)

    def _along_frames(self, diagonal: Tensor, y: Tensor) -> Tensor:
        """diagonal (b, s, c), trajectories y (b, s, t, c) -> (b, s, c).

        The equation projects every trajectory point to a key and a value. Both projections are linear and the query is
        one, so they are moved to the query and to the average instead: the same result for 1/t of the products. The
        bias of the keys adds the same to all frames, which the softmax does not see.
        """
        key, value = self.proj_kv.weight.chunk(2)  # (c, c) each
        q = rearrange(self.proj_q(diagonal), "b s (g e) -> b s g e", g=self.heads)
        asked = torch.einsum("bsge,gec->bsgc", q, rearrange(key, "(g e) c -> g e c", g=self.heads))
        scale = (diagonal.shape[-1] // self.heads) ** -0.5
        weight = (torch.einsum("bsgc,bstc->bsgt", asked, y) * scale).softmax(-1)
        if self.values == "published":
            shown = rearrange(y, "b s t (g e) -> b s t g e", g=self.heads)
            return torch.einsum("bsgt,bstge->bsge", weight, shown).flatten(2)
        mean = torch.einsum("bsgt,bstc->bsgc", weight, y)
        shown = torch.einsum("bsgc,gec->bsge", mean, rearrange(value, "(g e) c -> g e c", g=self.heads))
        return shown.flatten(2) + self.proj_kv.bias.chunk(2)[1]

    def _approximate(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        t = q.shape[2]
        flat = rearrange(q, "b g t n e -> b g (t n) e")
        marks = _prototypes(flat, min(self.landmarks, flat.shape[2]), random=self.training)
        seen = F.scaled_dot_product_attention(marks[:, :, None].expand(-1, -1, t, -1, -1), k, v)  # (b, g, t, l, e)
        seen = rearrange(seen, "b g t l e -> b g l (t e)")
        near = (flat @ marks.mT * flat.shape[-1] ** -0.5).softmax(-1)  # (b, g, s, l)
        return rearrange(near @ seen, "b g s (t e) -> b s t (g e)", t=t)


def _exact(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """(b, g, t, n, e) each -> trajectories (b, s, t, c): every query looks at each frame alone."""
    t = q.shape[2]
    queries = rearrange(q, "b g t n e -> b g 1 (t n) e").expand(-1, -1, t, -1, -1)
    # one call per pair of head and frame, so that logits of all pairs of tokens never lie in memory together
    y = F.scaled_dot_product_attention(queries, k, v)
    return rearrange(y, "b g t s e -> b s t (g e)")


@torch.no_grad()
def _chosen(q: Tensor, count: int, random: bool) -> Tensor:
    """(b, g, count) tokens that point away from one another: always the one least like those already taken."""
    unit = F.normalize(q.float(), dim=-1, eps=1e-6)
    b, g, s, _ = q.shape
    first = torch.randint(s, (b, g, 1), device=q.device) if random else q.new_zeros((b, g, 1), dtype=torch.long)
    taken = [first]
    likeness = torch.full((b, g, s), -1.0, device=q.device)
    for _ in range(count - 1):
        newest = unit.gather(2, taken[-1][..., None].expand(-1, -1, -1, unit.shape[-1]))
        likeness = torch.maximum(likeness, (unit @ newest.mT)[..., 0].abs())
        likeness = likeness.scatter(2, taken[-1], 2.0)  # never twice
        taken.append(likeness.argmin(-1, keepdim=True))
    return torch.cat(taken, dim=2)


def _prototypes(q: Tensor, count: int, *, random: bool) -> Tensor:
    """(b, g, s, e) queries -> (b, g, count, e) of them; gradients flow through the values, not through the choice."""
    index = _chosen(q, count, random)
    return q.gather(2, index[..., None].expand(-1, -1, -1, q.shape[-1]))
