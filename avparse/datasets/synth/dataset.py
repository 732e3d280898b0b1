"""Reader of the bundled data set, whose tables have the formats of AVE and LLP."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.core.files import read_tsv
from avparse.datasets.base import YOUTUBE_ID, Dataset, Sample, check_class, text_of
from avparse.datasets.synth.tables import AVE_SPLITS, BACKGROUND, FILES, LLP_EVENTS, LLP_SPLITS


class SynthDataset(Dataset):
    """Reader of the data set that ``avparse synth`` writes."""

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return tuple(self._text("classes.txt").split())

    def tables(self) -> list[Path]:
        return [self.path / name for name in FILES]

    def videos(self) -> dict[str, Path]:
        tasks = ("parsing", "localization")
        ids = sorted({s.video_id for task in tasks for s in self.samples(task)})
        files = {video_id: self.media / f"{video_id}.mp4" for video_id in ids}
        return {video_id: file for video_id, file in files.items() if file.is_file()}

    def samples(self, task: str) -> list[Sample]:
        return list(self._localization() if task == "localization" else self._parsing())

    def _localization(self) -> Iterator[Sample]:
        """Samples from rows ``category&video&quality&onset&offset``; each row is a sample."""
        for split, table in AVE_SPLITS.items():
            for number, line in enumerate(self._text(table).splitlines(), 1):
                where = f"line {number} of {self.path / table}"
                cells = line.split("&")
                if len(cells) != 5:
                    raise DataError(
                        f"{where} has {len(cells)} fields", "expected 5, separated by &"
                    )
                label, video, _, onset, offset = cells
                event = self._event(where, onset, offset, Modality.AUDIO_VISUAL, label)
                yield Sample(f"{split}:{number}", video, split, (label,), (event,))
        for video in self._text(BACKGROUND).split():
            yield Sample(f"background:{video}", video, "background", (), ())

    def _parsing(self) -> Iterator[Sample]:
        """Samples with weak labels; those of val and test also have events."""
        strong: dict[str, list[Event]] = defaultdict(list)
        for modality, table in LLP_EVENTS.items():
            columns = ("filename", "onset", "offset", "event_labels")
            for number, row in enumerate(read_tsv(self.path / table, columns), 2):
                name, onset, offset, label = (row[c] for c in columns)
                where = f"line {number} of {self.path / table}"
                strong[name].append(self._event(where, onset, offset, modality, label))
        for split, table in LLP_SPLITS.items():
            for row in read_tsv(self.path / table, ("filename", "event_labels")):
                name = row["filename"]
                events = None if split == "train" else tuple(sorted(strong[name]))
                labels = tuple(dict.fromkeys(row["event_labels"].split(",")))
                for label in labels:
                    check_class(f"{name} in {self.path / table}", label, self.classes)
                yield Sample(name, name[:YOUTUBE_ID], split, labels, events)

    def _event(self, where: str, onset: str, offset: str, modality: Modality, label: str) -> Event:
        check_class(where, label, self.classes)
        try:
            return Event(float(onset), float(offset), modality, label)
        except ValueError:
            raise DataError(f"{where}: {onset!r} to {offset!r}", "expected seconds") from None

    def _text(self, table: str) -> str:
        return text_of(self.path / table, f"generate it with `avparse synth --out {self.path}`")
