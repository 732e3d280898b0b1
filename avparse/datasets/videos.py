"""Video files: which ones lie in a folder, and the ids they are given."""

import re
from dataclasses import dataclass
from pathlib import Path

from avparse.core.clips import video_id
from avparse.core.errors import DataError
from avparse.media.suffixes import SUFFIXES

_UNFIT = re.compile(r"[\x00-\x1f{}<>\ud800-\udfff]")
"""What no table, wildcard or shell command can carry in a file name."""


@dataclass(frozen=True)
class Entry:
    """One video.

    Attributes:
        video: its id.
        path: of the file.
        dataset: the labelled data set it belongs to; empty for a dropped-in video.
        shard: five digits; a shard holds videos of one data set, or dropped-in ones.
    """

    video: str
    path: str
    dataset: str
    shard: str


def ids(folder: Path) -> dict[str, str]:
    """Path below a folder -> id, of every video in it.

    Raises:
        DataError: no such folder, or see :func:`listing`.
    """
    if not folder.is_dir():
        raise DataError(f"no folder {folder}", "give that of the videos")
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in listing(folder):
        found[name] = video_id(name, taken)
        taken.add(found[name])
    return found


def listing(raw: Path) -> list[str]:
    """Videos below a folder: sorted POSIX paths relative to it; hidden files are left out.

    Raises:
        DataError: no such folder, or a name that no table or shell command can carry.
    """
    if not raw.is_dir():
        raise DataError(f"no raw folder {raw}", "make it, or set 'raw: null' in config.yaml")
    found = []
    for path in raw.rglob("*"):
        relative = path.relative_to(raw).as_posix()
        hidden = any(part.startswith(".") for part in Path(relative).parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            if _UNFIT.search(relative):
                raise DataError(
                    f"the file name {relative!a} in {raw}",
                    "rename it: no control characters, {}, <>, or bytes that are not UTF-8",
                )
            found.append(relative)
    return sorted(found)
