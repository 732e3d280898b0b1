"""All videos: what is done or known to be in vain is left out, the rest fetched and recorded."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from avparse.core.errors import ConfigError
from avparse.core.progress import track
from avparse.datasets.download import outcome
from avparse.datasets.download.fetch import PARTIAL, Job, Manner, require
from avparse.datasets.download.outcome import PERMANENT, Ended, Outcome
from avparse.datasets.download.schedule import Patience, Schedule
from avparse.datasets.download.wanted import Wanted, by_video

_WRITE_EVERY_S = 5.0


def download(
    pieces: Iterable[Wanted],
    out: Path,
    table: Path,
    manner: Manner | None = None,
    patience: Patience | None = None,
    retry: bool = False,
) -> dict[str, Ended]:
    """Fetch videos and cut the wanted pieces out of them.

    Args:
        pieces: that are wanted; several may be of one video.
        out: gets the files; what is there is not fetched again.
        table: gets a row for every video, while it goes and at the end; of an earlier run, says
            which are not to be had. Rows of other videos stay.
        retry: try these too.
    Returns:
        How each wanted video ended.
    Raises:
        DataError: yt-dlp is missing, the table is damaged, or two pieces share a name.
        ConfigError: the URL does not say where the id goes.
    """
    require()
    manner, patience = manner or Manner(), patience or Patience()
    if "{id}" not in manner.url:
        raise ConfigError(f"the URL {manner.url} has no {{id}}", "write it where the id goes")
    videos = by_video(pieces)
    found = outcome.read(table)
    settled = _settled(videos, out, found, retry)
    found.update(settled)
    jobs = [Job(video, videos[video], out, manner) for video in videos if video not in settled]
    out.mkdir(parents=True, exist_ok=True)
    _fetch_all(jobs, table, found, manner, patience)
    with suppress(OSError):  # others may still go on there
        (out / PARTIAL).rmdir()
    return {video: found[video] for video in videos}


def _settled(
    videos: Mapping[str, tuple[Wanted, ...]], out: Path, known: Mapping[str, Ended], retry: bool
) -> dict[str, Ended]:
    """The videos that need no fetching: done, or found to be in vain."""
    settled = {}
    for video, pieces in videos.items():
        before = known.get(video, Ended(Outcome.OTHER))
        if all((out / piece.file).is_file() for piece in pieces):
            settled[video] = before if before.outcome is Outcome.OK else Ended(Outcome.OK)
        elif before.outcome in PERMANENT and not retry:
            settled[video] = before
    return settled


def _fetch_all(
    jobs: list[Job], table: Path, found: dict[str, Ended], manner: Manner, patience: Patience
) -> None:
    """Fetch, and keep ``found`` and the table up to date; also when interrupted."""
    schedule = Schedule(jobs, patience, manner.pause_s)
    outcome.write(table, found)  # if that cannot be done, rather now than in the end
    written = time.monotonic()
    try:
        for video, ended in track(schedule.run(), "download", len(jobs), "videos"):
            found[video] = ended
            # Thousands of rows for each of thousands of videos would take longer than they do.
            if time.monotonic() - written > _WRITE_EVERY_S:
                outcome.write(table, found)
                written = time.monotonic()
    finally:
        outcome.write(table, found)
