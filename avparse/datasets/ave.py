"""AVE as released by Tian et al. (ECCV 2018): Annotations.txt, and the rows of each split.

    Church bell&RUhOCu3LNXM&good&0&10       category, YouTube id, quality, onset, offset

A video with two classes has two rows, and each row is a sample of its own. Splits are stored in
``{split}_order.h5`` (row numbers) or ``{split}Set.txt`` (copies of rows).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.datasets.ave_tables import Row, audioset_starts, read_array, read_rows, segment_labels
from avparse.datasets.base import CLIP_S, Dataset, Oddity, Sample
from avparse.datasets.classes import AVE_CLASSES
from avparse.datasets.download.wanted import Wanted

ANNOTATIONS = "Annotations.txt"
ORDERS = {split: f"{split}_order.h5" for split in ("train", "val", "test")}
LISTS = {split: f"{split}Set.txt" for split in ORDERS}
RELEASED_BACKGROUND = 178
NOISY = "labels_noisy.h5"
"""Labels of the background videos; the number of rows is the number of these videos."""


class AVEDataset(Dataset):
    """Reader of AVE's files; the videos are named ``ID.mp4``."""

    tasks = ("localization",)

    @property
    def classes(self) -> tuple[str, ...]:
        return AVE_CLASSES

    def tables(self) -> list[Path]:
        """The existing tables, or those that can be downloaded if there are none."""
        listed = LISTS if self._by_lists else ORDERS
        names = [ANNOTATIONS, *listed.values()]
        names += [NOISY] * (self.path / NOISY).is_file()
        return [self.path / name for name in names]

    def videos(self) -> dict[str, Path]:
        return self._found({row.video for row in self.rows})

    def samples(self, task: str) -> list[Sample]:
        """A sample for each row in a split, in the order of the rows; then background videos."""
        if task not in self.tasks:
            return []
        splits = {number: split for split, rows in self.splits.items() for number in rows}
        names = self.row_ids
        samples = [
            _sample(number, row, splits[number], names[number])
            for number, row in enumerate(self.rows)
            if number in splits
        ]
        empty = (f"background-{number:03d}" for number in range(self.background))
        return samples + [Sample(name, name, "background", (), ()) for name in empty]

    def wanted(self, starts: Path | None = None) -> list[Wanted]:
        """The clips of AVE are from AudioSet, whose tables have their start times."""
        if starts is None:
            hint = "pass AudioSet's segment tables, concatenated, with --starts"
            raise DataError("AVE's tables have no start times of clips", hint)
        start_of = audioset_starts(starts)
        videos = dict.fromkeys(row.video for row in self.rows)
        return [Wanted(v, start_of[v], CLIP_S, f"{v}.mp4") for v in videos if v in start_of]

    @cached_property
    def rows(self) -> list[Row]:
        """All annotations in the order of the file, without the header."""
        return list(read_rows(self.path / ANNOTATIONS))

    @cached_property
    def row_ids(self) -> list[str]:
        """Names of the rows: the video id, with suffixes ``+2``, ``+3``... for further rows."""
        seen: Counter[str] = Counter()
        names = []
        for row in self.rows:
            seen[row.video] += 1
            names.append(f"{row.video}+{seen[row.video]}" if seen[row.video] > 1 else row.video)
        return names

    @cached_property
    def splits(self) -> dict[str, list[int]]:
        """Split -> row numbers; a row in two splits counts for the first."""
        taken: set[int] = set()
        out = {}
        for split, numbers in self._listed.items():
            out[split] = [n for n in dict.fromkeys(numbers) if n not in taken]
            taken.update(out[split])
        return out

    @property
    def _by_lists(self) -> bool:
        there = [(self.path / names["train"]).is_file() for names in (ORDERS, LISTS)]
        return there == [False, True]

    @cached_property
    def background(self) -> int:
        """Number of background videos, from the file of their labels if it exists."""
        path = self.path / NOISY
        return len(read_array(path)) if path.is_file() else RELEASED_BACKGROUND

    @cached_property
    def _listed(self) -> dict[str, list[int]]:
        if not self._by_lists:
            return {split: self._order(self.path / name) for split, name in ORDERS.items()}
        where = {row.key: number for number, row in reversed([*enumerate(self.rows)])}
        return {
            split: [where[row.key] for row in read_rows(self.path / name) if row.key in where]
            for split, name in LISTS.items()
        }

    def _order(self, path: Path) -> list[int]:
        numbers = read_array(path).ravel()
        if not np.issubdtype(numbers.dtype, np.integer):
            raise DataError(f"{path} does not contain row numbers", "use AVE's order files")
        wrong = numbers[(numbers < 0) | (numbers >= len(self.rows))]
        if len(wrong):
            raise DataError(
                f"{path} refers to row {wrong[0]}, but {ANNOTATIONS} has {len(self.rows)} rows",
                "use files of the same release",
            )
        return [int(number) for number in numbers]

    def oddities(self) -> list[Oddity]:
        """Events without duration, repeated rows, videos with several rows or splits, and so on."""
        oddities = [*self._odd_rows(), *self._odd_videos(), *self._odd_splits()]
        return sorted(oddities) + list(self._odd_arrays())

    def _odd_rows(self) -> Iterator[Oddity]:
        first: dict[tuple[str, str, int, int], int] = {}
        for row in self.rows:
            where = f"{ANNOTATIONS} line {row.line:4d}"
            event = f"{row.video} {row.category}, {row.onset} to {row.offset}"
            if row.offset == row.onset:
                yield Oddity("no duration", where, f"{event}: the whole clip is background")
            elif row.offset < row.onset:
                yield Oddity("reversed", where, f"{event}: the whole clip is background")
            if min(row.onset, row.offset) < 0 or max(row.onset, row.offset) > CLIP_S:
                yield Oddity("outside the clip", where, f"{event}: the part outside is ignored")
            if row.key in first:
                yield Oddity("repeated row", where, f"{event}: same as line {first[row.key]}")
            first.setdefault(row.key, row.line)

    def _odd_videos(self) -> Iterator[Oddity]:
        rows: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            rows[row.video].append(number)
        for video, numbers in rows.items():
            if len(numbers) > 1:
                lines = ", ".join(str(self.rows[n].line) for n in numbers)
                names = " / ".join(self.rows[n].category for n in numbers)
                where = f"{ANNOTATIONS} line {self.rows[numbers[0]].line:4d}"
                yield Oddity("several rows", where, f"{video}: lines {lines}: {names}")
        videos = {s: {self.rows[n].video for n in rows} for s, rows in self.splits.items()}
        for one, other in combinations(videos, 2):
            for video in sorted(videos[one] & videos[other]):
                what = f"{video}: has rows in {one} and in {other}"
                yield Oddity("two splits", f"{one} and {other}", what)

    def _odd_splits(self) -> Iterator[Oddity]:
        seen: dict[int, str] = {}
        for split, numbers in self._listed.items():
            for number in numbers:
                line = self.rows[number].line
                if number in seen:
                    what = (
                        f"line {line} of {ANNOTATIONS} is already in {seen[number]}: counts there"
                    )
                    yield Oddity("repeated in splits", split, what)
                seen.setdefault(number, split)
        if self._by_lists:
            known = {row.key for row in self.rows}
            for name in LISTS.values():
                for row in read_rows(self.path / name):
                    if row.key not in known:
                        what = f"{row.video} {row.category}: not in {ANNOTATIONS}, ignored"
                        yield Oddity("unknown row", f"{name} line {row.line:4d}", what)
        for number in sorted(set(range(len(self.rows))) - set(seen)):
            where = f"{ANNOTATIONS} line {self.rows[number].line:4d}"
            yield Oddity("in no split", where, f"{self.rows[number].video}: not used")

    def _odd_arrays(self) -> Iterator[Oddity]:
        """Released label files that disagree with Annotations.txt."""
        segments = segment_labels(self.rows)
        share = np.eye(len(AVE_CLASSES) + 1)[segments].mean(1)
        category = np.eye(len(AVE_CLASSES) + 1)[[AVE_CLASSES.index(r.category) for r in self.rows]]
        expected: dict[str, NDArray[np.floating]] = {
            "labels.h5": np.eye(len(AVE_CLASSES) + 1)[segments],
            "labels_closs.h5": (segments != len(AVE_CLASSES)).astype(np.float64),
            "mil_labels.h5": category,
            "prob_label.h5": share,
        }
        for name, array in expected.items():
            if not (self.path / name).is_file():
                continue
            released = read_array(self.path / name)
            if released.shape != array.shape:
                what = f"{released.shape} instead of {array.shape}"
                yield Oddity("other labels", name, what)
                continue
            apart = np.abs(released - array).reshape(len(array), -1).max(1) > 1e-4
            for number in np.flatnonzero(apart):
                what = f"differs from line {self.rows[number].line} of {ANNOTATIONS}"
                yield Oddity("other labels", f"{name} row {number}", what)


def _sample(number: int, row: Row, split: str, name: str) -> Sample:
    """The sample of a row."""
    event = Event(row.onset, row.offset, Modality.AUDIO_VISUAL, row.category)
    events = (event,) if row.onset < row.offset else ()
    return Sample(f"{number:04d}", row.video, split, (row.category,), events, name)
