"""Predictions of all seeds of an experiment, and the timelines made of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from avparse.clips import Clip
from avparse.decisions import class_prob, event_class_prob, gated_prob
from avparse.errors import DataError
from avparse.store import Shard, write_shard
from avparse.timeline import Event, Modality, grid_to_events, join

LANES = {
    "parsing": (Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL),
    "localization": (Modality.AUDIO_VISUAL,),
}
"""The modalities a task tells apart, in the order they are shown."""

_ATTENTION = "attention_"
"""Before the names of such arrays in a file; half precision is enough to look at."""


@dataclass(frozen=True)
class Predictions:
    """What the models of one experiment say about N clips.

    Attributes:
        experiment, task, classes, seeds: of the models.
        clips: N clips.
        arrays: name -> (N, S, ...), S the seeds, as :func:`avparse.inference.predict` names them.
        attention: name -> (N, ...), of what :mod:`avparse.models.attention` names, averaged over
            seeds; empty where it was not read.
        views: of each clip, the key of the pictures that models look at; empty if not known.
    """

    experiment: str
    task: str
    classes: tuple[str, ...]
    seeds: tuple[int, ...]
    clips: list[Clip]
    arrays: dict[str, NDArray[Any]]
    attention: dict[str, NDArray[Any]] = field(default_factory=dict)
    views: tuple[str, ...] = ()

    def of_seed(self, index: int) -> dict[str, NDArray[Any]]:
        """The arrays of one seed: name -> (N, ...)."""
        return {name: array[:, index] for name, array in self.arrays.items()}

    def mean(self) -> dict[str, NDArray[Any]]:
        """The arrays averaged over seeds: name -> (N, ...)."""
        return {name: array.mean(1) for name, array in self.arrays.items()}

    def only(self, rows: Sequence[int]) -> Self:
        """Those of some clips, in the order given."""
        chosen = list(rows)
        return replace(
            self,
            clips=[self.clips[row] for row in chosen],
            arrays={name: array[chosen] for name, array in self.arrays.items()},
            attention={name: array[chosen] for name, array in self.attention.items()},
            views=tuple(self.views[row] for row in chosen) if self.views else (),
        )

    def write(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write them as a shard; its clips have one view."""
        made = {
            **provenance,
            "stage": "predict",
            "experiment": self.experiment,
            "task": self.task,
            "classes": list(self.classes),
            "seeds": list(self.seeds),
            "view": self.views[0] if self.views else "",
        }
        looks = {_ATTENTION + k: v.astype(np.float16) for k, v in self.attention.items()}
        with write_shard(path, made) as shard:
            for row, clip in enumerate(self.clips):
                shard.append(clip, {k: v[row] for k, v in (self.arrays | looks).items()})


def read(paths: Sequence[Path], attention: bool = False) -> Predictions:
    """Read the prediction shards of one experiment.

    Args:
        attention: whether to read that too; few need it.
    Raises:
        DataError: they are not predictions, or not of one experiment.
    """
    if not paths:
        raise DataError("no prediction files", "give at least one")
    clips: list[Clip] = []
    parts: dict[str, list[NDArray[Any]]] = defaultdict(list)
    cards = []
    views: list[str] = []
    for path in paths:
        with Shard(path) as shard:
            made = shard.provenance
            if made.get("stage") != "predict":
                raise DataError(f"{path} holds no predictions", "give files of `avparse predict`")
            cards.append(tuple(str(made[k]) for k in ("experiment", "task", "classes", "seeds")))
            if shard.clips:
                clips += shard.clips
                views += [made.get("view", "")] * len(shard.clips)
                for name in shard.names():
                    if attention or not name.startswith(_ATTENTION):
                        parts[name].append(shard.array(name)[:])
    if len(set(cards)) != 1:
        raise DataError(f"{paths[0]} and others", "predictions of several experiments: give one's")
    arrays = {name: np.concatenate(blocks) for name, blocks in parts.items()}
    return Predictions(
        made["experiment"],
        made["task"],
        tuple(made["classes"]),
        tuple(made["seeds"]),
        clips,
        {k: v for k, v in arrays.items() if not k.startswith(_ATTENTION)},
        {
            k.removeprefix(_ATTENTION): v
            for k, v in arrays.items()
            if k.startswith(_ATTENTION) and len(v) == len(clips)  # not of older shards beside it
        },
        tuple(views),
    )


@dataclass(frozen=True)
class Timeline:
    """What one video holds.

    Attributes:
        video_id: of the video.
        duration_s: how much of it was seen, seconds.
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
        """The id of the last clip that begins at or before a time, or of the first."""
        begun = [clip for clip in self.clips if clip.start_s <= time_s]
        return (begun[-1] if begun else self.clips[0]).clip_id

    def rows(self) -> list[dict[str, Any]]:
        """A row of :data:`avparse.tables.EVENTS` for each event, its numbers unrounded."""
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
    """One timeline for each video, sorted by id: seeds averaged, clips joined.

    Args:
        threshold: probability from which a segment is part of an event.
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
        heard, seen = np.moveaxis(join(clips, chosen["segment_prob"]), 1, 0)
        shown = dict(zip(LANES["parsing"], (heard, seen, np.minimum(heard, seen)), strict=True))
    else:
        both = Modality.AUDIO_VISUAL
        gated = {both: join(clips, event_class_prob(chosen, threshold))}
        grids = {both: gated[both] > threshold}
        shown = {both: join(clips, class_prob(chosen))}
    events = [
        event
        for modality, prob in gated.items()
        for event in grid_to_events(grids[modality], prob, predictions.classes, modality, duration)
    ]
    return Timeline(clips[0].video_id, duration, tuple(clips), tuple(sorted(events)), shown)
