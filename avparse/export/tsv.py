"""Events as a tab-separated table, seconds of the source video."""

from collections.abc import Sequence
from pathlib import Path

from avparse.export.base import Export
from avparse.files import write_tsv
from avparse.predictions import Predictions, Timeline
from avparse.tables import EVENTS


class Tsv(Export):
    """One row for each event; ``clip`` is the one it begins in."""

    target = "{experiment}.tsv"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        rows = (
            {
                "video": timeline.video_id,
                "clip": timeline.clip_at(event.onset_s),
                "modality": event.modality.value,
                "label": event.label,
                "onset": f"{event.onset_s:.3f}",
                "offset": f"{event.offset_s:.3f}",
                "score": f"{event.score:.4f}",
            }
            for timeline in timelines
            for event in timeline.events
        )
        write_tsv(path, EVENTS, rows)
