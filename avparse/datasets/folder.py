"""Your own data set: a folder of videos with a table ``labels.tsv``.

    video        onset  offset  label  modality      split
    park.mp4     3      7.5     Dog    audio         train
    park.mp4     4      6       Dog    visual        train
    street.mp4                  Car                  test

``video`` is a path relative to the folder. Without onset and offset, the label is a weak label of
the whole video. Without modality, it applies to both modalities. ``split`` is optional, as a column
or for single rows: by default it is derived from a hash of the video's name (75 % train), so adding
videos does not change the split of others. An optional ``classes.txt`` with a name on each line
sets the order of the classes; otherwise they are sorted.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from avparse.core.clips import SEGMENT_S
from avparse.core.errors import DataError
from avparse.core.events import Event, Modality, heard_and_seen
from avparse.core.files import read_lines
from avparse.core.registry import near
from avparse.datasets import videos
from avparse.datasets.base import Dataset, Oddity, Sample, check_class, text_of

TABLE = "labels.tsv"
CLASSES = "classes.txt"
_COLUMNS = ("video", "label")
_SHARES = {"train": 75, "val": 10, "test": 15}
"""Default shares of the splits in percent."""
_BOTH = ("audio_visual", "both", "")


@dataclass(frozen=True)
class Row:
    """A row of the table; weak labels have no times."""

    line: int
    video: str
    label: str
    modality: str
    onset: float | None
    offset: float | None
    split: str


class FolderDataset(Dataset):
    """Reader of a folder with ``labels.tsv``; without this file, the videos have no labels."""

    def __init__(self, path: Path, videos: Path | None = None) -> None:
        super().__init__(path, videos or path)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        path = self.path / CLASSES
        if path.is_file():
            lines = text_of(path, "write one class per line").splitlines()
            return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
        return tuple(sorted({row["label"].strip() for _, row in self._cells} - {""}))

    def tables(self) -> list[Path]:
        return [path for name in (TABLE, CLASSES) if (path := self.path / name).is_file()]

    def videos(self) -> dict[str, Path]:
        if not self.media.is_dir():
            raise DataError(f"no folder {self.media}", "check the path of the videos")
        return {identifier: self.media / name for name, identifier in self._ids.items()}

    def samples(self, task: str) -> list[Sample]:
        """The samples of a task, sorted by video.

        Parsing has a sample for each video in the table. Localization has a sample for each
        audio-visual class of a video, because its models assign a single class to a clip.
        """
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            rows[row.video].append(row)
        make = _parsing if task == "parsing" else _localization
        ids = self._ids
        return [
            sample
            for video in sorted(rows)
            for sample in make(video, ids.get(video, f"missing:{video}"), rows[video])
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """All rows of the table.

        Raises:
            DataError: if a cell is invalid; gives its line.
        """
        return [self._row(line, cells) for line, cells in self._cells]

    @cached_property
    def _cells(self) -> list[tuple[int, dict[str, str]]]:
        path = self.path / TABLE
        return read_lines(path, _COLUMNS) if path.is_file() else []

    @cached_property
    def _ids(self) -> dict[str, str]:
        """Map the relative path of each existing video to its id."""
        return videos.ids(self.media) if self.media.is_dir() else {}

    def _row(self, line: int, cells: dict[str, str]) -> Row:
        """Parse a row."""
        where = f"line {line} of {self.path / TABLE}"
        modality = cells.get("modality", "").strip().lower()
        if modality not in (*_BOTH, "audio", "visual"):
            hint = near(modality, ("audio", "visual", "audio_visual"))
            raise DataError(f"{where}: unknown modality {modality!r}", hint)
        split = cells.get("split", "").strip().lower()
        if split not in ("", *_SHARES):
            raise DataError(f"{where}: unknown split {split!r}", near(split, _SHARES))
        span = (cells.get("onset", "").strip(), cells.get("offset", "").strip())
        try:
            onset, offset = (float(text) if text else None for text in span)
        except ValueError:
            raise DataError(f"{where}: {span[0]!r} to {span[1]!r}", "expected seconds") from None
        times = [t for t in (onset, offset) if t is not None]
        if len(times) == 1 or not all(map(math.isfinite, times)):
            raise DataError(
                f"{where}: {span[0]!r} to {span[1]!r}",
                "write both onset and offset in seconds, or neither",
            )
        video, label = cells["video"].strip(), cells["label"].strip()
        if not label:
            raise DataError(f"{where} has no label", "write a class in the column label")
        return Row(
            line, video, check_class(where, label, self.classes), modality, onset, offset,
            split or _default_split(video),
        )  # fmt: skip

    def problems(self) -> list[str]:
        """Errors of all invalid rows."""
        try:
            cells = self._cells
        except DataError as error:
            return [str(error)]
        errors = []
        for line, row in cells:
            try:
                self._row(line, row)
            except DataError as error:
                errors.append(str(error))
        return errors

    def oddities(self) -> list[Oddity]:
        """Missing videos, rows without effect, and inconsistent splits."""
        return sorted([*self._odd_rows(), *self._odd_videos(), *self._odd_splits()])

    def _odd_rows(self) -> Iterator[Oddity]:
        seen: dict[tuple[object, ...], int] = {}
        for row in self.rows:
            where = f"{TABLE} line {row.line:4d}"
            key = (row.video, row.label, row.modality, row.onset, row.offset)
            if key in seen:
                yield Oddity("repeated row", where, f"{row.video}: same as line {seen[key]}")
            seen.setdefault(key, row.line)
            if row.onset is None or row.offset is None:
                continue
            event = f"{row.video} {row.label}, {row.onset:g} to {row.offset:g}"
            if row.onset < 0:
                yield Oddity("before the video", where, f"{event}: the part before 0 s is ignored")
            if row.offset <= row.onset:
                yield Oddity("no duration", where, f"{event}: ignored")
            elif int(row.onset / SEGMENT_S) == int(row.offset / SEGMENT_S):
                yield Oddity(
                    "shorter than a segment", where, f"{event}: marks no segment, extend it"
                )

    def _odd_splits(self) -> Iterator[Oddity]:
        used = {row.split for row in self.rows}
        for split in _SHARES:
            if self.rows and split not in used:
                yield Oddity(
                    "empty split", TABLE, f"no video in {split}: write {split} in the column split"
                )

    def _odd_videos(self) -> Iterator[Oddity]:
        splits: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self.rows:
            splits[row.video].setdefault(row.split, row.line)
        for video, lines in splits.items():
            where = f"{TABLE} line {min(lines.values()):4d}"
            if video not in self._ids:
                yield Oddity(
                    "missing video", where, f"{self.media / video}: its labels are not used"
                )
            if len(lines) > 1:
                what = f"{video}: {' and '.join(lines)}; the first is used"
                yield Oddity("two splits", where, what)


def _default_split(video: str) -> str:
    """The split of a video without an explicit one, derived from a digest of its name."""
    place = int.from_bytes(hashlib.sha256(video.encode()).digest()[:4]) % 100
    for split, share in _SHARES.items():
        place -= share
        if place < 0:
            return split
    raise AssertionError("shares sum to 100")


def _parsing(video: str, identifier: str, rows: list[Row]) -> Iterator[Sample]:
    """A sample with all events of a video."""
    labels = tuple(dict.fromkeys(row.label for row in rows))
    strong = all(row.onset is not None for row in rows)
    events = sorted({event for row in rows for event in _events(row)})
    yield Sample(video, identifier, rows[0].split, labels, tuple(events) if strong else None)


def _events(row: Row) -> Iterator[Event]:
    """The events of a row, one per modality."""
    if row.onset is not None and row.offset is not None and row.onset < row.offset:
        for modality in (Modality.AUDIO, Modality.VISUAL):
            if row.modality in (*_BOTH, modality):
                yield Event(max(row.onset, 0), row.offset, modality, row.label)


def _localization(video: str, identifier: str, rows: list[Row]) -> Iterator[Sample]:
    """A sample for each audio-visual class of a video."""
    for label in dict.fromkeys(row.label for row in rows):
        matching = [event for row in rows if row.label == label for event in _events(row)]
        weak = [row for row in rows if row.label == label and row.onset is None]
        events = tuple(heard_and_seen(matching))
        if events or weak:
            strong = None if weak else events
            yield Sample(f"{video}:{label}", identifier, rows[0].split, (label,), strong)
