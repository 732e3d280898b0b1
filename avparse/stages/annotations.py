"""annotations: download the published annotations of a data set."""

from pathlib import Path

from avparse.core.progress import say, track
from avparse.datasets.official import fetch, files


def run(kind: str, out: Path) -> None:
    """Download the annotations of AVE or LLP; existing files are kept.

    Args:
        kind: ``ave`` or ``llp``.
        out: folder for the files.
    """
    official = files(kind)
    progress = track(official, f"annotations {kind}", len(official), "files")
    downloaded = sum(fetch(file, out) for file in progress)
    say(f"annotations: {downloaded} downloaded, {len(official) - downloaded} already present")
