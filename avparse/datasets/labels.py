"""Labels as arrays, aligned with the clips that have features."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.core.events import AXIS, Event, Modality
from avparse.datasets.base import Dataset, Sample
from avparse.prediction.grids import events_to_grid

Truth = NDArray[Any]
"""Parsing: (..., T, 2, C) bool. Localization: (..., T) class index, C for background."""


@dataclass(frozen=True)
class LabelledClips:
    """N labelled clips of a task.

    Attributes:
        rows: (N,) index of the clip (feature row).
        splits: (N,) members of :data:`avparse.datasets.base.SPLITS`.
        clip_labels: (N, C) float32 0/1, weak labels.
        truth: parsing (N, T, 2, C) bool; localization (N, T) class index, C for background.
        scored: (N, T) segments that can be scored: not padding or missing, with strong labels.
        modality_labels: (N, 2, C) float32 0/1, refined audio and visual weak labels, or None.
    """

    rows: NDArray[np.int64]
    splits: NDArray[np.str_]
    clip_labels: NDArray[np.float32]
    truth: Truth
    scored: NDArray[np.bool_]
    modality_labels: NDArray[np.float32] | None = None

    def where(self, *splits: str) -> NDArray[np.int64]:
        """Indices of the clips of these splits."""
        return np.flatnonzero(np.isin(self.splits, splits))

    def scorable(self, split: str) -> NDArray[np.int64]:
        """Indices of the clips of a split that have strong labels."""
        return self.where(split)[self.scored[self.where(split)].any(1)]

    def only(self, index: NDArray[np.int64]) -> "LabelledClips":
        """The clips at these indices."""
        refined = self.modality_labels
        return LabelledClips(
            self.rows[index],
            self.splits[index],
            self.clip_labels[index],
            self.truth[index],
            self.scored[index],
            None if refined is None else refined[index],
        )


def of_dataset(
    dataset: Dataset, clips: Sequence[Clip], num_segments: int, task: str
) -> LabelledClips:
    """Align all samples of a data set with clips, see :func:`lay_out`."""
    return lay_out(dataset.samples(task), clips, dataset.classes, num_segments, task)


def lay_out(
    samples: Sequence[Sample],
    clips: Sequence[Clip],
    classes: Sequence[str],
    num_segments: int,
    task: str,
) -> LabelledClips:
    """Pair each sample with all clips of its video; samples without clips are dropped.

    Args:
        clips: in the order of the feature rows.
        num_segments: T.
        task: ``"localization"`` or ``"parsing"``.
    """
    of_video: dict[str, list[int]] = defaultdict(list)
    for row, clip in enumerate(clips):
        of_video[clip.video_id].append(row)
    keys = [s.row_id if s.row_id in of_video else s.video_id for s in samples]
    pairs = [(s, row) for s, key in zip(samples, keys, strict=True) for row in of_video[key]]
    index = {label: i for i, label in enumerate(classes)}
    weak = np.zeros((len(pairs), len(classes)), np.float32)
    truth: list[Truth] = []
    scored = np.zeros((len(pairs), num_segments), bool)
    for number, (sample, row) in enumerate(pairs):
        events = _within(sample.events or (), clips[row], num_segments)
        alone = len(of_video[clips[row].video_id]) == 1
        labels = sample.labels if sample.events is None or alone else [e.label for e in events]
        weak[number, [index[label] for label in labels]] = 1
        truth.append(_truth(events, classes, num_segments, task))
        scored[number, clips[row].seen()] = sample.events is not None
    return LabelledClips(
        np.array([row for _, row in pairs], np.int64),
        np.array([sample.split for sample, _ in pairs], np.str_),
        weak,
        np.stack(truth) if truth else np.zeros((0, num_segments), np.int64),
        scored,
    )


def _within(events: Sequence[Event], clip: Clip, num_segments: int) -> list[Event]:
    """Convert events to seconds of the clip; events outside of it are dropped."""
    moved = (
        Event(
            max(e.onset_s - clip.start_s, 0),
            min(e.offset_s - clip.start_s, num_segments),
            e.modality,
            e.label,
        )
        for e in events
    )
    return [e for e in moved if e.onset_s < e.offset_s]


def _truth(events: Sequence[Event], classes: Sequence[str], num_segments: int, task: str) -> Truth:
    """Strong labels of a clip."""

    def grid(modality: Modality) -> NDArray[np.bool_]:
        chosen = [e for e in events if e.modality == modality]
        return events_to_grid(chosen, classes, num_segments)

    if task == "parsing":
        return np.stack([grid(modality) for modality in AXIS], axis=1)
    both = grid(Modality.AUDIO_VISUAL)
    return np.where(both.any(1), both.argmax(1), len(classes))
