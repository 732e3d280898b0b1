"""Base classes of export formats: one file for all videos, or a folder of files.

Names of experiments and videos come from file names and may contain any character, so all paths
are built here.
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
"""The modalities that annotators correct; in parsing, audio-visual events follow from them."""


class Export(ABC):
    """A format with one file for all videos.

    Args:
        media: video id -> video file, if known, for formats that refer to it.

    Attributes:
        target: path below the folder of all exports.
    """

    target: ClassVar[str]

    def __init__(self, media: Mapping[str, str] | None = None) -> None:
        self._media = media or {}

    def path(self, folder: Path, experiment: str) -> Path:
        """The path for the timelines of an experiment."""
        return folder / self.target.format(experiment=plain(experiment))

    def media(self, video: str) -> str:
        """The file of a video, or its id if the file is unknown."""
        return self._media.get(video, video)

    @abstractmethod
    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        """Write all timelines to ``path``."""


class Folder(Export):
    """A format with a folder of text files; other files in the folder are kept."""

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        with scratch_beside(path) as scratch:
            for name, text in self.files(timelines, predictions):
                (scratch / name).write_text(text, encoding="utf-8", newline="\n")
            path.mkdir(exist_ok=True)
            for file in sorted(scratch.iterdir()):
                file.replace(path / file.name)

    @abstractmethod
    def files(
        self, timelines: Sequence[Timeline], predictions: Predictions
    ) -> Iterator[tuple[str, str]]:
        """The name and the text of each file."""


class PerVideo(Folder):
    """A format with files for each video, ``{video}[.modality].{suffix}``."""

    suffix: ClassVar[str]

    def files(
        self, timelines: Sequence[Timeline], predictions: Predictions
    ) -> Iterator[tuple[str, str]]:
        for timeline, name in zip(timelines, plain_names(timelines), strict=True):
            for part, text in self.texts(timeline, predictions.task).items():
                yield ".".join(filter(None, (name, part, self.suffix))), text

    @abstractmethod
    def texts(self, timeline: Timeline, task: str) -> dict[str, str]:
        """Modality -> text of its file; the empty name stands for one file with all modalities."""


def plain(name: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """Make a name safe as a file name; a safe name is returned unchanged.

    Args:
        taken: names already in use; a duplicate gets a short hash.
    """
    return video_id(f"{name}.mp4", taken)


def plain_names(timelines: Sequence[Timeline]) -> list[str]:
    """A unique file name for each video."""
    names: list[str] = []
    taken: set[str] = set()
    for timeline in timelines:
        names.append(plain(timeline.video_id, taken))
        taken.add(names[-1])
    return names


def of_modality(timeline: Timeline, modality: Modality) -> list[Event]:
    """The events of one modality, in time order."""
    return [event for event in timeline.events if event.modality is modality]
