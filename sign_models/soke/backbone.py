"""transformers' settings of an mBART, out of our own table of sizes."""

from typing import Protocol

from transformers import MBartConfig

from sign_models.soke.vocabulary import BOS, EOS, PAD


class Sizes(Protocol):
    """What the settings of every mBART here have. width: of the embeddings; feedforward: of the inner layers."""

    @property
    def width(self) -> int: ...

    @property
    def encoder_layers(self) -> int: ...

    @property
    def decoder_layers(self) -> int: ...

    @property
    def attention_heads(self) -> int: ...

    @property
    def feedforward(self) -> int: ...

    @property
    def dropout(self) -> float: ...

    @property
    def positions(self) -> int: ...


def backbone_config(sizes: Sizes, rows: int, *, scale_embedding: bool) -> MBartConfig:
    """rows: of the embedding table. scale_embedding: whether mBART multiplies embeddings by the root of the width."""
    return MBartConfig(
        vocab_size=rows,
        d_model=sizes.width,
        encoder_layers=sizes.encoder_layers,
        decoder_layers=sizes.decoder_layers,
        encoder_attention_heads=sizes.attention_heads,
        decoder_attention_heads=sizes.attention_heads,
        encoder_ffn_dim=sizes.feedforward,
        decoder_ffn_dim=sizes.feedforward,
        dropout=sizes.dropout,
        max_position_embeddings=sizes.positions,
        scale_embedding=scale_embedding,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
        forced_eos_token_id=None,  # a text that is too long is cut, not given an end
    )
