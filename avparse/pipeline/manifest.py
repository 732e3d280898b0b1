"""The manifest lists all known videos: file, data set and shard. Rows never change."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from avparse.core.clips import video_id
from avparse.core.errors import DataError
from avparse.core.files import read_tsv, write_tsv
from avparse.datasets.videos import Entry

_NUMBERED = re.compile(r"(.*?)(\d{5})(\.[a-z0-9]+|)")

COLUMNS = ("video", "path", "dataset", "shard")


def read(path: Path) -> list[Entry]:
    """The entries of a manifest, in order; none where there is no file."""
    if not path.exists():
        return []
    return [Entry(*(row[c] for c in COLUMNS)) for row in read_tsv(path, COLUMNS)]


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Write a manifest atomically."""
    write_tsv(path, COLUMNS, map(asdict, entries))


def extend(
    known: Sequence[Entry],
    labelled: Mapping[str, Mapping[str, str]],
    dropped: Iterable[str],
    raw: str,
    shard_size: int,
) -> list[Entry]:
    """Append new videos in new shards. Known videos keep their shard.

    Args:
        labelled: data set -> video id -> path.
        dropped: paths of unlabelled videos, relative to ``raw``.
        raw: the folder they are in.
        shard_size: videos per new shard.
    Returns:
        The old entries, then the new ones.
    """
    paths = {entry.path for entry in known}
    taken = {entry.video for entry in known}
    own = {(entry.dataset, entry.video) for entry in known}
    shard = max((int(entry.shard) for entry in known), default=-1)
    new: list[Entry] = []
    groups = [(name, sorted(videos.items())) for name, videos in sorted(labelled.items())]
    theirs = {path for videos in labelled.values() for path in videos.values()}
    groups.append(("", _identified(sorted(dropped), raw, paths | theirs, taken, labelled)))
    for dataset, videos in groups:
        fresh = [(video, path) for video, path in videos if path not in paths]
        for number, (video, path) in enumerate(fresh):
            if (dataset, video) in own:
                raise DataError(
                    f"video {video!r} of data set {dataset} is already known under another path",
                    "give every video its own name",
                )
            shard += number % shard_size == 0
            own.add((dataset, video))
            new.append(Entry(video, path, dataset, f"{shard:05d}"))
    return [*known, *new]


def _identified(
    dropped: Sequence[str],
    raw: str,
    paths: set[str],
    taken: set[str],
    labelled: Mapping[str, Mapping[str, str]],
) -> list[tuple[str, str]]:
    """Unique ids for dropped-in videos."""
    used = taken | {video for videos in labelled.values() for video in videos}
    out = []
    for relative in dropped:
        path = f"{raw}/{relative}"
        if path not in paths:
            identifier = video_id(relative, used)
            used.add(identifier)
            out.append((identifier, path))
    return out


def braces(paths: Iterable[str]) -> list[str]:
    """Abbreviate the files of shards with brace expansion: ``{00000..00093}.h5`` for 94 files.

    A shell accepts a command of 128 kB, and can start one of two megabytes.

    Args:
        paths: in any order, without characters that are special to a shell.
    """
    numbers: dict[tuple[str, str], list[int]] = {}
    words = []
    for path in sorted(set(paths)):
        if match := _NUMBERED.fullmatch(path):
            numbers.setdefault((match[1], match[3]), []).append(int(match[2]))
        else:
            words.append(path)
    for (before, after), found in numbers.items():
        for _, group in groupby(enumerate(found), lambda pair: pair[1] - pair[0]):
            run = [number for _, number in group]
            ends = f"{run[0]:05d}", f"{run[-1]:05d}"
            words.append(before + (f"{{{'..'.join(ends)}}}" if run[1:] else ends[0]) + after)
    return words


class Listing:
    """Manifest entries indexed by shard and data set.

    Args:
        entries: in order.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.of_shard: dict[str, list[Entry]] = {}
        found: dict[str, set[str]] = {}
        for entry in entries:
            self.of_shard.setdefault(entry.shard, []).append(entry)
            found.setdefault(entry.dataset, set()).add(entry.shard)
        self._shards = {dataset: sorted(ids) for dataset, ids in found.items()}

    def shards(self, dataset: str | None = None) -> list[str]:
        """Sorted shard ids, of all videos or of a data set (``""`` for dropped-in videos)."""
        return sorted(self.of_shard) if dataset is None else self._shards.get(dataset, [])
