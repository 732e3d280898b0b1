"""Events as a project of the VGG Image Annotator, VIA 3, data format 3.1.1.

Each modality is an attribute of temporal segments, and labels are its values. Open the project in
VIA's video annotator. https://gitlab.com/vgg/via/-/blob/master/via-3.x.y/CodeDoc.md
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from avparse.core.files import write_json
from avparse.formats.base import Export
from avparse.prediction.predictions import LANES, Predictions
from avparse.prediction.timeline import Timeline

_VIDEO, _LOCAL, _TEXT = 4, 1, 1
_SEGMENT = "FILE1_Z2_XY0"
"""VIA's anchor type for attributes of temporal segments."""


class Via3(Export):
    """One project with all videos, sorted by id."""

    target = "{experiment}.via3.json"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        lanes = LANES[predictions.task]
        attribute_of = {modality: str(number) for number, modality in enumerate(lanes, 1)}
        numbered = {str(number): timeline for number, timeline in enumerate(timelines, 1)}
        segments = {
            f"{view}_{number}": {
                "vid": view,
                "flg": 0,
                "z": [round(event.onset_s, 3), round(event.offset_s, 3)],
                "xy": [],
                "av": {attribute_of[event.modality]: event.label},
            }
            for view, timeline in numbered.items()
            for number, event in enumerate(timeline.events, 1)
        }
        write_json(
            path,
            {
                "project": _project(predictions.experiment, list(numbered)),
                "config": {
                    "file": {"loc_prefix": dict.fromkeys("1234", "")},
                    "ui": {"file_content_align": "center"},
                },
                "attribute": {
                    number: {
                        "aname": modality.value,
                        "anchor_id": _SEGMENT,
                        "type": _TEXT,
                        "desc": f"{modality.value} events",
                        "options": {},
                        "default_option_id": "",
                    }
                    for modality, number in attribute_of.items()
                },
                "file": {n: self._file(n, timeline.video_id) for n, timeline in numbered.items()},
                "view": {number: {"fid_list": [number]} for number in numbered},
                "metadata": segments,
            },
        )

    def _file(self, number: str, video: str) -> dict[str, Any]:
        source = self.media(video)
        name = PurePosixPath(source).name
        return {"fid": number, "fname": name, "type": _VIDEO, "loc": _LOCAL, "src": source}


def _project(experiment: str, views: list[str]) -> dict[str, Any]:
    return {
        "pid": "__VIA_PROJECT_ID__",
        "rev": "__VIA_PROJECT_REV_ID__",
        "rev_timestamp": "__VIA_PROJECT_REV_TIMESTAMP__",
        "pname": experiment,
        "creator": "avparse",
        "created": 0,
        "data_format_version": "3.1.1",
        "vid_list": views,
    }
