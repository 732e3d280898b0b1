"""Find the video files in a folder and derive their ids."""

import re
from dataclasses import dataclass
from pathlib import Path

from avparse.core.clips import video_id
from avparse.core.errors import DataError
from avparse.media.suffixes import SUFFIXES

_UNFIT = re.compile(r"[\x00-\x1f{}<>\ud800-\udfff]")
"""Characters of file names that tables, wildcards or shell commands cannot handle."""


@dataclass(frozen=True)
class Entry:
    """A video in the manifest.

    Attributes:
        video: id of the video.
        path: path of the file.
        dataset: name of its labelled data set; empty for a new, unlabelled video.
        shard: five digits; a shard contains either videos of a single data set or new videos.
    """

    video: str
    path: str
    dataset: str
    shard: str


def ids(folder: Path) -> dict[str, str]:
    """Map the path of each video, relative to the folder, to its id.

    Raises:
        DataError: if the folder is missing, or as for :func:`listing`.
    """
    if not folder.is_dir():
        raise DataError(f"no folder {folder}", "check the path of the videos")
    by_path: dict[str, str] = {}
    taken: set[str] = set()
    for name in listing(folder):
        by_path[name] = video_id(name, taken)
        taken.add(by_path[name])
    return by_path


def listing(raw: Path) -> list[str]:
    """List the videos below a folder as sorted relative POSIX paths; hidden files are skipped.

    Raises:
        DataError: if the folder is missing, or a file name has unsupported characters.
    """
    if not raw.is_dir():
        raise DataError(f"no raw folder {raw}", "create it, or set 'raw: null' in the settings")
    names = []
    for path in raw.rglob("*"):
        relative = path.relative_to(raw).as_posix()
        hidden = any(part.startswith(".") for part in Path(relative).parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            if _UNFIT.search(relative):
                raise DataError(
                    f"unsupported file name {relative!a} in {raw}",
                    "rename it without control characters, {}, <> or bytes that are not UTF-8",
                )
            names.append(relative)
    return sorted(names)
