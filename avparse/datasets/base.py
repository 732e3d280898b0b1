"""What a labelled data set tells: its classes, videos, and the samples of each task."""

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
"""Background: clips of no event, which weak localization trains on as well (AVE's noisy ones)."""

CLIP_S = 10
"""Length of the published sets' clips in seconds."""

YOUTUBE_ID = 11
"""Characters of a video id; the published sets' file names may go on after it."""


@dataclass(frozen=True)
class Sample:
    """One labelled row. A video may have several.

    Attributes:
        sample_id: unique within the data set and task.
        video_id: the video it labels.
        split: one of :data:`SPLITS`.
        labels: classes that occur somewhere in the video (weak labels).
        events: what happens when (strong labels), or None where only weak labels exist.
        row_id: the name of its own features in archives that keep them by row, where it is not the
            video's; if there are none of that name, the video's are used.
    """

    sample_id: str
    video_id: str
    split: str
    labels: tuple[str, ...]
    events: tuple[Event, ...] | None
    row_id: str = ""


@dataclass(frozen=True, order=True)
class Oddity:
    """Something strange in a data set's tables, reported and never repaired.

    Attributes:
        kind: such as ``"no length"``.
        where: file and line.
        what: what stands there, and what follows from it.
    """

    kind: str
    where: str
    what: str


class Dataset(ABC):
    """A folder of annotation tables, with or without videos.

    Args:
        path: the folder.
        videos: the folder of the videos; ``videos`` in ``path`` if not given.

    Attributes:
        tasks: that it has samples for.
    """

    tasks: ClassVar[tuple[str, ...]] = ("localization", "parsing")

    def __init__(self, path: Path, videos: Path | None = None) -> None:
        self.path = Path(path)
        self.media = Path(videos) if videos else self.path / "videos"

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Class names in order; their index is the label."""

    @abstractmethod
    def tables(self) -> list[Path]:
        """Every annotation file that is read."""

    @abstractmethod
    def videos(self) -> dict[str, Path]:
        """Video id -> file, for every labelled video that is there."""

    @abstractmethod
    def samples(self, task: str) -> list[Sample]:
        """The samples of ``"localization"`` or ``"parsing"``, in a fixed order."""

    def oddities(self) -> list[Oddity]:
        """What is strange in the tables, file by file and line by line."""
        return []

    def wanted(self, starts: Path | None = None) -> list[Wanted]:
        """Which pieces of which YouTube videos its clips are.

        Args:
            starts: AudioSet's table of segments, where the data set's own do not tell.
        Raises:
            DataError: it was not made from YouTube videos, or does not tell where they begin.
        """
        raise DataError(f"{self.path} names no YouTube videos", "use ave or llp")

    def versions(self) -> dict[str, str]:
        """File -> which of its published versions it is, where there are several."""
        return {}

    def problems(self) -> list[str]:
        """What keeps the tables from being read, each with its line; nothing if they can be."""
        try:
            for task in self.tasks:
                self.samples(task)
        except DataError as error:
            return [str(error)]
        return []

    def _found(self, ids: set[str]) -> dict[str, Path]:
        """The files of videos in the folder, named by their ids and perhaps more after those."""
        if not self.media.is_dir():
            return {}
        files = sorted(p for p in self.media.iterdir() if p.suffix.lower() in SUFFIXES)
        exact = {file.stem: file for file in files}
        starts = {file.stem[:YOUTUBE_ID]: file for file in reversed(files)}
        found = {i: exact.get(i) or starts.get(i) for i in sorted(ids)}
        return {i: file for i, file in found.items() if file is not None}


def check_class(where: str, label: str, classes: tuple[str, ...]) -> str:
    """A label, or DataError where it is no class."""
    if label not in classes:
        raise DataError(f"{where}: unknown class {label!r}", near(label, classes))
    return label


def text_of(path: Path, hint: str) -> str:
    """The text of a table.

    Raises:
        DataError: it cannot be read; ``hint`` says where to get it.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}", f"{hint} ({error})") from None
