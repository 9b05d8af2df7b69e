"""The decoder one step at a time: what generation runs. The layers are MBart's, the work is only what a step needs.

A step reads every weight of the decoder once, so their bytes set its time. ``pack`` keeps them as int8 or bfloat16.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sign_models.soke.language_model import SignLM, Source

Precision = Literal["float32", "bfloat16", "int8"]

Linear = Callable[[Tensor], Tensor]

POSITION_OFFSET = 2
"""MBart's first position is row 2 of its table."""


@dataclass(frozen=True)
class Layer:
    """One decoder layer. qkv: (b, d) -> (b, 3 d) of self-attention. kv: (b, n, d) -> (b, n, 2 d) of cross-attention."""

    heads: int
    qkv: Linear
    out: Linear
    cross_q: Linear
    cross_kv: Linear
    cross_out: Linear
    widen: Linear
    narrow: Linear
    norms: tuple[nn.LayerNorm, nn.LayerNorm, nn.LayerNorm]


def layers_of(model: SignLM, precision: Precision = "float32") -> list[Layer]:
    """float32: the model's own weights, whatever type they have, without a copy."""
    make = _MAKERS[precision]
    return [_layer(layer, make) for layer in model.backbone.decoder.layers]


def pack(model: SignLM, precision: Precision) -> SignLM:
    """From now on ``model`` decodes on the CPU with copies of its decoder's weights in this precision.

    int8: weights by row, inputs by tensor, as torch's dynamic quantisation does. The weights themselves stay.
    """
    if precision == "float32":
        _PACKED.pop(model, None)
    else:
        _PACKED[model] = layers_of(model, precision)
    return model


_PACKED: "WeakKeyDictionary[SignLM, list[Layer]]" = WeakKeyDictionary()
"""Beside the model, not in it: its weights are saved as they were."""


class Steps:
    """The decoder's state for a batch: call it with the embeddings of one position (b, 1, d), get its hidden state."""

    def __init__(self, model: SignLM, source: Source, longest: int) -> None:
        decoder = model.backbone.decoder
        self._layers: list[Layer] = _PACKED.get(model) or layers_of(model)
        self._decoder = decoder
        batch, _, width = source.states.shape
        heads = self._layers[0].heads
        shape = (len(self._layers), 2, batch, heads, longest, width // heads)
        self._past = torch.empty(shape, dtype=source.states.dtype, device=source.states.device)
        self._source = [_split(layer.cross_kv(source.states), 2, heads) for layer in self._layers]
        self._mask = None if bool(source.mask.all()) else source.mask[:, None, None].bool()
        self._length = 0

    def __call__(self, inputs: Tensor) -> Tensor:
        place = self._decoder.embed_positions.weight[self._length + POSITION_OFFSET]
        x = self._decoder.layernorm_embedding(inputs[:, 0] + place)
        now = self._length
        self._length += 1
        for layer, past, source in zip(self._layers, self._past, self._source, strict=True):
            q, k, v = _split(layer.qkv(layer.norms[0](x))[:, None], 3, layer.heads)
            past[0, :, :, now] = k[:, :, 0]
            past[1, :, :, now] = v[:, :, 0]
            seen = F.scaled_dot_product_attention(q, past[0, :, :, : now + 1], past[1, :, :, : now + 1])
            x = x + layer.out(seen.flatten(1))
            (q,) = _split(layer.cross_q(layer.norms[1](x))[:, None], 1, layer.heads)
            seen = F.scaled_dot_product_attention(q, source[0], source[1], attn_mask=self._mask)
            x = x + layer.cross_out(seen.flatten(1))
            x = x + layer.narrow(F.gelu(layer.widen(layer.norms[2](x))))
        return self._decoder.layer_norm(x)[:, None]


def _split(x: Tensor, count: int, heads: int) -> tuple[Tensor, ...]:
    """(b, n, count * d) -> count times (b, heads, n, d / heads)."""
    return tuple(x.unflatten(-1, (count, heads, -1)).permute(2, 0, 3, 1, 4).unbind(0))


def _layer(layer: Any, make: Callable[[list[nn.Linear]], Linear]) -> Layer:
    own, cross = layer.self_attn, layer.encoder_attn
    return Layer(
        own.num_heads,
        make([own.q_proj, own.k_proj, own.v_proj]),
        make([own.out_proj]),
        make([cross.q_proj]),
        _plain([cross.k_proj, cross.v_proj]),  # once a sentence, many rows at a time: nothing to gain
        make([cross.out_proj]),
        make([layer.fc1]),
        make([layer.fc2]),
        (layer.self_attn_layer_norm, layer.encoder_attn_layer_norm, layer.final_layer_norm),
    )


def _plain(linears: list[nn.Linear]) -> Linear:
    if len(linears) == 1:
        return linears[0]
    return lambda x: torch.cat([linear(x) for linear in linears], dim=-1)


def _joined(linears: list[nn.Linear]) -> tuple[Tensor, Tensor]:
    weight, bias = (torch.cat([getattr(one, name).detach() for one in linears]) for name in ("weight", "bias"))
    return weight.float(), bias.float()


def _bfloat16(linears: list[nn.Linear]) -> Linear:
    weight, bias = (value.bfloat16() for value in _joined(linears))
    if not torch.backends.mkldnn.is_available():
        return lambda x: F.linear(x.bfloat16(), weight, bias).float()
    blocked = torch.ops.mkldnn._reorder_linear_weight(weight)  # else it is put in order again at every step
    return lambda x: torch.ops.mkldnn._linear_pointwise(x.bfloat16(), blocked, bias, "none", [], "").float()


def _int8(linears: list[nn.Linear]) -> Linear:
    """torch means to give up its quantised tensors, which are still the fastest: 0.6 of the time of plain ones."""
    weight, bias = _joined(linears)
    scale = (weight.abs().amax(1) / 127).clamp_min(1e-12)
    make = _int8_quantised if hasattr(torch, "quantize_per_channel") else _int8_plain
    return make(weight, bias, scale)


def _int8_quantised(weight: Tensor, bias: Tensor, scale: Tensor) -> Linear:
    zero = torch.zeros(len(weight), dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        packed = torch.ops.quantized.linear_prepack(
            torch.quantize_per_channel(weight, scale.double(), zero, 0, torch.qint8), bias
        )
    return lambda x: torch.ops.quantized.linear_dynamic(x.float(), packed, reduce_range=False)


def _int8_plain(weight: Tensor, bias: Tensor, scale: Tensor) -> Linear:
    zero = torch.zeros(len(weight), dtype=torch.long)
    whole = (weight / scale[:, None]).round().to(torch.int8)
    packed = torch.ops.onednn.qlinear_prepack(whole, [1, weight.shape[1]])

    def linear(x: Tensor) -> Tensor:
        low, high = (float(end) for end in torch.aminmax(x))
        step = max((max(high, 0.0) - min(low, 0.0)) / 255, 1e-12)
        origin = round(-min(low, 0.0) / step)
        bytes_ = (x.float() / step).round_().add_(origin).clamp_(0, 255).to(torch.uint8)
        return torch.as_tensor(
            torch.ops.onednn.qlinear_pointwise(
                bytes_, step, origin, packed, scale, zero, bias, 1.0, 0, torch.float32, "none", [], ""
            )
        )

    return linear


_MAKERS: dict[Precision, Callable[[list[nn.Linear]], Linear]] = {
    "float32": _plain,
    "bfloat16": _bfloat16,
    "int8": _int8,
}
