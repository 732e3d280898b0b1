"""CMRAN: cross-modal relation-aware network.

Xu et al., "Cross-modal relation-aware networks for audio-visual event localization",
ACM MM 2020, section 3. https://arxiv.org/abs/2008.00836

    visual (B, T, 7, 7, D) -> v_fc -> AGSCA, guided by audio -> v (B, T, 512)
    v -> ITR encoder --------+                     +-------- ITR encoder <- audio (B, T, 128)
    audio -> CMRA decoder <--+                     +--> CMRA decoder <- v
    both -> audio-visual interaction -> o (B, T, 256) -> event_logits (B, T)
                                        max over T ---> class_logits (B, K)

As released, not as written: ``v_fc`` with ReLU and dropout comes first, attention is scaled by
the width of a head, the feed-forward blocks are 2048 wide, and gradients are clipped. With weak
supervision, the interaction has half of the heads and the learning rate has other milestones.
Released in float64; float32 here. Parameters that released CMRAN never uses are left out.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from avparse.models._attention import relation
from avparse.models._layers import Dropout
from avparse.models._localization import LocalizationModel, TwoHeads
from avparse.models._relation import CELL_WIDTH, DECODER_RENAMES, Decoder, Encoder, Interaction
from avparse.models._spatial import AGSCA, AVGA, few_clips_at_a_time
from avparse.models.base import LocalizationOutput, Recipe
from avparse.models.options.localization import CMRANOptions


class CMRAN(LocalizationModel):
    """CMRAN; the ablations of its Tables 3-5 are options."""

    recipe = Recipe(200, 32, 5e-4, (10, 20, 30), 0.5, clip_norm=0.1)
    weak_recipe = Recipe(200, 32, 5e-4, (5, 20, 40), 0.5, clip_norm=0.5)
    guided = "spatial_channel_att"
    renames = (
        (r"_encoder\.layers\.(\d+)\.attention", r"_encoder.encoder.layers.\1.self_attn"),
        (r"_encoder\.layers", "_encoder.encoder.layers"),
        *DECODER_RENAMES,
    )

    def __init__(self, num_classes: int, options: CMRANOptions) -> None:
        super().__init__(num_classes, options)
        width, heads, layers = options.width, options.heads, options.layers
        self.spatial_channel_att: AGSCA | AVGA | None = None
        if options.attention == "agsca":
            self.spatial_channel_att = AGSCA(CELL_WIDTH, 128, width)
        elif options.attention == "agva":
            self.spatial_channel_att = AVGA(CELL_WIDTH, 128)
        self.v_fc = nn.Linear(options.visual_width, CELL_WIDTH)
        self.relation = options.relation
        if self.relation != "self":
            self.video_encoder = Encoder(CELL_WIDTH, width, heads, layers)
            self.audio_encoder = Encoder(128, width, heads, layers)
        if self.relation != "none":
            self.video_decoder = Decoder(CELL_WIDTH, width, heads, self.relation)
            self.audio_decoder = Decoder(128, width, heads, self.relation)
        self.AVInter = Interaction(width, heads // 2 if self.weak else heads, options.interaction)
        self.localize_module = TwoHeads(width, num_classes, self.weak)
        self.drop = Dropout(0.2)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Localize events.

        Args:
            audio: (B, T, 128) VGGish.
            visual: (B, T, 7, 7, D) maps.
        """
        attended = few_clips_at_a_time(self.attend, visual, audio)
        v = attended if self.relation == "self" else self.video_encoder(attended)
        a = audio if self.relation == "self" else self.audio_encoder(audio)
        if self.relation != "none":
            a, v = self.audio_decoder(audio, v), self.video_decoder(attended, a)
        output: LocalizationOutput = self.localize_module(self.AVInter(a, v))
        return output

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """``where``, and ``relation`` of the decoders."""
        maps = super().attention_maps(weights)
        if self.relation == "none":
            return maps
        a_to_a, a_to_v = self.audio_decoder.own_and_other(weights, "audio_decoder")
        v_to_v, v_to_a = self.video_decoder.own_and_other(weights, "video_decoder")
        return maps | relation(a_to_a, a_to_v, v_to_a, v_to_v)

    def attend(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Maps to one vector per segment: (B, T, 512)."""
        cells = self.drop(torch.relu_(self.v_fc(visual.flatten(2, 3))))
        return self.spatial_channel_att(cells, audio) if self.spatial_channel_att else cells.mean(2)
