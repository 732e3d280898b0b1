"""Shards on disk: clips and one array per name, row by row, in an HDF5 file.

Decoded frames, features and predictions share this layout; nothing else imports h5py. Files for
others (:func:`write_tree`), and of theirs, hold arrays by path::

    /clips        (N,) clip_id, video_id, start_s, duration_s, num_segments, note,
                  missing
    /<name>       (N, ...) one row per clip
    /failed       (F,) clip, reason
    attributes    provenance (JSON: what made the file), layout, complete

Nothing is compressed: of decoded frames the fastest compressor saves an eighth of the space
and takes as long as decoding does.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.files import aside
from avparse.core.layouts import LAYOUTS

_TEXT = h5py.string_dtype("utf-8")
_CLIP = np.dtype(
    [
        ("clip_id", _TEXT),
        ("video_id", _TEXT),
        ("start_s", "f8"),
        ("duration_s", "f8"),
        ("num_segments", "i4"),
        ("note", _TEXT),
        ("missing", _TEXT),
    ]
)
_LARGEST_BYTES = 4 << 30
_DEEPEST = 8
"""Groups in groups of a foreign file; a deeper one is a loop."""
_FAILURE = np.dtype([("clip", _TEXT), ("reason", _TEXT)])


class ShardWriter:
    """Appends clips to a shard; made by :func:`write_shard`."""

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._clips: list[Clip] = []
        self._failed: list[tuple[str, str]] = []

    def append(self, clip: Clip, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Add one clip; every clip of a shard brings the same names, shapes and types."""
        row = len(self._clips)
        for name, array in arrays.items():
            if name not in self._file:
                self._make(name, array)
            dataset = self._file[name]
            dataset.resize(row + 1, axis=0)
            dataset[row] = array
        self._clips.append(clip)

    def fail(self, clip: str, reason: str) -> None:
        """Record a clip that has no row, and why."""
        self._failed.append((clip, reason))

    def _make(self, name: str, array: NDArray[Any]) -> None:
        self._file.create_dataset(
            name,
            shape=(0, *array.shape),
            maxshape=(None, *array.shape),
            dtype=array.dtype,
            chunks=(1, *array.shape),
            fill_time="never",
        )

    def _finish(self) -> None:
        rows = [(*astuple(clip)[:-1], " ".join(map(str, clip.missing))) for clip in self._clips]
        clips = np.array(rows, dtype=_CLIP)
        self._file.create_dataset("clips", data=clips)
        self._file.create_dataset("failed", data=np.array(self._failed, dtype=_FAILURE))
        self._file.attrs["complete"] = True


@contextmanager
def write_shard(path: Path, provenance: Mapping[str, Any]) -> Iterator[ShardWriter]:
    """Open a new shard for writing; it appears at ``path`` only when the block succeeds."""
    with aside(path) as temporary, h5py.File(temporary, "w", libver="latest") as file:
        file.attrs["provenance"] = json.dumps(provenance, sort_keys=True)
        file.attrs["layout"] = LAYOUTS["shard"]
        writer = ShardWriter(file)
        yield writer
        writer._finish()


