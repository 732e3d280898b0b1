"""CMRAN: cross-modal relation-aware network.

Xu et al., "Cross-modal relation-aware networks for audio-visual event localization",
ACM MM 2020, section 3. https://arxiv.org/abs/2008.00836

    visual (B, T, 7, 7, D) -> v_fc -> AGSCA, guided by audio -> v (B, T, 512)
    v -> ITR encoder --------+                     +-------- ITR encoder <- audio (B, T, 128)
    audio -> CMRA decoder <--+                     +--> CMRA decoder <- v
    both -> audio-visual interaction -> o (B, T, 256) -> event_logits (B, T)
                                        max over T ---> class_logits (B, K)

As released, not as written: ``v_fc`` with ReLU and dropout comes first, attention is scaled by
the width of a head, the feed-forward blocks are 2048 wide, gradients are clipped; in weak settings
the interaction has 2 heads, the learning rate other milestones. Released in float64; float32 here.
Parameters that the released checkpoint holds but never uses are left out.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from avparse.models._attention import relation
from avparse.models._layers import Dropout
from avparse.models._localization import LocalizationModel, TwoHeads
from avparse.models._relation import Decoder, Encoder, Interaction
from avparse.models._spatial import AGSCA, AVGA, few_clips_at_a_time
from avparse.models.base import LocalizationOutput, Recipe, one_of

SEEN = 512
"""Width of a visual cell after ``v_fc``."""


class CMRAN(LocalizationModel):
    """CMRAN; its Tables 3-5 by options.

    Args:
        num_classes, visual_width, supervision: see
            :class:`~avparse.models._localization.LocalizationModel`.
        width: of the relation layers.
        heads: of their attention.
        layers: of each ITR encoder, from 0.
        attention: ``agsca``, ``agva`` (AVEL's) or ``mean`` over the map.
        relation: ``cmra``, ``self``, ``co``, ``cmra_f`` or ``none``: each encoder on its own.
        interaction: ``cmra``, ``self`` or ``none``.
    """

    recipe = Recipe(200, 32, 5e-4, (10, 20, 30), 0.5, clip_norm=0.1)
    guided = "spatial_channel_att"
    renames = (
        (r"_encoder\.layers\.(\d+)\.attention", r"_encoder.encoder.layers.\1.self_attn"),
        (r"_encoder\.layers", "_encoder.encoder.layers"),
        (r"_decoder\.layer\.attention", "_decoder.decoder.layers.0.multihead_attn"),
        (r"_decoder\.layer\.", "_decoder.decoder.layers.0."),
    )

    def __init__(
        self,
        num_classes: int = 28,
        visual_width: int = 512,
        supervision: str = "full",
        width: int = 256,
        heads: int = 4,
        layers: int = 2,
        attention: str = "agsca",
        relation: str = "cmra",
        interaction: str = "cmra",
    ) -> None:
        super().__init__(num_classes, supervision)
        one_of("attention", attention, "agsca", "agva", "mean")
        if self.weak:
            self.recipe = Recipe(200, 32, 5e-4, (5, 20, 40), 0.5, clip_norm=0.5)
        if attention == "agsca":
            self.spatial_channel_att: AGSCA | AVGA | None = AGSCA(SEEN, 128, width)
        else:
            self.spatial_channel_att = AVGA(SEEN, 128) if attention == "agva" else None
        self.v_fc = nn.Linear(visual_width, SEEN)
        self.relation = relation
        if relation != "self":
            self.video_encoder = Encoder(SEEN, width, heads, layers)
            self.audio_encoder = Encoder(128, width, heads, layers)
        if relation != "none":
            self.video_decoder = Decoder(SEEN, width, heads, relation)
            self.audio_decoder = Decoder(128, width, heads, relation)
        self.AVInter = Interaction(width, heads // 2 if self.weak else heads, interaction)
        self.localize_module = TwoHeads(width, num_classes, supervision)
        self.drop = Dropout(0.2)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Localize events.

        Args:
            audio: (B, T, 128) VGGish.
            visual: (B, T, 7, 7, D) maps.
        """
        v = few_clips_at_a_time(self.look, visual, audio)
        seen = v if self.relation == "self" else self.video_encoder(v)
        heard = audio if self.relation == "self" else self.audio_encoder(audio)
        if self.relation != "none":
            heard, seen = self.audio_decoder(audio, seen), self.video_decoder(v, heard)
        output: LocalizationOutput = self.localize_module(self.AVInter(heard, seen))
        return output

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Where it looks, and which seconds ask which."""
        found = super().attention_maps(weights)
        if self.relation == "none":
            return found
        heard_heard, heard_seen = self.audio_decoder.asked(weights, "audio_decoder")
        seen_seen, seen_heard = self.video_decoder.asked(weights, "video_decoder")
        return found | relation(heard_heard, heard_seen, seen_heard, seen_seen)

    def look(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Maps to one vector a segment: (B, T, 512)."""
        cells = self.drop(torch.relu_(self.v_fc(visual.flatten(2, 3))))
        return self.spatial_channel_att(cells, audio) if self.spatial_channel_att else cells.mean(2)
