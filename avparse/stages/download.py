"""download: download the videos of a data set by their YouTube ids."""

from collections import Counter
from pathlib import Path

from avparse.core.progress import say
from avparse.datasets.download import wanted as table_of_wanted
from avparse.datasets.download.fetch import URL, Manner
from avparse.datasets.download.outcome import Outcome
from avparse.datasets.download.queue import download
from avparse.datasets.download.schedule import Patience


def run(
    wanted: Path,
    out: Path,
    table: Path,
    *,
    workers: int = 4,
    rate: int | None = None,
    pause_s: float = 1.0,
    retry: bool = False,
    url: str = URL,
    format: str | None = None,
) -> None:
    """Download segments of videos.

    Args:
        wanted: table of the segments (video, start_s, seconds, file).
        out: folder for the files.
        table: table of results to write, with a row per video.
        workers: number of parallel downloads.
        rate: bandwidth limit per download, in bytes per second.
        pause_s: pause between requests.
        retry: also try videos recorded as removed, private or blocked.
        url: URL of a video, with ``{id}`` in it.
        format: format selection of yt-dlp; None selects MP4 of up to 360 lines.
    """
    pieces = table_of_wanted.read(wanted)
    manner = Manner(url, format, rate, pause_s)
    results = download(pieces, out, table, manner, Patience(workers), retry)
    counts = Counter(ended.outcome for ended in results.values())
    summary = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    say(f"download: {summary or 'no videos listed'}; see {table}")
