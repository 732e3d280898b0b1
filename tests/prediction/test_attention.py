import numpy as np

from avparse.core.clips import Clip
from avparse.prediction.attention import VideoAttention, of_video
from avparse.prediction.predictions import Predictions

CLIPS = [
    Clip("a_0", "a", 0.0, 4.0, 4),
    Clip("b_0", "b", 0.0, 4.0, 4),
    Clip("a_2", "a", 2.0, 2.5, 3),
]
"""Video a has two clips that share seconds 2 and 3; the last second of the second is padding."""


def given(view: str = "even1_crop256_224_bilinear", **attention: np.ndarray) -> Predictions:
    return Predictions("e", "parsing", ("Dog",), (1,), CLIPS, {}, attention, (view,) * 3)


def test_weights_are_laid_on_the_time_line_and_measured_by_even_ones() -> None:
    where = np.full((3, 4, 9), 1 / 9)
    where[0, 2] = [1, *[0] * 8]  # all on the first cell, in one of two clips
    where[2, 3] = 77  # padding
    found = of_video(given(where=where).only([0, 2]))
    assert found.where is not None
    assert found.where.shape == (5, 3, 3)
    np.testing.assert_allclose(found.where[[0, 1, 3, 4]], 1)
    np.testing.assert_allclose(found.where[2], [[5, 0.5, 0.5], [0.5] * 3, [0.5] * 3])
    assert found.view is not None
    assert (found.view.short_side, found.view.size) == (256, 224)
    assert (found.when, found.levels, found.relations) == (None, None, ())


def test_seconds_and_units() -> None:
    when = np.full((3, 4, 2, 1), 0.25)
    when[0, :, 1, 0] = [0.5, 0.5, 0, 0]
    levels = np.arange(3 * 4 * 2 * 2).reshape(3, 4, 2, 2) / 100
    found = of_video(given(when=when, levels=levels).only([0]))
    assert found.when is not None
    np.testing.assert_allclose(found.when[:, 0, 0], 1)
    np.testing.assert_allclose(found.when[:, 1, 0], [2, 2, 0, 0])
    assert found.levels is not None
    np.testing.assert_allclose(found.levels, levels[0])
    assert found.view is None


def test_a_relation_for_each_clip_without_padding() -> None:
    weights = np.arange(3 * 64, dtype=float).reshape(3, 8, 8)
    first, second = of_video(given(relation=weights).only([0, 2])).relations
    assert (first.start, second.start) == (0, 2)
    np.testing.assert_array_equal(first.weights, weights[0])
    kept = [0, 1, 2, 4, 5, 6]
    np.testing.assert_array_equal(second.weights, weights[2][kept][:, kept])


def test_no_attention_differs_from_zero_weights() -> None:
    assert of_video(given().only([0, 2])) == VideoAttention(None, None, None, None, ())
    assert of_video(given(levels=np.zeros((3, 4, 2, 4))).only([1])).levels is not None
