"""Relation layers within and between modalities, shared by CMRAN and BMFN.

Xu et al., "Cross-modal relation-aware networks for audio-visual event localization",
ACM MM 2020, sections 3.3-3.4. https://arxiv.org/abs/2008.00836
"""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from avparse.models._attention import Recorder
from avparse.models._layers import Dropout

CELL_WIDTH = 512
"""Width of a cell of the visual map after ``v_fc``."""
INNER = 2048
"""Width of the feed-forward blocks, as released."""
DROPOUT = 0.1

DECODER_RENAMES = (
    (r"_decoder\.layer\.attention", "_decoder.decoder.layers.0.multihead_attn"),
    (r"_decoder\.layer\.", "_decoder.decoder.layers.0."),
)
"""Parameter names of :class:`Decoder` to those of released CMRAN and BMFN."""


class RelationLayer(nn.Module):
    """Post-norm attention of a query over a memory, then a feed-forward block.

    Args:
        memory_width: width of the memory; None for that of the query.
    """

    def __init__(self, width: int, heads: int, memory_width: int | None = None) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(
            width, heads, DROPOUT, kdim=memory_width, vdim=memory_width, batch_first=True
        )
        self.linear1 = nn.Linear(width, INNER)
        self.linear2 = nn.Linear(INNER, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.drop = Dropout(DROPOUT)
        self.weights = Recorder()

    def attend(self, query: Tensor, memory: Tensor) -> Tensor:
        """The attention alone."""
        out, weights = self.attention(query, memory, memory, need_weights=self.weights.active)
        if weights is not None:
            self.weights(weights)
        return cast(Tensor, out)

    def forward(self, query: Tensor, memory: Tensor) -> Tensor:
        """(B, T, D) query, (B, S, D) memory -> (B, T, D)."""
        x = self.norm1(query + self.drop(self.attend(query, memory)))
        inner = self.linear2(self.drop(torch.relu_(self.linear1(x))))
        out: Tensor = self.norm2(x + self.drop(inner))
        return out


def stacked(layer: RelationLayer, *others: RelationLayer) -> nn.ModuleList:
    """Layers that start with equal weights, as released."""
    for other in others:
        other.load_state_dict(layer.state_dict())
    return nn.ModuleList((layer, *others))


class Encoder(nn.Module):
    """ITR: relations within one modality, ``layers`` deep; 0 layers only project."""

    def __init__(self, source: int, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.affine_matrix = nn.Linear(source, width)
        relations = [RelationLayer(width, heads) for _ in range(layers)]
        self.layers = stacked(*relations) if relations else nn.ModuleList()

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, source) -> (B, T, D)."""
        x = self.affine_matrix(x)
        for layer in self.layers:
            x = layer(x, x)
        return x


class Decoder(nn.Module):
    """CMRA: a modality attends to the other and itself: section 3.3, eq. 5-8.

    Args:
        memory: ``cmra`` both modalities, concatenated in time; ``self`` or ``co`` only itself or
            the other; ``cmra_f`` both, concatenated in each segment. Table 3.
    """

    def __init__(self, source: int, width: int, heads: int, memory: str = "cmra") -> None:
        super().__init__()
        self.memory = memory
        self.affine_matrix = nn.Linear(source, width)
        self.layer = RelationLayer(width, heads, 2 * width if memory == "cmra_f" else None)

    def forward(self, query: Tensor, other: Tensor) -> Tensor:
        """(B, T, source) query, (B, T, D) other modality -> (B, T, D)."""
        query = self.affine_matrix(query)
        memory = {
            "cmra": lambda: torch.cat((other, query), dim=1),
            "cmra_f": lambda: torch.cat((other, query), dim=2),
            "self": lambda: query,
            "co": lambda: other,
        }[self.memory]()
        return cast(Tensor, self.layer(query, memory))

    def own_and_other(self, weights: Mapping[str, Tensor], name: str) -> tuple[Tensor | None, ...]:
        """Attention to its own segments, and to the other's: each (B, T, T), or None.

        Args:
            weights: recorded weights.
            name: name of this module.
        """
        attention = weights[f"{name}.layer.weights"]
        if self.memory == "cmra":
            to_other, to_itself = attention.chunk(2, -1)
            return to_itself, to_other
        # cmra_f has one weight for a segment of both modalities.
        pairs = {"self": (attention, None), "co": (None, attention), "cmra_f": (None, None)}
        return pairs[self.memory]


class Interaction(nn.Module):
    """The product of two streams attends to both: CMRAN's AVInter, eq. 9-10; BMFN's FBFM, eq. 7.

    Args:
        memory: ``cmra`` both streams, ``self`` the product, ``none`` no attention.
            CMRAN, Table 4.
    """

    def __init__(self, width: int, heads: int, memory: str = "cmra") -> None:
        super().__init__()
        self.memory = memory
        if memory != "none":
            self.video_multihead = nn.MultiheadAttention(width, heads, DROPOUT, batch_first=True)
            self.norm1 = nn.LayerNorm(width)
            self.drop = Dropout(DROPOUT)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Two (B, T, D) streams -> (B, T, D)."""
        product = first * second
        if self.memory == "none":
            return product
        memory = product if self.memory == "self" else torch.cat((first, second), dim=1)
        attended = self.video_multihead(product, memory, memory, need_weights=False)[0]
        return cast(Tensor, self.norm1(product + self.drop(attended)))
