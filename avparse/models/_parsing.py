"""Common base of the parsing models: input layers, attentive MMIL pooling, and losses.

Tian, Li, Xu, "Unified multisensory perception: weakly-supervised audio-visual video parsing",
ECCV 2020, sections 5.3-5.4. https://arxiv.org/abs/2007.10558
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models import PARSING_INPUTS
from avparse.models._attention import Recorder
from avparse.models._layers import pool_snippets
from avparse.models.base import Model, ParsingOutput, Targets, Task
from avparse.models.losses import bootstrapped, clamped_bce, smooth_labels, synchrony
from avparse.models.options.parsing import ParsingOptions

TEMPERATURE = 0.2
"""Temperature of MA's similarity between audio and visual segments."""


class ParsingModel(Model):
    """Features to probabilities; each model defines the encoder in between.

    Args:
        num_classes: C.
        options: ``width`` is D, of both streams. With ``as_released`` and refined labels, a label
            that the audio lost is removed from the clip as well: released MA keeps the labels of
            clip and audio in one array.

    Attributes:
        gates: the probability that decides whether a class occurs at all: that of the ``clip`` or
            of each ``modality``.
    """

    task = Task.PARSING
    inputs = PARSING_INPUTS
    many = frozenset({"visual"})
    gates: ClassVar[str] = "clip"

    def __init__(self, num_classes: int, options: ParsingOptions) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.pooling, self.losses = options.pooling, options.losses
        self.noise, self.epsilon = options.noise, options.epsilon
        self.contrast, self.as_released = options.contrast, options.as_released
        width = options.width
        self.fc_prob = nn.Linear(width, num_classes)
        if self.pooling == "attentive":
            self.fc_frame_att = nn.Linear(width, num_classes)
            self.when = Recorder()
            if self.losses != "guided":
                self.fc_av_att = nn.Linear(width, num_classes)
        self.fc_a = nn.Linear(128, width)
        self.fc_v = nn.Linear(2048, width)
        self.fc_st = nn.Linear(512, width)
        self.fc_fusion = nn.Linear(2 * width, width)

    @abstractmethod
    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Audio and visual segments in context: two (B, T, D) -> two (B, T, D')."""

    def embed(self, audio: Tensor, visual: Tensor, visual_st: Tensor) -> tuple[Tensor, Tensor]:
        """Features to two streams (B, T, D); frames are averaged first, which is faster."""
        frames = self.fc_v(pool_snippets(visual, audio.shape[1]))
        v = self.fc_fusion(torch.cat((frames, self.fc_st(visual_st)), dim=-1))
        return self.fc_a(audio), v

    def forward(self, audio: Tensor, visual: Tensor, visual_st: Tensor) -> ParsingOutput:
        """Parse clips.

        Args:
            audio: (B, T, 128) VGGish.
            visual: (B, T, 2048) ResNet-152, or (B, n T, 2048) with n frames per segment.
            visual_st: (B, T, 512) R(2+1)D.
        """
        a, v = self.embed(audio, visual, visual_st)
        a_encoded, v_encoded = self.encode(a, v)
        similarity = None
        if self.contrast:
            similarity = F.normalize(a_encoded, dim=-1) @ F.normalize(v, dim=-1).mT / TEMPERATURE
        return self.pool(torch.stack((a_encoded, v_encoded), dim=2), similarity)

    def segment_prob(self, x: Tensor) -> Tensor:
        """(B, T, 2, D) -> (B, T, 2, C): eq. 5-6, one layer for both modalities."""
        return torch.sigmoid(self.fc_prob(x))

    def pool(self, x: Tensor, similarity: Tensor | None = None) -> ParsingOutput:
        """Probabilities of (B, T, 2, D), pooled over time and modality: eq. 5-9."""
        prob = self.segment_prob(x)
        if self.pooling == "max":
            return ParsingOutput(prob.amax((1, 2)), prob.amax(1), prob, similarity)
        if self.pooling == "mean":
            return ParsingOutput(prob.mean((1, 2)), prob.mean(1), prob, similarity)
        weighted = self.when(torch.softmax(self.fc_frame_att(x), dim=1)) * prob
        modality = weighted.sum(1)
        if self.losses == "guided":  # no loss trains the attention over modalities
            return ParsingOutput(modality.mean(1), modality, prob, similarity)
        clip = (weighted * torch.softmax(self.fc_av_att(x), dim=2)).sum((1, 2))
        return ParsingOutput(clip, modality, prob, similarity)

    def arrays(self, output: ParsingOutput) -> dict[str, Tensor]:
        """Probabilities of the segments, and those that gate them."""
        gate = output.clip_prob if self.gates == "clip" else output.modality_prob
        return {"clip_prob": gate, "segment_prob": output.segment_prob}

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """``when``: the weights of the segments in attentive pooling, for each class."""
        return {"when": weights["when"]} if "when" in weights else {}

    def loss(self, output: ParsingOutput, targets: Targets) -> Tensor:
        """Weak loss, guided losses of both modalities (eq. 10), and MA's contrast if set."""
        total = output.clip_prob.new_zeros(())
        if self.losses != "guided":
            total = total + clamped_bce(output.clip_prob, self.clip_target(targets))
        if self.losses != "wsl":
            audio, visual = output.modality_prob.unbind(1)
            total = total + clamped_bce(audio, _of_modality(targets, 0))
            total = total + clamped_bce(visual, self.visual_target(targets, visual))
        if output.similarity is not None:
            total = total + self.contrast * synchrony(output.similarity)
        return total

    def clip_target(self, targets: Targets) -> Tensor:
        """Labels of the clip: (B, C)."""
        return _of_modality(targets, 0) if self.as_released else targets.clip_labels

    def visual_target(self, targets: Targets, prob: Tensor) -> Tensor:
        """Visual labels (B, C), smoothed; labels that refinement removed are exactly 0."""
        labels = _of_modality(targets, 1)
        if self.noise == "none":
            return labels
        if self.noise == "bootstrap":
            return bootstrapped(labels, prob)
        removed = targets.clip_labels > labels
        return smooth_labels(labels, self.epsilon).masked_fill(removed, 0)


def _of_modality(targets: Targets, modality: int) -> Tensor:
    """Refined labels of a modality, or the clip's."""
    refined = targets.modality_labels
    return targets.clip_labels if refined is None else refined[:, modality]
