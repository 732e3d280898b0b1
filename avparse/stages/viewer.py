"""viewer: write pages that play the videos of a run above their timelines."""

from collections.abc import Iterator
from pathlib import Path

from avparse import datasets
from avparse.config.settings import Settings
from avparse.pipeline import manifest, targets
from avparse.pipeline.manifest import Listing
from avparse.prediction import predictions
from avparse.viewer import scores, site, videos
from avparse.viewer.pages import ExperimentPredictions


def run(settings: Settings, results: Path, listed: Path, out: Path) -> None:
    """Write the viewer of a run.

    Args:
        results: the folder with the results of the other stages.
        listed: the manifest.
        out: a folder.
    """
    entries = [e for e in manifest.read(listed) if targets.is_wanted(settings, e)]
    experiments = _experiments(settings, results, Listing(entries))
    site.write(settings, videos.of_run(settings, entries), experiments, out)


def _experiments(
    settings: Settings, results: Path, listing: Listing
) -> Iterator[ExperimentPredictions]:
    """Read the predictions of each experiment and score the displayed videos."""
    for name, experiment in settings.experiments.items():
        files = targets.prediction_files(settings, listing, name, results)
        predicted = predictions.read(files, attention=True)
        dataset = datasets.load(settings.datasets[experiment.dataset])
        samples = [s for s in dataset.samples(predicted.task) if s.split in settings.viewer.splits]
        yield ExperimentPredictions(
            predicted,
            experiment.threshold,
            experiment.dataset,
            scores.of_videos(
                predicted, samples, dataset.classes, settings.clips.seconds, experiment.threshold
            ),
        )
