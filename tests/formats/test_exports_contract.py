"""Requirements that every export format meets."""

from dataclasses import replace
from pathlib import Path

import examples
import pytest

from avparse.formats import ALWAYS, EXPORTS
from avparse.formats.base import Export, Folder, plain
from avparse.prediction.predictions import Predictions

BOTH = [examples.parsing(), examples.localization()]


def written(folder: Path, export: Export, predictions: Predictions) -> dict[str, bytes]:
    """Path below the folder -> content."""
    path = export.path(folder, predictions.experiment)
    export.write(examples.lines(predictions), predictions, path)
    assert path.is_dir() if isinstance(export, Folder) else path.is_file()
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@pytest.mark.parametrize("predictions", BOTH, ids=lambda p: p.task)
@pytest.mark.parametrize("name", EXPORTS.names())
def test_the_same_predictions_give_the_same_bytes(
    name: str, predictions: Predictions, tmp_path: Path
) -> None:
    first, second = (
        written(tmp_path / folder, EXPORTS.create(name), predictions) for folder in "xy"
    )
    assert first == second
    assert first


@pytest.mark.parametrize("name", EXPORTS.names())
def test_targets_are_distinct(name: str) -> None:
    export = EXPORTS.create(name)
    assert export.path(Path("f"), "e").parts[:1] == ("f",)
    others = {EXPORTS.load(other).target for other in EXPORTS.names() if other != name}
    assert export.target not in others
    assert export.target.startswith("{experiment}")


@pytest.mark.parametrize("name", EXPORTS.names())
def test_no_video_is_no_fault(name: str, tmp_path: Path) -> None:
    nothing = replace(examples.parsing(), clips=[], arrays={})
    files = written(tmp_path, EXPORTS.create(name), nothing)
    per_video = ("webvtt", "elan", "audacity")
    assert bool(files) == (name not in per_video)


@pytest.mark.parametrize("name", EXPORTS.names())
def test_experiments_cannot_lead_elsewhere(name: str, tmp_path: Path) -> None:
    odd = replace(examples.parsing(), experiment="../../../etc/x\n<b>")
    assert written(tmp_path / "in", EXPORTS.create(name), odd)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_one_file_formats_and_folders() -> None:
    folders = [name for name in EXPORTS.names() if issubclass(EXPORTS.load(name), Folder)]
    assert folders == ["sed_eval", "webvtt", "elan", "audacity"]
    assert set(ALWAYS) == {"tsv", "json"}


def test_a_folder_keeps_other_files(tmp_path: Path) -> None:
    predictions = examples.parsing()
    export = EXPORTS.create("audacity")
    (tmp_path / "han/audacity").mkdir(parents=True)
    (tmp_path / "han/audacity/mine.txt").write_text("notes")
    files = written(tmp_path, export, predictions)
    assert sorted(Path(name).name for name in files) == [
        "a.audio.txt", "a.visual.txt", "b.audio.txt", "b.visual.txt", "mine.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["-x", "a.b", "a@b+c_d", "x" * 120])
def test_plain_names_stay(name: str) -> None:
    assert plain(name) == name


def test_clashing_names_become_distinct() -> None:
    first = plain("a b")
    assert first == "a_b"
    second = plain("a/ b".replace("/", ""), {first})
    assert second.startswith("a_b+")
