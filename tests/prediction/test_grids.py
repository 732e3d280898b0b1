import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.core.events import Event, Modality
from avparse.prediction.grids import events_to_grid, grid_to_events, join, runs

A = Modality.AUDIO
LABELS = ("Bell", "Dog", "Car")


def clip(start: float, segments: int) -> Clip:
    return Clip(f"v_{start:g}", "v", start, float(segments), segments)


def slow_runs(active: list[bool]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for t, on in enumerate(active):
        if on and found and found[-1][1] == t:
            found[-1] = (found[-1][0], t + 1)
        elif on:
            found.append((t, t + 1))
    return found


def test_runs_by_hand() -> None:
    assert runs(np.array([1, 1, 0, 0, 1, 0, 1], bool)) == [(0, 2), (4, 5), (6, 7)]
    assert runs(np.zeros(4, bool)) == []
    assert runs(np.ones(4, bool)) == [(0, 4)]
    assert runs(np.zeros(0, bool)) == []


@given(st.lists(st.booleans(), max_size=40))
def test_runs_equal_a_slow_loop(active: list[bool]) -> None:
    assert runs(np.array(active, bool)) == slow_runs(active)


def test_events_are_sorted_scored_and_end_with_the_video() -> None:
    grid = np.array([[0, 1], [1, 1], [1, 0], [0, 1]], bool)
    prob = np.array([[0.0, 0.5], [0.25, 1.0], [0.75, 0.0], [0.0, 0.9]])
    assert grid_to_events(grid, prob, ("Bell", "Dog"), A, duration_s=3.5) == [
        Event(0.0, 2.0, A, "Dog", 0.75),  # (0.5 + 1) / 2
        Event(1.0, 3.0, A, "Bell", 0.5),  # (0.25 + 0.75) / 2
        Event(3.0, 3.5, A, "Dog", 0.9),
    ]


def test_an_event_that_begins_after_the_video_is_none() -> None:
    grid = np.array([[0], [1]], bool)
    assert grid_to_events(grid, grid * 1.0, ("Bell",), A, duration_s=1.0) == []


@pytest.mark.parametrize(
    ("onset", "offset", "active"),
    [
        (1.0, 3.0, [0, 1, 1, 0]),
        (1.9, 3.9, [0, 1, 1, 0]),  # both ends are cut to whole seconds
        (2.2, 2.8, [0, 0, 0, 0]),
        (0.0, 9.0, [1, 1, 1, 1]),
    ],
)
def test_event_to_segments(onset: float, offset: float, active: list[int]) -> None:
    grid = events_to_grid([Event(onset, offset, A, "Dog")], LABELS, 4)
    assert grid.astype(int).tolist() == [[0, on, 0] for on in active]


def test_overlapping_events_of_a_class_are_one() -> None:
    grid = events_to_grid([Event(0, 2, A, "Bell"), Event(1, 3, A, "Bell")], LABELS, 4)
    assert runs(grid[:, 0]) == [(0, 3)]


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=5),
        min_size=3,
        max_size=3,
    )
)
def test_events_to_grid_and_back(gaps_and_lengths: list[list[tuple[int, int]]]) -> None:
    events = []
    for label, spans in zip(LABELS, gaps_and_lengths, strict=True):
        time = 0
        for gap, length in spans:
            events.append(Event(time + gap, time + gap + length, A, label))
            time += gap + length
    grid = events_to_grid(events, LABELS, 40)
    assert grid.sum() == sum(event.offset_s - event.onset_s for event in events)
    assert grid_to_events(grid, grid.astype(float), LABELS, A) == sorted(events)


def slow_join(clips: list[Clip], values: NDArray[np.floating]) -> list[float]:
    length = max(int(c.start_s) + c.num_segments for c in clips)
    out = []
    for second in range(length):
        seen = [
            values[row, second - int(c.start_s)]
            for row, c in enumerate(clips)
            if 0 <= second - int(c.start_s) < c.num_segments
        ]
        out.append(float(np.mean(seen)) if seen else 0.0)
    return out


def test_join_by_hand() -> None:
    clips = [clip(0, 3), clip(2, 3), clip(6, 1)]
    values = np.array([[1, 1, 1], [3, 5, 5], [7, 99, 99]], float)
    # Second 2 is the mean of 1 and 3; second 5 is in no clip; 99 is padding.
    assert join(clips, values).tolist() == [1, 1, 2, 5, 5, 0, 7]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4)), min_size=1, max_size=6),
    st.integers(0, 2**31),
)
def test_join_equals_a_slow_loop(placed: list[tuple[int, int]], seed: int) -> None:
    clips = [clip(start, segments) for start, segments in placed]
    values = np.random.default_rng(seed).normal(size=(len(clips), 4))
    np.testing.assert_allclose(join(clips, values), slow_join(clips, values), atol=1e-12)


def test_join_keeps_the_other_axes() -> None:
    values = np.arange(2 * 3 * 2 * 5).reshape(2, 3, 2, 5) / 7
    joined = join([clip(0, 3), clip(3, 3)], values)
    np.testing.assert_array_equal(joined, values.reshape(6, 2, 5))
