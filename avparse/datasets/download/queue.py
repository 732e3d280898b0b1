"""Download all videos of a list, except finished and unavailable ones, and record the results."""

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
    """Download videos and extract segments from them.

    Args:
        pieces: segments to extract; several may be from the same video.
        out: folder for the files; existing files are not downloaded again.
        table: table of results, updated during the run. Videos that it lists as unavailable are
            skipped; rows of other videos are kept.
        retry: also try videos listed as unavailable.
    Returns:
        The result of each video.
    Raises:
        DataError: if yt-dlp is missing, the table is damaged, or two segments have the same name.
        ConfigError: if the URL has no placeholder for the id.
    """
    require()
    manner, patience = manner or Manner(), patience or Patience()
    if "{id}" not in manner.url:
        raise ConfigError(
            f"the URL {manner.url} has no {{id}}", "write {id} in place of the video id"
        )
    videos = by_video(pieces)
    results = outcome.read(table)
    settled = _settled(videos, out, results, retry)
    results.update(settled)
    jobs = [Job(video, videos[video], out, manner) for video in videos if video not in settled]
    out.mkdir(parents=True, exist_ok=True)
    _fetch_all(jobs, table, results, manner, patience)
    with suppress(OSError):  # partial downloads remain
        (out / PARTIAL).rmdir()
    return {video: results[video] for video in videos}


def _settled(
    videos: Mapping[str, tuple[Wanted, ...]], out: Path, known: Mapping[str, Ended], retry: bool
) -> dict[str, Ended]:
    """The results of videos that need no download: finished, or known to be unavailable."""
    settled = {}
    for video, pieces in videos.items():
        before = known.get(video, Ended(Outcome.OTHER))
        if all((out / piece.file).is_file() for piece in pieces):
            settled[video] = before if before.outcome is Outcome.OK else Ended(Outcome.OK)
        elif before.outcome in PERMANENT and not retry:
            settled[video] = before
    return settled


def _fetch_all(
    jobs: list[Job], table: Path, results: dict[str, Ended], manner: Manner, patience: Patience
) -> None:
    """Download, and keep ``results`` and the table up to date, even if interrupted."""
    schedule = Schedule(jobs, patience, manner.pause_s)
    outcome.write(table, results)  # if the table is not writable, fail now
    written = time.monotonic()
    try:
        for video, ended in track(schedule.run(), "download", len(jobs), "videos"):
            results[video] = ended
            # Writing thousands of rows after each of thousands of videos would be too slow.
            if time.monotonic() - written > _WRITE_EVERY_S:
                outcome.write(table, results)
                written = time.monotonic()
    finally:
        outcome.write(table, results)
