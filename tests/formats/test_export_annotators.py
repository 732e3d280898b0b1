"""Projects of annotation programs, and the database of ActivityNet."""

import json
from pathlib import Path
from typing import Any

import examples

from avparse.formats import EXPORTS
from avparse.prediction.predictions import Predictions


def export(name: str, folder: Path, predictions: Predictions, **media: str) -> Any:
    made = EXPORTS.create(name, media=media)
    path = made.path(folder, predictions.experiment)
    made.write(examples.lines(predictions), predictions, path)
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_project_of_via3(tmp_path: Path) -> None:
    """Its keys are those of VIA's own projects of data format 3.1.1; ids refer to each other."""
    found = export("via3", tmp_path, examples.parsing(), a="data/raw/a.mp4")
    assert set(found) == {"project", "config", "attribute", "file", "view", "metadata"}
    assert found["project"]["data_format_version"] == "3.1.1"
    assert found["project"]["vid_list"] == list(found["view"]) == ["1", "2"]
    assert [view["fid_list"] for view in found["view"].values()] == [["1"], ["2"]]
    assert found["file"]["1"] == {
        "fid": "1", "fname": "a.mp4", "type": 4, "loc": 1, "src": "data/raw/a.mp4",
    }  # fmt: skip
    assert found["file"]["2"]["fname"] == "b"
    names = {number: one["aname"] for number, one in found["attribute"].items()}
    assert {one["anchor_id"] for one in found["attribute"].values()} == {"FILE1_Z2_XY0"}
    lines = [
        (one["vid"], *one["z"], names[attribute], label)
        for one in found["metadata"].values()
        for attribute, label in one["av"].items()
    ]
    wanted = [("1", e.onset_s, e.offset_s, e.modality.value, e.label) for e in examples.PARSED]
    assert lines == wanted
    assert all((one["flg"], one["xy"]) == (0, []) for one in found["metadata"].values())


def test_tasks_of_label_studio(tmp_path: Path) -> None:
    tasks = export("label_studio", tmp_path, examples.parsing(), a="data/raw/ä b.mp4")
    assert [task["data"]["video_id"] for task in tasks] == ["a", "b"]
    assert tasks[0]["data"]["video"] == "/data/local-files/?d=data/raw/%C3%A4%20b.mp4"
    assert tasks[0]["data"]["classes"] == [{"value": label} for label in examples.CLASSES]
    [prediction] = tasks[0]["predictions"]
    assert prediction["model_version"] == "han"
    kept = [event for event in examples.PARSED if event.modality != "audio_visual"]
    for region, event in zip(prediction["result"], kept, strict=True):
        assert (region["type"], region["to_name"]) == ("labels", "sound")
        assert region["from_name"] == event.modality
        assert region["value"] == {
            "start": event.onset_s, "end": event.offset_s, "channel": 0, "labels": [event.label],
        }  # fmt: skip
    assert len({region["id"] for region in prediction["result"]}) == len(kept)
    assert tasks[1]["predictions"][0]["result"] == []


def test_the_labelling_interface_fits_the_tasks(tmp_path: Path) -> None:
    """The interface in the documentation uses the names of regions and data."""
    from xml.etree import ElementTree

    from conftest import ROOT

    text = (ROOT / "docs/exports.md").read_text(encoding="utf-8")
    view = ElementTree.fromstring(text[text.index("<View>") : text.index("</View>") + 7])
    for predictions in (examples.parsing(), examples.localization()):
        for task in export("label_studio", tmp_path, predictions):
            shown = {one.get("value", "").lstrip("$") for one in view}
            assert shown == {"video", "classes"} <= set(task["data"])
            controls = {one.get("name"): one.get("toName") for one in view.iter("Labels")}
            for region in task["predictions"][0]["result"]:
                assert controls[region["from_name"]] == region["to_name"]
            assert set(controls.values()) <= {one.get("name") for one in view.iter("Audio")}


def test_the_database_of_activitynet(tmp_path: Path) -> None:
    found = export("activitynet", tmp_path, examples.parsing())
    assert set(found) == {"version", "taxonomy", "database"}
    assert list(found["database"]) == ["a", "b"]
    video = found["database"]["a"]
    assert (video["duration"], video["subset"]) == (15.5, "testing")
    assert video["annotations"][0] == {
        "segment": [8.0, 12.0], "label": "Church bell", "modality": "audio", "score": 0.75,
    }  # fmt: skip
    assert len(video["annotations"]) == len(examples.PARSED)
    leaves = [node["nodeName"] for node in found["taxonomy"] if node["parentId"] == 0]
    assert leaves == list(examples.CLASSES)
