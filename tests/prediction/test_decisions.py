import numpy as np
import pytest

from avparse.prediction.decisions import (
    class_prob,
    event_class_prob,
    gated_prob,
    localization_labels,
    parsing_grid,
)


def test_parsing_by_hand() -> None:
    # One clip, two segments, two classes; the clip holds class 0 (0.5 is enough), not class 1.
    arrays = {
        "clip_prob": np.array([[0.5, 0.25]]),
        "segment_prob": np.array([[[[0.5, 1.0], [0.25, 1.0]], [[0.75, 0.0], [0.5, 0.0]]]]),
    }
    gated = [[[[0.5, 0], [0.25, 0]], [[0.75, 0], [0.5, 0]]]]
    assert gated_prob(arrays, 0.5).tolist() == gated
    assert parsing_grid(arrays, 0.5).astype(int).tolist() == [[[[1, 0], [0, 0]], [[1, 0], [1, 0]]]]


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.8])
def test_parsing_equals_a_slow_loop(threshold: float) -> None:
    rng = np.random.default_rng(0)
    arrays = {"clip_prob": rng.random((4, 3)), "segment_prob": rng.random((4, 5, 2, 3))}
    gated, grid = gated_prob(arrays, threshold), parsing_grid(arrays, threshold)
    for n, t, m, c in np.ndindex(4, 5, 2, 3):
        prob = arrays["segment_prob"][n, t, m, c]
        there = arrays["clip_prob"][n, c] >= threshold
        assert gated[n, t, m, c] == (prob if there else 0)
        assert grid[n, t, m, c] == (there and prob >= threshold)


def test_localization_by_hand() -> None:
    # Class 1 is the likelier; a probability of just 0.5 is no event.
    arrays = {
        "event_prob": np.array([[0.25, 0.5, 0.75]]),
        "class_prob": np.array([[0.25, 0.75, 0.0]]),
    }
    assert localization_labels(arrays, 0.5).tolist() == [[2, 2, 1]]
    assert event_class_prob(arrays, 0.5).tolist() == [[[0, 0], [0, 0], [0, 0.75]]]


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.8])
def test_localization_equals_a_slow_loop(threshold: float) -> None:
    rng = np.random.default_rng(1)
    arrays = {"event_prob": rng.random((4, 5)), "class_prob": rng.random((4, 4))}
    labels, prob = localization_labels(arrays, threshold), event_class_prob(arrays, threshold)
    assert prob.shape == (4, 5, 3)
    for n, t in np.ndindex(4, 5):
        event = arrays["event_prob"][n, t]
        best = max(range(4), key=lambda c: arrays["class_prob"][n, c])
        assert labels[n, t] == (best if event > threshold else 3)
        assert class_prob(arrays)[n, t].tolist() == [
            pytest.approx(event * arrays["class_prob"][n, c]) for c in range(3)
        ]
        assert prob[n, t].tolist() == [
            event if c == best and event > threshold else 0 for c in range(3)
        ]


def test_scored_segments_take_their_likeliest_label_whatever_the_threshold() -> None:
    arrays = {"label_prob": np.array([[[0.25, 0.5, 0.25], [0.25, 0.25, 0.5]]])}
    assert localization_labels(arrays, 0.9).tolist() == [[1, 2]]
    assert event_class_prob(arrays, 0.9).tolist() == [[[0, 0.5], [0, 0]]]
    assert class_prob(arrays).tolist() == [[[0.25, 0.5], [0.25, 0.25]]]


def test_a_clip_that_weak_training_calls_background_is_all_background() -> None:
    arrays = {"event_prob": np.array([[0.9, 0.1]]), "class_prob": np.array([[0.25, 0.25, 0.5]])}
    assert localization_labels(arrays, 0.5).tolist() == [[2, 2]]
    assert not event_class_prob(arrays, 0.5).any()


def test_each_modality_may_have_its_own_gate() -> None:
    arrays = {
        "clip_prob": np.array([[[0.75], [0.25]]]),
        "segment_prob": np.array([[[[0.75], [0.75]]]]),
    }
    assert gated_prob(arrays, 0.5).tolist() == [[[[0.75], [0]]]]


def test_a_higher_threshold_never_adds_a_segment() -> None:
    rng = np.random.default_rng(2)
    arrays = {"clip_prob": rng.random((4, 3)), "segment_prob": rng.random((4, 5, 2, 3))}
    low, high = parsing_grid(arrays, 0.3), parsing_grid(arrays, 0.6)
    assert (high <= low).all()
    assert high.sum() < low.sum()
