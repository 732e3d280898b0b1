"""`avparse dataset`: what people and machines read of a labelled data set."""

import json
from pathlib import Path

import pytest
from conftest import Cli

from avparse.datasets.classes import BUNDLED_CLASSES
from avparse.datasets.synth.scene import plan
from avparse.datasets.synth.tables import write_tables


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    write_tables(tmp_path, plan({"train": 8, "val": 4, "test": 4}, 0), BUNDLED_CLASSES)
    return tmp_path


def test_describe_counts_for_people_and_for_machines(cli: Cli, bundled: Path) -> None:
    said = cli("dataset", "describe", "synth", "--annotations", str(bundled))
    assert said.returncode == 0
    assert said.stdout.startswith("synth: 8 classes, 0 videos found\n")
    assert "parsing: 16 samples of 16 videos\n" in said.stdout
    assert "  Buzzer" in said.stdout
    plain = cli("dataset", "describe", "synth", "--annotations", str(bundled), "--json")
    found = json.loads(plain.stdout)
    assert found["tasks"]["parsing"]["splits"]["train"]["samples"] == 8
    train = found["tasks"]["parsing"]["splits"]["train"]["classes"]
    row = next(line for line in said.stdout.splitlines() if line.startswith("  Bell "))
    assert row.split()[1] == str(train.get("Bell", 0))


def test_check_tells_errors_from_warnings(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "labels.tsv"
    table.write_text("video\tonset\toffset\tlabel\na.mp4\t4\t4\tDog\n")
    warned = cli("dataset", "check", str(tmp_path))
    assert warned.returncode == 0
    assert "warning  labels.tsv line    2: no duration: a.mp4 Dog, 4 to 4: ignored" in warned.stdout
    told = json.loads(cli("dataset", "check", str(tmp_path), "--json").stdout)
    assert told["problems"] == []
    assert "no duration" in {odd["kind"] for odd in told["oddities"]}
    assert told["videos_there"] == 0
    table.write_text("video\tonset\toffset\tlabel\na.mp4\t4\tx\tDog\na.mp4\ty\t4\tDog\n")
    wrong = cli("dataset", "check", str(tmp_path))
    assert wrong.returncode == 2
    assert wrong.stdout.splitlines() == [
        f"error    line 2 of {table}: '4' to 'x': expected seconds",
        f"error    line 3 of {table}: 'y' to '4': expected seconds",
    ]
    told = cli("dataset", "check", str(tmp_path), "--json")
    assert told.returncode == 2
    assert json.loads(told.stdout)["problems"][0].startswith("line 2 of")


def test_unknown_kinds_are_named(cli: Cli, tmp_path: Path) -> None:
    said = cli("dataset", "describe", "avee", "--annotations", str(tmp_path))
    assert said.returncode == 2
    assert "unknown dataset kind 'avee': did you mean 'ave'?" in said.stderr
    said = cli("annotations", "avee", "--out", str(tmp_path))
    assert said.returncode == 2
    assert "did you mean 'ave'?" in said.stderr
