"""export: predictions to events in seconds of the source video."""

from pathlib import Path

from avparse import predictions
from avparse.export import EXPORTS
from avparse.progress import say


def run(files: list[Path], threshold: float, out: dict[str, Path]) -> None:
    """Write the timelines of one experiment.

    Args:
        files: its prediction shards.
        threshold: probability from which a segment is part of an event.
        out: format -> file.
    """
    found = predictions.read(files)
    timelines = predictions.timelines(found, threshold)
    for name, path in out.items():
        EXPORTS.load(name)(timelines, found, path)
    events = sum(len(timeline.events) for timeline in timelines)
    say(f"export: {found.experiment}, {events} events in {len(timelines)} videos")
