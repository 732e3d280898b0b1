"""Drawn timelines of videos: frames, truth, and the predictions of each experiment."""

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

Annotations = Mapping[str, Mapping[Modality, list[Event]]]
"""Video -> modality -> annotated events."""

ExperimentTimelines = dict[str, tuple[str, dict[str, Timeline]]]
"""Experiment -> its task, and its timelines by video."""


def predicted(settings: Settings, experiments: Iterable[Predictions]) -> ExperimentTimelines:
    """Make the timelines of each experiment from its predictions."""
    out = {}
    for experiment in experiments:
        name = experiment.experiment
        lines = timelines(experiment, settings.experiments[name].threshold)
        out[name] = (experiment.task, {line.video_id: line for line in lines})
    return out


def galleries(
    settings: Settings,
    entries: list[Entry],
    experiments: ExperimentTimelines,
    truth: Mapping[str, Annotations],
) -> list[Gallery]:
    """Draw timelines of test videos with the truth, and of new videos without.

    Args:
        truth: result of :func:`annotated`.
    """
    new = [e for e in entries if not e.dataset]
    newest = new[max(0, len(new) - settings.report.new_videos) :]
    groups = {
        "Test videos": ("Truth above, predictions below.", tested(settings, entries, truth)),
        "New videos": ("Videos without labels.", newest),
    }
    displayed = [e for _, chosen in groups.values() for e in chosen]
    videos = [
        (Path(e.path), _length(_of_entry(settings, experiments, e), e.video)) for e in displayed
    ]
    frames = dict(zip(displayed, previews(settings, videos, "report"), strict=True))
    classes = _classes(settings)
    sections = []
    for title, (about, chosen) in groups.items():
        figures = []
        for entry in chosen:
            selected = _of_entry(settings, experiments, entry)
            events = truth.get(entry.dataset, {}).get(entry.video, {})
            lanes = _lanes(events, selected, entry.video)
            if lanes and (length := _length(selected, entry.video)):
                labels = sorted({e.label for lane in lanes for e in lane.events} | classes)
                svg = plots.timeline(frames[entry], lanes, labels, length)
                figures.append(Figure(page.drawing(svg), entry.video))
        if figures:
            sections.append(Gallery(title, about, figures))
    return sections


def tested(
    settings: Settings, entries: list[Entry], truth: Mapping[str, Annotations]
) -> list[Entry]:
    """The first annotated test videos."""
    annotated = [e for e in entries if e.video in truth.get(e.dataset, ())]
    return annotated[: settings.report.videos]


def _classes(settings: Settings) -> set[str]:
    return {c for d in settings.datasets.values() for c in datasets.load(d).classes}


def annotated(settings: Settings) -> dict[str, Annotations]:
    """Read the annotations: data set -> test video -> modality -> annotated events."""
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


def _of_entry(
    settings: Settings, experiments: ExperimentTimelines, entry: Entry
) -> ExperimentTimelines:
    """Select the experiments on the data set of a video; for a new video, all of them."""
    sets = {name: settings.experiments[name].dataset for name in experiments}
    return {name: experiments[name] for name in experiments if entry.dataset in ("", sets[name])}


def _lanes(
    truth: Mapping[Modality, list[Event]],
    experiments: ExperimentTimelines,
    video: str,
) -> list[Lane]:
    """Lanes of the truth, then of each experiment."""
    lanes = [Lane("truth", modality, truth[modality]) for modality in Modality if modality in truth]
    for name, (task, lines) in experiments.items():
        if video in lines:
            lanes += prediction_lanes(name, task, lines[video])
    return lanes


def prediction_lanes(name: str, task: str, timeline: Timeline) -> list[Lane]:
    """The lanes of one experiment's timeline."""
    return [
        Lane(name, modality, [e for e in timeline.events if e.modality == modality])
        for modality in predictions.LANES[task]
    ]


def _length(experiments: ExperimentTimelines, video: str) -> float:
    """Length of a video in seconds; 0 without predictions."""
    return max((t[video].duration_s for _, t in experiments.values() if video in t), default=0.0)


def previews(
    settings: Settings, videos: Sequence[tuple[Path, float]], stage: str
) -> list[Preview | None]:
    """Decode frames and loudness of videos; None for videos that do not decode.

    Args:
        videos: files and their lengths in seconds.
        stage: name in the progress display.
    """
    d = settings.decode
    outcomes = run_all(
        preview,
        videos,
        settings.runtime.decode_workers,
        lambda task: patience(d.timeout_s, task),
        d.memory_mb,
    )
    tracked = track(outcomes, stage, len(videos), "previews")
    return [None if isinstance(outcome, MediaError) else outcome for _, outcome in tracked]
