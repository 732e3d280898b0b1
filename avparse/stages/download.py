"""download: videos that data sets name by their YouTube ids."""

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
    """Fetch the wanted pieces of videos.

    Args:
        wanted: a table of them: video, start_s, seconds, file.
        out: folder that gets the files.
        table: gets a row for every video: how it ended.
        workers: videos fetched at a time.
        rate: bytes a second of one download at most.
        pause_s: between requests.
        retry: try those too that were found to be gone, private, or not shown here.
        url: of a video, with ``{id}`` in it.
        format: in yt-dlp's terms; without one, MP4 of up to 360 lines.
    """
    pieces = table_of_wanted.read(wanted)
    manner = Manner(url, format, rate, pause_s)
    found = download(pieces, out, table, manner, Patience(workers), retry)
    counts = Counter(ended.outcome for ended in found.values())
    told = ", ".join(f"{counts[one]} {one}" for one in Outcome if counts[one])
    say(f"download: {told or 'nothing wanted'}, in {table}")
