"""What to fetch: which piece of which video becomes which file."""

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
    """One piece of one video. There is none whose names could lead out of a folder.

    Attributes:
        video_id: 1-64 characters of ``[A-Za-z0-9_-]``, as YouTube's are.
        start_s: where the piece begins, seconds; need not be whole.
        seconds: its length.
        file: name of the result, such as ``ID.mp4``.
    Raises:
        DataError: one of them is not like that.
    """

    video_id: str
    start_s: float
    seconds: float
    file: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.video_id):
            raise DataError(f"video id {self.video_id!r}", "use 1-64 of A-Z a-z 0-9 _ -")
        if not _FILE.fullmatch(self.file):
            raise DataError(f"file name {self.file!r}", "use a plain name that ends in .mp4")
        if not (math.isfinite(self.start_s) and self.start_s >= 0):
            raise DataError(f"start_s = {self.start_s} of {self.video_id}", "use seconds from 0")
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            raise DataError(f"seconds = {self.seconds} of {self.video_id}", "use more than 0")


def read(path: Path) -> list[Wanted]:
    """Read a table of wanted pieces.

    Raises:
        DataError: the file or a column is missing, or a row does not fit, with its line number.
    """
    found = []
    for number, row in enumerate(read_tsv(path, WANTED), 2):
        video, start, seconds, file = (row[column] for column in WANTED)
        try:
            found.append(Wanted(video, float(start), float(seconds), file))
        except (DataError, ValueError) as error:
            raise DataError(f"row {number} of {path}", str(error)) from None
    return found


def write(path: Path, pieces: Iterable[Wanted]) -> None:
    """Write a table of wanted pieces atomically."""
    rows = ((one.video_id, one.start_s, one.seconds, one.file) for one in pieces)
    write_tsv(path, WANTED, (dict(zip(WANTED, row, strict=True)) for row in rows))


def by_video(pieces: Iterable[Wanted]) -> dict[str, tuple[Wanted, ...]]:
    """The pieces of each video, which is fetched once for all of them.

    Raises:
        DataError: two pieces would become the same file.
    """
    files: dict[str, Wanted] = {}
    for one in pieces:
        if files.setdefault(one.file, one) != one:
            raise DataError(
                f"two pieces become {one.file}: of {files[one.file].video_id} at "
                f"{files[one.file].start_s:g} s and of {one.video_id} at {one.start_s:g} s",
                "give one another name",
            )
    videos: dict[str, list[Wanted]] = {}
    for one in files.values():
        videos.setdefault(one.video_id, []).append(one)
    return {video: tuple(found) for video, found in videos.items()}
