"""AVE as released by Tian et al. (ECCV 2018): Annotations.txt, and lists of each split's rows.

    Church bell&RUhOCu3LNXM&good&0&10       category, YouTube id, quality, onset, offset

A video that holds two kinds of events has two rows; rows, not videos, are split, labelled and
counted. Splits are ``{split}_order.h5`` (row numbers) or ``{split}Set.txt`` (rows again).
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
"""Labels of the background videos; how many rows it has is how many there are."""


class AVEDataset(Dataset):
    """Reader of AVE's files; the videos are ``ID.mp4``."""

    tasks = ("localization",)

    @property
    def classes(self) -> tuple[str, ...]:
        return AVE_CLASSES

    def tables(self) -> list[Path]:
        """Those that are there; those that would be fetched where there are none."""
        listed = LISTS if self._by_lists else ORDERS
        names = [ANNOTATIONS, *listed.values()]
        names += [NOISY] * (self.path / NOISY).is_file()
        return [self.path / name for name in names]

    def videos(self) -> dict[str, Path]:
        return self._found({row.video for row in self.rows})

    def samples(self, task: str) -> list[Sample]:
        """A sample for each row that a split names, in the order of the rows; then background."""
        if task not in self.tasks:
            return []
        splits = {number: split for split, rows in self.splits.items() for number in rows}
        names = self.row_ids
        found = [
            _sample(number, row, splits[number], names[number])
            for number, row in enumerate(self.rows)
            if number in splits
        ]
        empty = (f"background-{number:03d}" for number in range(self.background))
        return found + [Sample(name, name, "background", (), ()) for name in empty]

    def wanted(self, starts: Path | None = None) -> list[Wanted]:
        """AVE's clips are AudioSet's, and its tables do not tell where they begin."""
        if starts is None:
            hint = "give AudioSet's segment tables, joined, with --starts"
            raise DataError("AVE does not tell where its clips begin in their videos", hint)
        known = audioset_starts(starts)
        videos = dict.fromkeys(row.video for row in self.rows)
        return [Wanted(v, known[v], CLIP_S, f"{v}.mp4") for v in videos if v in known]

    @cached_property
    def rows(self) -> list[Row]:
        """All annotations, in the order of the file; a header is left out."""
        return list(read_rows(self.path / ANNOTATIONS))

    @cached_property
    def row_ids(self) -> list[str]:
        """A name for each row: its video's, with ``+2`` and so on from the second row on."""
        seen: Counter[str] = Counter()
        names = []
        for row in self.rows:
            seen[row.video] += 1
            names.append(f"{row.video}+{seen[row.video]}" if seen[row.video] > 1 else row.video)
        return names

    @cached_property
    def splits(self) -> dict[str, list[int]]:
        """Split -> numbers of its rows; a row that two splits name stays with the first."""
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
        """How many background videos there are: as released, unless a file tells."""
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
            raise DataError(f"{path} holds no row numbers", "give AVE's order files")
        wrong = numbers[(numbers < 0) | (numbers >= len(self.rows))]
        if len(wrong):
            raise DataError(
                f"{path} names row {wrong[0]} of {len(self.rows)} in {ANNOTATIONS}",
                "give files of one release",
            )
        return [int(number) for number in numbers]

    def oddities(self) -> list[Oddity]:
        """Events of no length, repeated rows, videos in several rows or splits, other labels."""
        found = [*self._odd_rows(), *self._odd_videos(), *self._odd_splits()]
        return sorted(found) + list(self._odd_arrays())

    def _odd_rows(self) -> Iterator[Oddity]:
        first: dict[tuple[str, str, int, int], int] = {}
        for row in self.rows:
            where = f"{ANNOTATIONS} line {row.line:4d}"
            said = f"{row.video} {row.category}, {row.onset} to {row.offset}"
            if row.offset == row.onset:
                yield Oddity("no length", where, f"{said}: all of it is background")
            elif row.offset < row.onset:
                yield Oddity("reversed", where, f"{said}: all of it is background")
            if min(row.onset, row.offset) < 0 or max(row.onset, row.offset) > CLIP_S:
                yield Oddity("outside the clip", where, f"{said}: only what is inside counts")
            if row.key in first:
                yield Oddity("repeated row", where, f"{said}: as in line {first[row.key]}")
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
                what = f"{video}: some of its rows are in {one}, some in {other}"
                yield Oddity("two splits", f"{one} and {other}", what)

    def _odd_splits(self) -> Iterator[Oddity]:
        seen: dict[int, str] = {}
        for split, numbers in self._listed.items():
            for number in numbers:
                line = self.rows[number].line
                if number in seen:
                    what = f"line {line} of {ANNOTATIONS} is in {seen[number]} already: left there"
                    yield Oddity("repeated in splits", split, what)
                seen.setdefault(number, split)
        if self._by_lists:
            known = {row.key for row in self.rows}
            for name in LISTS.values():
                for row in read_rows(self.path / name):
                    if row.key not in known:
                        what = f"{row.video} {row.category}: not in {ANNOTATIONS}, left out"
                        yield Oddity("unknown row", f"{name} line {row.line:4d}", what)
        for number in sorted(set(range(len(self.rows))) - set(seen)):
            where = f"{ANNOTATIONS} line {self.rows[number].line:4d}"
            yield Oddity("in no split", where, f"{self.rows[number].video}: never used")

    def _odd_arrays(self) -> Iterator[Oddity]:
        """Released label files that say something else than Annotations.txt."""
        segments = segment_labels(self.rows)
        share = np.eye(len(AVE_CLASSES) + 1)[segments].mean(1)
        category = np.eye(len(AVE_CLASSES) + 1)[[AVE_CLASSES.index(r.category) for r in self.rows]]
        wanted: dict[str, NDArray[np.floating]] = {
            "labels.h5": np.eye(len(AVE_CLASSES) + 1)[segments],
            "labels_closs.h5": (segments != len(AVE_CLASSES)).astype(np.float64),
            "mil_labels.h5": category,
            "prob_label.h5": share,
        }
        for name, built in wanted.items():
            if not (self.path / name).is_file():
                continue
            given = read_array(self.path / name)
            if given.shape != built.shape:
                what = f"{given.shape} instead of {built.shape}"
                yield Oddity("other labels", name, what)
                continue
            apart = np.abs(given - built).reshape(len(built), -1).max(1) > 1e-4
            for number in np.flatnonzero(apart):
                what = f"not what line {self.rows[number].line} of {ANNOTATIONS} gives"
                yield Oddity("other labels", f"{name} row {number}", what)


def _sample(number: int, row: Row, split: str, name: str) -> Sample:
    event = Event(row.onset, row.offset, Modality.AUDIO_VISUAL, row.category)
    events = (event,) if row.onset < row.offset else ()
    return Sample(f"{number:04d}", row.video, split, (row.category,), events, name)
