"""CVCMS: cross-modality co-occurrence (CM-Co) and shared semantics across videos (CM-S).

Lin, Tseng, Lee, Lin, Yang, "Exploring cross-video and cross-modality signals for
weakly-supervised audio-visual video parsing", NeurIPS 2021, sections 3.2-3.3.

    HAN's a', v' (B, T, 2, D) -> a feature of each class (B T, C, d) -> attention between classes of
    a segment, audio and visual -> segment_prob (B, T, 2, C), pooled as in HAN
    CM-S: event-weighted means of a' and v', contrasted across the videos of a batch

As released, not as written: the attention between classes has projections, norms and a feed-forward
block; CM-S weights segments by logits and averages the positives' log-probabilities (the paper sums
inside the logarithm); it starts after two epochs, when the smoothing of visual labels ends.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models._layers import HybridAttention
from avparse.models.base import Recipe, Targets
from avparse.models.han import HAN
from avparse.models.losses import shared_semantics, smooth_labels
from avparse.models.options.parsing import CVCMSOptions, HANOptions

CLASS_DROPOUT = 0.25
TAU = 1.0
"""Temperature of CM-S."""


class CVCMS(HAN):
    """CVCMS on HAN; the ablations of its Tables 2 and 3 are options."""

    recipe = Recipe(40, 64, 7e-5, (7, 14, 21, 28, 35), 0.5)
    renames = (
        (r"^attention\.", "hat_encoder.layers.0."),
        (r"^class_attention\.", "av_class_encoder.layers.0."),
    )

    def __init__(self, num_classes: int, options: CVCMSOptions) -> None:
        super().__init__(num_classes, options.as_kind(HANOptions))
        self.co_occurrence = options.co_occurrence
        self.semantics, self.warmup = options.semantics, options.warmup
        if self.co_occurrence in ("cross", "both"):
            del self.fc_prob  # replaced in both modalities
        for modality, name in (("audio", "a"), ("visual", "v")):
            if self.co_occurrence in ("cross", "both", modality):
                to_classes = nn.Linear(options.width, num_classes * options.class_width)
                self.add_module(f"fc_occ_class_{name}", to_classes)
                self.add_module(f"fc_occ_prob_{name}", nn.Linear(options.class_width, 1))
        if self.co_occurrence != "none":
            self.class_attention = HybridAttention(
                options.class_width, 1, CLASS_DROPOUT, cross=self.co_occurrence == "cross"
            )

    def segment_prob(self, x: Tensor) -> Tensor:
        """(B, T, 2, D) -> (B, T, 2, C): eq. 4-6, with attention between classes."""
        if self.co_occurrence == "none":
            return super().segment_prob(x)
        classes = {
            name: self._classes(x[:, :, i], name)
            for i, name in enumerate("av")
            if hasattr(self, f"fc_occ_class_{name}")
        }
        if self.co_occurrence == "cross":
            both = self.class_attention.both(classes["a"], classes["v"])
            classes = dict(zip("av", both, strict=True))
        else:
            classes = {name: self.class_attention(c, c) for name, c in classes.items()}
        logits = [
            self.get_submodule(f"fc_occ_prob_{name}")(classes[name]).view(*x.shape[:2], -1)
            if name in classes
            else self.fc_prob(x[:, :, i])
            for i, name in enumerate("av")
        ]
        return torch.sigmoid(torch.stack(logits, dim=2))

    def _classes(self, x: Tensor, name: str) -> Tensor:
        """(B, T, D) -> (B T, C, d): a feature of each class, of audio (a) or visual (v)."""
        features = torch.relu(self.get_submodule(f"fc_occ_class_{name}")(x))
        return features.flatten(0, 1).unflatten(-1, (self.num_classes, -1))

    def batch_loss(self, inputs: Mapping[str, Tensor], targets: Targets) -> Tensor:
        """HAN's losses plus CM-S, which also pairs each audio track with another clip's video."""
        total = super().batch_loss(inputs, targets)
        count = len(targets.clip_labels)
        if not self.semantics or self.epoch <= self.warmup or count < 2:
            return total
        step = torch.randint(1, count, (count,))
        other = ((torch.arange(count) + step) % count).to(targets.clip_labels.device)
        mixed = {
            name: torch.cat((x, x if name == "audio" else x[other])) for name, x in inputs.items()
        }
        audio, visual = self.labels(targets)
        rows = torch.cat((audio, audio)), torch.cat((visual, visual[other]))
        return total + self.semantics * self.contrast_across(mixed, *rows)

    def contrast_across(
        self, inputs: Mapping[str, Tensor], audio_labels: Tensor, visual_labels: Tensor
    ) -> Tensor:
        """CM-S: eq. 7-8.

        Args:
            inputs: features of n clips.
            audio_labels, visual_labels: (n, C) 0/1.
        """
        encoded = self.encode(*self.embed(**inputs))
        means = [
            _event_mean(x, self.fc_frame_att(x), labels)
            for x, labels in zip(encoded, (audio_labels, visual_labels), strict=True)
        ]
        similarity = means[0] @ means[1].mT / TAU
        return shared_semantics(similarity, (audio_labels @ visual_labels.mT).clamp(max=1))

    def labels(self, targets: Targets) -> tuple[Tensor, Tensor]:
        """Labels of each modality: refined, or the clip's."""
        refined = targets.modality_labels
        if refined is None:
            return targets.clip_labels, targets.clip_labels
        return refined[:, 0], refined[:, 1]

    def clip_target(self, targets: Targets) -> Tensor:
        """Labels of the clip: those of either modality."""
        return torch.maximum(*self.labels(targets))

    def visual_target(self, targets: Targets, prob: Tensor) -> Tensor:
        """Visual labels, smoothed during the warm-up; also those that refinement removed."""
        labels = self.labels(targets)[1]
        return smooth_labels(labels, self.epsilon) if self.epoch <= self.warmup else labels


def _event_mean(x: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
    """Unit-length mean, weighted by the logits of the labels: (B, T, D) -> (B, D). Eq. 7."""
    weights = torch.softmax((logits * labels.unsqueeze(1)).sum(-1), dim=1)
    return F.normalize((weights.unsqueeze(-1) * x).sum(1), dim=-1)
