"""Events as Label Studio tasks with predictions to correct (1.8 and later, JSON import).

Events are regions of ``<Labels>`` on ``<Audio>``, in seconds. Regions on the video's own timeline
count frames, and predictions have no frame numbers. docs/exports.md has the labelling interface.
https://labelstud.io/guide/predictions, https://labelstud.io/tags/audio
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.core.files import read_json, write_json
from avparse.formats.base import CORRECTED, Export
from avparse.formats.tracks import Tracks, checked_event, modality_of
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline


class LabelStudio(Export):
    """One task for each video, with the class names as ``classes``."""

    target = "{experiment}.label_studio.json"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        classes = [{"value": label} for label in predictions.classes]
        kept = CORRECTED[predictions.task]
        tasks = [
            {
                "data": {
                    # Label Studio's URL for files on its own host.
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


_Kind = TypeVar("_Kind")


class _Value(BaseModel):
    start: float
    end: float
    labels: list[str]


class _Region(BaseModel):
    from_name: str
    value: _Value


class _Annotation(BaseModel):
    result: list[dict[str, Any]]
    was_cancelled: bool = False


class _Data(BaseModel):
    video_id: str


class _Task(BaseModel):
    data: _Data
    annotations: list[_Annotation]


def read(path: Path) -> Tracks:
    """Read the regions of all tasks.

    Raises:
        DataError: the file is not such an export; the message names the field.
    """
    tasks = _checked(path, (), TypeAdapter(list[_Task]), read_json(path))
    tracks: Tracks = {}
    for number, task in enumerate(tasks):
        video = task.data.video_id
        where = f"task {number} of {path} ({video})"
        submitted = [
            (place, annotation)
            for place, annotation in enumerate(task.annotations)
            if not annotation.was_cancelled
        ]
        if len(submitted) > 1:
            raise DataError(f"{where} has {len(submitted)} annotations", "keep one")
        for place, annotation in submitted:
            if (video, Modality.AUDIO) in tracks:
                raise DataError(f"{where} labels the video of another task", "keep one")
            tracks |= {(video, modality): [] for modality in Modality}
            for event in _events(path, (number, "annotations", place), annotation):
                tracks[video, event.modality].append(event)
    return tracks


def _events(path: Path, place: tuple[int | str, ...], annotation: _Annotation) -> Iterator[Event]:
    for number, result in enumerate(annotation.result):
        here = (*place, "result", number)
        where = f"{'.'.join(map(str, here))} of {path}"
        if result.get("type") == "timelinelabels":
            raise DataError(
                f"{where} counts frames", "use the labelling interface of docs/exports.md"
            )
        if result.get("type") != "labels":
            continue
        region = _checked(path, here, TypeAdapter(_Region), result)
        modality = modality_of(where, region.from_name)
        for label in region.value.labels:
            yield checked_event(where, region.value.start, region.value.end, modality, label)


def _checked(
    path: Path, place: tuple[int | str, ...], expected: TypeAdapter[_Kind], value: Any
) -> _Kind:
    """Validate a value, or raise DataError with the place of the first invalid field."""
    try:
        return expected.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, (*place, *first["loc"]))) or "the content"
        raise DataError(
            f"{field} of {path}: {first['msg']}",
            "expected Label Studio's JSON export of tasks from `avparse export`",
        ) from None
