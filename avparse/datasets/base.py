"""Interface of labelled data sets: classes, videos, and the samples of each task."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from avparse.core.errors import DataError
from avparse.core.events import Event
from avparse.core.registry import near
from avparse.datasets.download.wanted import Wanted
from avparse.media.suffixes import SUFFIXES

SPLITS = ("train", "val", "test", "background")
"""``background``: clips without events, used to train weakly supervised localization (AVE)."""

CLIP_S = 10
"""Length of clips in AVE and LLP, in seconds."""

YOUTUBE_ID = 11
"""Length of a YouTube id; file names in AVE and LLP may have a suffix after it."""


@dataclass(frozen=True)
class Sample:
    """A labelled sample. A video may have several.

    Attributes:
        sample_id: unique within the data set and task.
        video_id: id of the video.
        split: a member of :data:`SPLITS`.
        labels: classes that occur anywhere in the video (weak labels).
        events: events with times (strong labels), or None if there are only weak labels.
        row_id: name of the sample's features in archives that store features by row, if it differs
            from the video id. Without features of that name, those of the video are used.
    """

    sample_id: str
    video_id: str
    split: str
    labels: tuple[str, ...]
    events: tuple[Event, ...] | None
    row_id: str = ""


@dataclass(frozen=True, order=True)
class Oddity:
    """An unusual annotation in a table; it is reported, never corrected.

    Attributes:
        kind: type of the problem, such as ``"no duration"``.
        where: file and line.
        what: the annotation, and how it is treated.
    """

    kind: str
    where: str
    what: str


class Dataset(ABC):
    """A folder of annotation tables, with or without videos.

    Args:
        path: folder with the tables.
        videos: folder with the videos; by default the subfolder ``videos`` of ``path``.

    Attributes:
        tasks: tasks with samples.
    """

    tasks: ClassVar[tuple[str, ...]] = ("localization", "parsing")

    def __init__(self, path: Path, videos: Path | None = None) -> None:
        self.path = Path(path)
        self.media = Path(videos) if videos else self.path / "videos"

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Class names; the index is the label."""

    @abstractmethod
    def tables(self) -> list[Path]:
        """All annotation files that are read."""

    @abstractmethod
    def videos(self) -> dict[str, Path]:
        """Map the id of each labelled video that exists to its file."""

    @abstractmethod
    def samples(self, task: str) -> list[Sample]:
        """The samples of a task (``"localization"`` or ``"parsing"``), in a fixed order."""

    def oddities(self) -> list[Oddity]:
        """Unusual annotations, by file and line."""
        return []

    def wanted(self, starts: Path | None = None) -> list[Wanted]:
        """The segments of YouTube videos that its clips are taken from.

        Args:
            starts: AudioSet's segment table, needed if the data set has no start times.
        Raises:
            DataError: if the data set is not from YouTube, or start times are missing.
        """
        raise DataError(f"the data set in {self.path} is not from YouTube", "use ave or llp")

    def versions(self) -> dict[str, str]:
        """Map files that were published in several versions to the version in use."""
        return {}

    def problems(self) -> list[str]:
        """Errors that make the tables unreadable, with their lines; empty if there are none."""
        try:
            for task in self.tasks:
                self.samples(task)
        except DataError as error:
            return [str(error)]
        return []

    def _found(self, ids: set[str]) -> dict[str, Path]:
        """Map the ids to files in the video folder; a file name may have a suffix after the id."""
        if not self.media.is_dir():
            return {}
        files = sorted(p for p in self.media.iterdir() if p.suffix.lower() in SUFFIXES)
        exact = {file.stem: file for file in files}
        starts = {file.stem[:YOUTUBE_ID]: file for file in reversed(files)}
        by_id = {i: exact.get(i) or starts.get(i) for i in sorted(ids)}
        return {i: file for i, file in by_id.items() if file is not None}


def check_class(where: str, label: str, classes: tuple[str, ...]) -> str:
    """Return the label, or raise DataError if it is not a class."""
    if label not in classes:
        raise DataError(f"{where}: unknown class {label!r}", near(label, classes))
    return label


def text_of(path: Path, hint: str) -> str:
    """Read a text table.

    Args:
        hint: how to get the file, for the message.
    Raises:
        DataError: if it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}", f"{hint} ({error})") from None