class Shard:
    """A finished shard, open for reading.

    Attributes:
        path: the file.
        clips: its clips in row order.
        failed: clips that have no row, with the reason.
        provenance: what made it.
    Raises:
        DataError: no such file, not HDF5, or not finished.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise DataError(f"no file {path}", "run the stage that makes it")
        try:
            self._file = h5py.File(path, "r")
            if not self._file.attrs.get("complete", False):
                raise DataError(f"{path} is not finished", "delete it and run again")
            if (layout := self._file.attrs.get("layout")) != LAYOUTS["shard"]:
                what = f"{path} has layout {layout}, this version reads {LAYOUTS['shard']}"
                raise DataError(what, "delete it and run again")
            rows = self._file["clips"][:]
            failed = self._file["failed"][:]
            self.provenance: dict[str, Any] = json.loads(self._file.attrs["provenance"])
        except (OSError, KeyError, ValueError) as error:
            raise DataError(f"cannot read {path}", f"delete it and run again ({error})") from None
        self.clips = list(map(_clip, rows))
        self.failed = [(_text(r[0]), _text(r[1])) for r in failed]

    def names(self) -> list[str]:
        """The names of its arrays."""
        return sorted(set(self._file) - {"clips", "failed"})

    def array(self, name: str) -> Any:
        """The array called ``name``, on disk: slicing it reads (an h5py dataset, first axis N)."""
        array = _own(self._file, name)
        if not isinstance(array, h5py.Dataset):
            raise DataError(f"no array {name!r} in {self.path}", f"found: {self.names()}")
        return array

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def read_clips(paths: Sequence[Path]) -> tuple[list[list[Clip]], list[dict[str, Any]]]:
    """The clips of each of several shards, and what made it; no array is read."""
    clips, provenance = [], []
    for path in paths:
        with Shard(path) as shard:
            clips.append(shard.clips)
            provenance.append(shard.provenance)
    return clips, provenance


def read_rows(
    paths: Sequence[Path], name: str, places: Sequence[Sequence[int | None]], count: int
) -> NDArray[Any] | None:
    """Read one array of several shards into memory, once.

    Args:
        places: for each shard and each row of it, where that row goes, or None.
        count: N, how many rows there will be; the places are 0 to N - 1, each once.
    Returns:
        (N, ...); None where N is 0.
    """
    out: NDArray[Any] | None = None
    for path, wanted in zip(paths, places, strict=True):
        runs = _runs(wanted)
        if not runs:
            continue
        with Shard(path) as shard:
            array = shard.array(name)
            if out is None:
                out = np.empty((count, *array.shape[1:]), array.dtype)
            if array.shape[1:] != out.shape[1:]:
                raise DataError(f"{path} holds {array.shape[1:]} a clip", f"not {out.shape[1:]}")
            for row, place, length in runs:
                array.read_direct(out, np.s_[row : row + length], np.s_[place : place + length])
    return out


def _runs(places: Sequence[int | None]) -> list[tuple[int, int, int]]:
    """(first row, its place, length) of rows that follow each other to places that do so, too."""
    runs: list[tuple[int, int, int]] = []
    for row, place in enumerate(places):
        if place is None:
            continue
        if runs and runs[-1][0] + runs[-1][2] == row and runs[-1][1] + runs[-1][2] == place:
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
        else:
            runs.append((row, place, 1))
    return runs


@contextmanager
def open_rows(path: Path, names: Sequence[str]) -> Iterator[Any]:
    """A foreign HDF5 file's array under one of these names, on disk: slicing it reads.

    Raises:
        DataError: it is no HDF5 file, or has no such array of its own.
    """
    try:
        with h5py.File(path, "r") as file:
            array = next(filter(None, (_own(file, name) for name in names)), None)
            if not isinstance(array, h5py.Dataset):
                raise DataError(f"no array {' or '.join(names)} in {path}", f"found: {list(file)}")
            yield array
    except OSError as error:
        raise DataError(f"cannot read {path}", f"is it an HDF5 file? ({error})") from None


def write_tree(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    attributes: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write arrays by their paths in a plain HDF5 file, for others to read.

    Args:
        attributes: path of a group -> its attributes.
    """
    with aside(path) as temporary, h5py.File(temporary, "w", libver="latest") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)
        for name, values in attributes.items():
            file.require_group(name).attrs.update(values)


def read_tree(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of a foreign HDF5 file by its path in it; links out of the file are refused.

    Raises:
        DataError: it is no HDF5 file, or points elsewhere.
    """
    found: dict[str, NDArray[Any]] = {}

    def visit(group: h5py.Group, depth: int) -> None:
        for name in group:
            child = _own(group, name) if depth < _DEEPEST else None
            if isinstance(child, h5py.Dataset):
                if child.nbytes + sum(array.nbytes for array in found.values()) > _LARGEST_BYTES:
                    raise DataError(f"{path} declares more than 4 GB", "use a plain file")
                found[child.name.strip("/")] = child[()]
            elif isinstance(child, h5py.Group):
                visit(child, depth + 1)
            else:
                raise DataError(f"{path} has a link at {group.name}/{name}", "use a plain file")

    try:
        with h5py.File(path, "r") as file:
            visit(file, 0)
    except (OSError, RuntimeError) as error:
        raise DataError(f"cannot read {path}", f"is it an HDF5 file? ({error})") from None
    return found


def _own(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """A child of a foreign group, unless it is missing or takes its content from elsewhere."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        return None
    child = group[name]
    elsewhere = isinstance(child, h5py.Dataset) and (child.external or child.is_virtual)
    return None if elsewhere else child


def _clip(row: Any) -> Clip:
    missing = tuple(map(int, _text(row["missing"]).split()))
    numbers = float(row["start_s"]), float(row["duration_s"]), int(row["num_segments"])
    return Clip(
        _text(row["clip_id"]), _text(row["video_id"]), *numbers, _text(row["note"]), missing
    )


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
