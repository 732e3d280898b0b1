"""What a labelled data set tells: its classes, videos, and the samples of each task."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from avparse.timeline import Event

SPLITS = ("train", "val", "test", "background")
"""Background: clips of no event, which weak localization trains on as well (AVE's noisy ones)."""


@dataclass(frozen=True)
class Sample:
    """One labelled row. A video may have several.

    Attributes:
        sample_id: unique within the data set and task.
        video_id: the video it labels.
        split: one of :data:`SPLITS`.
        labels: classes that occur somewhere in the video (weak labels).
        events: what happens when (strong labels), or None where only weak labels exist.
    """

    sample_id: str
    video_id: str
    split: str
    labels: tuple[str, ...]
    events: tuple[Event, ...] | None


class Dataset(ABC):
    """A folder of videos with annotation tables.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

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
