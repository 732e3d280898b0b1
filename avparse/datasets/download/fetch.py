"""One video: fetched whole by yt-dlp into a folder aside, cut, and put where it belongs."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avparse.core.errors import DataError, MediaError
from avparse.datasets.download.outcome import PASSING, Ended, Outcome, brief, classify
from avparse.datasets.download.wanted import Wanted

URL = "https://www.youtube.com/watch?v={id}"

FORMAT = "bv*[height<=360]+ba/b[height<=360]/b"
"""The best pictures up to 360 lines and the best sound; joining the two takes ffmpeg."""

FORMAT_IN_ONE = "b[height<=360]/b"
"""Where there is no ffmpeg: what the server holds in one file."""

PARTIAL = ".partial"
"""Folder inside the results' that holds what is not done; later runs go on from there."""

_SHORT_S = 0.5
"""A piece that lacks less than this is whole."""


@dataclass(frozen=True)
class Manner:
    """How to fetch.

    Attributes:
        url: of a video, with ``{id}`` in it.
        format: which of the formats that a server has, in yt-dlp's terms; without one, small MP4.
        rate: bytes a second of one download at most; without one, as fast as it comes.
        pause_s: between requests, and between the beginnings of two videos.
        silence_s: a connection that is silent for longer has stalled.
    """

    url: str = URL
    format: str | None = None
    rate: int | None = None
    pause_s: float = 0.0
    silence_s: float = 20.0


@dataclass(frozen=True)
class Job:
    """One video to fetch: the pieces it becomes, files of ``out``."""

    video_id: str
    pieces: tuple[Wanted, ...]
    out: Path
    manner: Manner


def require() -> None:
    """Raise DataError unless yt-dlp is there."""
    try:
        import yt_dlp  # noqa: F401
    except ImportError:
        raise DataError("yt-dlp is not installed", "pip install -e '.[download]'") from None


def fetch(job: Job) -> Ended:
    """Fetch one video and cut its pieces; those already there stay.

    Whatever goes wrong is how it ended, never an error. What came of a video whose failure may
    pass stays in ``.partial``, and the next try goes on from there.
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
    except Exception as error:  # whatever a stranger's video provokes is its own failure
        ended = Ended(Outcome.OTHER, brief(f"{type(error).__name__}: {error}"))
    if ended.outcome not in PASSING or not any(folder.glob("*")):
        shutil.rmtree(folder, ignore_errors=True)
    return ended


def _download(job: Job, folder: Path) -> Path:
    """The whole video as a file in ``folder``; a part of it that is there is continued."""
    import yt_dlp

    folder.mkdir(parents=True, exist_ok=True)
    with yt_dlp.YoutubeDL(_options(job, folder)) as downloader:
        info = downloader.extract_info(job.manner.url.replace("{id}", job.video_id))
    info = next(iter((info or {}).get("entries") or ()), info) or {}
    files = info.get("requested_downloads")
    if not files:
        raise MediaError("nothing to fetch", "it is live, or to come")
    return Path(files[0]["filepath"])


def _options(job: Job, folder: Path) -> dict[str, Any]:
    """Of yt-dlp: nothing read or written elsewhere, nothing printed, no holes in files."""
    manner = job.manner
    usual = FORMAT if shutil.which("ffmpeg") else FORMAT_IN_ONE
    # Another format is another file: the rest of one must never be appended to another.
    name = f"{folder.absolute()}/{job.video_id}".replace("%", "%%").replace("$", "$$")
    return {
        "outtmpl": f"{name}.%(format_id).40s.%(ext)s",
        "format": manner.format or usual,
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
    """Refuse what has no end yet."""
    return "it is live" if info.get("live_status") in ("is_live", "is_upcoming") else None


def _cut(job: Job, source: Path, folder: Path) -> str:
    """Cut the pieces that are not there; returns a note if one is shorter than wanted."""
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
    """Takes yt-dlp's messages; the error that it raises says the last of them again."""

    def debug(self, message: str) -> None:
        pass

    info = warning = error = debug
