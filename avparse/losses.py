"""Losses of the papers, as functions of tensors."""

import torch
import torch.nn.functional as F
from torch import Tensor

_EPSILON = 1e-7


def clamped_bce(prob: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of probabilities that may leave [0, 1], mean over all entries.

    Args:
        prob: any shape; clamped to [1e-7, 1 - 1e-7] first, as released HAN does.
        target: same shape, in [0, 1].
    """
    return F.binary_cross_entropy(prob.clamp(_EPSILON, 1 - _EPSILON), target)


def smooth_labels(target: Tensor, epsilon: float) -> Tensor:
    """Binary label smoothing: 1 becomes 1 - epsilon/2, 0 becomes epsilon/2.

    Source: HAN, section 4.3, with K = 2.
    """
    return target * (1 - epsilon) + epsilon / 2


def relevance_and_class(
    event_logits: Tensor, class_logits: Tensor, event: Tensor, category: Tensor
) -> Tensor:
    """Supervised localization: is a segment an event, and which event is in the clip?

    Args:
        event_logits: (B, T).
        class_logits: (B, K).
        event: (B, T) 0/1.
        category: (B,) class index.
    Source: CMRAN, section 3.5, eq. 12: both terms are means, unweighted.
    """
    return F.binary_cross_entropy_with_logits(event_logits, event) + F.cross_entropy(
        class_logits, category
    )


def category_of(labels: Tensor, background: int) -> Tensor:
    """The event class of each clip from its segments: (B, T) indices -> (B,).

    A clip that is all background gets class 0, as released CMRAN has it.
    """
    return torch.where(labels == background, 0, labels).amax(1)
