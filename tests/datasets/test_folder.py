from collections import Counter
from pathlib import Path

import pytest

from avparse import datasets
from avparse.core.events import Event, Modality
from avparse.datasets.folder import FolderDataset

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL
HEADER = "video\tonset\toffset\tlabel\tmodality\tsplit"
ROWS = (
    "park.mp4\t3\t7.5\tDog\taudio\ttrain",
    "park.mp4\t4\t6\tDog\tvisual\ttrain",
    "park.mp4\t0\t2\tCar\tboth\ttrain",
    "day/street.mkv\t\t\tCar\t\ttest",
)


def make(folder: Path, *rows: str, header: str = HEADER, videos: bool = True) -> FolderDataset:
    (folder / "labels.tsv").write_text("\n".join([header, *rows]) + "\n")
    if videos:
        (folder / "day").mkdir(exist_ok=True)
        for name in ("park.mp4", "day/street.mkv"):
            (folder / name).touch()
    made: FolderDataset = datasets.create("folder", folder)
    return made


def test_parsing_samples_by_hand(tmp_path: Path) -> None:
    street, park = make(tmp_path, *ROWS).samples("parsing")
    assert (street.video_id, street.split, street.labels) == ("day__street", "test", ("Car",))
    assert street.events is None  # a weak label
    assert (park.video_id, park.split, park.labels) == ("park", "train", ("Dog", "Car"))
    assert park.events == (
        Event(0, 2, A, "Car"),
        Event(0, 2, V, "Car"),
        Event(3, 7.5, A, "Dog"),
        Event(4, 6, V, "Dog"),
    )


def test_localization_samples_are_what_is_heard_and_seen(tmp_path: Path) -> None:
    street, dog, car = make(tmp_path, *ROWS).samples("localization")
    assert dog.events == (Event(4, 6, AV, "Dog"),)
    assert car.events == (Event(0, 2, AV, "Car"),)
    assert (street.labels, street.events) == (("Car",), None)


def test_classes_are_sorted_or_listed(tmp_path: Path) -> None:
    made = make(tmp_path, *ROWS)
    assert made.classes == ("Car", "Dog")
    (tmp_path / "classes.txt").write_text("Dog\n\nCar\nHorn\n")
    again = datasets.create("folder", tmp_path)
    assert again.classes == ("Dog", "Car", "Horn")
    assert [path.name for path in again.tables()] == ["labels.tsv", "classes.txt"]


def test_ids_are_those_of_dropped_in_videos(tmp_path: Path) -> None:
    assert make(tmp_path, *ROWS).videos() == {
        "day__street": tmp_path / "day/street.mkv",
        "park": tmp_path / "park.mp4",
    }


def test_a_folder_without_a_table_is_videos_alone(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    made = datasets.create("folder", tmp_path)
    assert (made.samples("parsing"), made.classes, made.tables()) == ([], (), [])
    assert list(made.videos()) == ["a"]


def test_a_new_video_moves_no_other_to_another_split(tmp_path: Path) -> None:
    header = "video\tlabel"
    names = [f"v{i}.mp4" for i in range(400)]
    first = make(tmp_path, *(f"{n}\tDog" for n in names[:300]), header=header)
    before = {s.video_id: s.split for s in first.samples("parsing")}
    after = {
        s.video_id: s.split
        for s in make(tmp_path, *(f"{n}\tDog" for n in names), header=header).samples("parsing")
    }
    assert {name: after[name] for name in before} == before
    counts = Counter(after.values())
    assert 250 < counts["train"] < 350
    assert counts["val"] > 20
    assert counts["test"] > 30


def test_oddities_are_named(tmp_path: Path) -> None:
    made = make(
        tmp_path,
        *ROWS,
        ROWS[0],
        "gone.mp4\t0\t4\tDog\taudio\ttrain",
        "park.mp4\t5\t5\tDog\taudio\tval",
        "park.mp4\t5.2\t5.9\tDog\taudio\ttrain",
        "park.mp4\t-1\t3\tDog\taudio\ttrain",
    )
    assert [(odd.kind, odd.where) for odd in made.oddities()] == [
        ("before the video", "labels.tsv line   10"),
        ("missing video", "labels.tsv line    7"),
        ("no duration", "labels.tsv line    8"),
        ("repeated row", "labels.tsv line    6"),
        ("shorter than a segment", "labels.tsv line    9"),
        ("two splits", "labels.tsv line    2"),
    ]


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("Dog\n")
    made = make(
        tmp_path,
        "park.mp4\t0\t1\tDgo\taudio\ttrain",
        "park.mp4\t0\t1\tDog\tsound\ttrain",
        "park.mp4\t0\t1\tDog\taudio\ttest",
        "park.mp4\t0\tx\tDog\taudio\ttrain",
        "park.mp4\t0\t\tDog\taudio\ttrain",
        "park.mp4\t0\tinf\tDog\taudio\ttrain",
        "park.mp4\t0\t1\tDog\taudio\ttrian",
    )
    path = tmp_path / "labels.tsv"
    assert [said.split(": known")[0] for said in made.problems()] == [
        f"line 2 of {path}: unknown class 'Dgo': did you mean 'Dog'? (known: Dog)",
        f"line 3 of {path}: unknown modality 'sound'",
        f"line 5 of {path}: '0' to 'x': expected seconds",
        f"line 6 of {path}: '0' to '': write both onset and offset in seconds, or neither",
        f"line 7 of {path}: '0' to 'inf': write both onset and offset in seconds, or neither",
        f"line 8 of {path}: unknown split 'trian': did you mean 'train'? (known: test, train, val)",
    ]


@pytest.mark.parametrize("header", ["video\tclass", "label\tonset"])
def test_a_missing_column_is_named(tmp_path: Path, header: str) -> None:
    (said,) = make(tmp_path, header=header).problems()
    assert said.startswith("no column ")


def test_labels_of_a_missing_file_are_no_other_videos(tmp_path: Path) -> None:
    made = make(tmp_path, "park.mp4\t0\t4\tDog\taudio\ttrain", "park.avi\t0\t4\tCat\taudio\ttest")
    ids = {sample.video_id for sample in made.samples("parsing")}
    assert ids & set(made.videos()) == {"park"}
    assert len(ids) == 2


def test_empty_lines_and_labels(tmp_path: Path) -> None:
    made = make(
        tmp_path, "park.mp4\t0\t4\tDog \taudio\ttrain", "", "park.mp4\t0\t4\t \taudio\ttrain"
    )
    assert made.classes == ("Dog",)
    assert made.problems() == [
        f"line 4 of {tmp_path / 'labels.tsv'} has no label: write a class in the column label"
    ]
