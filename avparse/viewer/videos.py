"""The videos that get a page, and their annotations."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from avparse import datasets
from avparse.config.settings import Settings
from avparse.core.clips import video_id
from avparse.core.events import Event, heard_and_seen
from avparse.datasets.base import Sample
from avparse.datasets.videos import Entry

NEW = "_"
"""Folder of the pages of videos outside any data set; no data set can have this name."""


@dataclass(frozen=True)
class PageVideo:
    """A video that gets a page.

    Attributes:
        page: name of its files, such as ``bundled/synth-00001``: two parts of safe characters.
        title: displayed name.
        ids: possible ids in predictions; the first one found is used.
        dataset: the labelled data set of the video; empty for a new video.
        path: of the video file, which may be missing; None if there never was a file.
        split: of the data set, or empty.
        truth: task -> annotated events, in time order; only tasks with event times.
        labels: annotated classes, without times; sorted.
    """

    page: str
    title: str
    ids: tuple[str, ...]
    dataset: str = ""
    path: Path | None = None
    split: str = ""
    truth: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


def of_run(settings: Settings, entries: Sequence[Entry]) -> list[PageVideo]:
    """List the labelled videos of the displayed splits, then the new videos; both sorted.

    Args:
        entries: of the manifest.
    """
    files = {(e.dataset, e.video): Path(e.path) for e in entries}
    out: list[PageVideo] = []
    for name, source in sorted(settings.datasets.items()):
        dataset = datasets.load(source)
        paths = {video: path for (of, video), path in files.items() if of == name}
        if source.released:
            paths = dataset.videos()
        samples: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
        for task in dataset.tasks:
            for sample in dataset.samples(task):
                if sample.split in settings.viewer.splits:
                    key = (source.released and sample.row_id) or sample.video_id
                    samples[key][task].append(sample)
        taken: set[str] = set()
        for key in sorted(samples):
            page = _free(key, taken)
            out.append(_labelled(name, f"{name}/{page}", key, samples[key], paths))
    return out + unlabelled({e.video: Path(e.path) for e in entries if not e.dataset})


def unlabelled(files: Mapping[str, Path]) -> list[PageVideo]:
    """List videos without labels.

    Args:
        files: id -> file.
    """
    taken: set[str] = set()
    return [
        PageVideo(f"{NEW}/{_free(video, taken)}", files[video].name, (video,), path=files[video])
        for video in sorted(files)
    ]


def _free(name: str, taken: set[str]) -> str:
    """A unique file name of safe characters."""
    unique = video_id(f"{name}.mp4", taken)
    taken.add(unique)
    return unique


def _labelled(
    dataset: str,
    page: str,
    key: str,
    of_task: Mapping[str, list[Sample]],
    files: Mapping[str, Path],
) -> PageVideo:
    samples = [sample for group in of_task.values() for sample in group]
    truth = {
        task: _events(task, (event for sample in group for event in sample.events or ()))
        for task, group in of_task.items()
        if any(sample.events is not None for sample in group)
    }
    return PageVideo(
        page,
        key,
        tuple(dict.fromkeys((key, samples[0].video_id))),
        dataset,
        files.get(samples[0].video_id),
        samples[0].split,
        truth,
        tuple(sorted({label for sample in samples for label in sample.labels})),
    )


def _events(task: str, events: Iterable[Event]) -> tuple[Event, ...]:
    """Annotated events; for parsing with the audio-visual events that follow from them."""
    annotated = set(events)
    if task == "parsing":
        annotated |= set(heard_and_seen(annotated))
    return tuple(sorted(annotated))
