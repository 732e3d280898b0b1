"""Events in the annotation format of ActivityNet, release 1.3, with scores.

Each annotation adds ``modality`` and ``score`` to the published keys; resolutions and URLs are
unknown and left out. http://activity-net.org/download.html
"""

from collections.abc import Sequence
from pathlib import Path

from avparse.core.files import write_json
from avparse.formats.base import Export
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline


class ActivityNet(Export):
    """One database of all videos, with a flat taxonomy of the classes."""

    target = "{experiment}.activitynet.json"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        database = {
            timeline.video_id: {
                "duration": round(timeline.duration_s, 3),
                # Readers require a subset; "testing" is the one without public labels.
                "subset": "testing",
                "annotations": [
                    {
                        "segment": [round(event.onset_s, 3), round(event.offset_s, 3)],
                        "label": event.label,
                        "modality": event.modality.value,
                        "score": round(event.score, 4),
                    }
                    for event in timeline.events
                ],
            }
            for timeline in timelines
        }
        root = {"nodeId": 0, "nodeName": "Root", "parentId": None, "parentName": None}
        leaves = [
            {"nodeId": number, "nodeName": label, "parentId": 0, "parentName": "Root"}
            for number, label in enumerate(predictions.classes, 1)
        ]
        write_json(
            path,
            {"version": "VERSION 1.3", "taxonomy": [root, *leaves], "database": database},
        )
