"""Scores of a set of predictions against labelled clips, the same for every model of a task."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.datasets.labels import LabelledClips
from avparse.evaluation.metrics import localization_accuracy, parsing_scores
from avparse.prediction.decisions import Arrays, localization_labels, parsing_grid

MAIN = {"localization": "accuracy", "parsing": "segment_type_av"}
"""The score that picks the epoch, per task."""

SCORED = ("val", "test")
"""The splits that are scored and reported."""


def score(
    task: str, arrays: Arrays, labels: LabelledClips, index: NDArray[np.int64], threshold: float
) -> dict[str, float]:
    """All scores of a task, in percent.

    Args:
        arrays: predictions of every clip, as the task's decisions read them.
        index: which labelled clips to score; at least one.
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
    """Scores of decisions: (N, T, 2, C) grids or (N, T) labels."""
    truth, scored = labels.truth[index], labels.scored[index]
    if task == "localization":
        return _accuracies(decided, truth, scored, labels.clip_labels.shape[1])
    pred, true = (g.astype(bool) & scored[:, :, None, None] for g in (decided, truth))
    levels = parsing_scores(pred[:, :, 0], pred[:, :, 1], true[:, :, 0], true[:, :, 1])
    return {f"{level}_{name}": v for level, scores in levels.items() for name, v in scores.items()}


def _accuracies(
    decided: NDArray[Any], truth: NDArray[Any], scored: NDArray[np.bool_], background: int
) -> dict[str, float]:
    """Of all clips, and of those that are not one event from end to end.

    Source of the second: MM-Pyramid, section 5.1, the subset of AVE.
    """
    partial = ((truth == background) & scored).any(1)
    chosen = {"accuracy": np.ones_like(partial), "accuracy_partial": partial}
    return {
        name: localization_accuracy(
            decided[which][scored[which]][None], truth[which][scored[which]][None]
        )
        for name, which in chosen.items()
        if scored[which].any()
    }


def baselines(task: str, labels: LabelledClips, index: NDArray[np.int64]) -> dict[str, float]:
    """What guessing without looking scores, learned from the labels of the training split.

    Localization: always background, and the most frequent label of the training segments.
    Parsing: nothing anywhere, the most frequent class everywhere, and, not a guess but the mark
    of who knows what but not when, the clip's true classes in all of its segments.
    """
    train = labels.where("train")
    if task == "localization":
        background = labels.clip_labels.shape[1]
        seen = labels.truth[train][labels.scored[train]]
        counts = np.bincount(seen, minlength=background + 1)
        guesses = {"always_background": background, "majority_label": int(counts.argmax())}
        guesses["majority_event"] = int(counts[:background].argmax())
        constant = {
            name: np.full(labels.truth[index].shape, guess) for name, guess in guesses.items()
        }
    else:
        nothing = np.zeros(labels.truth[index].shape, bool)
        most = nothing.copy()
        most[..., labels.clip_labels[train].sum(0).argmax()] = True
        known = np.broadcast_to(labels.clip_labels[index, None, None, :] > 0, nothing.shape)
        constant = {
            "nothing": nothing,
            "majority_class": most,
            "true_classes_everywhere": known,
        }
    return {
        f"baseline_{name}": score_decisions(task, guess, labels, index)[MAIN[task]]
        for name, guess in constant.items()
    }
