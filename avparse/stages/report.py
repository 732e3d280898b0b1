"""report: scores, curves and timelines of a run on one page."""

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
        results: the folder the other stages wrote to.
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
    found = {
        name: predictions.read(targets.prediction_files(settings, listing, name, results))
        for name in settings.experiments
    }
    truth = timelines.annotated(settings)
    drawn = timelines.predicted(settings, found.values())
    page.write(
        page.Page(
            title="avparse",
            lead="What was heard and seen, and when.",
            cards=[
                *([("videos", str(extracted))] * bool(extracted)),
                ("clips", counts[0]["of"]),
                ("failed", counts[0]["count"]),
                ("experiments", str(len(found))),
            ],
            notices=[
                *overview.notices_of_features(settings, bool(extracted)),
                *overview.notices_of_experiments(settings),
            ],
            scores=[
                scores.scores_of(results, settings, one, _labels(settings, one), rows, counts)
                for one in found.values()
            ],
            sections=[
                *timelines.galleries(settings, entries, drawn, truth),
                *attention.galleries(settings, results, timelines.tested(settings, entries, truth)),
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


def _labels(settings: Settings, found: Predictions) -> LabelledClips:
    dataset = datasets.load(settings.datasets[settings.experiments[found.experiment].dataset])
    return of_dataset(dataset, found.clips, settings.clips.seconds, found.task)


def _released(settings: Settings) -> list[Entry]:
    """Entries for the test videos of data sets whose features were published."""
    found = []
    for name in settings.released:
        dataset = datasets.load(settings.datasets[name])
        files = dataset.videos()
        videos = dict.fromkeys(
            s.video_id for t in dataset.tasks for s in dataset.samples(t) if s.split == "test"
        )
        found += [Entry(v, str(files.get(v, "")), name, name) for v in videos]
    return found
