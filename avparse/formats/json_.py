"""Events as JSON, described by ``events.schema.json`` in this folder."""

from collections.abc import Sequence
from pathlib import Path

from avparse.core.files import write_json
from avparse.formats.base import Export
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline


class Json(Export):
    """One file with all videos; a video without events has an empty list."""

    target = "{experiment}.json"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        videos = [
            {
                "video": timeline.video_id,
                "duration_s": round(timeline.duration_s, 3),
                "events": [
                    {
                        "modality": event.modality.value,
                        "label": event.label,
                        "onset_s": round(event.onset_s, 3),
                        "offset_s": round(event.offset_s, 3),
                        "score": round(event.score, 4),
                    }
                    for event in timeline.events
                ],
            }
            for timeline in timelines
        ]
        write_json(
            path,
            {
                "format": "avparse-events",
                "version": 1,
                "experiment": predictions.experiment,
                "task": predictions.task,
                "classes": list(predictions.classes),
                "videos": videos,
            },
        )
