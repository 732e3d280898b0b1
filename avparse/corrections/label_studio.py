"""Corrected tasks of Label Studio: its export as JSON, of tasks that `avparse export` made.

Only annotations count, which a person submitted; a task without any is left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from avparse.corrections.track import Tracks, event, modality_of
from avparse.errors import DataError
from avparse.files import read_json
from avparse.timeline import Event, Modality

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
    """The regions of all tasks.

    Raises:
        DataError: it is no such export; names the field.
    """
    tasks = _checked(path, (), TypeAdapter(list[_Task]), read_json(path))
    tracks: Tracks = {}
    for number, task in enumerate(tasks):
        video = task.data.video_id
        where = f"task {number} of {path} ({video})"
        submitted = [
            (place, one) for place, one in enumerate(task.annotations) if not one.was_cancelled
        ]
        if len(submitted) > 1:
            raise DataError(f"{where} has {len(submitted)} annotations", "keep one")
        for place, annotation in submitted:
            if (video, Modality.AUDIO) in tracks:
                raise DataError(f"{where} labels a video that another task does", "keep one")
            tracks |= {(video, modality): [] for modality in Modality}
            for found in _events(path, (number, "annotations", place), annotation):
                tracks[video, found.modality].append(found)
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
            yield event(where, region.value.start, region.value.end, modality, label)


def _checked(
    path: Path, place: tuple[int | str, ...], wanted: TypeAdapter[_Kind], value: Any
) -> _Kind:
    """A value as one of these types, or DataError with the place of what does not fit."""
    try:
        return wanted.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, (*place, *first["loc"]))) or "the whole"
        raise DataError(
            f"{field} of {path}: {first['msg']}",
            "expected Label Studio's export as JSON of tasks that `avparse export` made",
        ) from None
