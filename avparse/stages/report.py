"""report: write the scores, curves and timelines of a run to one page."""

from pathlib import Path

from avparse import datasets
from avparse.config import yaml_file
from avparse.config.settings import Settings
from avparse.core.files import read_tsv
from avparse.core.tables import COVERAGE, FAILED, METRICS
from avparse.datasets.labels import LabelledClips, of_dataset
from avparse.datasets.videos import Entry
from avparse.pipeline import manifest, targets
from avparse.prediction import predictions
from avparse.prediction.predictions import Predictions
from avparse.report import attention, overview, page, scores, timelines


def run(settings: Settings, results: Path, listed: Path, out: Path) -> None:
    """Write the report.

    Args:
        results: the folder with the results of the other stages.
        listed: the manifest.
        out: an HTML file.
    """
    entries = [e for e in manifest.read(listed) if targets.is_wanted(settings, e)]
    listing = manifest.Listing(entries)
    extracted = len(entries)
    entries += _released(settings)
    rows = read_tsv(results / "metrics.tsv", METRICS)
    failed = read_tsv(results / "failed.tsv", FAILED)
    counts = read_tsv(results / "coverage.tsv", COVERAGE)
    predicted = {
        name: predictions.read(targets.prediction_files(settings, listing, name, results))
        for name in settings.experiments
    }
    truth = timelines.annotated(settings)
    lines = timelines.predicted(settings, predicted.values())
    tested = timelines.tested(settings, entries, truth)
    page.write(
        page.Page(
            title="avparse",
            lead="Audible and visible events, and when they occur.",
            cards=[
                *([("videos", str(extracted))] * bool(extracted)),
                ("clips", counts[0]["of"]),
                ("failed", counts[0]["count"]),
                ("experiments", str(len(predicted))),
            ],
            notices=[
                *overview.notices_of_features(settings, bool(extracted)),
                *overview.notices_of_experiments(settings),
            ],
            scores=[
                scores.scores_of(results, settings, p, _labels(settings, p), rows, counts)
                for p in predicted.values()
            ],
            sections=[
                *timelines.galleries(settings, entries, lines, truth),
                *attention.galleries(settings, results, predicted, tested),
                *overview.maps(results, settings, targets.with_tsne(settings)),
            ],
            tables={
                "Failures": overview.failures(failed),
                "Data": overview.coverage(settings, counts),
                "Features": overview.extractors(results, settings, entries),
            },
            settings=yaml_file.to_yaml(settings),
        ),
        out,
    )


def _labels(settings: Settings, predicted: Predictions) -> LabelledClips:
    """The labels of the lines clips."""
    dataset = datasets.load(settings.datasets[settings.experiments[predicted.experiment].dataset])
    return of_dataset(dataset, predicted.clips, settings.clips.seconds, predicted.task)


def _released(settings: Settings) -> list[Entry]:
    """Entries for the test videos of data sets with published features."""
    entries = []
    for name in settings.released:
        dataset = datasets.load(settings.datasets[name])
        files = dataset.videos()
        videos = dict.fromkeys(
            s.video_id for t in dataset.tasks for s in dataset.samples(t) if s.split == "test"
        )
        entries += [Entry(v, str(files.get(v, "")), name, name) for v in videos]
    return entries
