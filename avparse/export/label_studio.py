"""Events as tasks of Label Studio with predictions to correct (1.8 and later, JSON import).

Regions are those of ``<Labels>`` on ``<Audio>``, in seconds: regions of a video's own time line
count frames, of which predictions know nothing. docs/exports.md has the labelling interface.
https://labelstud.io/guide/predictions, https://labelstud.io/tags/audio
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from avparse.export.base import CORRECTED, Export
from avparse.files import write_json
from avparse.predictions import Predictions, Timeline
from avparse.timeline import Event


class LabelStudio(Export):
    """One task for each video; the class names are its ``classes``."""

    target = "{experiment}.label_studio.json"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        classes = [{"value": label} for label in predictions.classes]
        kept = CORRECTED[predictions.task]
        tasks = [
            {
                "data": {
                    # Label Studio's own address for files of the machine it runs on.
                    "video": f"/data/local-files/?d={quote(self.media(timeline.video_id))}",
                    "video_id": timeline.video_id,
                    "classes": classes,
                },
                "predictions": [
                    {
                        "model_version": predictions.experiment,
                        "result": [
                            _region(number, event, timeline.duration_s)
                            for number, event in enumerate(timeline.events, 1)
                            if event.modality in kept
                        ],
                    }
                ],
            }
            for timeline in timelines
        ]
        write_json(path, tasks)


def _region(number: int, event: Event, duration_s: float) -> dict[str, Any]:
    return {
        "id": f"event{number}",
        "from_name": event.modality.value,
        "to_name": "sound",
        "type": "labels",
        "origin": "prediction",
        "original_length": round(duration_s, 3),
        "score": round(event.score, 4),
        "value": {
            "start": round(event.onset_s, 3),
            "end": round(event.offset_s, 3),
            "channel": 0,
            "labels": [event.label],
        },
    }
