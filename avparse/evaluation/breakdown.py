"""Scores broken down by class, confusion matrices, and scores by threshold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avparse.datasets.labels import LabelledClips
from avparse.evaluation.scoring import MAIN, SCORED, score
from avparse.prediction.decisions import Arrays, localization_labels, parsing_grid
from avparse.prediction.predictions import Predictions

THRESHOLDS = np.round(np.arange(0.05, 0.96, 0.05), 2)
"""The thresholds of a sweep."""


@dataclass(frozen=True)
class Confusion:
    """Segments of a split, counted by true and predicted label.

    Attributes:
        names: labels, background last.
        counts: (C + 1, C + 1), rows are true labels, summed over seeds.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Sweep:
    """The main score of a task by threshold, averaged over seeds.

    Attributes:
        thresholds: (H,).
        scores: split -> (H,) percent.
        fixed: the threshold of the settings.
        best: the threshold with the best validation score; in case of a tie the one nearest to
            ``fixed``.
    """

    thresholds: NDArray[np.floating]
    scores: dict[str, NDArray[np.floating]]
    fixed: float
    best: float

    def at(self, split: str, threshold: float) -> float:
        """The score of a split at one of the thresholds."""
        return float(self.scores[split][np.abs(self.thresholds - threshold).argmin()])


def class_scores(
    predictions: Predictions, labels: LabelledClips, split: str, threshold: float
) -> dict[str, NDArray[np.floating]]:
    """F-score of every class over all segments of a split, for each seed.

    Returns:
        Modality (parsing: ``audio``, ``visual``, ``audio-visual``; localization: ``segments``) ->
        (S, C) percent; NaN for a class that is neither true nor predicted in any segment.
    """
    index = labels.scorable(split)
    valid = labels.scored[index]
    each = []
    for chosen in _of_seeds(predictions, labels.rows[index]):
        if predictions.task == "parsing":
            pred, true = parsing_grid(chosen, threshold)[valid], labels.truth[index][valid]
            pairs = {"audio": (pred[:, 0], true[:, 0]), "visual": (pred[:, 1], true[:, 1])}
            pairs["audio-visual"] = (pred[:, 0] & pred[:, 1], true[:, 0] & true[:, 1])
        else:
            label, truth = localization_labels(chosen, threshold)[valid], labels.truth[index][valid]
            classes = np.arange(len(predictions.classes))
            pairs = {"segments": (label[:, None] == classes, truth[:, None] == classes)}
        each.append({name: _f(*pair) for name, pair in pairs.items()})
    return {name: np.stack([scores[name] for scores in each]) for name in each[0]}


def _of_seeds(predictions: Predictions, rows: NDArray[np.int64]) -> Iterator[Arrays]:
    """The predictions of each seed for some clips."""
    for seed in range(len(predictions.seeds)):
        yield {name: array[rows] for name, array in predictions.of_seed(seed).items()}


def _f(pred: NDArray[np.bool_], true: NDArray[np.bool_]) -> NDArray[np.floating]:
    """F-score of each column of (N, C) decisions, percent."""
    hit, total = (pred & true).sum(0), pred.sum(0) + true.sum(0)
    out: NDArray[np.floating] = np.where(total > 0, 200 * hit / np.maximum(total, 1), np.nan)
    return out


def confusion(
    predictions: Predictions, labels: LabelledClips, split: str, threshold: float
) -> Confusion:
    """Confusion matrix of a localization experiment, background included."""
    index = labels.scorable(split)
    valid, size = labels.scored[index], len(predictions.classes) + 1
    counts = np.zeros(size * size, np.int64)
    for chosen in _of_seeds(predictions, labels.rows[index]):
        label = localization_labels(chosen, threshold)[valid]
        counts += np.bincount(labels.truth[index][valid] * size + label, minlength=size * size)
    return Confusion((*predictions.classes, "background"), counts.reshape(size, size))


def sweep(predictions: Predictions, labels: LabelledClips, fixed: float) -> Sweep | None:
    """Score several thresholds; None if the models use no threshold or a split has no labels.

    Args:
        fixed: the threshold of the settings, which is scored as well.
    """
    index = {split: labels.scorable(split) for split in SCORED}
    if "label_prob" in predictions.arrays or not all(map(len, index.values())):
        return None
    thresholds = np.unique(np.append(THRESHOLDS, fixed))
    seeds = [predictions.of_seed(seed) for seed in range(len(predictions.seeds))]
    main = MAIN[predictions.task]

    def mean(split: str, threshold: float) -> float:
        each = [
            score(predictions.task, arrays, labels, index[split], threshold)[main]
            for arrays in seeds
        ]
        return float(np.mean(each))

    scores = {split: np.array([mean(split, t) for t in thresholds]) for split in SCORED}
    best = _nearest(thresholds[scores["val"] == scores["val"].max()], fixed)
    return Sweep(thresholds, scores, fixed, best)


def _nearest(values: Sequence[float] | NDArray[np.floating], target: float) -> float:
    return float(min(values, key=lambda value: abs(value - target)))
