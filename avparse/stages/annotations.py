"""annotations: the published tables of a data set, fetched where they are missing."""

from pathlib import Path

from avparse.core.progress import say, track
from avparse.datasets.official import fetch, files


def run(kind: str, out: Path) -> None:
    """Fetch the annotations of AVE or LLP; files that are there stay as they are.

    Args:
        kind: ``ave`` or ``llp``.
        out: folder for the files.
    """
    wanted = files(kind)
    fetched = [
        fetch(one, out) for one in track(wanted, f"annotations {kind}", len(wanted), "files")
    ]
    say(f"annotations: {sum(fetched)} fetched, {len(wanted) - sum(fetched)} there already")
