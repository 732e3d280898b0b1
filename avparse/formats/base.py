"""What a format is: a file of all videos, or a folder of files; and what those are called.

Names of experiments and videos come from files, so they may hold anything: every path is made here.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from avparse.core.clips import video_id
from avparse.core.events import AXIS, Event, Modality
from avparse.core.files import scratch_beside
from avparse.prediction.predictions import LANES, Predictions
from avparse.prediction.timeline import Timeline

CORRECTED = {"parsing": AXIS, "localization": LANES["localization"]}
"""The modalities a person corrects: what is heard and seen at once follows from the two."""


class Export(ABC):
    """One file of all videos.

    Args:
        media: video id -> its file, where known; for formats that name it.

    Attributes:
        target: where it is written, below the folder of all exports.
    """

    target: ClassVar[str]

    def __init__(self, media: Mapping[str, str] | None = None) -> None:
        self._media = media or {}

    def path(self, folder: Path, experiment: str) -> Path:
        """Where the timelines of an experiment go."""
        return folder / self.target.format(experiment=plain(experiment))

    def media(self, video: str) -> str:
        """The file of a video, or its id where that is not known."""
        return self._media.get(video, video)

    @abstractmethod
    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        """Write all timelines to ``path``."""


class Folder(Export):
    """A folder of text files; other files in it are left alone."""

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        with scratch_beside(path) as made:
            for name, text in self.files(timelines, predictions):
                (made / name).write_text(text, encoding="utf-8", newline="\n")
            path.mkdir(exist_ok=True)
            for file in sorted(made.iterdir()):
                file.replace(path / file.name)

    @abstractmethod
    def files(
        self, timelines: Sequence[Timeline], predictions: Predictions
    ) -> Iterator[tuple[str, str]]:
        """The name and the text of each file."""


class PerVideo(Folder):
    """A folder with files for each video, ``{video}[.modality].{suffix}``."""

    suffix: ClassVar[str]

    def files(
        self, timelines: Sequence[Timeline], predictions: Predictions
    ) -> Iterator[tuple[str, str]]:
        for timeline, name in zip(timelines, plain_names(timelines), strict=True):
            for part, text in self.texts(timeline, predictions.task).items():
                yield ".".join(filter(None, (name, part, self.suffix))), text

    @abstractmethod
    def texts(self, timeline: Timeline, task: str) -> dict[str, str]:
        """Modality -> text of its file; one file for all of them goes by the empty name."""


def plain(name: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """A name that is safe as that of a file: itself, if it is.

    Args:
        taken: names given to others; a clash gets a short hash.
    """
    return video_id(f"{name}.mp4", taken)


def plain_names(timelines: Sequence[Timeline]) -> list[str]:
    """Such a name for each video, no two alike."""
    names: list[str] = []
    taken: set[str] = set()
    for timeline in timelines:
        names.append(plain(timeline.video_id, taken))
        taken.add(names[-1])
    return names


def of_modality(timeline: Timeline, modality: Modality) -> list[Event]:
    """The events of one modality, in time order."""
    return [event for event in timeline.events if event.modality is modality]
