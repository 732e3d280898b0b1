"""Score predictions against labelled clips, in the same way for every model of a task."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.datasets.labels import LabelledClips
from avparse.evaluation.metrics import localization_accuracy, parsing_scores
from avparse.prediction.decisions import Arrays, localization_labels, parsing_grid

MAIN = {"localization": "accuracy", "parsing": "segment_type_av"}
"""The main score of each task, which selects the epoch."""

SCORED = ("val", "test")
"""The splits that are scored and reported."""


def score(
    task: str, arrays: Arrays, labels: LabelledClips, index: NDArray[np.int64], threshold: float
) -> dict[str, float]:
    """Compute all scores of a task, in percent.

    Args:
        arrays: predictions of every clip, as :mod:`avparse.prediction.decisions` reads them.
        index: the labelled clips to score; at least one.
    """
    chosen = {name: array[labels.rows[index]] for name, array in arrays.items()}
    decide = parsing_grid if task == "parsing" else localization_labels
    return score_decisions(task, decide(chosen, threshold), labels, index)


def score_decisions(
    task: str,
    decided: NDArray[np.bool_] | NDArray[np.int64],
    labels: LabelledClips,
    index: NDArray[np.int64],
) -> dict[str, float]:
    """Score decisions: (N, T, 2, C) grids or (N, T) labels."""
    truth, scored = labels.truth[index], labels.scored[index]
    if task == "localization":
        return _accuracies(decided, truth, scored, labels.clip_labels.shape[1])
    pred, true = (g.astype(bool) & scored[:, :, None, None] for g in (decided, truth))
    levels = parsing_scores(pred[:, :, 0], pred[:, :, 1], true[:, :, 0], true[:, :, 1])
    return {f"{level}_{name}": v for level, scores in levels.items() for name, v in scores.items()}


def _accuracies(
    decided: NDArray[Any], truth: NDArray[Any], scored: NDArray[np.bool_], background: int
) -> dict[str, float]:
    """Accuracy on all clips, and on clips with at least one background segment.

    Source of the second: MM-Pyramid, section 5.1, on a subset of AVE.
    """
    partial = ((truth == background) & scored).any(1)
    chosen = {"accuracy": np.ones_like(partial), "accuracy_partial": partial}
    return {
        name: localization_accuracy(
            decided[rows][scored[rows]][None], truth[rows][scored[rows]][None]
        )
        for name, rows in chosen.items()
        if scored[rows].any()
    }


def baselines(task: str, labels: LabelledClips, index: NDArray[np.int64]) -> dict[str, float]:
    """Scores of constant predictions that ignore the input, from the training labels.

    Localization: always background, the most frequent label of the training segments, and the
    most frequent event class. Parsing: no events, the most frequent class in every segment, and an
    oracle with clip-level labels that marks the clip's true classes in every segment.
    """
    train = labels.where("train")
    if task == "localization":
        background = labels.clip_labels.shape[1]
        truth = labels.truth[train][labels.scored[train]]
        counts = np.bincount(truth, minlength=background + 1)
        guesses = {"always_background": background, "majority_label": int(counts.argmax())}
        guesses["majority_event"] = int(counts[:background].argmax())
        constant = {
            name: np.full(labels.truth[index].shape, guess) for name, guess in guesses.items()
        }
    else:
        nothing = np.zeros(labels.truth[index].shape, bool)
        most = nothing.copy()
        most[..., labels.clip_labels[train].sum(0).argmax()] = True
        oracle = np.broadcast_to(labels.clip_labels[index, None, None, :] > 0, nothing.shape)
        constant = {
            "nothing": nothing,
            "majority_class": most,
            "true_classes_everywhere": oracle,
        }
    return {
        f"baseline_{name}": score_decisions(task, guess, labels, index)[MAIN[task]]
        for name, guess in constant.items()
    }
