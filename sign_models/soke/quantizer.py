"""The vector quantizer of SOKE: nearest code, moving-average codebook, and reset of codes nobody uses.

Source: SOKE section 3.2, after T2M-GPT (arXiv 2301.06052) section 3.1. Unlike the published code, all state is in
buffers, so training resumes to the bit, and the statistics are summed over processes.
"""

from dataclasses import dataclass

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Quantized:
    """codes: (n, c) straight-through codes; ids: (n,); commitment: scalar; perplexity: scalar, no gradient."""

    codes: Tensor
    ids: Tensor
    commitment: Tensor
    perplexity: Tensor


class EmaQuantizer(nn.Module):
    """A codebook (size, width) learned by exponential moving averages, decay ``mu``.

    Codes whose moving count falls below 1 are replaced by rows of the batch, first rows first (the published rule).
    """

    codebook: Tensor
    code_sum: Tensor
    code_count: Tensor
    ready: Tensor

    def __init__(self, size: int, width: int, mu: float = 0.99) -> None:
        super().__init__()
        self.size, self.width, self.mu = size, width, mu
        self.register_buffer("codebook", torch.zeros(size, width))
        self.register_buffer("code_sum", torch.zeros(size, width))
        self.register_buffer("code_count", torch.zeros(size))
        self.register_buffer("ready", torch.zeros((), dtype=torch.bool))

    def nearest(self, x: Tensor) -> Tensor:
        """(n, c) -> (n,) ids of the nearest codes by squared distance."""
        # |x|^2 is the same for every code, so it cannot change which one is nearest
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 would pick other codes
            distance = self.codebook.square().sum(1) - 2 * x.float() @ self.codebook.T  # (n, size)
        return distance.argmin(dim=1)

    def lookup(self, ids: Tensor) -> Tensor:
        """(...) ids -> (..., c) codes."""
        return F.embedding(ids, self.codebook)

    def forward(self, x: Tensor, valid: Tensor | None = None) -> Quantized:
        """x: (n, c); valid: (n,) bool, False for padding, which takes no part in losses and updates."""
        rows = x if valid is None else x[valid]
        if self.training:
            self._update(rows.detach().float())
        ids = self.nearest(x.detach().float())
        codes = self.lookup(ids).to(x.dtype)
        squared = (x - codes.detach()).square().mean(dim=1)
        commitment = squared.mean() if valid is None else (squared * valid).sum() / valid.sum().clamp_min(1)
        used = ids if valid is None else ids[valid]
        return Quantized(x + (codes - x).detach(), ids, commitment, self._perplexity(used))

    @torch.no_grad()
    def _perplexity(self, ids: Tensor) -> Tensor:
        share = torch.bincount(ids, minlength=self.size).float() / max(len(ids), 1)
        return torch.exp(-(share * torch.log(share + 1e-7)).sum())

    @torch.no_grad()
    def _update(self, rows: Tensor) -> None:
        everyone = _gathered(rows)
        if not len(everyone):
            return
        candidates = self._tile(everyone)
        if not self.ready:
            self.codebook.copy_(candidates)
            self.code_sum.copy_(candidates)
            self.code_count.fill_(1.0)
            self.ready.fill_(True)
        ids = self.nearest(everyone)
        count = torch.bincount(ids, minlength=self.size).to(everyone.dtype)
        total = torch.zeros_like(self.code_sum).index_add_(0, ids, everyone)
        self.code_count.mul_(self.mu).add_(count, alpha=1 - self.mu)
        self.code_sum.mul_(self.mu).add_(total, alpha=1 - self.mu)
        alive = (self.code_count >= 1.0)[:, None]
        means = self.code_sum / self.code_count.clamp_min(1e-12)[:, None]
        self.codebook.copy_(torch.where(alive, means, candidates))

    def _tile(self, rows: Tensor) -> Tensor:
        """The first ``size`` rows of the batch; a small batch is repeated with a little noise so that codes differ."""
        if len(rows) >= self.size:
            return rows[: self.size]
        repeats = -(-self.size // len(rows))
        tiled = rows.repeat(repeats, 1)
        generator = torch.Generator().manual_seed(0)  # the same on every process
        noise = torch.randn(tiled.shape, generator=generator).to(tiled)
        return (tiled + noise * 0.01 / self.width**0.5)[: self.size]


def _gathered(rows: Tensor) -> Tensor:
    """The rows of all processes, in rank order; processes may hold different numbers of rows."""
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return rows
    lengths = [torch.zeros((), dtype=torch.long, device=rows.device) for _ in range(dist.get_world_size())]
    dist.all_gather(lengths, torch.tensor(len(rows), device=rows.device))
    longest = int(max(lengths))
    padded = F.pad(rows, (0, 0, 0, longest - len(rows)))
    pieces = [torch.empty_like(padded) for _ in lengths]
    dist.all_gather(pieces, padded)
    return torch.cat([piece[:length] for piece, length in zip(pieces, lengths, strict=True)])
