"""From probabilities to decisions, by the published rules.

Localization models say either how relevant each segment is and what the clip holds (``event_prob``
(N, T) and ``class_prob`` (N, C + 1)), or the label of each segment (``label_prob`` (N, T, C + 1));
background comes last.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def gated_prob(arrays: Arrays, threshold: float) -> NDArray[np.floating]:
    """Segment probabilities where the clip holds the class at all, else 0.

    Args:
        arrays: ``segment_prob`` (N, T, 2, C), and ``clip_prob`` (N, C), one gate for both
            modalities as in HAN's evaluation, or (N, 2, C), one for each as in MA's.
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

    Source: CMRAN, section 3.5: the clip's label where the relevance exceeds the threshold; AVEL and
    PSP: the likeliest label of the segment, whatever the threshold.
    """
    if "label_prob" in arrays:
        return arrays["label_prob"].argmax(-1)
    background = arrays["class_prob"].shape[1] - 1
    best = arrays["class_prob"].argmax(1)
    return np.where(arrays["event_prob"] > threshold, best[:, None], background)


def class_prob(arrays: Arrays) -> NDArray[np.floating]:
    """How likely each class is in each segment, before any decision: (N, T, C)."""
    if "label_prob" in arrays:
        return arrays["label_prob"][..., :-1]
    prob: NDArray[np.floating] = (
        arrays["event_prob"][:, :, None] * arrays["class_prob"][:, None, :-1]
    )
    return prob


def event_class_prob(arrays: Arrays, threshold: float) -> NDArray[np.floating]:
    """How sure each segment is of the one class it is given, 0 for the others: (N, T, C)."""
    scored = "label_prob" in arrays
    prob = arrays["label_prob"].max(-1) if scored else arrays["event_prob"]
    labels = localization_labels(arrays, threshold)
    classes = arrays["label_prob" if scored else "class_prob"].shape[-1] - 1
    out: NDArray[np.floating] = np.eye(classes + 1)[labels][..., :-1] * prob[:, :, None]
    return out
