"""Download a video with yt-dlp to a temporary folder and extract its segments."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avparse.core.errors import DataError, MediaError
from avparse.datasets.download.outcome import PASSING, Ended, Outcome, brief, classify
from avparse.datasets.download.wanted import Wanted

URL = "https://www.youtube.com/watch?v={id}"

FORMAT = "bv*[height<=360]+ba/b[height<=360]/b"
"""Best video of up to 360 lines with the best audio; merging them requires ffmpeg."""

FORMAT_IN_ONE = "b[height<=360]/b"
"""Without ffmpeg: formats with video and audio in a single file."""

PARTIAL = ".partial"
"""Subfolder with unfinished downloads; later runs resume them."""

_SHORT_S = 0.5
"""A segment that is shorter by less than this counts as complete."""


@dataclass(frozen=True)
class Manner:
    """How to download.

    Attributes:
        url: URL of a video, with ``{id}`` in it.
        format: format selection of yt-dlp; None selects MP4 of up to 360 lines.
        rate: bandwidth limit per download in bytes per second; None for no limit.
        pause_s: pause between requests, and between the starts of two videos.
        silence_s: timeout of a connection without data.
    """

    url: str = URL
    format: str | None = None
    rate: int | None = None
    pause_s: float = 0.0
    silence_s: float = 20.0


@dataclass(frozen=True)
class Job:
    """A video to download, and the segments to extract to files in ``out``."""

    video_id: str
    pieces: tuple[Wanted, ...]
    out: Path
    manner: Manner


def require() -> None:
    """Raise DataError if yt-dlp is not installed."""
    try:
        import yt_dlp  # noqa: F401
    except ImportError:
        raise DataError("yt-dlp is not installed", "pip install -e '.[download]'") from None


def fetch(job: Job) -> Ended:
    """Download a video and extract its segments; existing files are kept.

    Failures are returned as an outcome, never raised. After a temporary failure, the partial
    download stays in ``.partial`` and the next attempt resumes it.
    """
    from yt_dlp.utils import YoutubeDLError

    folder = job.out / PARTIAL / job.video_id
    try:
        source = _download(job, folder)
        ended = Ended(Outcome.OK, _cut(job, source, folder))
    except YoutubeDLError as error:
        ended = Ended(classify(str(error)), brief(str(error)))
    except MediaError as error:
        ended = Ended(Outcome.OTHER, brief(str(error).replace(f"{folder}/", "")))
    except Exception as error:  # a failure of one video must not stop the others
        ended = Ended(Outcome.OTHER, brief(f"{type(error).__name__}: {error}"))
    if ended.outcome not in PASSING or not any(folder.glob("*")):
        shutil.rmtree(folder, ignore_errors=True)
    return ended


def _download(job: Job, folder: Path) -> Path:
    """Download the whole video to ``folder``; resumes a partial download."""
    import yt_dlp

    folder.mkdir(parents=True, exist_ok=True)
    with yt_dlp.YoutubeDL(_options(job, folder)) as downloader:
        info = downloader.extract_info(job.manner.url.replace("{id}", job.video_id))
    info = next(iter((info or {}).get("entries") or ()), info) or {}
    files = info.get("requested_downloads")
    if not files:
        raise MediaError("nothing to download", "the video is live or scheduled")
    return Path(files[0]["filepath"])


def _options(job: Job, folder: Path) -> dict[str, Any]:
    """Options of yt-dlp: no other files read or written, no output, no gaps in files."""
    manner = job.manner
    default = FORMAT if shutil.which("ffmpeg") else FORMAT_IN_ONE
    # The file name includes the format, so that a partial file is never resumed in another one.
    name = f"{folder.absolute()}/{job.video_id}".replace("%", "%%").replace("$", "$$")
    return {
        "outtmpl": f"{name}.%(format_id).40s.%(ext)s",
        "format": manner.format or default,
        "format_sort": ["ext:mp4:m4a"],
        "merge_output_format": "mp4/mkv",
        "fixup": "never",
        "continuedl": True,
        "ratelimit": manner.rate,
        "sleep_interval_requests": manner.pause_s,
        "socket_timeout": manner.silence_s,
        "retries": 1,
        "extractor_retries": 1,
        "fragment_retries": 5,
        "skip_unavailable_fragments": False,
        "noplaylist": True,
        "playlist_items": "1",
        "match_filter": _not_live,
        "updatetime": False,
        "logger": _Silent(),
        "noprogress": True,
        "color": "no_color",
    }


def _not_live(info: dict[str, Any], *, incomplete: bool = False) -> str | None:
    """Reject live and scheduled videos; a filter for yt-dlp."""
    return "the video is live" if info.get("live_status") in ("is_live", "is_upcoming") else None


def _cut(job: Job, source: Path, folder: Path) -> str:
    """Extract missing segments; return a note if one is shorter than requested."""
    from avparse.media.trim import trim

    notes = []
    for piece in job.pieces:
        result = job.out / piece.file
        if result.is_file():
            continue
        covered = trim(source, piece.start_s, piece.seconds, folder / piece.file)
        (folder / piece.file).replace(result)
        if covered < piece.seconds - _SHORT_S:
            notes.append(f"{piece.file} has {covered:.1f} s of {piece.seconds:g}")
    return "; ".join(notes)


class _Silent:
    """Logger that discards yt-dlp's messages; its exceptions repeat the last one."""

    def debug(self, message: str) -> None:
        pass

    info = warning = error = debug
