import numpy as np
import pytest
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.datasets.labels import LabelledClips
from avparse.evaluation import breakdown
from avparse.evaluation.scoring import score
from avparse.prediction.predictions import Predictions

CLASSES = ("Bell", "Drum")
SEEDS = (1, 2)


def labelled(truth: NDArray[np.generic], scored: NDArray[np.bool_] | None = None) -> LabelledClips:
    """Half of the clips val, half test."""
    count, segments = truth.shape[:2]
    return LabelledClips(
        np.arange(count),
        np.array(["val", "test"] * (count // 2)),
        np.ones((count, len(CLASSES)), np.float32),
        truth,
        np.ones((count, segments), bool) if scored is None else scored,
    )


def predicted(task: str, **arrays: NDArray[np.floating]) -> Predictions:
    count = len(next(iter(arrays.values())))
    clips = [Clip(f"v{n}_0_3", f"v{n}", 0, 3, 3) for n in range(count)]
    return Predictions("e", task, CLASSES, SEEDS, clips, arrays)


@pytest.fixture
def parsing() -> tuple[Predictions, LabelledClips]:
    random = np.random.default_rng(0)
    truth = random.random((8, 3, 2, 2)) < 0.5
    prob = np.clip(
        truth * 0.4 + random.random((8, 2, 3, 2, 2)).transpose(1, 0, 2, 3, 4) * 0.6, 0, 1
    )
    found = predicted(
        "parsing", segment_prob=prob.transpose(1, 0, 2, 3, 4), clip_prob=np.ones((8, 2, 2))
    )
    scored = np.ones((8, 3), bool)
    scored[1, 2] = False
    return found, labelled(truth, scored)


def test_scores_of_classes_are_those_of_a_slow_count(
    parsing: tuple[Predictions, LabelledClips],
) -> None:
    found, labels = parsing
    scores = breakdown.class_scores(found, labels, "test", 0.5)
    assert set(scores) == {"audio", "visual", "audio-visual"}
    for seed in range(2):
        for c in range(2):
            hit = total = 0
            for n in range(1, 8, 2):
                for t in range(3):
                    if labels.scored[n, t]:
                        pred = (found.arrays["segment_prob"][n, seed, t, :, c] >= 0.5).all()
                        true = labels.truth[n, t, :, c].all()
                        hit += pred and true
                        total += int(pred) + int(true)
            assert scores["audio-visual"][seed, c] == pytest.approx(200 * hit / total)


def test_a_class_that_nobody_names_has_no_score() -> None:
    labels = labelled(np.zeros((2, 3), np.int64))
    found = predicted("localization", label_prob=np.eye(3)[np.zeros((2, 2, 3), int)])
    scores = breakdown.class_scores(found, labels, "test", 0.5)["segments"]
    assert np.isnan(scores[:, 1]).all()
    assert (scores[:, 0] == 100).all()


def test_confusions_count_every_scored_segment_of_every_seed() -> None:
    truth = np.array([[0, 0, 2], [0, 1, 2]])
    said = np.array([[[0, 0, 0], [0, 0, 0]], [[0, 2, 2], [1, 2, 2]]])
    scored = np.array([[True] * 3, [True, True, False]])
    found = predicted("localization", label_prob=np.eye(3)[said])
    matrix = breakdown.confusion(found, labelled(truth, scored), "test", 0.5)
    assert matrix.names == ("Bell", "Drum", "background")
    assert matrix.counts.tolist() == [[1, 1, 0], [0, 0, 2], [0, 0, 0]]


def test_a_sweep_finds_the_best_threshold_of_validation(
    parsing: tuple[Predictions, LabelledClips],
) -> None:
    found, labels = parsing
    swept = breakdown.sweep(found, labels, 0.5)
    assert swept is not None
    index = labels.scorable("val")
    at_half = [score("parsing", found.of_seed(s), labels, index, 0.5) for s in range(2)]
    assert swept.at("val", 0.5) == pytest.approx(np.mean([s["segment_type_av"] for s in at_half]))
    assert swept.at("val", swept.best) == swept.scores["val"].max()
    assert set(np.round(breakdown.THRESHOLDS, 2)) <= set(swept.thresholds)


def test_among_equal_thresholds_the_nearest_is_best() -> None:
    truth = np.zeros((2, 3), np.int64)
    found = predicted(
        "localization",
        event_prob=np.full((2, 2, 3), 0.99),
        class_prob=np.tile([1.0, 0.0, 0.0], (2, 2, 1)),
    )
    swept = breakdown.sweep(found, labelled(truth), 0.43)
    assert swept is not None
    assert swept.best == 0.43
    assert swept.at("test", 0.43) == 100


def test_nothing_to_sweep() -> None:
    scores = predicted("localization", label_prob=np.ones((2, 2, 3, 3)))
    assert breakdown.sweep(scores, labelled(np.zeros((2, 3), np.int64)), 0.5) is None
    prob = predicted("localization", event_prob=np.ones((2, 2, 3)), class_prob=np.ones((2, 2, 3)))
    unlabelled = labelled(np.zeros((2, 3), np.int64), np.zeros((2, 3), bool))
    assert breakdown.sweep(prob, unlabelled, 0.5) is None
