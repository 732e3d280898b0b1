"""What the parsing models share: their front end, attentive MMIL pooling, and losses.

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
from avparse.models._attention import Watched
from avparse.models._layers import pool_snippets
from avparse.models.base import Model, ParsingOutput, Targets, Task, one_of
from avparse.models.losses import bootstrapped, clamped_bce, smooth_labels, synchrony

TEMPERATURE = 0.2
"""Of MA's similarity between heard and seen seconds."""


class ParsingModel(Model):
    """Features to probabilities, with an encoder in between that each model brings.

    Args:
        num_classes: C.
        width: D, of both streams.
        pooling: ``attentive``, ``max`` or ``mean`` over time and modality.
        losses: ``both``, ``wsl`` (of the clip only) or ``guided`` (of each modality only).
        noise: what the visual labels, noisier than the audible ones, get: ``smoothing``,
            ``bootstrap`` or ``none``.
        epsilon: of the smoothing: 0.1 turns 0/1 into 0.05/0.95.
        contrast: weight of MA's contrast of each heard second with the seen ones.
        as_released: errors that published numbers carry: with refined labels, the clip loses the
            labels that its audio lost (released MA keeps both in one array).

    Attributes:
        gates: what decides whether a class is there at all: the ``clip``'s probability, or each
            ``modality``'s.
    """

    task = Task.PARSING
    inputs = PARSING_INPUTS
    many = frozenset({"visual"})
    gates: ClassVar[str] = "clip"

    def __init__(
        self,
        num_classes: int = 25,
        width: int = 512,
        pooling: str = "attentive",
        losses: str = "both",
        noise: str = "smoothing",
        epsilon: float = 0.1,
        contrast: float = 0.0,
        as_released: bool = False,
    ) -> None:
        super().__init__()
        one_of("pooling", pooling, "attentive", "max", "mean")
        one_of("losses", losses, "both", "wsl", "guided")
        one_of("noise", noise, "smoothing", "bootstrap", "none")
        self.num_classes, self.pooling, self.losses = num_classes, pooling, losses
        self.noise, self.epsilon = noise, epsilon
        self.contrast, self.as_released = contrast, as_released
        self.fc_prob = nn.Linear(width, num_classes)
        if pooling == "attentive":
            self.fc_frame_att = nn.Linear(width, num_classes)
            self.when = Watched()
            if losses != "guided":
                self.fc_av_att = nn.Linear(width, num_classes)
        self.fc_a = nn.Linear(128, width)
        self.fc_v = nn.Linear(2048, width)
        self.fc_st = nn.Linear(512, width)
        self.fc_fusion = nn.Linear(2 * width, width)

    @abstractmethod
    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Heard and seen seconds in context: two (B, T, D) -> two (B, T, D')."""

    def embed(self, audio: Tensor, visual: Tensor, visual_st: Tensor) -> tuple[Tensor, Tensor]:
        """Features as two streams (B, T, D); averaging frames first is the same, and faster."""
        frames = self.fc_v(pool_snippets(visual, audio.shape[1]))
        v = self.fc_fusion(torch.cat((frames, self.fc_st(visual_st)), dim=-1))
        return self.fc_a(audio), v

    def forward(self, audio: Tensor, visual: Tensor, visual_st: Tensor) -> ParsingOutput:
        """Parse clips.

        Args:
            audio: (B, T, 128) VGGish.
            visual: (B, T, 2048) ResNet-152, or (B, n T, 2048) with n frames a segment.
            visual_st: (B, T, 512) R(2+1)D.
        """
        a, v = self.embed(audio, visual, visual_st)
        heard, seen = self.encode(a, v)
        similarity = None
        if self.contrast:
            similarity = F.normalize(heard, dim=-1) @ F.normalize(v, dim=-1).mT / TEMPERATURE
        return self.pool(torch.stack((heard, seen), dim=2), similarity)

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
        if self.losses == "guided":  # nothing teaches which modality to trust
            return ParsingOutput(modality.mean(1), modality, prob, similarity)
        clip = (weighted * torch.softmax(self.fc_av_att(x), dim=2)).sum((1, 2))
        return ParsingOutput(clip, modality, prob, similarity)

    def arrays(self, output: ParsingOutput) -> dict[str, Tensor]:
        """Probabilities of segments, and of the clip that gates them."""
        gate = output.clip_prob if self.gates == "clip" else output.modality_prob
        return {"clip_prob": gate, "segment_prob": output.segment_prob}

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """When: the weights of the seconds in attentive pooling, for each class."""
        return {"when": weights["when"]} if "when" in weights else {}

    def loss(self, output: ParsingOutput, targets: Targets) -> Tensor:
        """Weak loss plus the guided losses of both modalities: eq. 10; MA's contrast if asked."""
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
        """What the clip should hold."""
        return _of_modality(targets, 0) if self.as_released else targets.clip_labels

    def visual_target(self, targets: Targets, prob: Tensor) -> Tensor:
        """What should be seen: labels that refining removed are 0 for sure."""
        seen = _of_modality(targets, 1)
        if self.noise == "none":
            return seen
        if self.noise == "bootstrap":
            return bootstrapped(seen, prob)
        removed = targets.clip_labels > seen
        return smooth_labels(seen, self.epsilon).masked_fill(removed, 0)


def _of_modality(targets: Targets, modality: int) -> Tensor:
    refined = targets.modality_labels
    return targets.clip_labels if refined is None else refined[:, modality]
