"""Tables of segments to download: video, start, duration and file name."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.files import read_tsv, write_tsv
from avparse.core.tables import WANTED

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILE = re.compile(r"[A-Za-z0-9_+@-][A-Za-z0-9._+@-]{0,119}\.mp4")


@dataclass(frozen=True)
class Wanted:
    """A segment of a video to download. Names are validated and cannot leave the folder.

    Attributes:
        video_id: 1-64 characters of ``[A-Za-z0-9_-]``, like YouTube ids.
        start_s: start in seconds; may be fractional.
        seconds: duration.
        file: name of the result, such as ``ID.mp4``.
    Raises:
        DataError: if an attribute is invalid.
    """

    video_id: str
    start_s: float
    seconds: float
    file: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.video_id):
            raise DataError(f"invalid video id {self.video_id!r}", "use 1-64 of A-Z a-z 0-9 _ -")
        if not _FILE.fullmatch(self.file):
            raise DataError(
                f"invalid file name {self.file!r}", "use a plain name that ends in .mp4"
            )
        if not (math.isfinite(self.start_s) and self.start_s >= 0):
            raise DataError(f"start_s = {self.start_s} of {self.video_id}", "use 0 or more seconds")
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            raise DataError(
                f"seconds = {self.seconds} of {self.video_id}", "use more than 0 seconds"
            )


def read(path: Path) -> list[Wanted]:
    """Read a table of segments.

    Raises:
        DataError: if the file or a column is missing, or a row is invalid; gives its line.
    """
    pieces = []
    for number, row in enumerate(read_tsv(path, WANTED), 2):
        video, start, seconds, file = (row[column] for column in WANTED)
        try:
            pieces.append(Wanted(video, float(start), float(seconds), file))
        except (DataError, ValueError) as error:
            raise DataError(f"row {number} of {path}", str(error)) from None
    return pieces


def write(path: Path, pieces: Iterable[Wanted]) -> None:
    """Write a table of segments atomically."""
    rows = ((p.video_id, p.start_s, p.seconds, p.file) for p in pieces)
    write_tsv(path, WANTED, (dict(zip(WANTED, row, strict=True)) for row in rows))


def by_video(pieces: Iterable[Wanted]) -> dict[str, tuple[Wanted, ...]]:
    """Group segments by video, so that each video is downloaded once.

    Raises:
        DataError: if two segments have the same file name.
    """
    files: dict[str, Wanted] = {}
    for piece in pieces:
        other = files.setdefault(piece.file, piece)
        if other != piece:
            raise DataError(
                f"two segments have the file name {piece.file} ({other.video_id} at "
                f"{other.start_s:g} s, {piece.video_id} at {piece.start_s:g} s)",
                "rename one of them",
            )
    videos: dict[str, list[Wanted]] = {}
    for piece in files.values():
        videos.setdefault(piece.video_id, []).append(piece)
    return {video: tuple(group) for video, group in videos.items()}
