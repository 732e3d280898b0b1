"""Events as a tab-separated table, with times in seconds of the source video."""

from collections.abc import Sequence
from pathlib import Path

from avparse.core.files import write_tsv
from avparse.core.tables import EVENTS
from avparse.formats.base import Export
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline

_ROUNDED = {"onset": "{:.3f}", "offset": "{:.3f}", "score": "{:.4f}"}


class Tsv(Export):
    """One row for each event; ``clip`` is the clip in which the event begins."""

    target = "{experiment}.tsv"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        rows = (
            row | {column: template.format(row[column]) for column, template in _ROUNDED.items()}
            for timeline in timelines
            for row in timeline.rows()
        )
        write_tsv(path, EVENTS, rows)
