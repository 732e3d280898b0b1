"""What an experiment says of a video, as its page reads it.

Probabilities travel as 16-bit whole numbers in base64: a third of the size of decimals. Each is
put on the side of the experiment's threshold that it is on, so that the page finds the same events.
"""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.clips import Clip
from avparse.decisions import Arrays, class_prob, event_class_prob, localization_labels
from avparse.predictions import Predictions

LEVELS = 65535
"""What stands for a probability of 1."""
LEAST = 0.01
"""Classes that never reach it are left out, and no threshold goes below it."""


def told(predictions: Predictions, threshold: float) -> dict[str, Any]:
    """The numbers of one video as JSON can hold them.

    Args:
        predictions: of its clips alone, in time order.
        threshold: of the experiment.
    Returns:
        The experiment's card, the video's clips, and arrays for each variant: ``mean`` over the
        seeds and every seed, or the only seed. See ``assets/events.js`` for how they are read.
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
    """``segment`` (V, N, T, 2, K) and ``clip`` (V, N, G, K) of K kept classes, G gates."""
    segment = np.stack([v["segment_prob"] for v in variants]).astype(np.float64)
    clip = np.stack([v["clip_prob"] for v in variants])
    clip = clip[:, :, None] if clip.ndim == 3 else clip
    kept = np.flatnonzero(_matters(segment, threshold))
    return {
        "kept": kept.tolist(),
        "segments": segment.shape[2],
        "gates": clip.shape[2],
        "segment": _packed(_beside(segment, segment >= threshold, threshold)[..., kept]),
        "clip": _packed(_beside(clip, clip >= threshold, threshold)[..., kept]),
    }


def _localization(variants: list[Arrays], threshold: float) -> dict[str, Any]:
    """``label`` and ``sure`` (V, N, T): each segment's likeliest label, C for background, and how
    sure it is; ``prob`` (V, N, T, K) of K kept classes."""
    label = np.stack([localization_labels(v, -1.0) for v in variants])
    sure = np.stack([event_class_prob(v, -1.0).max(-1) for v in variants])
    active = np.stack([event_class_prob(v, threshold).max(-1) > threshold for v in variants])
    prob = np.stack([class_prob(v) for v in variants]).astype(np.float64)
    matters = _matters(prob, threshold)
    matters[label[(sure >= LEAST) & (label < prob.shape[-1])]] = True
    kept = np.flatnonzero(matters)
    return {
        "kept": kept.tolist(),
        "segments": prob.shape[2],
        "gated": "event_prob" in variants[0],
        "label": _packed(label),
        "sure": _packed(_beside(sure, active, threshold, strict=True)),
        "prob": _packed(np.rint(prob * LEVELS)[..., kept]),
    }


def _matters(prob: NDArray[np.floating], threshold: float) -> NDArray[np.bool_]:
    """Which classes, the last axis, could be part of an event at any threshold on offer."""
    return prob.reshape(-1, prob.shape[-1]).max(0) >= min(LEAST, threshold)


def _beside(
    prob: NDArray[np.floating], active: NDArray[np.bool_], threshold: float, strict: bool = False
) -> NDArray[np.floating]:
    """Probabilities as levels that lie on the same side of the threshold.

    Args:
        active: whether each is above it, by the rule of Python.
        strict: whether the page's rule is > and not >=.
    """
    levels = np.rint(prob.astype(np.float64) * LEVELS)
    read = levels / LEVELS
    found = read > threshold if strict else read >= threshold
    return levels + (active & ~found) - (found & ~active)


def _packed(levels: NDArray[Any]) -> str:
    """Levels in base64; HAN's of a clip is a weighted sum that may exceed 1."""
    return base64.b64encode(np.clip(levels, 0, LEVELS).astype("<u2").tobytes()).decode()
