"""Attention of the models in the first clips of a few test videos."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse.config.settings import Settings
from avparse.core.clips import Clip
from avparse.core.errors import MediaError
from avparse.core.progress import track
from avparse.datasets.videos import Entry
from avparse.media.sandbox import run_all
from avparse.media.thumbnails import stills
from avparse.media.views import View
from avparse.prediction.attention import VideoAttention, of_video
from avparse.prediction.predictions import Predictions, prediction_file, read_attention
from avparse.report.page import Figure, Gallery, drawing
from avparse.report.plots import attention as plots

_VIDEOS = 3
_CLASSES = 3
_ABOUT = (
    "Averaged over seeds. Orange marks the parts of a frame with more than the uniform weight."
    " Blue shows the weight of a second or of a pyramid unit: the darker, the larger."
)

Still = tuple[Path, int, int, View | None]
"""The arguments of :func:`avparse.media.thumbnails.stills`."""


@dataclass(frozen=True)
class _ClipAttention:
    """Attention of one experiment in the first clip of a video.

    Attributes:
        classes: the most likely classes of the clip and their indices.
    """

    experiment: str
    entry: Entry
    clip: Clip
    attention: VideoAttention
    classes: dict[str, int]

    @property
    def still(self) -> Still:
        """The frames of the clip, as the model views them."""
        start, seconds = round(self.clip.start_s), self.clip.num_segments
        return Path(self.entry.path), start, seconds, self.attention.view

    def caption(self, content: str) -> str:
        """The caption of a figure; it has the start of the clip unless that is 0."""
        start = round(self.clip.start_s)
        return f"{self.entry.video}{f' from {start} s' if start else ''}: {content}"


def galleries(
    settings: Settings,
    results: Path,
    experiments: Mapping[str, Predictions],
    tested: Sequence[Entry],
) -> list[Gallery]:
    """Draw the attention in the first videos for which any experiment has it.

    Attention arrays are large, so only those of the displayed clips are read.

    Args:
        results: the folder of all results, with the prediction files.
        experiments: name -> predictions, read without attention.
        tested: labelled videos, in display order.
    """
    videos: list[list[_ClipAttention]] = []
    for entry in tested:
        if len(videos) < _VIDEOS and (clips := _of_entry(settings, results, experiments, entry)):
            videos.append(clips)
    frames = _frames(settings, [clip for clips in videos for clip in clips])
    figures = [figure for clips in videos for figure in _figures(clips, frames)]
    return [Gallery("Attention", _ABOUT, figures)] if figures else []


def _of_entry(
    settings: Settings, results: Path, experiments: Mapping[str, Predictions], entry: Entry
) -> list[_ClipAttention]:
    """The attention of each experiment in the first clip of a video."""
    out = []
    for name, predictions in experiments.items():
        path = prediction_file(results, name, entry.shard)
        if settings.experiments[name].dataset != entry.dataset or not path.is_file():
            continue
        clips = predictions.clips
        rows = [row for row, clip in enumerate(clips) if clip.video_id == entry.video]
        if not rows:
            continue
        first = predictions.only([min(rows, key=lambda row: clips[row].start_s)])
        (clip,) = first.clips
        maps = read_attention(path, clip.clip_id)
        if maps:
            moved = replace(first, clips=[replace(clip, start_s=0.0)], attention=maps)
            out.append(_ClipAttention(name, entry, clip, of_video(moved), _likeliest(first)))
    return out


def _likeliest(predictions: Predictions) -> dict[str, int]:
    """The most likely classes of a clip, by their largest probability in any second."""
    if "segment_prob" not in predictions.arrays:
        return {}
    prob = predictions.mean()["segment_prob"].max((0, 1, 2))
    order = np.argsort(-prob, kind="stable")[:_CLASSES]
    return {predictions.classes[i]: int(i) for i in order}


def _frames(settings: Settings, clips: Sequence[_ClipAttention]) -> dict[Still, NDArray[np.uint8]]:
    """Frames (T, H, W, 3) for spatial attention; videos that do not decode are left out."""
    d = settings.decode
    spatial = dict.fromkeys(clip.still for clip in clips if clip.attention.where is not None)
    tasks = [still for still in spatial if still[0].is_file()]
    outcomes = run_all(stills, tasks, settings.runtime.decode_workers, d.timeout_s, d.memory_mb)
    tracked = track(outcomes, "report", len(tasks), "stills") if tasks else ()
    return {still: frames for still, frames in tracked if not isinstance(frames, MediaError)}


def _figures(
    clips: Sequence[_ClipAttention], frames: Mapping[Still, NDArray[np.uint8]]
) -> Iterator[Figure]:
    for still in dict.fromkeys(clip.still for clip in clips):
        alike = [clip for clip in clips if clip.still == still]
        where = {
            clip.experiment: clip.attention.where
            for clip in alike
            if clip.attention.where is not None
        }
        if where and still in frames:
            svg = plots.cells(frames[still], where)
            yield Figure(drawing(svg), alike[0].caption("spatial attention"))
    for clip in clips:
        rows = dict(_rows(clip))
        if rows:
            svg = plots.weights(rows)
            yield Figure(drawing(svg), clip.caption(f"temporal attention, {clip.experiment}"))
    for clip in clips:
        for relation in clip.attention.relations:
            caption = clip.caption(f"attention between seconds, {clip.experiment}")
            yield Figure(drawing(plots.relation(relation)), caption, wide=False)


def _rows(clip: _ClipAttention) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """Temporal weights by class, and weights of pyramid units; each kind is scaled to 1."""
    when, levels = clip.attention.when, clip.attention.levels
    if when is not None:
        when = _scaled(when[..., list(clip.classes.values())])
    if levels is not None:
        levels = _scaled(levels)
    for axis, modality in enumerate(("audio", "visual")):
        if when is not None:
            for place, label in enumerate(clip.classes):
                yield f"{label}, {modality}", when[:, axis, place]
        if levels is not None:
            for unit in range(levels.shape[2]):
                yield f"unit {unit + 1}, {modality}", levels[:, axis, unit]


def _scaled(weights: NDArray[np.floating]) -> NDArray[np.floating]:
    """Divide by the largest weight, unless all are 0 because no segment decoded."""
    return weights / (weights.max() or 1.0)
