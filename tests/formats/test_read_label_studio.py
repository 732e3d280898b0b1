import json
from pathlib import Path
from typing import Any

import pytest

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.formats.label_studio import read

A, V, AV = Modality


def region(modality: str, *labels: str, **values: Any) -> dict[str, Any]:
    value = {"start": 1.5, "end": 4, "channel": 0, "labels": list(labels), **values}
    return {"from_name": modality, "to_name": "sound", "type": "labels", "value": value}


def task(*results: Any, video: str = "a", **more: Any) -> dict[str, Any]:
    annotation = {"id": 3, "was_cancelled": False, "result": list(results), **more}
    return {"id": 1, "data": {"video_id": video}, "annotations": [annotation], "predictions": []}


def export(folder: Path, *tasks: Any) -> Path:
    path = folder / "project-1-at-2026.json"
    path.write_text(json.dumps(list(tasks)))
    return path


def test_submitted_annotations_count(tmp_path: Path) -> None:
    comment = {"type": "textarea", "from_name": "note", "value": {"text": ["hm"]}}
    cancelled = {"result": [region("audio", "Cat")], "was_cancelled": True}
    one = task(region("audio", "Dog", "Cat"), comment, region("audio_visual", "Dog"))
    one["annotations"].append(cancelled)
    untouched = {**task(video="c"), "annotations": []}
    path = export(tmp_path, one, task(video="b"), untouched)
    assert read(path) == {
        ("a", A): [Event(1.5, 4, A, "Dog"), Event(1.5, 4, A, "Cat")],
        ("a", V): [],
        ("a", AV): [Event(1.5, 4, AV, "Dog")],
        **{("b", modality): [] for modality in Modality},
    }


def test_two_annotations_of_one_task(tmp_path: Path) -> None:
    twice = task(region("audio", "Dog"))
    twice["annotations"] *= 2
    path = export(tmp_path, twice)
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value) == f"task 0 of {path} (a) has 2 annotations: keep one"


def test_two_tasks_of_one_video(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"task 1 of .* \(a\) labels the video of another task"):
        read(export(tmp_path, task(), task()))


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        (
            [task(region("audio", "Dog", start="x"))],
            "0.annotations.0.result.0.value.start of {path}: Input should be a valid number",
        ),
        ([{"data": {"video_id": "a"}}], "0.annotations of {path}: Field required: expected"),
        ([task(video=5)], "0.data.video_id of {path}: Input should be a valid string"),  # type: ignore[arg-type]
        (
            [task(region("adio", "Dog"))],
            "0.annotations.0.result.0 of {path}: unknown modality 'adio': did you mean 'audio'?",
        ),
        ([task(region("audio", " "))], "0.annotations.0.result.0 of {path} has no label"),
        (
            [task(region("audio", "Dog", end=1))],
            "0.annotations.0.result.0 of {path}: 1.5 to 1 s: an event begins",
        ),
        (
            [task({"type": "timelinelabels", "value": {"ranges": []}})],
            "0.annotations.0.result.0 of {path} counts frames: use the labelling interface",
        ),
    ],
)
def test_broken_fields(tasks: list[Any], said: str, tmp_path: Path) -> None:
    path = export(tmp_path, *tasks)
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(said.format(path=path))


@pytest.mark.parametrize("text", ["{}", "3", "", "[" * 100_000, '{"format": "avparse-events"}'])
def test_json_that_is_no_export(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"the content of .*list|cannot read"):
        read(path)
