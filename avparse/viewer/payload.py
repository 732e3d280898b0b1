"""The payload of a video's page: probabilities and attention of an experiment as JSON values.

Probabilities are 16-bit integers in base64, a third of the size of decimals. Rounding never moves
a probability across the experiment's threshold, so that the page finds the same events. Attention
is stored as 8-bit integers, with the value that 255 represents.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.prediction.attention import VideoAttention
from avparse.prediction.decisions import Arrays, class_prob, event_class_prob, localization_labels
from avparse.prediction.predictions import Predictions

LEVELS = 65535
"""The integer that represents a probability of 1."""
LEAST = 0.01
"""Classes that never reach this probability are left out, and thresholds start here."""


def of_predictions(predictions: Predictions, threshold: float) -> dict[str, Any]:
    """Make the payload of an experiment's predictions for one video.

    Args:
        predictions: of the clips of the video, in time order.
        threshold: of the experiment.
    Returns:
        The experiment's card, the video's clips, and arrays for each variant: the ``mean`` over
        seeds and every seed, or the only seed. ``assets/events.js`` reads them.
    """
    variants: list[Arrays] = [predictions.mean()]
    names = [str(seed) for seed in predictions.seeds]
    if len(names) > 1:
        names = ["mean", *names]
        variants += map(predictions.of_seed, range(len(predictions.seeds)))
    make = _parsing if predictions.task == "parsing" else _localization
    return {
        "name": predictions.experiment,
        "task": predictions.task,
        "threshold": threshold,
        "classes": list(predictions.classes),
        "variants": names,
        "clips": list(map(_clip, predictions.clips)),
        **make(variants, threshold),
    }


def _clip(clip: Clip) -> dict[str, Any]:
    return {"start": round(clip.start_s), "segments": clip.num_segments, "seen": clip.seen()}


def _parsing(variants: list[Arrays], threshold: float) -> dict[str, Any]:
    """``segment`` (V, N, T, 2, K) and ``clip`` (V, N, G, K) for K kept classes and G gates."""
    segment = np.stack([v["segment_prob"] for v in variants]).astype(np.float64)
    clip = np.stack([v["clip_prob"] for v in variants])
    clip = clip[:, :, None] if clip.ndim == 3 else clip
    kept = np.flatnonzero(_relevant(segment, threshold))
    return {
        "kept": kept.tolist(),
        "segments": segment.shape[2],
        "gates": clip.shape[2],
        "segment": _packed(_quantized(segment, segment >= threshold, threshold)[..., kept]),
        "clip": _packed(_quantized(clip, clip >= threshold, threshold)[..., kept]),
    }


def _localization(variants: list[Arrays], threshold: float) -> dict[str, Any]:
    """``label`` and ``sure`` (V, N, T): each segment's most likely label, C for background, and its
    probability; ``prob`` (V, N, T, K) for K kept classes."""
    label = np.stack([localization_labels(v, -1.0) for v in variants])
    sure = np.stack([event_class_prob(v, -1.0).max(-1) for v in variants])
    active = np.stack([event_class_prob(v, threshold).max(-1) > threshold for v in variants])
    prob = np.stack([class_prob(v) for v in variants]).astype(np.float64)
    relevant = _relevant(prob, threshold)
    relevant[label[(sure >= LEAST) & (label < prob.shape[-1])]] = True
    kept = np.flatnonzero(relevant)
    return {
        "kept": kept.tolist(),
        "segments": prob.shape[2],
        "gated": "event_prob" in variants[0],
        "label": _packed(label),
        "sure": _packed(_quantized(sure, active, threshold, strict=True)),
        "prob": _packed(np.rint(prob * LEVELS)[..., kept]),
    }


def _relevant(prob: NDArray[np.floating], threshold: float) -> NDArray[np.bool_]:
    """Which classes (last axis) can be part of an event at any threshold of the page."""
    return prob.reshape(-1, prob.shape[-1]).max(0) >= min(LEAST, threshold)


def _quantized(
    prob: NDArray[np.floating], active: NDArray[np.bool_], threshold: float, strict: bool = False
) -> NDArray[np.floating]:
    """Quantize probabilities without moving any across the threshold.

    Args:
        active: whether each probability exceeds the threshold in Python.
        strict: whether the page compares with > instead of >=.
    """
    levels = np.rint(prob.astype(np.float64) * LEVELS)
    read = levels / LEVELS
    on_page = read > threshold if strict else read >= threshold
    return levels + (active & ~on_page) - (on_page & ~active)


def _packed(levels: NDArray[Any]) -> str:
    """Encode levels in base64. They are clipped because HAN's clip probabilities can exceed 1."""
    return base64.b64encode(np.clip(levels, 0, LEVELS).astype("<u2").tobytes()).decode()


def of_attention(attention: VideoAttention, kept: Sequence[int]) -> dict[str, Any]:
    """Make the payload of the attention in one video; empty if the models have none.

    Args:
        kept: indices of the classes on the page.
    Returns:
        Those of ``where`` (S, h, w), ``when`` (S, 2, K) and ``levels`` (S, 2, L) that exist;
        ``crop``, the side of the cropped square relative to the shorter side of the frame, None
        for the whole frame; ``relations`` (2T, 2T), each with the second at which it begins.
    """
    when = None if attention.when is None else attention.when[..., list(kept)]
    arrays = {"where": attention.where, "when": when, "levels": attention.levels}
    payload: dict[str, Any] = {
        name: _scaled_levels(array)
        for name, array in arrays.items()
        if array is not None and array.size
    }
    if "where" in payload:
        view = attention.view
        payload["crop"] = view.size / view.short_side if view and view.short_side else None
    if attention.relations:
        payload["relations"] = [
            {"start": r.start} | _scaled_levels(r.weights) for r in attention.relations
        ]
    return payload


def _scaled_levels(array: NDArray[np.floating]) -> dict[str, Any]:
    """Quantize an array to 8 bits, relative to its largest value."""
    most = float(array.max())
    levels = np.rint(255 * array / most if most else array).astype(np.uint8)
    return {
        "shape": list(array.shape),
        "most": round(most, 4),
        "levels": base64.b64encode(levels.tobytes()).decode(),
    }
