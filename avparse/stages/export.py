"""export: predictions to events in seconds of the source video, and to other people's formats."""

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
    """Write the timelines of one experiment.

    Args:
        files: its prediction shards.
        threshold: probability from which a segment is part of an event.
        formats: names of :data:`avparse.formats.EXPORTS`.
        videos: folder of the videos, for formats that name their files; None for the manifest's,
            if there is one.
        out: folder; each format says where in it.
    """
    found = predictions.read(files)
    lines = timelines(found, threshold)
    media = _media(videos)
    for name in formats:
        export = EXPORTS.create(name, media=media)
        export.write(lines, found, export.path(out, found.experiment))
    events = sum(len(timeline.events) for timeline in lines)
    say(f"export: {found.experiment}, {events} events in {len(lines)} videos")


def _media(videos: Path | None) -> dict[str, str]:
    """Video id -> file."""
    if videos is None:
        return {entry.video: entry.path for entry in manifest.read(MANIFEST)}
    return {identifier: name for name, identifier in ids(videos).items()}
