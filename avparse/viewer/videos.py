"""Which videos get a page, and what is annotated of them."""

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
"""Folder of the pages of videos that are of no data set; no data set can have this name."""


@dataclass(frozen=True)
class Shown:
    """A video that gets a page.

    Attributes:
        page: name of its files, such as ``bundled/synth-00001``: two parts of safe characters.
        title: for people.
        ids: what predictions may call it; the first that is there counts.
        dataset: the labelled data set it belongs to; empty for a dropped-in video.
        path: of its file, which may be missing; None if it never had one.
        split: of the data set, or empty.
        truth: task -> annotated events, in time order; only tasks it has strong labels for.
        labels: classes it is said to hold, without times; sorted.
    """

    page: str
    title: str
    ids: tuple[str, ...]
    dataset: str = ""
    path: Path | None = None
    split: str = ""
    truth: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


def of_run(settings: Settings, entries: Sequence[Entry]) -> list[Shown]:
    """The labelled videos of the splits that are shown, then the dropped-in ones; each sorted.

    Args:
        entries: of the manifest.
    """
    files = {(e.dataset, e.video): Path(e.path) for e in entries}
    out: list[Shown] = []
    for name, source in sorted(settings.datasets.items()):
        dataset = datasets.load(source)
        own = {video: path for (of, video), path in files.items() if of == name}
        if source.released:
            own = dataset.videos()
        samples: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
        for task in dataset.tasks:
            for sample in dataset.samples(task):
                if sample.split in settings.viewer.splits:
                    key = (source.released and sample.row_id) or sample.video_id
                    samples[key][task].append(sample)
        taken: set[str] = set()
        for key in sorted(samples):
            page = _free(key, taken)
            out.append(_labelled(name, f"{name}/{page}", key, samples[key], own))
    return out + dropped({e.video: Path(e.path) for e in entries if not e.dataset})


def dropped(files: Mapping[str, Path]) -> list[Shown]:
    """Videos without labels.

    Args:
        files: id -> file.
    """
    taken: set[str] = set()
    return [
        Shown(f"{NEW}/{_free(video, taken)}", files[video].name, (video,), path=files[video])
        for video in sorted(files)
    ]


def _free(name: str, taken: set[str]) -> str:
    """A file name of safe characters that no other video has."""
    found = video_id(f"{name}.mp4", taken)
    taken.add(found)
    return found


def _labelled(
    dataset: str,
    page: str,
    key: str,
    of_task: Mapping[str, list[Sample]],
    files: Mapping[str, Path],
) -> Shown:
    samples = [sample for own in of_task.values() for sample in own]
    truth = {
        task: _events(task, (event for sample in own for event in sample.events or ()))
        for task, own in of_task.items()
        if any(sample.events is not None for sample in own)
    }
    return Shown(
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
    """Annotated events; for parsing also what is heard and seen at once."""
    found = set(events)
    return tuple(sorted(found | set(heard_and_seen(found)) if task == "parsing" else found))
