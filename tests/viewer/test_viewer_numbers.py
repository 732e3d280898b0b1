"""The payload of pages: the same decisions, in few bytes."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from viewer_films import CLASSES, predictions

from avparse.core.clips import Clip
from avparse.prediction.predictions import Predictions
from avparse.viewer.payload import LEVELS, of_predictions


def unpacked(text: str, *shape: int) -> NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(text), "<u2").reshape(shape) / LEVELS


def one_clip(
    kind: str = "han", threshold: float = 0.5, **arrays: NDArray[np.float32]
) -> Predictions:
    whole = predictions(kind)
    return replace(
        whole, clips=whole.clips[:1], arrays={n: a[:1] for n, a in whole.arrays.items()} | arrays
    )


def test_variants_are_the_mean_and_every_seed() -> None:
    given = one_clip()
    made = of_predictions(given, 0.5)
    assert made["variants"] == ["mean", "1", "2", "3"]
    assert [CLASSES[k] for k in made["kept"]] == list(CLASSES[:3])
    found = unpacked(made["segment"], 4, 1, 10, 2, 3)
    wanted = [given.mean(), *map(given.of_seed, range(3))]
    for variant, arrays in zip(found, wanted, strict=True):
        assert np.abs(variant - arrays["segment_prob"][..., :3]).max() < 1e-5


def test_the_only_seed_stands_for_itself() -> None:
    assert of_predictions(predictions("avel", (7,)), 0.5)["variants"] == ["7"]


@pytest.mark.parametrize("threshold", [0.5, 0.1, 1 / 3])
def test_rounding_moves_nothing_over_the_threshold(threshold: float) -> None:
    near = np.float32(threshold) + np.linspace(-3e-5, 3e-5, 20, dtype=np.float32)
    segment = np.tile(near.reshape(1, 1, 10, 2, 1), (1, 3, 1, 1, 4))
    clip = np.tile(near[:4], (1, 3, 1))
    given = one_clip(segment_prob=segment, clip_prob=clip)
    made = of_predictions(given, threshold)
    found = unpacked(made["segment"], 4, 1, 10, 2, 4)[1]
    assert np.array_equal(found >= threshold, segment[:, 0].astype(np.float64) >= threshold)
    assert np.array_equal(
        unpacked(made["clip"], 4, 1, 1, 4)[1, :, 0] >= threshold, clip[:, 0] >= threshold
    )


def test_a_sum_of_weights_that_exceeds_one_counts_as_one() -> None:
    given = one_clip(clip_prob=np.full((1, 3, 4), 1.03, np.float32))
    assert unpacked(of_predictions(given, 0.5)["clip"], 4, 1, 1, 3).min() == 1


def test_a_label_that_is_chosen_is_kept_however_unlikely() -> None:
    """With many classes the likeliest may be less likely than what else is left out."""
    count = 300
    prob = np.full((1, 1, 2, count + 1), 1 / (count + 1), np.float32)
    prob[..., 7] = 0.0101
    clips = [Clip("v_0_2", "v", 0, 2, 2)]
    names = tuple(map(str, range(count)))
    given = Predictions("x", "localization", names, (1,), clips, {"label_prob": prob})
    assert of_predictions(given, 0.5)["kept"] == [7]


def test_an_unlikely_class_is_kept_when_the_threshold_is_as_low() -> None:
    assert of_predictions(one_clip(), 0.001)["kept"] == [0, 1, 2, 3]


def test_a_clip_of_a_common_set_takes_a_few_kilobytes() -> None:
    """Twenty-five classes, three seeds, all of them likely: the most a clip of LLP can take."""
    rng = np.random.default_rng(0)
    clips = [Clip("v_0_10", "v", 0, 10, 10)]
    arrays = {
        "segment_prob": rng.random((1, 3, 10, 2, 25), np.float32),
        "clip_prob": rng.random((1, 3, 25), np.float32),
    }
    names = tuple(f"class {i}" for i in range(25))
    made = of_predictions(Predictions("han", "parsing", names, (1, 2, 3), clips, arrays), 0.5)
    assert len(json.dumps(made)) < 7000
