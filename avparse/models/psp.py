"""PSP: positive sample propagation.

Zhou et al., "Positive sample propagation along the audio-visual event line", CVPR 2021.
https://arxiv.org/abs/2104.00239

    visual map -> attention, guided by audio -> biLSTM -> v -+   similarity of all audio and visual
    audio -------------------------------------> biLSTM -> a -+   segments; small values are cut;
    each stream adds similar segments of the other -> mean -> segment_scores (B, T, K + 1)

With weak supervision, the label of a clip is the share of its segments with each label. As
published, this reveals how long the event is; ``weak_labels: class`` avoids it. Released PSP keeps
the targets of its similarity loss from batch to batch and overwrites only the event's segments;
``as_released`` reproduces this.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models._attention import Recorder, relation
from avparse.models._layers import Dropout
from avparse.models._localization import LocalizationModel
from avparse.models._recurrent import HIDDEN, bilstm
from avparse.models._spatial import AVGA
from avparse.models.base import LocalizationOutput, Recipe, Targets
from avparse.models.losses import bce, similarity_loss
from avparse.models.options.localization import PSPOptions

_WEIGHT = 100.0
"""Weight of the similarity loss."""


class Propagation(nn.Module):
    """Each stream adds the segments of the other that it is similar to.

    Args:
        threshold: normalized similarities up to this are cut.
        full: whether the streams go through another layer, as in full supervision.
    """

    def __init__(self, width: int, threshold: float, full: bool) -> None:
        super().__init__()
        self.threshold, self.full = threshold, full
        self.v_L1, self.v_L2, self.a_L1, self.a_L2 = (
            nn.Linear(width, width, bias=False) for _ in range(4)
        )
        if full:
            self.v_fc, self.a_fc = (nn.Linear(width, width, bias=False) for _ in range(2))
        for layer in self.children():
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
        self.layer_norm = nn.LayerNorm(width, eps=1e-6)
        self.drop = Dropout(0.1)
        self.visual_to_audio, self.audio_to_visual = Recorder(), Recorder()

    def forward(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Two (B, T, D) streams -> two."""
        v1, v2, a1, a2 = (
            self.drop(torch.relu(layer(x)))
            for layer, x in ((self.v_L1, v), (self.v_L2, v), (self.a_L1, a), (self.a_L2, a))
        )
        similar = torch.relu(v2 @ a1.mT / v.shape[-1] ** 0.5)
        v = v + self.visual_to_audio(self._cut(similar)) @ a2
        a = a + self.audio_to_visual(self._cut(similar.mT)) @ v1
        if self.full:
            v = self.drop(torch.relu(self.v_fc(v)))
            a = self.drop(torch.relu(self.a_fc(a)))
        return self.layer_norm(a), self.layer_norm(v)

    def _cut(self, similar: Tensor) -> Tensor:
        """Rows that sum to 1, with small entries 0; as released, to less in weak supervision."""
        rows = similar / (similar.sum(-1, keepdim=True) + 1e-8)
        kept = torch.where(rows > self.threshold, rows, 0)
        return kept / (kept.sum(-1, keepdim=True) + 1e-8) if self.full else kept


class PSP(LocalizationModel):
    """PSP for both supervisions."""

    recipe = Recipe(300, 128, 1e-3, (60, 120), 0.8)
    weak_recipe = Recipe(300, 128, 1e-3, (80, 160), 0.8)
    guided = "attention"
    renames = ((r"^(lstm_\w+)\.", r"lstm_a_v.\1."),)

    def __init__(self, num_classes: int, options: PSPOptions) -> None:
        super().__init__(num_classes, options)
        visual_width = options.visual_width
        self.by_share, self.as_released = options.weak_labels == "share", options.as_released
        self.strong = self.strong or self.by_share
        self.stale: Tensor | None = None
        if self.weak:
            self.linear_v = nn.Linear(visual_width, HIDDEN)
            self.W3 = nn.Linear(num_classes + 1, 1, bias=False)
        else:
            self.fa = _pair(128, 2 * HIDDEN, HIDDEN)
            self.fv = _pair(visual_width, 2 * HIDDEN, HIDDEN)
        self.attention = AVGA(visual_width, HIDDEN)
        self.lstm_audio, self.lstm_video = bilstm(HIDDEN), bilstm(HIDDEN)
        threshold = options.threshold
        if threshold is None:
            threshold = 0.095 if self.weak else 0.099
        self.psp = Propagation(2 * HIDDEN, threshold, not self.weak)
        self.L1 = nn.Linear(2 * HIDDEN, 64, bias=False)
        self.L2 = nn.Linear(64, num_classes + 1, bias=False)
        for layer in (self.L1, self.L2):
            nn.init.xavier_uniform_(layer.weight)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Score segments from (B, T, 128) audio and (B, T, 7, 7, D) maps."""
        if not self.weak:
            audio = self.fa(audio)
        v = self.attention(visual.flatten(2, 3), audio)
        v = self.linear_v(v) if self.weak else self.fv(v)
        a, v = self.psp(self.lstm_audio(audio)[0], self.lstm_video(v)[0])
        scores = self.L2(torch.relu(self.L1((a + v) / 2)))
        similarity = F.cosine_similarity(a, v, dim=-1)
        if not self.weak:
            return LocalizationOutput(segment_scores=scores, similarity=similarity)
        scores = scores * torch.sigmoid(torch.relu(self.W3(scores)))
        clip = torch.softmax(scores.mean(1), dim=-1)
        return LocalizationOutput(segment_scores=scores, clip_prob=clip, similarity=similarity)

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """``where``, and ``relation`` of the propagation."""
        a_to_v, v_to_a = weights["psp.audio_to_visual"], weights["psp.visual_to_audio"]
        return super().attention_maps(weights) | relation(None, a_to_v, v_to_a, None)

    def loss(self, output: LocalizationOutput, targets: Targets) -> Tensor:
        """Cross-entropy plus similarity loss of segments; with weak supervision, of the clip."""
        if self.weak:
            assert output.clip_prob is not None
            return bce(output.clip_prob, self.weak_labels(targets))
        assert output.segment_scores is not None
        assert output.similarity is not None
        assert targets.segment_labels is not None
        event = targets.segment_labels != self.num_classes
        return F.cross_entropy(
            output.segment_scores.flatten(0, 1), targets.segment_labels.flatten()
        ) + _WEIGHT * similarity_loss(output.similarity, self._similar(event))

    def weak_labels(self, targets: Targets) -> Tensor:
        """(B, K + 1): the share of segments with each label, if these are known."""
        if not self.by_share or targets.segment_labels is None:
            return super().weak_labels(targets)
        one_hot = F.one_hot(targets.segment_labels, self.num_classes + 1)
        return one_hot.to(targets.clip_labels).mean(1)

    def _similar(self, event: Tensor) -> Tensor:
        """(B, T) target shares: equal over the event's segments, or over all without an event."""
        some = event.any(1, keepdim=True)
        share = torch.where(some, event, True).float()
        share = share / share.sum(1, keepdim=True)
        if not self.as_released:
            return share
        previous = torch.zeros_like(share) if self.stale is None else self.stale[: len(share)]
        if len(previous) < len(share):
            previous = torch.cat((previous, torch.zeros_like(share[len(previous) :])))
        self.stale = torch.where(event | ~some, share, previous)
        return self.stale


def _pair(source: int, inner: int, width: int) -> nn.Sequential:
    """Two layers without an activation in between, as released."""
    return nn.Sequential(nn.Linear(source, inner, bias=False), nn.Linear(inner, width, bias=False))
