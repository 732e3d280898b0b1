"""The table of a labelled folder, made from events that a person corrected in another program."""

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
    """A row for each event, sorted by video and time.

    Args:
        files: of the kinds of :data:`avparse.formats.READERS`.
        videos: folder of the videos; rows name them by their paths below it.
    Raises:
        DataError: a file that cannot be read, two of one video and modality, or one of a video
            that is not in the folder.
    """
    paths = {identifier: name for name, identifier in ids(videos).items()}
    tracks: Tracks = {}
    source: dict[tuple[str, Modality], Path] = {}
    for file in sorted(set(files)):
        found = _read(file)
        for key in found:
            video, modality = key
            if key in source:
                said = f"{modality} events of {video} are in {source[key]} and in {file}"
                raise DataError(said, "give one of the two")
            if video not in paths:
                raise DataError(
                    f"{file} is of video {video!r}, which is not in {videos}",
                    "give its folder with --videos",
                )
        source |= dict.fromkeys(found, file)
        tracks |= found
    events = sorted((paths[video], one) for (video, _), own in tracks.items() for one in own)
    return [
        {
            "video": name,
            "onset": f"{one.onset_s:.3f}",
            "offset": f"{one.offset_s:.3f}",
            "label": one.label,
            "modality": one.modality.value,
        }
        for name, one in events
    ]


def _read(file: Path) -> Tracks:
    suffix = file.suffix.lower().lstrip(".")
    if suffix not in READERS.names():
        raise DataError(f"{file} is of no kind that can be read", near(suffix, READERS.names()))
    found: Tracks = READERS.load(suffix)(file)
    return found


def write(path: Path, table: Sequence[Mapping[str, str]]) -> None:
    """Write such rows; a table that is there already is never replaced."""
    if path.exists():
        raise DataError(f"{path} is there already", "move it away, or give another --out")
    write_tsv(path, COLUMNS, table)
