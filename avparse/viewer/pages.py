"""What is known of each video, gathered from one experiment after the other."""

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
from avparse.viewer.videos import Shown

ROOT = "../../"
"""From a page to the viewer's folder."""


@dataclass(frozen=True)
class Told:
    """What an experiment says of videos.

    Attributes:
        predictions: of their clips.
        threshold: probability from which a segment is part of an event.
        dataset: whose videos it is shown for, beside the dropped-in ones.
        scores: video id -> percent, of those with annotations.
    """

    predictions: Predictions
    threshold: float
    dataset: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Page:
    """One video, and what all experiments say of it.

    Attributes:
        shown: the video.
        duration_s: how much of it was seen, seconds.
        experiments: their numbers and scores, as JSON holds them.
        classes: that are annotated or predicted.
        notes: what is odd about its clips.
    """

    shown: Shown
    duration_s: float = 0.0
    experiments: list[dict[str, Any]] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def file(self) -> Path | None:
        """The video, if it is there."""
        return self.shown.path if self.shown.path and self.shown.path.is_file() else None

    def data(self, look: Mapping[str, Any] | None, source: Source) -> dict[str, Any]:
        """What the page's scripts read; its look as :meth:`Looks.told` gives it."""
        kept = ("seconds", "times", "columns", "peaks")
        return {
            "title": self.shown.title,
            "duration": round(self.duration_s, 3),
            "source": source.url,
            "look": look
            and {"strip": f"{ROOT}looks/{self.shown.page}.jpg", **{k: look[k] for k in kept}},
            "truth": {task: list(map(_event, own)) for task, own in self.shown.truth.items()},
            "experiments": self.experiments,
        }

    def row(self, look: Mapping[str, Any] | None) -> dict[str, Any]:
        """What the index tells of the video."""
        return {
            "page": self.shown.page,
            "title": self.shown.title,
            "dataset": self.shown.dataset,
            "split": self.shown.split,
            "seconds": round(self.duration_s, 1),
            "classes": sorted(self.classes),
            "scores": {e["name"]: e["score"] for e in self.experiments if e["score"] is not None},
            "pictures": len(look["times"]) if look else 0,
            "columns": look["columns"] if look else 0,
        }


def gather(shown: Sequence[Shown], told: Iterable[Told]) -> dict[str, Page]:
    """Pages for the videos that some experiment has predictions of, in the given order.

    Args:
        told: taken one after the other, so that memory holds the predictions of one.
    """
    pages = [Page(one) for one in shown]
    for one in told:
        _add(one, [page for page in pages if page.shown.dataset in ("", one.dataset)])
    return {page.shown.page: page for page in pages if page.experiments}


def _add(told: Told, pages: Sequence[Page]) -> None:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, clip in enumerate(told.predictions.clips):
        rows[clip.video_id].append(row)
    for page in pages:
        own = next((video for video in page.shown.ids if video in rows), None)
        if own is None:
            continue
        chosen = sorted(rows[own], key=lambda row: told.predictions.clips[row].start_s)
        predictions = told.predictions.only(chosen)
        (timeline,) = timelines(predictions, told.threshold)
        score = told.scores.get(own)
        said = payload.of_predictions(predictions, told.threshold)
        looks = attention.of_video(predictions)
        page.experiments.append(
            said
            | {"score": None if score is None else round(score, 1)}
            | {"attention": payload.of_attention(looks, said["kept"])}
        )
        page.duration_s = max(page.duration_s, timeline.duration_s)
        page.notes |= {clip.note: None for clip in timeline.clips if clip.note}
        truth = page.shown.truth.get(predictions.task, ())
        page.classes |= {event.label for event in (*timeline.events, *truth)}
        page.classes |= set(page.shown.labels)


def _event(event: Event) -> dict[str, Any]:
    return {
        "modality": event.modality.value,
        "label": event.label,
        "onset": event.onset_s,
        "offset": event.offset_s,
    }
