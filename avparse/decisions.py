"""From probabilities to decisions, by the published rules."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def gated_prob(arrays: Arrays, threshold: float) -> NDArray[np.floating]:
    """Segment probabilities where the clip holds the class at all, else 0.

    Args:
        arrays: ``clip_prob`` (N, C) and ``segment_prob`` (N, T, 2, C).
    Returns:
        (N, T, 2, C).
    Source: HAN's evaluation: one clip-level gate for both modalities.
    """
    gate = arrays["clip_prob"] >= threshold
    return np.where(gate[:, None, None, :], arrays["segment_prob"], 0)


def parsing_grid(arrays: Arrays, threshold: float) -> NDArray[np.bool_]:
    """Active segments per modality: (N, T, 2, C)."""
    return gated_prob(arrays, threshold) >= threshold


def event_class_prob(arrays: Arrays, threshold: float) -> NDArray[np.floating]:
    """Event probability of each segment, given to the clip's one class: (N, T, C).

    Args:
        arrays: ``event_prob`` (N, T) and ``class_prob`` (N, C).
    """
    best = np.eye(arrays["class_prob"].shape[1])[arrays["class_prob"].argmax(1)]
    event = np.where(arrays["event_prob"] > threshold, arrays["event_prob"], 0)
    out: NDArray[np.floating] = event[:, :, None] * best[:, None, :]
    return out


def localization_labels(arrays: Arrays, threshold: float) -> NDArray[np.int64]:
    """One label per segment, C for background: (N, T).

    Source: CMRAN, section 3.5; an event only where its probability exceeds the threshold.
    """
    classes = arrays["class_prob"].shape[1]
    best = arrays["class_prob"].argmax(1)
    return np.where(arrays["event_prob"] > threshold, best[:, None], classes)
