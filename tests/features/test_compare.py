from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from avparse.core.errors import DataError
from avparse.features.compare import Comparison, compare, difference
from avparse.features.sources import Source

Array = NDArray[np.float64]
RNG = np.random.default_rng(0)


def source(clips: Mapping[str, Array], kind: str = "clip", name: str = "vggish") -> Source:
    return Source(name, Path(name), {kind: {k: lambda v=v: v for k, v in clips.items()}})


def compared(a: Mapping[str, Array], b: Mapping[str, Array]) -> Comparison:
    found, clips = compare(source(a), source(b))
    assert list(clips) == found.clips
    return found


def test_a_clip_equals_the_slow_way() -> None:
    a, b = RNG.normal(size=(10, 7, 7, 4)), RNG.normal(size=(10, 7, 7, 4))
    cosines = []
    for t in range(10):
        x, y = a[t].ravel(), b[t].ravel()
        cosines.append(sum(x * y) / (sum(x * x) ** 0.5 * sum(y * y) ** 0.5))
    found = difference("x", a, b)
    assert found.cosine == pytest.approx(np.mean(cosines))
    assert found.least_cosine == pytest.approx(min(cosines))
    assert found.mean == pytest.approx(np.abs(a - b).mean())
    assert found.largest == pytest.approx(np.abs(a - b).max())


def test_frames_are_averaged_to_match_segments() -> None:
    frames = RNG.normal(size=(80, 16))
    found = difference("x", frames, frames.reshape(10, 8, 16).mean(1))
    assert found.cosine == pytest.approx(1)
    assert found.largest < 1e-12


def test_zero_vectors_agree_with_each_other_only() -> None:
    zero, one = np.zeros((1, 4)), np.ones((1, 4))
    assert difference("x", zero, zero).cosine == 1
    assert difference("x", zero, one).cosine == 0


def test_what_cannot_be_compared_says_why() -> None:
    assert (
        difference("x", np.zeros((10, 4)), np.zeros((10, 5))).note == "shapes (10, 4) and (10, 5)"
    )
    assert difference("x", np.zeros((10, 4)), np.zeros((7, 4))).note
    assert difference("x", np.full((1, 2), np.nan), np.zeros((1, 2))).note.startswith("numbers")
    assert compared({"x": np.zeros((2, 2))}, {"x": np.zeros((2, 3))}).verdict == (
        "nothing to compare: shapes (2, 2) and (2, 3)"
    )
    assert compared({"x": np.zeros((2, 2))}, {"y": np.zeros((2, 2))}).verdict == (
        "nothing to compare: no common clip"
    )


def test_missing_clips_are_listed() -> None:
    x = np.ones((1, 2))
    found = compared({"a": x, "b": x}, {"b": x, "c": x})
    assert (found.only_first, found.only_second) == (["a"], ["c"])
    assert [clip.clip for clip in found.clips] == ["b"]


@pytest.mark.parametrize(
    ("noise", "words"),
    [
        (0, "identical"),
        (1e-6, "equal to rounding"),
        (0.01, "the same, up to precision"),
        (0.1, "the same recipe"),
        (0.4, "related, but not the same recipe"),
        (5, "different"),
    ],
)
def test_verdicts(noise: float, words: str) -> None:
    """White noise of s times the signal's size leaves a cosine of 1 / sqrt(1 + s^2)."""
    a = np.sign(RNG.normal(size=(10, 4096)))
    b = a + noise * RNG.normal(size=a.shape)
    found = compared({"x": a}, {"x": b * np.linalg.norm(a) / np.linalg.norm(b) if noise else b})
    assert found.clips[0].cosine == pytest.approx((1 + noise**2) ** -0.5, abs=0.02)
    assert found.verdict.startswith(words)


def test_a_factor_is_named() -> None:
    a = np.abs(RNG.normal(size=(10, 64)))
    assert compared({"x": a}, {"x": 255 * a}).verdict.startswith("the same but for a factor of 255")


def test_numbers_that_give_themselves_away() -> None:
    plain = np.abs(RNG.normal(size=(10, 128)))
    quantised = RNG.integers(0, 256, (10, 128)).astype(float)
    assert compared({"x": plain}, {"x": plain}).symptoms == []
    [said] = compared({"x": plain}, {"x": quantised}).symptoms
    assert "PCA and 8 bits" in said
    [said] = compared({"x": plain - 1}, {"x": plain}).symptoms
    assert "before the last ReLU" in said


def test_keys_of_different_kinds() -> None:
    with pytest.raises(DataError, match=r"name clips differently: give AVE's Annotations\.txt"):
        compare(source({}, "clip"), source({}, "row"))
