"""report: scores, curves and timelines of a run on one page."""

from pathlib import Path

from avparse import configfile, datasets, manifest, plan, predictions
from avparse.config import Settings
from avparse.files import read_tsv
from avparse.labels import LabelledClips, of_dataset
from avparse.predictions import Predictions
from avparse.report import attention, overview, page, scores, timelines
from avparse.tables import COVERAGE, FAILED, METRICS


def run(settings: Settings, results: Path, listed: Path, out: Path) -> None:
    """Write the report.

    Args:
        results: the folder the other stages wrote to.
        listed: the manifest.
        out: an HTML file.
    """
    entries = [e for e in manifest.read(listed) if plan.is_wanted(settings, e)]
    listing = manifest.Listing(entries)
    extracted = len(entries)
    entries += _released(settings)
    rows = read_tsv(results / "metrics.tsv", METRICS)
    failed = read_tsv(results / "failed.tsv", FAILED)
    counts = read_tsv(results / "coverage.tsv", COVERAGE)
    found = {
        name: predictions.read(plan.prediction_files(settings, listing, name, results))
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
                *overview.maps(results, settings),
            ],
            tables={
                "Failures": overview.failures(failed),
                "Data": overview.coverage(settings, counts),
                "Features": overview.extractors(results, settings, entries),
            },
            settings=configfile.to_yaml(settings),
        ),
        out,
    )


def _labels(settings: Settings, found: Predictions) -> LabelledClips:
    dataset = datasets.load(settings.datasets[settings.experiments[found.experiment].dataset])
    return of_dataset(dataset, found.clips, settings.clips.seconds, found.task)


def _released(settings: Settings) -> list[manifest.Entry]:
    """Entries for the test videos of data sets whose features were published."""
    found = []
    for name in plan.released(settings):
        dataset = datasets.load(settings.datasets[name])
        files = dataset.videos()
        videos = dict.fromkeys(
            s.video_id for t in dataset.tasks for s in dataset.samples(t) if s.split == "test"
        )
        found += [manifest.Entry(v, str(files.get(v, "")), name, name) for v in videos]
    return found
