import json
from pathlib import Path

import pytest

from avparse import datasets
from avparse.datasets.classes import BUNDLED_CLASSES
from avparse.datasets.summary import describe
from avparse.datasets.synth.scene import plan
from avparse.datasets.synth.tables import write_tables


def test_parsing_counts_by_hand(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text(
        "video\tonset\toffset\tlabel\tmodality\tsplit\n"
        "a.mp4\t0\t3\tDog\taudio\ttest\n"
        "a.mp4\t3\t5\tDog\taudio\ttest\n"  # joins the one before
        "a.mp4\t2\t4\tDog\tvisual\ttest\n"
        "a.mp4\t8\t9\tCar\tvisual\ttest\n"
        "b.mp4\t0\t10\tCar\taudio\ttest\n"
        "c.mp4\t\t\tCar\t\ttrain\n"
    )
    found = describe(datasets.create("folder", tmp_path), "mine")
    parsing = found["tasks"]["parsing"]
    assert parsing["splits"] == {
        "test": {
            "samples": 2, "videos": 2, "mean_classes": 1.5, "most_classes": 2,
            "classes": {"Car": 2, "Dog": 1},
            "events": {"audio": 2, "visual": 2, "audio_visual": 1},
            "segments": {"audio": 15, "visual": 3, "audio_visual": 2},
            "samples_without": {"audio": 0, "visual": 1, "audio_visual": 1},
            "background_segments": 4, "background_share": 0.2, "full_length": 1,
        },
        "train": {
            "samples": 1, "videos": 1, "mean_classes": 1.0, "most_classes": 1,
            "classes": {"Car": 1},
        },
    }  # fmt: skip
    assert parsing["lengths"] == {"audio": {"2": 1, "3": 1, "10": 1}, "visual": {"1": 1, "2": 1}}
    assert (parsing["samples"], parsing["videos"], parsing["mean_classes"]) == (3, 3, 1.333)
    assert parsing["samples_with_several_classes"] == 1
    assert found["tables"] == {"labels.tsv": 6}
    assert found["odd"] == {"empty split": 1, "missing video": 3}


def test_leakage_is_counted_and_background_left_out(tmp_path: Path) -> None:
    write_tables(tmp_path, plan({"train": 8, "val": 4, "background": 3}, 0), BUNDLED_CLASSES)
    with (tmp_path / "valSet.txt").open("a") as file:
        file.write("Bell&synth-00000&good&0&4\n")
    found = describe(datasets.create("synth", tmp_path), "bundled")
    counts = found["tasks"]["localization"]
    assert counts["leakage"]["train and val"] == 1
    assert counts["leakage"]["train and background"] == 0
    assert counts["splits"]["background"]["samples"] == 3
    assert counts["splits"]["background"]["background_share"] == 1
    assert counts["samples"] == sum(counts["splits"][s]["samples"] for s in ("train", "val"))


@pytest.mark.parametrize("task", ["localization", "parsing"])
def test_segments_agree_with_the_scenes(tmp_path: Path, task: str) -> None:
    scenes = plan({"train": 8, "val": 16, "test": 8}, 1)
    write_tables(tmp_path, scenes, BUNDLED_CLASSES)
    found = describe(datasets.create("synth", tmp_path), "bundled")
    val = [scene for scene in scenes if scene.split == "val"]
    spans = [event for scene in val for event in scene.audio_visual()]
    seconds = sum(event.offset_s - event.onset_s for event in spans)
    assert found["tasks"][task]["splits"]["val"]["segments"]["audio_visual"] == seconds
    json.dumps(found)
