"""HAN: hybrid attention network with attentive MMIL pooling.

Tian, Li, Xu, "Unified multisensory perception: weakly-supervised audio-visual video parsing",
ECCV 2020, sections 4.1-4.3. https://arxiv.org/abs/2007.10558

    audio (B, T, 128) -> fc_a ------------------------------> a (B, T, 512) -+
    visual (B, T, 2048) -> fc_v -+                                           +-> hybrid attention
    visual_st (B, T, 512) -> fc_st -> fc_fusion ------------> v (B, T, 512) -+         |
    clip_prob, modality_prob <- attention over time and modality <- segment_prob (B, T, 2, C)

As released, not as written: attention has projections, a feed-forward block and layer norms
(one layer, shared by both directions, each seeing the other's *input*); the loss is the full
binary cross-entropy. Paper and released code call ``segment_prob`` frame_prob, ``clip_prob``
global_prob, and ``modality_prob[:, 0|1]`` a_prob and v_prob.
"""

import torch
from torch import Tensor, nn

from avparse.losses import clamped_bce, smooth_labels
from avparse.models import INPUTS
from avparse.models.base import Model, ParsingOutput, Recipe, Targets, Task
from avparse.models.layers import pool_snippets


class HybridAttention(nn.Module):
    """One attention step of a stream over itself and over the other: eq. 2-3."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.cm_attn = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.linear1 = nn.Linear(width, width)
        self.linear2 = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, stream: Tensor, other: Tensor) -> Tensor:
        """(B, T, D) of one stream, updated from itself and the other."""
        across = self.cm_attn(stream, other, other, need_weights=False)[0]
        within = self.self_attn(stream, stream, stream, need_weights=False)[0]
        x = self.norm1(stream + self.drop(across) + self.drop(within))
        inner = self.linear2(self.drop(torch.relu(self.linear1(x))))
        out: Tensor = self.norm2(x + self.drop(inner))
        return out


class HAN(Model):
    """HAN for weakly supervised parsing.

    Args:
        num_classes: C.
        width: D, of both streams.
        heads: of each attention.
        dropout: everywhere in the hybrid attention.
        visual_smoothing: epsilon of the label smoothing of the visual stream's target;
            0.1 with K = 2 turns 0/1 into 0.05/0.95.
    """

    task = Task.PARSING
    inputs = INPUTS["han"]
    many = frozenset({"visual"})
    recipe = Recipe(40, 16, 3e-4, (10, 20, 30), 0.1)

    def __init__(
        self,
        num_classes: int = 25,
        width: int = 512,
        heads: int = 1,
        dropout: float = 0.1,
        visual_smoothing: float = 0.1,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.visual_smoothing = visual_smoothing
        self.fc_prob = nn.Linear(width, num_classes)
        self.fc_frame_att = nn.Linear(width, num_classes)
        self.fc_av_att = nn.Linear(width, num_classes)
        self.fc_a = nn.Linear(128, width)
        self.fc_v = nn.Linear(2048, width)
        self.fc_st = nn.Linear(512, width)
        self.fc_fusion = nn.Linear(2 * width, width)
        self.attention = HybridAttention(width, heads, dropout)

    def forward(self, audio: Tensor, visual: Tensor, visual_st: Tensor) -> ParsingOutput:
        """Parse clips.

        Args:
            audio: (B, T, 128) VGGish.
            visual: (B, T, 2048) ResNet-152, or (B, n T, 2048) with n frames a segment.
            visual_st: (B, T, 512) R(2+1)D.
        """
        a = self.fc_a(audio)
        frames = pool_snippets(self.fc_v(visual), audio.shape[1])
        v = self.fc_fusion(torch.cat((frames, self.fc_st(visual_st)), dim=-1))
        return self.pool(torch.stack((self.attention(a, v), self.attention(v, a)), dim=2))

    def pool(self, x: Tensor) -> ParsingOutput:
        """Attentive MMIL pooling of (B, T, 2, D): eq. 5-7."""
        segment_prob = torch.sigmoid(self.fc_prob(x))
        in_time = torch.softmax(self.fc_frame_att(x), dim=1)
        in_modality = torch.softmax(self.fc_av_att(x), dim=2)
        weighted = in_time * segment_prob
        return ParsingOutput(
            clip_prob=(weighted * in_modality).sum((1, 2)),
            modality_prob=weighted.sum(1),
            segment_prob=segment_prob,
        )

    def loss(self, output: ParsingOutput, targets: Targets) -> Tensor:
        """Weak loss plus the guided losses of both modalities: eq. 8-10."""
        labels = targets.clip_labels
        assert labels is not None
        audio, visual = output.modality_prob.unbind(1)
        return (
            clamped_bce(audio, labels)
            + clamped_bce(visual, smooth_labels(labels, self.visual_smoothing))
            + clamped_bce(output.clip_prob, labels)
        )
