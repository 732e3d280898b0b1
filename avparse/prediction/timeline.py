"""Event timelines of videos: average seeds, join clips, and turn probabilities into events."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.core.events import Event, Modality
from avparse.prediction.decisions import class_prob, event_class_prob, gated_prob
from avparse.prediction.grids import grid_to_events, join
from avparse.prediction.predictions import LANES, Predictions


@dataclass(frozen=True)
class Timeline:
    """The predicted events of one video.

    Attributes:
        video_id: of the video.
        duration_s: length that its clips cover, seconds.
        clips: its clips, in time order.
        events: in time order.
        prob: modality -> (S, C) probabilities per segment of the video, before thresholds.
    """

    video_id: str
    duration_s: float
    clips: tuple[Clip, ...]
    events: tuple[Event, ...]
    prob: dict[Modality, NDArray[np.floating]]

    def clip_at(self, time_s: float) -> str:
        """The id of the last clip that begins at or before a time, or else of the first clip."""
        started = [clip for clip in self.clips if clip.start_s <= time_s]
        return (started[-1] if started else self.clips[0]).clip_id

    def rows(self) -> list[dict[str, Any]]:
        """A row of :data:`avparse.core.tables.EVENTS` for each event, with unrounded numbers."""
        return [
            {
                "video": self.video_id,
                "clip": self.clip_at(event.onset_s),
                "modality": event.modality.value,
                "label": event.label,
                "onset": event.onset_s,
                "offset": event.offset_s,
                "score": event.score,
            }
            for event in self.events
        ]


def timelines(predictions: Predictions, threshold: float) -> list[Timeline]:
    """Make a timeline for each video, sorted by id, from the mean over seeds.

    Args:
        threshold: decision threshold on probabilities.
    """
    arrays = predictions.mean() if predictions.clips else {}
    of_video: dict[str, list[int]] = defaultdict(list)
    for row, clip in enumerate(predictions.clips):
        of_video[clip.video_id].append(row)
    make = partial(_timeline, predictions, arrays, threshold)
    return [make(sorted(rows, key=_start(predictions))) for _, rows in sorted(of_video.items())]


def _start(predictions: Predictions) -> Any:
    return lambda row: predictions.clips[row].start_s


def _timeline(
    predictions: Predictions, arrays: dict[str, NDArray[Any]], threshold: float, rows: list[int]
) -> Timeline:
    clips = [predictions.clips[row] for row in rows]
    chosen = {name: array[rows] for name, array in arrays.items()}
    duration = max(clip.start_s + clip.duration_s for clip in clips)
    if predictions.task == "parsing":
        audio, visual = np.moveaxis(join(clips, gated_prob(chosen, threshold)), 1, 0)
        gated = dict(zip(LANES["parsing"], (audio, visual, np.minimum(audio, visual)), strict=True))
        grids = {modality: prob >= threshold for modality, prob in gated.items()}
        audio, visual = np.moveaxis(join(clips, chosen["segment_prob"]), 1, 0)
        probs = dict(zip(LANES["parsing"], (audio, visual, np.minimum(audio, visual)), strict=True))
    else:
        both = Modality.AUDIO_VISUAL
        gated = {both: join(clips, event_class_prob(chosen, threshold))}
        grids = {both: gated[both] > threshold}
        probs = {both: join(clips, class_prob(chosen))}
    events = [
        event
        for modality, prob in gated.items()
        for event in grid_to_events(grids[modality], prob, predictions.classes, modality, duration)
    ]
    return Timeline(clips[0].video_id, duration, tuple(clips), tuple(sorted(events)), probs)
