"""Import events that were corrected in an annotation tool as a table of labels."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.events import Modality
from avparse.core.files import write_tsv
from avparse.core.registry import near
from avparse.datasets.videos import ids
from avparse.formats import READERS
from avparse.formats.tracks import Tracks

COLUMNS = ("video", "onset", "offset", "label", "modality")


def rows(files: Iterable[Path], videos: Path) -> list[dict[str, str]]:
    """Read events as rows of ``labels.tsv``, sorted by video and time.

    Args:
        files: files in the formats of :data:`avparse.formats.READERS`.
        videos: folder with the videos; rows contain their relative paths.
    Raises:
        DataError: if a file cannot be read, two files have events of the same video and modality,
            or a video is not in the folder.
    """
    paths = {identifier: name for name, identifier in ids(videos).items()}
    tracks: Tracks = {}
    source: dict[tuple[str, Modality], Path] = {}
    for file in sorted(set(files)):
        file_tracks = _read(file)
        for key in file_tracks:
            video, modality = key
            if key in source:
                raise DataError(
                    f"{modality} events of {video} are in both {source[key]} and {file}",
                    "pass only one of the files",
                )
            if video not in paths:
                raise DataError(
                    f"{file} is for video {video!r}, which is not in {videos}",
                    "set the folder of the videos with --videos",
                )
        source |= dict.fromkeys(file_tracks, file)
        tracks |= file_tracks
    events = sorted(
        (paths[video], event) for (video, _), track in tracks.items() for event in track
    )
    return [
        {
            "video": name,
            "onset": f"{event.onset_s:.3f}",
            "offset": f"{event.offset_s:.3f}",
            "label": event.label,
            "modality": event.modality.value,
        }
        for name, event in events
    ]


def _read(file: Path) -> Tracks:
    """Read a file with the reader for its suffix."""
    suffix = file.suffix.lower().lstrip(".")
    if suffix not in READERS.names():
        raise DataError(f"cannot import {file}, unknown file type", near(suffix, READERS.names()))
    tracks: Tracks = READERS.load(suffix)(file)
    return tracks


def write(path: Path, table: Sequence[Mapping[str, str]]) -> None:
    """Write the rows of :func:`rows`; an existing table is never replaced."""
    if path.exists():
        raise DataError(f"{path} already exists", "move it, or choose another --out")
    write_tsv(path, COLUMNS, table)
