"""CMRAN: cross-modal relation-aware network.

Xu et al., "Cross-modal relation-aware networks for audio-visual event localization",
ACM MM 2020, sections 3.2-3.5. https://arxiv.org/abs/2008.00836

    visual (B, T, 7, 7, D) -> v_fc -> AGSCA, guided by audio -> v (B, T, 512)
    v -> ITR encoder --------+                     +-------- ITR encoder <- audio (B, T, 128)
    audio -> CMRA decoder <--+                     +--> CMRA decoder <- v
    both -> audio-visual interaction -> o (B, T, 256) -> event_logits (B, T)
                                        max over T ---> class_logits (B, K)

As released, not as written: ``v_fc`` with ReLU and dropout comes first, attention is scaled by
the width of a head, the feed-forward blocks are 2048 wide, gradients are clipped. Released in
float64; float32 here. Parameters that the released checkpoint holds but never uses are left out.
"""

import torch
from torch import Tensor, nn

from avparse.errors import ConfigError
from avparse.losses import category_of, relevance_and_class
from avparse.models import INPUTS
from avparse.models.base import LocalizationOutput, Model, Recipe, Targets, Task


class SpatialChannelAttention(nn.Module):
    """AGSCA: the sound picks channels, then places: section 3.2, eq. 1-4."""

    def __init__(self, visual_width: int, audio_width: int, width: int) -> None:
        super().__init__()
        self.affine_video_1 = nn.Linear(visual_width, visual_width)
        self.affine_audio_1 = nn.Linear(audio_width, visual_width)
        self.affine_bottleneck = nn.Linear(visual_width, width)
        self.affine_v_c_att = nn.Linear(width, visual_width)
        self.affine_video_2 = nn.Linear(visual_width, width)
        self.affine_audio_2 = nn.Linear(audio_width, width)
        self.affine_v_s_att = nn.Linear(width, 1)

    def forward(self, cells: Tensor, audio: Tensor) -> Tensor:
        """(B, T, N, D) cells and (B, T, A) audio -> (B, T, D), a weighted sum of gated cells."""
        heard = torch.relu(self.affine_audio_1(audio))
        guided = (torch.relu(self.affine_video_1(cells))).mean(2) * heard
        squeezed = torch.relu(self.affine_bottleneck(guided))
        gate = torch.sigmoid(self.affine_v_c_att(squeezed))
        gated = cells * (1 + gate).unsqueeze(2)
        heard = torch.relu(self.affine_audio_2(audio)).unsqueeze(2)
        places = torch.tanh(self.affine_v_s_att(torch.relu(self.affine_video_2(gated)) * heard))
        return (torch.softmax(places, dim=2) * gated).sum(2)


class RelationLayer(nn.Module):
    """Post-norm attention of a query over a memory, then a feed-forward block."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.linear1 = nn.Linear(width, inner)
        self.linear2 = nn.Linear(inner, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, query: Tensor, memory: Tensor) -> Tensor:
        """(B, T, D) query, (B, S, D) memory -> (B, T, D)."""
        attended = self.attention(query, memory, memory, need_weights=False)[0]
        x = self.norm1(query + self.drop(attended))
        inner = self.linear2(self.drop(torch.relu(self.linear1(x))))
        out: Tensor = self.norm2(x + self.drop(inner))
        return out


class Encoder(nn.Module):
    """ITR: relations within one modality, ``layers`` deep."""

    def __init__(
        self, source: int, width: int, heads: int, inner: int, dropout: float, layers: int
    ) -> None:
        super().__init__()
        self.affine_matrix = nn.Linear(source, width)
        self.layers = nn.ModuleList(
            RelationLayer(width, heads, inner, dropout) for _ in range(layers)
        )
        for layer in self.layers[1:]:
            layer.load_state_dict(self.layers[0].state_dict())

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, source) -> (B, T, D)."""
        x = self.affine_matrix(x)
        for layer in self.layers:
            x = layer(x, x)
        return x


class Decoder(nn.Module):
    """CMRA: a modality asks the other and itself: section 3.3, eq. 5-8."""

    def __init__(self, source: int, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.affine_matrix = nn.Linear(source, width)
        self.layer = RelationLayer(width, heads, inner, dropout)

    def forward(self, query: Tensor, other: Tensor) -> Tensor:
        """(B, T, source) query, (B, T, D) other modality -> (B, T, D)."""
        query = self.affine_matrix(query)
        out: Tensor = self.layer(query, torch.cat((other, query), dim=1))
        return out


class Interaction(nn.Module):
    """AVInter: the product of both streams asks both streams: section 3.4, eq. 9-10."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.video_multihead = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.norm1 = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Two (B, T, D) streams -> (B, T, D)."""
        product = visual * audio
        memory = torch.cat((audio, visual), dim=1)
        attended = self.video_multihead(product, memory, memory, need_weights=False)[0]
        out: Tensor = self.norm1(product + self.drop(attended))
        return out


class CMRAN(Model):
    """CMRAN for supervised localization.

    Args:
        num_classes: K, background not counted.
        visual_width: D of the visual map, 512 for VGG-19.
        width: of the relation layers.
        heads: of every attention.
        layers: of each ITR encoder, at least 1.
    """

    task = Task.LOCALIZATION
    inputs = INPUTS["cmran"]
    recipe = Recipe(200, 32, 5e-4, (10, 20, 30), 0.5, clip_norm=0.1)

    def __init__(
        self,
        num_classes: int = 28,
        visual_width: int = 512,
        width: int = 256,
        heads: int = 4,
        layers: int = 2,
    ) -> None:
        super().__init__()
        if layers < 1:
            raise ConfigError(f"cmran layers = {layers}", "give at least 1")
        self.num_classes = num_classes
        seen, inner, dropout = 512, 2048, 0.1
        self.spatial_channel_att = SpatialChannelAttention(seen, 128, width)
        self.v_fc = nn.Linear(visual_width, seen)
        self.video_encoder = Encoder(seen, width, heads, inner, dropout, layers)
        self.video_decoder = Decoder(seen, width, heads, inner, dropout)
        self.audio_encoder = Encoder(128, width, heads, inner, dropout, layers)
        self.audio_decoder = Decoder(128, width, heads, inner, dropout)
        self.AVInter = Interaction(width, heads, dropout)
        self.classifier = nn.Linear(width, 1)
        self.event_classifier = nn.Linear(width, num_classes)
        self.drop = nn.Dropout(0.2)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Localize events.

        Args:
            audio: (B, T, 128) VGGish.
            visual: (B, T, 7, 7, D) maps.
        """
        cells = self.drop(torch.relu(self.v_fc(visual.flatten(2, 3))))
        v = self.spatial_channel_att(cells, audio)
        audio_out = self.audio_decoder(audio, self.video_encoder(v))
        video_out = self.video_decoder(v, self.audio_encoder(audio))
        o = self.AVInter(video_out, audio_out)
        return LocalizationOutput(
            event_logits=self.classifier(o).squeeze(-1),
            class_logits=self.event_classifier(o.amax(1)),
        )

    def loss(self, output: LocalizationOutput, targets: Targets) -> Tensor:
        """Relevance of segments plus category of the clip: section 3.5."""
        labels = targets.segment_labels
        assert labels is not None
        event = (labels != self.num_classes).to(output.event_logits.dtype)
        category = category_of(labels, self.num_classes)
        return relevance_and_class(output.event_logits, output.class_logits, event, category)
