"""HAN: hybrid attention network with attentive MMIL pooling.

Tian, Li, Xu, "Unified multisensory perception: weakly-supervised audio-visual video parsing",
ECCV 2020, section 5.2. https://arxiv.org/abs/2007.10558

    audio (B, T, 128) -> fc_a ------------------------------> a (B, T, 512) -+
    visual (B, T, 2048) -> fc_v -+                                           +-> hybrid attention
    visual_st (B, T, 512) -> fc_st -> fc_fusion ------------> v (B, T, 512) -+         |
    clip_prob, modality_prob <- attention over time and modality <- segment_prob (B, T, 2, C)

As released: one layer of attention is shared by both directions, and each reads the other's
*input*; the loss is the full binary cross-entropy. Paper and released code call ``segment_prob``
frame_prob, ``clip_prob`` global_prob, and ``modality_prob[:, 0|1]`` a_prob and v_prob.
"""

from typing import ClassVar

from torch import Tensor, nn

from avparse.models._layers import HybridAttention
from avparse.models._parsing import ParsingModel
from avparse.models.base import Recipe
from avparse.models.options.parsing import HANOptions


class HAN(ParsingModel):
    """HAN for weakly supervised parsing; the ablations of its Table 2 are options."""

    recipe = Recipe(40, 16, 3e-4, (10, 20, 30), 0.1)
    renames: ClassVar[tuple[tuple[str, str], ...]] = ((r"^attention\.", "hat_encoder.layers.0."),)

    def __init__(self, num_classes: int, options: HANOptions) -> None:
        super().__init__(num_classes, options)
        self.temporal = options.temporal
        if self.temporal == "han":
            self.attention = HybridAttention(options.width, options.heads, options.dropout)
        elif self.temporal != "none":
            self.audio_encoder = _unimodal(options)
            self.visual_encoder = _unimodal(options)

    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Each segment in the context of its own and of the other stream: eq. 1-4."""
        if self.temporal == "none":
            return a, v
        if self.temporal == "han":
            return self.attention.both(a, v)
        if self.temporal == "gru":
            return self.audio_encoder(a)[0], self.visual_encoder(v)[0]
        return self.audio_encoder(a), self.visual_encoder(v)


def _unimodal(options: HANOptions) -> nn.Module:
    """A temporal network of one modality: (B, T, D) -> (B, T, D)."""
    width = options.width
    if options.temporal == "gru":
        return nn.GRU(width, width // 2, batch_first=True, bidirectional=True)
    return nn.TransformerEncoderLayer(
        width, options.heads, width, options.dropout, batch_first=True
    )
