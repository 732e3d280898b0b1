"""Predictions, exported, taken back as labels: the same events, in the table of a folder."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import Cli

from avparse import datasets
from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.events import Modality
from avparse.datasets.corrected import rows, write
from avparse.formats import EXPORTS
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline, timelines

FILES = ("park.mp4", "sub/a ü.mkv", "quiet.mp4")
IDS = ("park", "sub__a__", "quiet")
CLASSES = ("Church bell", "Dög <'&\">")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "films"
    for name in FILES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).touch()
    return made


def predicted(task: str) -> Predictions:
    """Of 10 s of each video; the last is without events."""
    clips = [Clip(f"{video}_0_10", video, 0.0, 9.7 + n, 10) for n, video in enumerate(IDS)]
    random = np.random.default_rng(1)
    grid = random.random((3, 1, 10, 2, 2)) > 0.5
    grid[2] = False
    if task == "parsing":
        arrays = {"segment_prob": grid * 1.0, "clip_prob": np.ones((3, 1, 2))}
    else:
        labels = np.where(grid[:, :, :, 0, 0], random.integers(0, 2, (3, 1, 10)), 2)
        arrays = {"label_prob": np.eye(3)[labels]}
    return Predictions("e", task, CLASSES, (1,), clips, arrays)


def corrected(kind: str, predictions: Predictions, folder: Path) -> list[Path]:
    """What a person hands back who found nothing to correct."""
    export = EXPORTS.create(kind)
    path = export.path(folder, predictions.experiment)
    export.write(lines(predictions), predictions, path)
    if kind != "label_studio":
        return sorted(path.iterdir())
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for task in tasks:
        task["annotations"] = [{"result": p["result"]} for p in task.pop("predictions")]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return [path]


def lines(predictions: Predictions) -> list[Timeline]:
    return timelines(predictions, 0.5)


@pytest.mark.parametrize("task", ["parsing", "localization"])
@pytest.mark.parametrize("kind", ["elan", "audacity", "label_studio"])
def test_there_and_back(kind: str, task: str, folder: Path, tmp_path: Path) -> None:
    predictions = predicted(task)
    table = rows(corrected(kind, predictions, tmp_path / "out"), folder)
    write(folder / "labels.tsv", table)
    opened = datasets.create("folder", folder)
    assert opened.problems() == []
    found = {}
    for sample in opened.samples(task):
        found.setdefault(sample.video_id, set()).update(sample.events)
    single = (Modality.AUDIO, Modality.VISUAL) if task == "parsing" else tuple(Modality)[2:]
    wanted = {
        timeline.video_id: {
            replace(event, score=1.0) for event in timeline.events if event.modality in single
        }
        for timeline in lines(predictions)
        if timeline.events
    }
    assert set(wanted) == set(IDS[:2])
    assert found == wanted


def test_all_kinds_give_the_same_table(folder: Path, tmp_path: Path) -> None:
    predictions = predicted("parsing")
    elan, audacity, tasks = (
        rows(corrected(kind, predictions, tmp_path / kind), folder)
        for kind in ("elan", "audacity", "label_studio")
    )
    assert elan == audacity == tasks
    assert {row["video"] for row in elan} == {"park.mp4", "sub/a ü.mkv"}


def test_one_track_in_two_files(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "x/park.audio.txt", tmp_path / "y/park.audio.txt"
    for path in (first, second):
        path.parent.mkdir()
        path.write_text("0\t1\tDog\n")
    with pytest.raises(DataError) as caught:
        rows([second, first], folder)
    assert str(caught.value) == (
        f"audio events of park are in both {first} and {second}: pass only one of the files"
    )


def test_rows_are_those_of_the_folder(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "park.audio.txt"
    path.write_text("2.0004\t3.5\tDog\n0\t1\tCat\n")
    assert [tuple(row.values()) for row in rows([path], folder)] == [
        ("park.mp4", "0.000", "1.000", "Cat", "audio"),
        ("park.mp4", "2.000", "3.500", "Dog", "audio"),
    ]


def test_the_command_and_what_it_refuses(cli: Cli, folder: Path, tmp_path: Path) -> None:
    good = tmp_path / "park.audio.txt"
    good.write_text("2\t3.5\tDog\n")
    out = folder / "labels.tsv"
    said = cli("dataset", "labels", good, "--out", out)
    assert (said.returncode, said.stdout) == (0, f"1 events of 1 videos in {out}\n")
    assert out.read_text() == (
        "video\tonset\toffset\tlabel\tmodality\npark.mp4\t2.000\t3.500\tDog\taudio\n"
    )
    assert cli("dataset", "check", folder).returncode == 0
    said = cli("dataset", "labels", good, "--out", out)
    assert (said.returncode, said.stderr) == (
        2, f"avparse: {out} already exists: move it, or choose another --out\n",
    )  # fmt: skip
    elsewhere = tmp_path / "labels.tsv"
    said = cli("dataset", "labels", good, "--out", elsewhere, "--videos", tmp_path)
    assert said.returncode == 2  # below that folder the video's id is films__park
    assert "is for video 'park', which is not in" in said.stderr
    assert cli("dataset", "labels", good, "--out", elsewhere, "--videos", folder).returncode == 0
    assert elsewhere.read_bytes() == out.read_bytes()


def test_files_of_no_kind_and_of_no_video(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"cannot import .*x\.eef, unknown file type: did you mean 'eaf'\?"
    ):
        rows([tmp_path / "x.eef"], folder)
    other = tmp_path / "other.audio.txt"
    other.write_text("")
    with pytest.raises(DataError, match="is for video 'other', which is not in"):
        rows([other], folder)
