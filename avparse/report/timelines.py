"""Timelines of videos, drawn: their pictures, the truth, and what each experiment says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from avparse import datasets
from avparse.config.settings import Settings
from avparse.core.errors import MediaError
from avparse.core.events import Event, Modality
from avparse.core.progress import track
from avparse.datasets.videos import Entry
from avparse.media.sandbox import run_all
from avparse.media.thumbnails import Preview, patience, preview
from avparse.prediction import predictions
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline, timelines
from avparse.report import page
from avparse.report.page import Figure, Gallery
from avparse.report.plots import timeline as plots
from avparse.report.plots.timeline import Lane

Truth = Mapping[str, Mapping[Modality, list[Event]]]
"""Video -> modality -> annotated events."""

Found = dict[str, tuple[str, dict[str, Timeline]]]
"""Experiment -> its task, and its timelines by video."""


def predicted(settings: Settings, found: Iterable[Predictions]) -> Found:
    """The timelines that experiments' predictions make."""
    made = {}
    for one in found:
        lines = timelines(one, settings.experiments[one.experiment].threshold)
        made[one.experiment] = (one.task, {line.video_id: line for line in lines})
    return made


def galleries(
    settings: Settings, entries: list[Entry], found: Found, truth: Mapping[str, Truth]
) -> list[Gallery]:
    """Timelines of test videos with the truth, and of dropped-in ones without.

    Args:
        truth: see :func:`annotated`.
    """
    dropped = [e for e in entries if not e.dataset]
    newest = dropped[max(0, len(dropped) - settings.report.new_videos) :]
    shown = {
        "Test videos": ("Truth above, predictions below.", tested(settings, entries, truth)),
        "New videos": ("Without labels.", newest),
    }
    every = [e for _, chosen in shown.values() for e in chosen]
    videos = [(Path(e.path), _length(_own(settings, found, e), e.video)) for e in every]
    pictures = dict(zip(every, previews(settings, videos, "report"), strict=True))
    classes = _classes(settings)
    sections = []
    for title, (about, chosen) in shown.items():
        drawn = []
        for entry in chosen:
            own = _own(settings, found, entry)
            lanes = _lanes(truth.get(entry.dataset, {}).get(entry.video, {}), own, entry.video)
            if lanes and (length := _length(own, entry.video)):
                named = sorted({e.label for lane in lanes for e in lane.events} | classes)
                svg = plots.timeline(pictures[entry], lanes, named, length)
                drawn.append(Figure(page.drawing(svg), entry.video))
        if drawn:
            sections.append(Gallery(title, about, drawn))
    return sections


def tested(settings: Settings, entries: list[Entry], truth: Mapping[str, Truth]) -> list[Entry]:
    """The first annotated test videos."""
    found = [e for e in entries if e.video in truth.get(e.dataset, ())]
    return found[: settings.report.videos]


def _classes(settings: Settings) -> set[str]:
    return {c for d in settings.datasets.values() for c in datasets.load(d).classes}


def annotated(settings: Settings) -> dict[str, Truth]:
    """Data set -> test video -> modality -> annotated events."""
    out: dict[str, dict[str, dict[Modality, list[Event]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for name, source in settings.datasets.items():
        dataset = datasets.load(source)
        for task in ("parsing", "localization"):
            for sample in dataset.samples(task):
                for event in sample.events or ():
                    if sample.split == "test":
                        out[name][sample.video_id][event.modality].append(event)
    return dict(out)


def _own(settings: Settings, found: Found, entry: Entry) -> Found:
    """The timelines of experiments on an entry's data set; of a dropped-in video, all."""
    sets = {name: settings.experiments[name].dataset for name in found}
    return {name: found[name] for name in found if entry.dataset in ("", sets[name])}


def _lanes(
    truth: Mapping[Modality, list[Event]],
    found: Found,
    video: str,
) -> list[Lane]:
    lanes = [Lane("truth", modality, truth[modality]) for modality in Modality if modality in truth]
    for name, (task, of_video) in found.items():
        if video in of_video:
            lanes += prediction_lanes(name, task, of_video[video])
    return lanes


def prediction_lanes(name: str, task: str, timeline: Timeline) -> list[Lane]:
    """The lanes of one experiment's timeline."""
    return [
        Lane(name, modality, [e for e in timeline.events if e.modality == modality])
        for modality in predictions.LANES[task]
    ]


def _length(found: Found, video: str) -> float:
    return max((t[video].duration_s for _, t in found.values() if video in t), default=0.0)


def previews(
    settings: Settings, videos: Sequence[tuple[Path, float]], stage: str
) -> list[Preview | None]:
    """Pictures and loudness of videos, given with their lengths in seconds; None of what is gone.

    Args:
        stage: for the progress display.
    """
    d = settings.decode
    outcomes = run_all(
        preview,
        videos,
        settings.runtime.decode_workers,
        lambda task: patience(d.timeout_s, task),
        d.memory_mb,
    )
    shown = track(outcomes, stage, len(videos), "previews")
    return [None if isinstance(made, MediaError) else made for _, made in shown]
