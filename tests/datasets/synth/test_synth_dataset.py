from pathlib import Path

import pytest

from avparse import datasets
from avparse.core.errors import DataError, UnknownNameError
from avparse.core.events import Event, Modality
from avparse.datasets.base import Dataset, Sample
from avparse.datasets.classes import BUNDLED_CLASSES
from avparse.datasets.synth.scene import Scene, plan
from avparse.datasets.synth.tables import FILES, write_tables

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL


@pytest.fixture
def scenes() -> list[Scene]:
    return plan({"train": 16, "val": 8, "test": 8}, 2)


@pytest.fixture
def bundled(tmp_path: Path, scenes: list[Scene]) -> Dataset:
    """The bundled set with the video files of its first three scenes."""
    write_tables(tmp_path, scenes, BUNDLED_CLASSES)
    (tmp_path / "videos").mkdir()
    for scene in scenes[:3]:
        (tmp_path / "videos" / f"{scene.video_id}.mp4").touch()
    found: Dataset = datasets.create("synth", tmp_path)
    return found


def replace_line(path: Path, number: int, line: str) -> str:
    """Replace a line, counted from 1; returns how an error should name the place."""
    lines = path.read_text().splitlines()
    lines[number - 1] = line
    path.write_text("\n".join(lines) + "\n")
    return f"line {number} of {path}"


def test_what_is_there(bundled: Dataset, scenes: list[Scene]) -> None:
    assert bundled.classes == BUNDLED_CLASSES
    assert bundled.tables() == [bundled.path / name for name in FILES]
    assert all(table.is_file() for table in bundled.tables())
    assert bundled.videos() == {
        s.video_id: bundled.path / "videos" / f"{s.video_id}.mp4" for s in scenes[:3]
    }


def test_parsing_samples_are_the_scenes(bundled: Dataset, scenes: list[Scene]) -> None:
    assert bundled.samples("parsing") == [
        Sample(
            f"{s.video_id}_0_10",
            s.video_id,
            s.split,
            tuple(sorted({e.label for e in s.events})),
            None if s.split == "train" else s.events,
        )
        for s in scenes
    ]


def test_localization_samples_are_the_audio_visual_events(
    bundled: Dataset, scenes: list[Scene]
) -> None:
    found = bundled.samples("localization")
    wanted = [(s.split, s.video_id, e) for s in scenes for e in s.audio_visual()]
    assert [(x.split, x.video_id, x.events) for x in found] == [(s, v, (e,)) for s, v, e in wanted]
    assert [x.labels for x in found] == [(e.label,) for _, _, e in wanted]
    assert len({x.sample_id for x in found}) == len(found) > len(scenes)


def test_background_clips_are_localized_only(tmp_path: Path) -> None:
    scenes = plan({"train": 2, "background": 2}, 2)
    write_tables(tmp_path, scenes, BUNDLED_CLASSES)
    (tmp_path / "videos").mkdir()
    for scene in scenes:
        (tmp_path / "videos" / f"{scene.video_id}.mp4").touch()
    made = datasets.create("synth", tmp_path)
    assert {x.split for x in made.samples("parsing")} == {"train"}
    assert made.samples("localization")[-2:] == [
        Sample(f"background:{s.video_id}", s.video_id, "background", (), ()) for s in scenes[2:]
    ]
    assert list(made.videos()) == [s.video_id for s in scenes]


def test_what_is_only_heard_is_parsed_and_not_localized(tmp_path: Path) -> None:
    one = Scene(
        "synth-00000", "val", "plain", (Event(0, 2, A, "Bell"),), 25.0, (320, 240), 16000, 1, 0
    )
    write_tables(tmp_path, [one], BUNDLED_CLASSES)
    (sample,) = datasets.create("synth", tmp_path).samples("parsing")
    assert sample.events == (Event(0, 2, A, "Bell"),)
    assert datasets.create("synth", tmp_path).samples("localization") == []


def test_an_unknown_kind_gives_the_known(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        datasets.create("synt", tmp_path)
    assert (
        str(caught.value)
        == "unknown dataset kind 'synt': did you mean 'synth'? (known: ave, folder, llp, synth)"
    )


@pytest.mark.parametrize("table", ["classes.txt", "valSet.txt"])
def test_a_missing_table_says_how_to_make_it(bundled: Dataset, table: str) -> None:
    (bundled.path / table).unlink()
    with pytest.raises(DataError) as caught:
        bundled.samples("localization")
    assert str(caught.value).startswith(
        f"cannot read {bundled.path / table}: generate it with `avparse synth --out {bundled.path}`"
    )


def test_a_row_of_four_fields_is_named(bundled: Dataset) -> None:
    where = replace_line(bundled.path / "valSet.txt", 2, "Bell&synth-00001&0&4")
    with pytest.raises(DataError) as caught:
        bundled.samples("localization")
    assert str(caught.value) == f"{where} has 4 fields: expected 5, separated by &"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "Bel&synth-00001&good&0&4",
            "unknown class 'Bel': did you mean 'Bell'? (known: Bell, Bird",
        ),
        ("Bell&synth-00001&good&0&end", "'0' to 'end': expected seconds"),
    ],
)
def test_a_bad_event_is_named(bundled: Dataset, row: str, problem: str) -> None:
    where = replace_line(bundled.path / "testSet.txt", 1, row)
    with pytest.raises(DataError) as caught:
        bundled.samples("localization")
    assert str(caught.value).startswith(f"{where}: {problem}")


def test_a_bad_strong_label_is_named(bundled: Dataset) -> None:
    path = bundled.path / "AVVP_eval_visual.csv"
    where = replace_line(path, 3, "synth-00017_0_10\tx\t4\tBell")
    with pytest.raises(DataError) as caught:
        bundled.samples("parsing")
    assert str(caught.value) == f"{where}: 'x' to '4': expected seconds"


def test_a_bad_weak_label_is_named(bundled: Dataset) -> None:
    path = bundled.path / "AVVP_train.csv"
    replace_line(path, 2, "synth-00000_0_10\tBell,Zzz")
    with pytest.raises(DataError) as caught:
        bundled.samples("parsing")
    assert str(caught.value).startswith(
        f"synth-00000_0_10 in {path}: unknown class 'Zzz': known: Bell, Bird"
    )
