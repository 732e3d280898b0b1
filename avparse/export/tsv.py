"""Events as a tab-separated table, seconds of the source video."""

from collections.abc import Sequence
from pathlib import Path

from avparse.export.base import Export
from avparse.files import write_tsv
from avparse.predictions import Predictions, Timeline
from avparse.tables import EVENTS

_ROUNDED = {"onset": "{:.3f}", "offset": "{:.3f}", "score": "{:.4f}"}


class Tsv(Export):
    """One row for each event; ``clip`` is the one it begins in."""

    target = "{experiment}.tsv"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        rows = (
            row | {column: form.format(row[column]) for column, form in _ROUNDED.items()}
            for timeline in timelines
            for row in timeline.rows()
        )
        write_tsv(path, EVENTS, rows)
