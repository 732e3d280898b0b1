"""The published metrics of both tasks, computed on arrays.

Parsing: Tian et al., "Unified multisensory perception", ECCV 2020, section 5.1, as its released
evaluation computes them. Localization: Tian et al., "Audio-visual event localization in
unconstrained videos", ECCV 2018, section 6.1.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.core.errors import ShapeError

Grid = NDArray[Any]
_MIN_IOU = 0.5


def parsing_scores(
    pred_audio: Grid, pred_visual: Grid, true_audio: Grid, true_visual: Grid
) -> dict[str, dict[str, float]]:
    """Segment- and event-level F-scores, averaged over videos, in percent.

    In each video only classes that are predicted or true count; a video without any scores 100.
    An event is a run of segments. It is correct if its IoU with a true event is at least 0.5.

    Args:
        pred_audio, pred_visual, true_audio, true_visual: (N, T, C) 0/1 arrays.
    Returns:
        ``{"segment" | "event": {"audio", "visual", "audio_visual", "type_av", "event_av"}}``:
        type_av averages the first three, event_av counts audio and visual events together.
    Raises:
        ShapeError: the four shapes differ.
    """
    grids = [np.asarray(g).astype(bool) for g in (pred_audio, pred_visual, true_audio, true_visual)]
    if len({g.shape for g in grids}) != 1 or grids[0].ndim != 3 or not len(grids[0]):
        shapes = ", ".join(str(g.shape) for g in grids)
        raise ShapeError(f"parsing scores of grids {shapes}", "give four equal (N, T, C) shapes")
    # Keep only active (video, class) lines, about 10 %; the others do not affect the scores.
    stacked = np.stack(grids).transpose(1, 3, 0, 2)
    video, index = np.nonzero(stacked.any((2, 3)))
    pa, pv, ta, tv = stacked[video, index].transpose(1, 0, 2)
    mean = partial(_mean_f, video, len(stacked))
    return {
        level: _summary(mean, count(pa, ta), count(pv, tv), count(pa & pv, ta & tv))
        for level, count in (("segment", _segment_counts), ("event", _event_counts))
    }


def _summary(
    mean: Callable[[Grid], float], audio: Grid, visual: Grid, both: Grid
) -> dict[str, float]:
    """Scores from the (3, L) counts of each modality."""
    parts = [mean(counts) for counts in (audio, visual, both)]
    return {
        "audio": parts[0],
        "visual": parts[1],
        "audio_visual": parts[2],
        "type_av": sum(parts) / 3,
        "event_av": mean(audio + visual),
    }


def _mean_f(video: NDArray[np.int64], videos: int, counts: Grid) -> float:
    """Mean over videos of the mean F over active classes.

    Args:
        video: (L,) index of the video of each line.
        counts: (3, L) TP, FP, FN.
    """
    tp, fp, fn = counts
    total = 2 * tp + fp + fn
    active = total > 0
    f = 2 * tp[active] / total[active]
    classes = np.bincount(video[active], minlength=videos)
    sums = np.bincount(video[active], f, minlength=videos)
    return float(100 * np.where(classes > 0, sums / np.maximum(classes, 1), 1.0).mean())


def _segment_counts(pred: Grid, true: Grid) -> Grid:
    return np.stack([(pred & true).sum(1), (pred & ~true).sum(1), (~pred & true).sum(1)])


def _event_counts(pred: Grid, true: Grid) -> Grid:
    """TP, FP, FN of the runs of (L, T) lines: (3, L)."""
    lines, length = pred.shape
    longest = length // 2 + 2
    size = lines * longest
    line = np.arange(lines)[:, None] * longest
    pred_id, true_id = line + _label_runs(pred), line + _label_runs(true)
    pred_length = np.bincount(pred_id[pred], minlength=size)
    true_length = np.bincount(true_id[true], minlength=size)
    both = pred & true
    pair, overlap = np.unique(pred_id[both] * size + true_id[both], return_counts=True)
    p, t = pair // size, pair % size
    matched = overlap >= _MIN_IOU * (pred_length[p] + true_length[t] - overlap)
    hit_pred, hit_true = np.zeros(size, bool), np.zeros(size, bool)
    hit_pred[p[matched]] = True
    hit_true[t[matched]] = True
    shape = (lines, longest)
    tp = hit_pred.reshape(shape).sum(1)
    fp = (pred_length > 0).reshape(shape).sum(1) - tp
    fn = ((true_length > 0) & ~hit_true).reshape(shape).sum(1)
    return np.stack([tp, fp, fn])


def _label_runs(grid: Grid) -> Grid:
    """Number the runs of each (L, T) line along time from 1."""
    starts = grid.copy()
    starts[:, 1:] &= ~grid[:, :-1]
    numbers: Grid = np.cumsum(starts, axis=1)
    return numbers


def localization_accuracy(pred: Grid, true: Grid) -> float:
    """Share of correctly labelled segments, in percent; background counts like any class.

    Args:
        pred, true: (N, T) class indices.
    Raises:
        ShapeError: the shapes differ.
    """
    pred, true = np.asarray(pred), np.asarray(true)
    if pred.shape != true.shape or pred.ndim != 2 or not pred.size:
        raise ShapeError(f"accuracy of {pred.shape} against {true.shape}", "give equal (N, T)")
    return float(100 * (pred == true).mean())
