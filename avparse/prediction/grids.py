"""Conversions between events and segment grids, and from clips to a whole video."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import SEGMENT_S, Clip
from avparse.core.events import Event, Modality


def runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Maximal runs of True as (first, end) pairs, the end exclusive.

    Args:
        active: (T,) booleans.
    """
    if not active.any():  # the most frequent case
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def grid_to_events(
    grid: NDArray[np.bool_],
    prob: NDArray[np.floating],
    labels: Sequence[str],
    modality: Modality,
    duration_s: float = float("inf"),
) -> list[Event]:
    """Merge consecutive active segments into events, sorted by onset.

    Args:
        grid: (T, C) active segments.
        prob: (T, C) probabilities, averaged into each event's score.
        labels: C class names.
        duration_s: length of the video; events are cut off there.
    """
    events = [
        Event(
            first * SEGMENT_S,
            min(end * SEGMENT_S, duration_s),
            modality,
            label,
            float(prob[first:end, index].mean()),
        )
        for index, label in enumerate(labels)
        for first, end in runs(grid[:, index])
    ]
    return sorted(event for event in events if event.onset_s < event.offset_s)


def events_to_grid(
    events: Iterable[Event], labels: Sequence[str], num_segments: int
) -> NDArray[np.bool_]:
    """Mark the segments of each event: t is active iff int(onset) <= t < int(offset).

    Args:
        events: of one modality; an event of length zero marks nothing.
    Returns:
        (T, C) booleans.
    Source: the published evaluation of both AVE and LLP.
    """
    grid = np.zeros((num_segments, len(labels)), dtype=np.bool_)
    index = {label: i for i, label in enumerate(labels)}
    for event in events:
        grid[int(event.onset_s) : int(event.offset_s), index[event.label]] = True
    return grid


def join(clips: Sequence[Clip], values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Join the clips of one video on its time line; overlapping clips are averaged.

    Args:
        clips: N clips of one video, starting on whole segments.
        values: (N, T, ...) per-segment values; padding and missing segments are ignored.
    Returns:
        (S, ...) float64, where S is the number of segments of the video; 0 where no clip
        covers a segment.
    """
    starts = [round(clip.start_s / SEGMENT_S) for clip in clips]
    length = max(s + clip.num_segments for s, clip in zip(starts, clips, strict=True))
    total = np.zeros((length, *values.shape[2:]))
    count = np.zeros((length, *(1 for _ in values.shape[2:])))
    for start, clip, row in zip(starts, clips, values, strict=True):
        valid = np.array(clip.seen(), np.int64)
        total[start + valid] += row[valid]
        count[start + valid] += 1
    return total / np.maximum(count, 1)
