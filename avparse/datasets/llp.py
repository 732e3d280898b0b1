"""LLP as released by Tian et al. (ECCV 2020): six tables, separated by tabs.

    AVVP_train.csv, AVVP_val_pd.csv, AVVP_test_pd.csv     filename, event_labels (joined by commas)
    AVVP_eval_audio.csv, AVVP_eval_visual.csv             filename, onset, offset, event_labels
    AVVP_dataset_full.csv                                 the first three together; not needed

A file name is a YouTube id of 11 characters, then the start and end of the clip in its video.
Weak labels are known for all clips, events for those of val and test.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.core.files import read_lines, sha256_of
from avparse.datasets.base import CLIP_S, YOUTUBE_ID, Dataset, Oddity, Sample, check_class
from avparse.datasets.classes import LLP_CLASSES
from avparse.datasets.download.wanted import Wanted

SPLITS = {"train": "AVVP_train.csv", "val": "AVVP_val_pd.csv", "test": "AVVP_test_pd.csv"}
EVENTS = {Modality.AUDIO: "AVVP_eval_audio.csv", Modality.VISUAL: "AVVP_eval_visual.csv"}
VERSIONS = {
    "d5435664668bec6e7eafb39059d2f424ed2682f6b55395262fc3cb691b7d0778": "corrected (2024-04-16)",
    "249122f65501d8d611c0027a48643798fe622bedee60f7e6224b5a8e3c02f886": "older",
}
"""SHA-256 of AVVP_eval_audio.csv -> which it is. The older one lost two events of Speech and one of
Cat to misspelt file names, and is behind the published numbers."""


@dataclass(frozen=True)
class Row:
    """One line of a table of events, the times in seconds as they stand there."""

    line: int
    name: str
    onset: float
    offset: float
    label: str


class LLPDataset(Dataset):
    """Reader of LLP's files; the videos are clips of ten seconds, ``ID.mp4``."""

    tasks = ("parsing",)

    @property
    def classes(self) -> tuple[str, ...]:
        return LLP_CLASSES

    def tables(self) -> list[Path]:
        return [self.path / name for name in (*SPLITS.values(), *EVENTS.values())]

    def videos(self) -> dict[str, Path]:
        return self._found({name[:YOUTUBE_ID] for rows in self.weak.values() for name in rows})

    def samples(self, task: str) -> list[Sample]:
        """A sample for each clip, by split, in the order of the tables."""
        if task not in self.tasks:
            return []
        events = self._events
        return [
            Sample(
                name,
                name[:YOUTUBE_ID],
                split,
                tuple(dict.fromkeys(labels)),
                None if split == "train" else tuple(sorted(events[name])),
            )
            for split, rows in self.weak.items()
            for name, labels in rows.items()
        ]

    def wanted(self, starts: Path | None = None) -> list[Wanted]:
        """Ten seconds from the start that each file name tells."""
        found = []
        for name in (name for rows in self.weak.values() for name in rows):
            video, start = name[:YOUTUBE_ID], name[YOUTUBE_ID + 1 :].partition("_")[0]
            try:
                found.append(Wanted(video, float(start), CLIP_S, f"{video}.mp4"))
            except ValueError:
                hint = "expected ID_START_END"
                raise DataError(f"{name!r} in {self.path} tells no start", hint) from None
        return found

    def versions(self) -> dict[str, str]:
        name = EVENTS[Modality.AUDIO]
        digest = sha256_of(self.path / name)
        return {name: VERSIONS.get(digest, f"unknown, sha256 {digest[:12]}")}

    @cached_property
    def weak(self) -> dict[str, dict[str, list[str]]]:
        """Split -> file name -> labels as they stand there, of a repeated name the first ones."""
        out: dict[str, dict[str, list[str]]] = {}
        for split, rows in self._weak_rows.items():
            out[split] = {}
            for _, name, labels in rows:
                out[split].setdefault(name, labels)
        return out

    @cached_property
    def _weak_rows(self) -> dict[str, list[tuple[int, str, list[str]]]]:
        """Split -> (line, file name, labels)."""
        out: dict[str, list[tuple[int, str, list[str]]]] = {}
        for split, table in SPLITS.items():
            out[split] = []
            for line, row in self._read(table, ("filename", "event_labels")):
                where = f"line {line} of {self.path / table}"
                labels = row["event_labels"].split(",")
                for label in labels:
                    check_class(where, label, self.classes)
                out[split].append((line, row["filename"], labels))
        return out

    @cached_property
    def rows(self) -> dict[Modality, list[Row]]:
        """All lines of the tables of events, strange ones too."""
        columns = ("filename", "onset", "offset", "event_labels")
        out: dict[Modality, list[Row]] = {}
        for modality, table in EVENTS.items():
            out[modality] = []
            for line, row in self._read(table, columns):
                where = f"line {line} of {self.path / table}"
                name, onset, offset, label = (row[c] for c in columns)
                try:
                    times = float(onset), float(offset)
                except ValueError:
                    said = f"{where}: {onset!r} to {offset!r}"
                    raise DataError(said, "expected seconds") from None
                out[modality].append(
                    Row(line, name, *times, check_class(where, label, self.classes))
                )
        return out

    @cached_property
    def _events(self) -> dict[str, list[Event]]:
        """File name -> events, those of no length left out."""
        out: dict[str, list[Event]] = defaultdict(list)
        for modality, rows in self.rows.items():
            for row in rows:
                if row.onset < row.offset:
                    out[row.name].append(Event(row.onset, row.offset, modality, row.label))
        return out

    def _read(self, table: str, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
        path = self.path / table
        if not path.is_file():
            fetch = f"`avparse annotations llp --out {path.parent}`"
            hint = f"get LLP's tables, or fetch them with {fetch}"
            raise DataError(f"no file {path}", hint)
        return read_lines(path, columns)

    def oddities(self) -> list[Oddity]:
        """Events of no length, repeated or of unknown clips; clips without events; labels apart."""
        return sorted([*self._odd_rows(), *self._odd_labels(), *self._odd_splits()])

    def _odd_rows(self) -> Iterator[Oddity]:
        names = {name for rows in self.weak.values() for name in rows}
        for modality, rows in self.rows.items():
            seen: dict[tuple[object, ...], int] = {}
            for row in rows:
                where = f"{EVENTS[modality]} line {row.line:4d}"
                said = f"{row.name} {row.label}, {row.onset:g} to {row.offset:g}"
                if row.name not in names:
                    yield Oddity("unknown clip", where, f"{said}: in no split, left out")
                if row.onset == row.offset:
                    yield Oddity("no length", where, f"{said}: left out")
                elif row.onset > row.offset:
                    yield Oddity("reversed", where, f"{said}: left out")
                key = (row.name, row.onset, row.offset, row.label)
                if key in seen:
                    yield Oddity("repeated row", where, f"{said}: as in line {seen[key]}")
                seen.setdefault(key, row.line)

    def _odd_labels(self) -> Iterator[Oddity]:
        given = {m: {row.name for row in rows} for m, rows in self.rows.items()}
        for split, table in SPLITS.items():
            for name, labels in self.weak[split].items():
                for label, count in Counter(labels).items():
                    if count > 1:
                        yield Oddity("repeated label", table, f"{name}: {label} {count} times")
                if split == "train":
                    continue
                for modality, names in given.items():
                    if name not in names:
                        yield Oddity(f"no {modality} rows", EVENTS[modality], name)
                strong = {event.label for event in self._events[name]}
                extra = ", ".join(sorted(strong - set(labels)))
                missing = ", ".join(sorted(set(labels) - strong))
                parts = [f"no event of {missing}"] * bool(missing)
                parts += [f"events of {extra} beside them"] * bool(extra)
                if parts:
                    what = f"{name}: {'; '.join(parts)}"
                    yield Oddity("weak labels apart from events", table, what)

    def _odd_splits(self) -> Iterator[Oddity]:
        for split, listed in self._weak_rows.items():
            first: dict[str, int] = {}
            for line, name, _ in listed:
                if name in first:
                    where = f"{SPLITS[split]} line {line:4d}"
                    yield Oddity("repeated row", where, f"{name}: line {first[name]} is taken")
                first.setdefault(name, line)
        seen: dict[str, str] = {}
        for split, rows in self.weak.items():
            for name in rows:
                video = name[:YOUTUBE_ID]
                if video in seen:
                    yield Oddity("two clips of a video", SPLITS[split], f"{name}: {seen[video]}")
                seen.setdefault(video, f"{split} has one, too")
