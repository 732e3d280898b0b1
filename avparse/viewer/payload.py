"""What the page of a video reads, as JSON can hold it: an experiment's probabilities and attention.

Probabilities are stored as 16-bit integers in base64, a third of the size of decimals. Each is kept
on its side of the experiment's threshold, so that the page finds the same events. Attention is
stored as 8-bit integers with the value that 255 stands for.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.prediction.attention import Attention
from avparse.prediction.decisions import Arrays, class_prob, event_class_prob, localization_labels
from avparse.prediction.predictions import Predictions

LEVELS = 65535
"""What stands for a probability of 1."""
LEAST = 0.01
"""Classes that never reach it are left out, and no threshold goes below it."""


def of_predictions(predictions: Predictions, threshold: float) -> dict[str, Any]:
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


def of_attention(found: Attention, kept: Sequence[int]) -> dict[str, Any]:
    """The weights of one video as JSON can hold them; empty where there are none.

    Args:
        kept: classes that the page tells of.
    Returns:
        Of ``where`` (S, h, w), ``when`` (S, 2, K), ``levels`` (S, 2, L) those that there are;
        ``crop``, the side of the square that is looked at by the shorter side of the pictures, None
        for all of them; ``relations`` (2T, 2T) with the second each begins at.
    """
    when = None if found.when is None else found.when[..., list(kept)]
    arrays = {"where": found.where, "when": when, "levels": found.levels}
    made: dict[str, Any] = {
        name: _scaled_levels(array)
        for name, array in arrays.items()
        if array is not None and array.size
    }
    if "where" in made:
        view = found.view
        made["crop"] = view.size / view.short_side if view and view.short_side else None
    if found.relations:
        made["relations"] = [
            {"start": r.start} | _scaled_levels(r.weights) for r in found.relations
        ]
    return made


def _scaled_levels(array: NDArray[np.floating]) -> dict[str, Any]:
    most = float(array.max())
    levels = np.rint(255 * array / most if most else array).astype(np.uint8)
    return {
        "shape": list(array.shape),
        "most": round(most, 4),
        "levels": base64.b64encode(levels.tobytes()).decode(),
    }
