"""LLP as released by Tian et al. (ECCV 2020): six tables, separated by tabs.

    AVVP_train.csv, AVVP_val_pd.csv, AVVP_test_pd.csv     filename, event_labels (joined by commas)
    AVVP_eval_audio.csv, AVVP_eval_visual.csv             filename, onset, offset, event_labels
    AVVP_dataset_full.csv                                 the first three merged; not needed

File names consist of a YouTube id (11 characters) and the start and end of the clip in the video.
All clips have weak labels; those of val and test also have events.
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
"""SHA-256 of AVVP_eval_audio.csv -> version. The older version, used for the published results,
lacks two events of Speech and one of Cat because of misspelt file names."""


@dataclass(frozen=True)
class Row:
    """A row of a table of events, with unchanged times in seconds."""

    line: int
    name: str
    onset: float
    offset: float
    label: str


class LLPDataset(Dataset):
    """Reader of LLP's files; the videos are ten-second clips named ``ID.mp4``."""

    tasks = ("parsing",)

    @property
    def classes(self) -> tuple[str, ...]:
        return LLP_CLASSES

    def tables(self) -> list[Path]:
        return [self.path / name for name in (*SPLITS.values(), *EVENTS.values())]

    def videos(self) -> dict[str, Path]:
        return self._found({name[:YOUTUBE_ID] for rows in self.weak.values() for name in rows})

    def samples(self, task: str) -> list[Sample]:
        """A sample per clip, by split, in the order of the tables."""
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
        """Ten seconds from the start time in each file name."""
        pieces = []
        for name in (name for rows in self.weak.values() for name in rows):
            video, start = name[:YOUTUBE_ID], name[YOUTUBE_ID + 1 :].partition("_")[0]
            try:
                pieces.append(Wanted(video, float(start), CLIP_S, f"{video}.mp4"))
            except ValueError:
                hint = "expected ID_START_END"
                raise DataError(f"{name!r} in {self.path} has no start time", hint) from None
        return pieces

    def versions(self) -> dict[str, str]:
        name = EVENTS[Modality.AUDIO]
        digest = sha256_of(self.path / name)
        return {name: VERSIONS.get(digest, f"unknown, sha256 {digest[:12]}")}

    @cached_property
    def weak(self) -> dict[str, dict[str, list[str]]]:
        """Split -> file name -> labels; of repeated file names, the first row counts."""
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
        """All rows of the tables of events, including unusual ones."""
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
                    problem = f"{where}: {onset!r} to {offset!r}"
                    raise DataError(problem, "expected seconds") from None
                out[modality].append(
                    Row(line, name, *times, check_class(where, label, self.classes))
                )
        return out

    @cached_property
    def _events(self) -> dict[str, list[Event]]:
        """File name -> events with a positive duration."""
        out: dict[str, list[Event]] = defaultdict(list)
        for modality, rows in self.rows.items():
            for row in rows:
                if row.onset < row.offset:
                    out[row.name].append(Event(row.onset, row.offset, modality, row.label))
        return out

    def _read(self, table: str, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
        path = self.path / table
        if not path.is_file():
            hint = f"download LLP's tables with `avparse annotations llp --out {path.parent}`"
            raise DataError(f"no file {path}", hint)
        return read_lines(path, columns)

    def oddities(self) -> list[Oddity]:
        """Events without duration, repeated or of unknown clips; labels that differ from events."""
        return sorted([*self._odd_rows(), *self._odd_labels(), *self._odd_splits()])

    def _odd_rows(self) -> Iterator[Oddity]:
        names = {name for rows in self.weak.values() for name in rows}
        for modality, rows in self.rows.items():
            seen: dict[tuple[object, ...], int] = {}
            for row in rows:
                where = f"{EVENTS[modality]} line {row.line:4d}"
                event = f"{row.name} {row.label}, {row.onset:g} to {row.offset:g}"
                if row.name not in names:
                    yield Oddity("unknown clip", where, f"{event}: in no split, ignored")
                if row.onset == row.offset:
                    yield Oddity("no duration", where, f"{event}: ignored")
                elif row.onset > row.offset:
                    yield Oddity("reversed", where, f"{event}: ignored")
                key = (row.name, row.onset, row.offset, row.label)
                if key in seen:
                    yield Oddity("repeated row", where, f"{event}: same as line {seen[key]}")
                seen.setdefault(key, row.line)

    def _odd_labels(self) -> Iterator[Oddity]:
        annotated = {m: {row.name for row in rows} for m, rows in self.rows.items()}
        for split, table in SPLITS.items():
            for name, labels in self.weak[split].items():
                for label, count in Counter(labels).items():
                    if count > 1:
                        yield Oddity("repeated label", table, f"{name}: {label} {count} times")
                if split == "train":
                    continue
                for modality, names in annotated.items():
                    if name not in names:
                        yield Oddity(f"no {modality} rows", EVENTS[modality], name)
                strong = {event.label for event in self._events[name]}
                extra = ", ".join(sorted(strong - set(labels)))
                missing = ", ".join(sorted(set(labels) - strong))
                parts = [f"no event of {missing}"] * bool(missing)
                parts += [f"additional events of {extra}"] * bool(extra)
                if parts:
                    what = f"{name}: {'; '.join(parts)}"
                    yield Oddity("weak labels differ from events", table, what)

    def _odd_splits(self) -> Iterator[Oddity]:
        for split, listed in self._weak_rows.items():
            first: dict[str, int] = {}
            for line, name, _ in listed:
                if name in first:
                    where = f"{SPLITS[split]} line {line:4d}"
                    yield Oddity("repeated row", where, f"{name}: line {first[name]} is used")
                first.setdefault(name, line)
        seen: dict[str, str] = {}
        for split, rows in self.weak.items():
            for name in rows:
                video = name[:YOUTUBE_ID]
                if video in seen:
                    yield Oddity(
                        "several clips of a video", SPLITS[split], f"{name}: {seen[video]}"
                    )
                seen.setdefault(video, f"also in {split}")
