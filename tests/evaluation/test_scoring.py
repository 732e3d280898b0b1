from dataclasses import replace

import numpy as np
import pytest

from avparse.datasets.labels import LabelledClips
from avparse.evaluation.metrics import parsing_scores
from avparse.evaluation.scoring import MAIN, baselines, score, score_decisions

SPLITS = np.array(["train", "train", "val", "val"])
WEAK = np.array([[1, 0], [1, 0], [0, 1], [1, 1]], np.float32)
SCORED = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0]], bool)
VAL = np.array([2, 3])

# Class 2 is background. The last segment of the last clip is padding.
LOCALIZATION = LabelledClips(
    np.array([3, 2, 1, 0]),
    SPLITS,
    WEAK,
    np.array([[0, 0, 2], [2, 2, 2], [1, 2, 2], [0, 2, 0]]),
    SCORED,
)


def parsing_labels(seed: int = 0) -> LabelledClips:
    truth = np.random.default_rng(seed).random((4, 3, 2, 2)) < 0.5
    return LabelledClips(np.array([3, 2, 1, 0]), SPLITS, WEAK, truth, SCORED)


def test_accuracy_counts_real_segments_only() -> None:
    decided = np.array([[1, 2, 0], [0, 0, 1]])
    # Clip 2: right, right, wrong. Clip 3: right, wrong, padding. 3 of 5.
    found = score_decisions("localization", decided, LOCALIZATION, VAL)
    assert found["accuracy"] == 60.0
    decided[1, 2] = 0
    assert score_decisions("localization", decided, LOCALIZATION, VAL) == found


def test_clips_that_are_no_event_from_end_to_end_are_scored_apart() -> None:
    truth = np.array([[0, 0, 0], [0, 2, 0], [1, 1, 2], [1, 1, 1]])  # 2: background
    labels = LabelledClips(np.arange(4), np.array(["test"] * 4), WEAK, truth, np.ones((4, 3), bool))
    decided = np.array([[0, 0, 1], [0, 0, 0], [1, 1, 2], [1, 1, 1]])
    found = score_decisions("localization", decided, labels, np.arange(4))
    assert found == {
        "accuracy": pytest.approx(1000 / 12),
        "accuracy_partial": pytest.approx(500 / 6),
    }
    full = score_decisions("localization", decided[[0, 3]], labels, np.array([0, 3]))
    assert list(full) == ["accuracy"]


def test_parsing_scores_are_those_of_the_grids() -> None:
    labels = replace(parsing_labels(), scored=np.ones((4, 3), bool))
    decided = np.random.default_rng(1).random((2, 3, 2, 2)) < 0.5
    found = score_decisions("parsing", decided, labels, VAL)
    truth = labels.truth[VAL]
    levels = parsing_scores(decided[:, :, 0], decided[:, :, 1], truth[:, :, 0], truth[:, :, 1])
    assert len(found) == 10
    for name, value in found.items():
        level, kind = name.split("_", 1)
        assert value == levels[level][kind]
    assert MAIN["parsing"] in found


def test_padding_changes_no_parsing_score() -> None:
    labels = parsing_labels()
    decided = np.random.default_rng(1).random((2, 3, 2, 2)) < 0.5
    before = score_decisions("parsing", decided, labels, VAL)
    decided[1, 2] = ~decided[1, 2]
    labels.truth[3, 2] = ~labels.truth[3, 2]
    assert score_decisions("parsing", decided, labels, VAL) == before


@pytest.mark.parametrize("seed", range(3))
def test_the_truth_scores_100_and_order_changes_nothing(seed: int) -> None:
    labels = parsing_labels(seed)
    everything = np.arange(4)
    found = score_decisions("parsing", labels.truth, labels, everything)
    assert set(found.values()) == {100.0}
    decided = np.random.default_rng(seed).random((4, 3, 2, 2)) < 0.5
    turned = score_decisions("parsing", decided[::-1], labels, everything[::-1])
    assert turned == pytest.approx(score_decisions("parsing", decided, labels, everything))


def test_predictions_are_looked_up_by_the_row_of_the_clip() -> None:
    # Labelled clip 2 is row 1 and clip 3 row 0, and both are right there; rows 2 and 3 are noise.
    events = np.array([[0.9, 0.1, 0.9], [0.9, 0.1, 0.1], [0.9] * 3, [0.9] * 3])
    classes = np.array([[0.8, 0.2, 0], [0.2, 0.8, 0], [0.5, 0.5, 0], [0.5, 0.5, 0]])
    arrays = {"event_prob": events, "class_prob": classes}
    assert score("localization", arrays, LOCALIZATION, VAL, 0.5) == {
        "accuracy": 100.0, "accuracy_partial": 100.0,
    }  # fmt: skip
    # At threshold 0.95 all is background: clip 2 has 2 of 3 right, clip 3 has 1 of 2.
    assert score("localization", arrays, LOCALIZATION, VAL, 0.95)["accuracy"] == 60.0


def test_parsing_decisions_go_through_the_threshold() -> None:
    labels = parsing_labels()
    truth = np.empty_like(labels.truth)
    truth[labels.rows] = labels.truth
    arrays = {"clip_prob": np.ones((4, 2)), "segment_prob": np.where(truth, 0.7, 0.3)}
    assert score("parsing", arrays, labels, VAL, 0.5)["segment_type_av"] == 100.0
    assert score("parsing", arrays, labels, VAL, 0.8)["segment_type_av"] < 100.0


def test_localization_baselines_by_hand() -> None:
    # Training segments: background 4 times, class 0 twice. Real val segments: 1 2 2 and 0 2.
    assert baselines("localization", LOCALIZATION, VAL) == {
        "baseline_always_background": 60.0,
        "baseline_majority_label": 60.0,
        "baseline_majority_event": 20.0,
    }


def test_parsing_baselines_by_hand() -> None:
    truth = np.zeros((4, 3, 2, 2), bool)
    truth[2, :, :, 0] = True
    clip_labels = parsing_labels().clip_labels.copy()
    clip_labels[VAL] = [[1, 0], [0, 0]]
    labels = replace(parsing_labels(), truth=truth, clip_labels=clip_labels)
    # Class 0 is in most training clips. Nothing everywhere: clip 2 scores 0, the empty clip 3 100.
    # Class 0 everywhere: clip 2 scores 100, clip 3 scores 0.
    found = baselines("parsing", labels, VAL)
    # Knowing the classes of each clip: both are right, as clip 2 is class 0 throughout.
    assert found == {
        "baseline_nothing": 50.0,
        "baseline_majority_class": 50.0,
        "baseline_true_classes_everywhere": 100.0,
    }
    assert baselines("parsing", labels, VAL[:1]) == {
        "baseline_nothing": 0.0,
        "baseline_majority_class": 100.0,
        "baseline_true_classes_everywhere": 100.0,
    }
