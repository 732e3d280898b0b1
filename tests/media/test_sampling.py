import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avparse.media.sampling import RULES, Shown, ave, constant_rate, even, llp

GOLDEN = Path(__file__).parents[1] / "golden" / "ffmpeg_8fps.json"


def steady(count: int, fps: float) -> Shown:
    return Shown(np.arange(count) / fps, np.full(count, 1 / fps), fps)


def test_even_is_in_the_middle_of_equal_steps() -> None:
    sampling = even(steady(60, 30), 2, 2)
    assert sampling.ticks[sampling.picks].tolist() == [0.25, 0.75, 1.25, 1.75]


@pytest.mark.parametrize("frames", [125, 160, 161, 196, 300, 301, 309])
def test_ave_equals_the_published_loop(frames: int) -> None:
    wanted = []
    interval = int(frames / 10)
    for second in range(10):
        for i in range(16):
            wanted.append(int(second * interval + (i / 16) * interval))
    sampling = ave(steady(frames, frames / 10), 16, 10)
    assert sampling.picks.tolist() == wanted
    assert len(sampling.ticks) == frames


def test_llp_thins_or_repeats_over_the_whole_clip() -> None:
    sampling = llp(steady(300, 29.97), 8, 10)
    assert len(sampling.ticks) == 82
    wanted = [int(np.round(x)) for x in np.linspace(0, 81, 80)]
    assert sampling.picks.tolist() == wanted


@pytest.mark.parametrize("case", json.loads(GOLDEN.read_text())["cases"], ids=lambda c: c["name"])
def test_constant_rate_is_what_ffmpeg_writes(case: dict[str, list[float]]) -> None:
    times, lengths = np.array(case["times"]), np.array(case["lengths"])
    found = constant_rate(Shown(times, lengths, float(case["rate"])), 8)  # type: ignore[arg-type]
    assert found == case["written"]


def test_a_frame_that_stays_beyond_the_clip_counts_as_far_as_its_end() -> None:
    sampling = llp(Shown(np.array([0.0, 5.0]), np.array([5.0, 5.0]), 25.0), 8, 10)
    shown = sampling.ticks[np.minimum(sampling.picks, len(sampling.ticks) - 1)]
    assert (shown == 0).sum() == 40


@pytest.mark.parametrize(("rule", "rate"), [("ave", 16), ("llp", 8)])
@pytest.mark.parametrize("length", [3.4, 5.0, 9.2])
def test_in_a_short_clip_seconds_stay_seconds(rule: str, rate: int, length: float) -> None:
    shown = steady(round(length * 25), 25)
    sampling = RULES[rule](shown, rate, 10)
    last = len(sampling.ticks) - 1
    times = sampling.ticks[np.minimum(sampling.picks, last)]
    real = np.arange(10 * rate) / rate < length - 0.5
    assert np.abs(times - np.arange(10 * rate) / rate)[real].max() < 0.35
    seconds = np.arange(int(length - 0.5))
    assert (np.floor(times[rate // 2 :: rate][: len(seconds)]) == seconds).all()


@given(
    rule=st.sampled_from(sorted(RULES)),
    gaps=st.lists(st.floats(0.001, 1.5), min_size=0, max_size=400),
    rate=st.integers(1, 20),
    seconds=st.integers(1, 12),
)
def test_any_clip_gives_as_many_frames_as_the_view_has(
    rule: str, gaps: list[float], rate: int, seconds: int
) -> None:
    times = np.cumsum([0.0, *gaps])[:-1] if gaps else np.zeros(0)
    sampling = RULES[rule](Shown(times, np.array(gaps), 25.0), rate, seconds)
    assert len(sampling.picks) == rate * seconds
    assert (np.diff(sampling.picks) >= 0).all()
    assert (np.diff(sampling.ticks) >= 0).all()
    assert len(sampling.ticks)
    assert sampling.picks.min() >= 0
