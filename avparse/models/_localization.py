"""Common base of the localization models: supervision, heads and losses."""

from collections.abc import Mapping
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models import LOCALIZATION_INPUTS
from avparse.models._attention import cells
from avparse.models.base import LocalizationOutput, Model, Recipe, Targets, Task
from avparse.models.losses import category_of, relevance_and_class, soft_margin
from avparse.models.options.localization import LocalizationOptions


class LocalizationModel(Model):
    """Base of the localization models.

    Args:
        num_classes: K, background not counted.
        options: ``supervision`` is ``full`` (a label for each segment) or ``weak`` (one for the
            clip).

    Attributes:
        weak_recipe: published recipe of weak supervision, if it differs from ``recipe``.
        guided: name of the module with audio-guided attention to the map, if there is one.
    """

    task = Task.LOCALIZATION
    inputs = LOCALIZATION_INPUTS
    weak_recipe: ClassVar[Recipe | None] = None
    guided: ClassVar[str] = ""

    def __init__(self, num_classes: int, options: LocalizationOptions) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.weak = options.supervision == "weak"
        self.strong = not self.weak
        if self.weak:
            self.splits = ("train", "background")
            self.recipe = self.weak_recipe or self.recipe

    def arrays(self, output: LocalizationOutput) -> dict[str, Tensor]:
        """Relevance and category, or the label of each segment; background last."""
        if output.segment_scores is not None:
            return {"label_prob": self.label_prob(output.segment_scores)}
        assert output.event_logits is not None
        assert output.class_logits is not None
        category = torch.softmax(output.class_logits, dim=1)
        if not self.weak:  # no background among the classes
            category = F.pad(category, (0, 1))
        return {"event_prob": torch.sigmoid(output.event_logits), "class_prob": category}

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """``where``: attention to the cells of the map."""
        return cells(weights, self.guided)

    def label_prob(self, scores: Tensor) -> Tensor:
        """Probabilities of segment scores: (B, T, K + 1)."""
        return torch.softmax(scores, dim=-1)

    def loss(self, output: LocalizationOutput, targets: Targets) -> Tensor:
        """Relevance of segments plus category of the clip; with weak supervision, a soft margin.

        Source: CMRAN, section 3.5.
        """
        if self.weak:
            assert output.clip_prob is not None
            return soft_margin(output.clip_prob, self.weak_labels(targets))
        assert output.event_logits is not None
        assert output.class_logits is not None
        assert targets.segment_labels is not None
        event = (targets.segment_labels != self.num_classes).to(output.event_logits.dtype)
        category = category_of(targets.segment_labels, self.num_classes)
        return relevance_and_class(output.event_logits, output.class_logits, event, category)

    def weak_labels(self, targets: Targets) -> Tensor:
        """(B, K + 1) 0/1: the clip's class, or background if it has none."""
        none = targets.clip_labels.sum(1, keepdim=True) == 0
        return torch.cat((targets.clip_labels, none.to(targets.clip_labels)), dim=1)


class TwoHeads(nn.Module):
    """Relevance of each segment, and category of the clip: CMRAN, section 3.5.

    With weak supervision, background is a category too. A segment's scores are its relevance times
    the category's *logits*, as released; their maximum over time is the score of the clip.

    Args:
        width: D.
        pool: ``max`` or ``mean`` over time, before the category is predicted.
    """

    def __init__(self, width: int, num_classes: int, weak: bool, pool: str = "max") -> None:
        super().__init__()
        self.weak = weak
        self.pool = pool
        self.classifier = nn.Linear(width, 1)
        self.event_classifier = nn.Linear(width, num_classes + self.weak)

    def forward(self, x: Tensor) -> LocalizationOutput:
        """(B, T, D) -> relevance and category."""
        event = self.classifier(x).squeeze(-1)
        category = self.event_classifier(x.amax(1) if self.pool == "max" else x.mean(1))
        if not self.weak:
            return LocalizationOutput(event, category)
        scores = torch.sigmoid(event).unsqueeze(-1) * category.unsqueeze(1)
        clip = torch.softmax(scores.amax(1), dim=-1)
        return LocalizationOutput(event, category, clip_prob=clip)
