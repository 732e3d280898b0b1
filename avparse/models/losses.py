"""Losses of the papers, as functions of tensors."""

import torch
import torch.nn.functional as F
from torch import Tensor

_EPSILON = 1e-7


def clamped_bce(prob: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of probabilities that may leave [0, 1], mean over all entries.

    Args:
        prob: any shape; clamped to [1e-7, 1 - 1e-7] first, as in released HAN.
        target: same shape, in [0, 1].
    """
    return bce(prob, target, _EPSILON)


def bce(prob: Tensor, target: Tensor, epsilon: float = 0.0) -> Tensor:
    """Binary cross-entropy of probabilities, computed in float32 also for bfloat16 input."""
    full = prob.float() if prob.dtype == torch.bfloat16 else prob
    with torch.autocast(prob.device.type, enabled=False):
        return F.binary_cross_entropy(full.clamp(epsilon, 1 - epsilon), target.to(full))


def smooth_labels(target: Tensor, epsilon: float) -> Tensor:
    """Binary label smoothing: 1 becomes 1 - epsilon/2, 0 becomes epsilon/2.

    Source: HAN, section 4.3, with K = 2.
    """
    return target * (1 - epsilon) + epsilon / 2


def relevance_and_class(
    event_logits: Tensor, class_logits: Tensor, event: Tensor, category: Tensor
) -> Tensor:
    """Supervised localization: relevance of each segment, and event class of the clip.

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

    A clip that is all background gets class 0, as in released CMRAN.
    """
    return torch.where(labels == background, 0, labels).amax(1)


def bootstrapped(target: Tensor, prob: Tensor, trust: float = 0.95) -> Tensor:
    """Labels mixed with the model's own probabilities, which get no gradient.

    Source: Reed et al., "Training deep neural networks on noisy labels with bootstrapping", 2014,
    eq. 6 (soft); HAN, Table 2.
    """
    return trust * target + (1 - trust) * prob.detach().clamp(0, 1)


def synchrony(similarity: Tensor) -> Tensor:
    """Match each audio segment with its visual segment: cross-entropy, smoothed by 0.1.

    Args:
        similarity: (B, T, T), audio by visual segments, divided by the temperature.
    Source: MA, as released: the matching segment gets 0.9, the others share 0.1.
    """
    batch, segments, _ = similarity.shape
    if segments == 1:
        return similarity.sum() * 0
    matching = torch.arange(segments, device=similarity.device).repeat(batch)
    # torch spreads its smoothing over all segments, including the matching one.
    smoothing = 0.1 * segments / (segments - 1)
    return F.cross_entropy(similarity.flatten(0, 1), matching, label_smoothing=smoothing)


def shared_semantics(similarity: Tensor, positive: Tensor) -> Tensor:
    """Contrast the audio of each clip with the visual streams of a batch, averaged over positives.

    Args:
        similarity: (n, n), audio by visual, divided by the temperature.
        positive: (n, n) 0/1: they share a label; a row of zeros adds nothing.
    Source: CVCMS, eq. 8, as released.
    """
    share = positive / (positive.sum(1, keepdim=True) + 1e-10)
    return -(share * F.log_softmax(similarity, dim=1)).sum(1).mean()


def soft_margin(prob: Tensor, target: Tensor) -> Tensor:
    """Multi-label soft margin loss of probabilities that already went through a softmax.

    The loss applies a sigmoid to them, as released; it is between 0.680 and 0.709 for 29 labels.

    Args:
        prob, target: (N, K + 1).
    Source: AVEL (both supervisions) and CMRAN (weak supervision), as released.
    """
    return F.multilabel_soft_margin_loss(prob, target)


def similarity_loss(similarity: Tensor, share: Tensor) -> Tensor:
    """AVPS: squared error of each segment's share of the similarity.

    Args:
        similarity: (B, T) cosine of audio and visual features.
        share: (B, T) targets, rows that sum to 1.
    Source: PSP, as released.
    """
    positive = torch.relu(similarity)
    return F.mse_loss(positive / (positive.sum(1, keepdim=True) + 1e-8), share)
