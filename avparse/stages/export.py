"""export: write events, with times in seconds of the source video, in several formats."""

from collections.abc import Sequence
from pathlib import Path

from avparse.core.progress import say
from avparse.datasets.videos import ids
from avparse.formats import EXPORTS
from avparse.pipeline import manifest
from avparse.prediction import predictions
from avparse.prediction.timeline import timelines

MANIFEST = Path("resources/manifest.tsv")


def run(
    files: list[Path], threshold: float, formats: Sequence[str], videos: Path | None, out: Path
) -> None:
    """Export the timelines of one experiment.

    Args:
        files: its prediction shards.
        threshold: decision threshold on probabilities.
        formats: names of :data:`avparse.formats.EXPORTS`.
        videos: folder of the videos, for formats that refer to video files; None takes the files
            of the manifest.
        out: folder; each format has its own path below it.
    """
    predicted = predictions.read(files)
    lines = timelines(predicted, threshold)
    media = _media(videos)
    for name in formats:
        export = EXPORTS.create(name, media=media)
        export.write(lines, predicted, export.path(out, predicted.experiment))
    events = sum(len(timeline.events) for timeline in lines)
    say(f"export: {predicted.experiment}, {events} events in {len(lines)} videos")


def _media(videos: Path | None) -> dict[str, str]:
    """Video id -> file."""
    if videos is None:
        return {entry.video: entry.path for entry in manifest.read(MANIFEST)}
    return {identifier: name for name, identifier in ids(videos).items()}
