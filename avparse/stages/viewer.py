"""viewer: pages that play the videos of a run above their timelines."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from avparse import datasets
from avparse.config.settings import Settings
from avparse.pipeline import manifest, targets
from avparse.pipeline.manifest import Listing
from avparse.prediction import predictions
from avparse.prediction.predictions import Predictions
from avparse.viewer import scores, site, videos
from avparse.viewer.pages import Told


def run(settings: Settings, results: Path, listed: Path, out: Path) -> None:
    """Write the viewer of a run.

    Args:
        results: the folder the other stages wrote to.
        listed: the manifest.
        out: a folder.
    """
    entries = [e for e in manifest.read(listed) if targets.is_wanted(settings, e)]
    told = _told(settings, results, Listing(entries))
    site.write(settings, videos.of_run(settings, entries), told, out)


def show(
    settings: Settings,
    found: Predictions,
    threshold: float,
    files: Mapping[str, Path],
    out: Path,
) -> None:
    """Write the viewer of videos without labels.

    Args:
        files: video id -> file.
        out: a folder.
    """
    site.write(settings, videos.dropped(files), [Told(found, threshold)], out)


def _told(settings: Settings, results: Path, listing: Listing) -> Iterator[Told]:
    """What each experiment says, with the scores of the videos that are shown."""
    for name, experiment in settings.experiments.items():
        files = targets.prediction_files(settings, listing, name, results)
        found = predictions.read(files, attention=True)
        dataset = datasets.load(settings.datasets[experiment.dataset])
        samples = [s for s in dataset.samples(found.task) if s.split in settings.viewer.splits]
        yield Told(
            found,
            experiment.threshold,
            experiment.dataset,
            scores.of_videos(
                found, samples, dataset.classes, settings.clips.seconds, experiment.threshold
            ),
        )
