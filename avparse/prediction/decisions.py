"""Decisions from probabilities, by the published rules.

Localization models predict either the relevance of each segment and the class of the clip
(``event_prob`` (N, T) and ``class_prob`` (N, C + 1)), or the label of each segment (``label_prob``
(N, T, C + 1)). Background is the last class.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def gated_prob(arrays: Arrays, threshold: float) -> NDArray[np.floating]:
    """Segment probabilities of the classes that the clip-level gate lets through, 0 elsewhere.

    Args:
        arrays: ``segment_prob`` (N, T, 2, C), and ``clip_prob``: (N, C) for one gate
            shared by both modalities as in HAN's evaluation, or (N, 2, C) for a gate per modality
            as in MA's.
    Returns:
        (N, T, 2, C).
    """
    gate = arrays["clip_prob"] >= threshold
    gate = gate[:, None] if gate.ndim == 3 else gate[:, None, None]
    return np.where(gate, arrays["segment_prob"], 0)


def parsing_grid(arrays: Arrays, threshold: float) -> NDArray[np.bool_]:
    """Active segments per modality: (N, T, 2, C)."""
    return gated_prob(arrays, threshold) >= threshold


def localization_labels(arrays: Arrays, threshold: float) -> NDArray[np.int64]:
    """One label per segment, C for background: (N, T).

    Source: CMRAN, section 3.5, assigns the clip's label to segments whose relevance exceeds the
    threshold. AVEL and PSP take the most likely label of each segment and use no threshold.
    """
    if "label_prob" in arrays:
        return arrays["label_prob"].argmax(-1)
    background = arrays["class_prob"].shape[1] - 1
    best = arrays["class_prob"].argmax(1)
    return np.where(arrays["event_prob"] > threshold, best[:, None], background)


def class_prob(arrays: Arrays) -> NDArray[np.floating]:
    """Probability of each class in each segment, before any decision: (N, T, C)."""
    if "label_prob" in arrays:
        return arrays["label_prob"][..., :-1]
    prob: NDArray[np.floating] = (
        arrays["event_prob"][:, :, None] * arrays["class_prob"][:, None, :-1]
    )
    return prob


def event_class_prob(arrays: Arrays, threshold: float) -> NDArray[np.floating]:
    """Probability of the class assigned to each segment, 0 for the others: (N, T, C)."""
    scored = "label_prob" in arrays
    prob = arrays["label_prob"].max(-1) if scored else arrays["event_prob"]
    labels = localization_labels(arrays, threshold)
    classes = arrays["label_prob" if scored else "class_prob"].shape[-1] - 1
    out: NDArray[np.floating] = np.eye(classes + 1)[labels][..., :-1] * prob[:, :, None]
    return out
