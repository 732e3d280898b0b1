"""CVCMS: cross-modality co-occurrence (CM-Co) and shared semantics across videos (CM-S).

Lin, Tseng, Lee, Lin, Yang, "Exploring cross-video and cross-modality signals for
weakly-supervised audio-visual video parsing", NeurIPS 2021, sections 3.2-3.3.

    HAN's a', v' (B, T, 2, D) -> a feature of each class (B T, C, d) -> attention among the classes
    of a second, heard and seen -> segment_prob (B, T, 2, C), pooled as in HAN
    CM-S: event-weighted means of a' and v', contrasted across the videos of a batch

As released, not as written: the attention among classes has projections, norms and a feed-forward
block; CM-S weighs seconds by logits and averages the positives' log-probabilities (the paper sums
inside the logarithm); it begins after two epochs, when the smoothing of visual labels ends.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models._layers import HybridAttention
from avparse.models.base import Recipe, Targets, one_of
from avparse.models.han import HAN
from avparse.models.losses import shared_semantics, smooth_labels

CLASS_DROPOUT = 0.25
TAU = 1.0
"""Temperature of CM-S."""


class CVCMS(HAN):
    """CVCMS on HAN; its Tables 2 and 3 by options.

    Args:
        num_classes, width, heads, dropout, contrast: of HAN.
        class_width: d, of a class's feature; the paper's count of parameters fits 16.
        co_occurrence: ``cross`` (CM-Co), ``both`` (each modality's classes among themselves),
            ``audio`` or ``visual`` (only that one's) or ``none``.
        semantics: weight of CM-S; 0 for none.
        warmup: epochs of smoothed labels before CM-S.
    """

    recipe = Recipe(40, 64, 7e-5, (7, 14, 21, 28, 35), 0.5)
    renames = (
        (r"^attention\.", "hat_encoder.layers.0."),
        (r"^class_attention\.", "av_class_encoder.layers.0."),
    )

    def __init__(
        self,
        num_classes: int = 25,
        width: int = 512,
        heads: int = 1,
        dropout: float = 0.4,
        class_width: int = 128,
        co_occurrence: str = "cross",
        semantics: float = 0.85,
        warmup: int = 2,
        contrast: float = 0.0,
    ) -> None:
        super().__init__(num_classes, width, heads, dropout, contrast=contrast)
        one_of("co_occurrence", co_occurrence, "cross", "both", "audio", "visual", "none")
        self.co_occurrence, self.semantics, self.warmup = co_occurrence, semantics, warmup
        if co_occurrence in ("cross", "both"):
            del self.fc_prob  # replaced in both modalities
        for modality, name in (("audio", "a"), ("visual", "v")):
            if co_occurrence in ("cross", "both", modality):
                self.add_module(f"fc_occ_class_{name}", nn.Linear(width, num_classes * class_width))
                self.add_module(f"fc_occ_prob_{name}", nn.Linear(class_width, 1))
        if co_occurrence != "none":
            self.class_attention = HybridAttention(
                class_width, 1, CLASS_DROPOUT, cross=co_occurrence == "cross"
            )

    def segment_prob(self, x: Tensor) -> Tensor:
        """(B, T, 2, D) -> (B, T, 2, C): eq. 4-6, where classes look at each other."""
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
        """HAN's losses; CM-S also sees each sound with the pictures of another clip."""
        total = super().batch_loss(inputs, targets)
        count = len(targets.clip_labels)
        if not self.semantics or self.epoch <= self.warmup or count < 2:
            return total
        step = torch.randint(1, count, (count,))
        other = ((torch.arange(count) + step) % count).to(targets.clip_labels.device)
        mixed = {
            name: torch.cat((x, x if name == "audio" else x[other])) for name, x in inputs.items()
        }
        heard, seen = self.labels(targets)
        rows = torch.cat((heard, heard)), torch.cat((seen, seen[other]))
        return total + self.semantics * self.contrast_across(mixed, *rows)

    def contrast_across(self, inputs: Mapping[str, Tensor], heard: Tensor, seen: Tensor) -> Tensor:
        """CM-S: eq. 7-8.

        Args:
            inputs: of n clips.
            heard, seen: (n, C) 0/1 labels of their sounds and pictures.
        """
        encoded = self.encode(*self.embed(**inputs))
        means = [
            _event_mean(x, self.fc_frame_att(x), labels)
            for x, labels in zip(encoded, (heard, seen), strict=True)
        ]
        similarity = means[0] @ means[1].mT / TAU
        return shared_semantics(similarity, (heard @ seen.mT).clamp(max=1))

    def labels(self, targets: Targets) -> tuple[Tensor, Tensor]:
        """Labels of each modality: refined, or the clip's."""
        refined = targets.modality_labels
        if refined is None:
            return targets.clip_labels, targets.clip_labels
        return refined[:, 0], refined[:, 1]

    def clip_target(self, targets: Targets) -> Tensor:
        """What is heard or seen."""
        return torch.maximum(*self.labels(targets))

    def visual_target(self, targets: Targets, prob: Tensor) -> Tensor:
        """Smoothed at first, then as they are; removed labels alike."""
        seen = self.labels(targets)[1]
        return smooth_labels(seen, self.epsilon) if self.epoch <= self.warmup else seen


def _event_mean(x: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
    """Unit-length mean of seconds that attend to the labels: (B, T, D) -> (B, D). Eq. 7."""
    weights = torch.softmax((logits * labels.unsqueeze(1)).sum(-1), dim=1)
    return F.normalize((weights.unsqueeze(-1) * x).sum(1), dim=-1)
