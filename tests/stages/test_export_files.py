"""`avparse export` by hand: which files it writes, and what it knows of the videos."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Cli

from avparse.core.clips import Clip
from avparse.datasets import videos
from avparse.pipeline import manifest
from avparse.prediction.predictions import Predictions


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    """Of one video, in which a dog barks."""
    path = tmp_path / "p.h5"
    arrays = {"segment_prob": np.ones((1, 1, 2, 2, 1)), "clip_prob": np.ones((1, 1, 1))}
    clips = [Clip("my_dog_0_2", "my_dog", 0, 2, 2)]
    Predictions("han", "parsing", ("Dog",), (1,), clips, arrays).write(path, {})
    return path


def source(tmp_path: Path) -> str:
    """Where Label Studio's task says that the video is."""
    text = (tmp_path / "results/events/han.label_studio.json").read_text()
    [task] = json.loads(text)
    return str(task["data"]["video"]).removeprefix("/data/local-files/?d=")


def test_two_formats_unless_told(cli: Cli, predictions: Path, tmp_path: Path) -> None:
    said = cli("export", predictions)
    assert said.returncode == 0, said.stderr
    assert {path.name for path in (tmp_path / "results/events").iterdir()} == {
        "han.tsv",
        "han.json",
    }


def test_each_format_has_its_place(cli: Cli, predictions: Path, tmp_path: Path) -> None:
    words = ("--format", "elan", "--format", "via3", "--format", "elan", "--out", "o")
    assert cli("export", predictions, *words).returncode == 0
    files = (path for path in (tmp_path / "o").rglob("*") if path.is_file())
    assert sorted(path.relative_to(tmp_path / "o").as_posix() for path in files) == [
        "han.via3.json",
        "han/elan/my_dog.eaf",
    ]


def test_files_of_videos_are_those_of_the_manifest_or_a_folder(
    cli: Cli, predictions: Path, tmp_path: Path
) -> None:
    words = ("export", predictions, "--format", "label_studio")
    assert cli(*words).returncode == 0
    assert source(tmp_path) == "my_dog"
    entry = videos.Entry("my_dog", "data/raw/my dog.mkv", "", "00000")
    manifest.write(tmp_path / "resources/manifest.tsv", [entry])
    assert cli(*words).returncode == 0
    assert source(tmp_path) == "data/raw/my%20dog.mkv"
    (tmp_path / "films").mkdir()
    (tmp_path / "films/my dog.mp4").touch()
    assert cli(*words, "--videos", "films").returncode == 0
    assert source(tmp_path) == "my%20dog.mp4"
    said = cli(*words, "--videos", "flims")
    assert said.returncode == 2
    assert said.stderr == "avparse: no folder flims: check the path of the videos\n"
