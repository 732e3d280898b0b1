"""The content of each video's page, gathered from one experiment after the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avparse.core.events import Event
from avparse.prediction import attention
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import timelines
from avparse.viewer import payload
from avparse.viewer.sources import Source
from avparse.viewer.videos import PageVideo

ROOT = "../../"
"""Path from a page to the viewer's folder."""


@dataclass(frozen=True)
class ExperimentPredictions:
    """The predictions of an experiment, and how the viewer presents them.

    Attributes:
        predictions: of the clips of all videos.
        threshold: decision threshold on probabilities.
        dataset: the pages of this data set and of new videos show the predictions.
        scores: video id -> percent, for videos with annotations.
    """

    predictions: Predictions
    threshold: float
    dataset: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Page:
    """One video with the predictions of all experiments.

    Attributes:
        video: the video.
        duration_s: length that its clips cover, seconds.
        experiments: payload and score of each experiment.
        classes: annotated and predicted classes.
        notes: notes on its clips, such as a missing audio stream.
    """

    video: PageVideo
    duration_s: float = 0.0
    experiments: list[dict[str, Any]] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def file(self) -> Path | None:
        """The video file, if it exists."""
        return self.video.path if self.video.path and self.video.path.is_file() else None

    def data(self, strip: Mapping[str, Any] | None, source: Source) -> dict[str, Any]:
        """The JSON data of the page; ``strip`` is the result of :meth:`Thumbnails.read`."""
        kept = ("seconds", "times", "columns", "peaks")
        return {
            "title": self.video.title,
            "duration": round(self.duration_s, 3),
            "source": source.url,
            "thumbnails": strip
            and {
                "strip": f"{ROOT}thumbnails/{self.video.page}.jpg",
                **{key: strip[key] for key in kept},
            },
            "truth": {task: list(map(_event, truth)) for task, truth in self.video.truth.items()},
            "experiments": self.experiments,
        }

    def row(self, strip: Mapping[str, Any] | None) -> dict[str, Any]:
        """The JSON data of the video in the index."""
        return {
            "page": self.video.page,
            "title": self.video.title,
            "dataset": self.video.dataset,
            "split": self.video.split,
            "seconds": round(self.duration_s, 1),
            "classes": sorted(self.classes),
            "scores": {e["name"]: e["score"] for e in self.experiments if e["score"] is not None},
            "thumbnails": len(strip["times"]) if strip else 0,
            "columns": strip["columns"] if strip else 0,
        }


def gather(
    videos: Sequence[PageVideo], experiments: Iterable[ExperimentPredictions]
) -> dict[str, Page]:
    """Make pages for the videos with predictions of any experiment, in the given order.

    Args:
        experiments: consumed one by one, so that memory holds the predictions of one at a time.
    """
    pages = [Page(video) for video in videos]
    for experiment in experiments:
        _add(experiment, [page for page in pages if page.video.dataset in ("", experiment.dataset)])
    return {page.video.page: page for page in pages if page.experiments}


def _add(experiment: ExperimentPredictions, pages: Sequence[Page]) -> None:
    """Add an experiment to the pages of the videos that it has predictions for."""
    rows: dict[str, list[int]] = defaultdict(list)
    clips = experiment.predictions.clips
    for row, clip in enumerate(clips):
        rows[clip.video_id].append(row)
    for page in pages:
        video_id = next((name for name in page.video.ids if name in rows), None)
        if video_id is None:
            continue
        chosen = sorted(rows[video_id], key=lambda row: clips[row].start_s)
        predictions = experiment.predictions.only(chosen)
        (timeline,) = timelines(predictions, experiment.threshold)
        score = experiment.scores.get(video_id)
        numbers = payload.of_predictions(predictions, experiment.threshold)
        maps = attention.of_video(predictions)
        page.experiments.append(
            numbers
            | {"score": None if score is None else round(score, 1)}
            | {"attention": payload.of_attention(maps, numbers["kept"])}
        )
        page.duration_s = max(page.duration_s, timeline.duration_s)
        page.notes |= {clip.note: None for clip in timeline.clips if clip.note}
        truth = page.video.truth.get(predictions.task, ())
        page.classes |= {event.label for event in (*timeline.events, *truth)}
        page.classes |= set(page.video.labels)


def _event(event: Event) -> dict[str, Any]:
    return {
        "modality": event.modality.value,
        "label": event.label,
        "onset": event.onset_s,
        "offset": event.offset_s,
    }
