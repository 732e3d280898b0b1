"""What the scores are made of: classes, confusions, thresholds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avparse.datasets.labels import LabelledClips
from avparse.evaluation.scoring import MAIN, SCORED, score
from avparse.prediction.decisions import Arrays, localization_labels, parsing_grid
from avparse.prediction.predictions import Predictions

THRESHOLDS = np.round(np.arange(0.05, 0.96, 0.05), 2)
"""That a sweep tries."""


@dataclass(frozen=True)
class Confusion:
    """Segments of a split by their true and predicted label.

    Attributes:
        names: of the labels, background last.
        counts: (C + 1, C + 1), rows the truth, all seeds added.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Sweep:
    """The main score of a task by threshold, the mean over seeds.

    Attributes:
        thresholds: (H,).
        scores: split -> (H,) percent.
        fixed: the threshold of the settings.
        best: the one best on validation; among equals the one nearest to ``fixed``.
    """

    thresholds: NDArray[np.floating]
    scores: dict[str, NDArray[np.floating]]
    fixed: float
    best: float

    def at(self, split: str, threshold: float) -> float:
        """The score of a split at one of the thresholds."""
        return float(self.scores[split][np.abs(self.thresholds - threshold).argmin()])


def class_scores(
    found: Predictions, labels: LabelledClips, split: str, threshold: float
) -> dict[str, NDArray[np.floating]]:
    """F of every class over all segments of a split, for each seed.

    Returns:
        What is scored (parsing: ``audio``, ``visual``, ``audio-visual``; localization:
        ``segments``) -> (S, C) percent; NaN where a class neither is nor is predicted.
    """
    index = labels.scorable(split)
    seen = labels.scored[index]
    each = []
    for chosen in _of_seeds(found, labels.rows[index]):
        if found.task == "parsing":
            pred, true = parsing_grid(chosen, threshold)[seen], labels.truth[index][seen]
            pairs = {"audio": (pred[:, 0], true[:, 0]), "visual": (pred[:, 1], true[:, 1])}
            pairs["audio-visual"] = (pred[:, 0] & pred[:, 1], true[:, 0] & true[:, 1])
        else:
            label, truth = localization_labels(chosen, threshold)[seen], labels.truth[index][seen]
            every = np.arange(len(found.classes))
            pairs = {"segments": (label[:, None] == every, truth[:, None] == every)}
        each.append({what: _f(*pair) for what, pair in pairs.items()})
    return {what: np.stack([scores[what] for scores in each]) for what in each[0]}


def _of_seeds(found: Predictions, rows: NDArray[np.int64]) -> Iterator[Arrays]:
    """What each seed's model says of some clips."""
    for seed in range(len(found.seeds)):
        yield {name: array[rows] for name, array in found.of_seed(seed).items()}


def _f(pred: NDArray[np.bool_], true: NDArray[np.bool_]) -> NDArray[np.floating]:
    """F of each column of (N, C) decisions, percent."""
    hit, total = (pred & true).sum(0), pred.sum(0) + true.sum(0)
    out: NDArray[np.floating] = np.where(total > 0, 200 * hit / np.maximum(total, 1), np.nan)
    return out


def confusion(found: Predictions, labels: LabelledClips, split: str, threshold: float) -> Confusion:
    """Which label is taken for which, of localization."""
    index = labels.scorable(split)
    seen, size = labels.scored[index], len(found.classes) + 1
    counts = np.zeros(size * size, np.int64)
    for chosen in _of_seeds(found, labels.rows[index]):
        label = localization_labels(chosen, threshold)[seen]
        counts += np.bincount(labels.truth[index][seen] * size + label, minlength=size * size)
    return Confusion((*found.classes, "background"), counts.reshape(size, size))


def sweep(found: Predictions, labels: LabelledClips, fixed: float) -> Sweep | None:
    """Try thresholds on the scored splits; None where no threshold decides, or nothing is scored.

    Args:
        fixed: the threshold of the settings, which is tried, too.
    """
    index = {split: labels.scorable(split) for split in SCORED}
    if "label_prob" in found.arrays or not all(map(len, index.values())):
        return None
    thresholds = np.unique(np.append(THRESHOLDS, fixed))
    seeds = [found.of_seed(seed) for seed in range(len(found.seeds))]
    main = MAIN[found.task]

    def mean(split: str, threshold: float) -> float:
        each = [score(found.task, one, labels, index[split], threshold)[main] for one in seeds]
        return float(np.mean(each))

    scores = {split: np.array([mean(split, t) for t in thresholds]) for split in SCORED}
    best = _nearest(thresholds[scores["val"] == scores["val"].max()], fixed)
    return Sweep(thresholds, scores, fixed, best)


def _nearest(values: Sequence[float] | NDArray[np.floating], wanted: float) -> float:
    return float(min(values, key=lambda value: abs(value - wanted)))
