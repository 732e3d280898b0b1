from pathlib import Path

import numpy as np
import pytest
from cuts import AVE_ORDERS, AVE_ROWS, make_ave, write_h5

from avparse import datasets
from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.datasets.ave import AVEDataset
from avparse.datasets.ave_tables import segment_labels
from avparse.datasets.base import Sample
from avparse.datasets.classes import AVE_CLASSES
from avparse.datasets.download.wanted import Wanted


def kinds(dataset: AVEDataset) -> list[tuple[str, str]]:
    return [(odd.kind, odd.where) for odd in dataset.oddities()]


def test_samples_are_rows_in_their_order(tmp_path: Path) -> None:
    made = make_ave(tmp_path)
    found = made.samples("localization")
    assert [(s.sample_id, s.video_id, s.split) for s in found[:6]] == [
        ("0000", "aaaaaaaaaaa", "train"),
        ("0001", "bbbbbbbbbbb", "train"),
        ("0002", "ccccccccccc", "val"),
        ("0003", "ddddddddddd", "test"),
        ("0004", "ccccccccccc", "train"),
        ("0005", "eeeeeeeeeee", "test"),
    ]
    assert found[2].labels == ("Male speech, man speaking",)
    assert found[2].events == (Event(2, 5, Modality.AUDIO_VISUAL, "Male speech, man speaking"),)
    assert found[1].events == ()  # of no length, and labelled all the same
    assert found[1].labels == ("Church bell",)
    assert [s.row_id for s in found[:6]] == [
        "aaaaaaaaaaa", "bbbbbbbbbbb", "ccccccccccc", "ddddddddddd", "ccccccccccc+2", "eeeeeeeeeee",
    ]  # fmt: skip
    assert found[6:] == [
        Sample(name, name, "background", (), ()) for name in ("background-000", "background-001")
    ]
    assert made.samples("parsing") == []
    assert made.classes == AVE_CLASSES


def test_a_header_is_left_out_and_lists_do_for_orders(tmp_path: Path) -> None:
    by_order = make_ave(tmp_path, noisy=178).samples("localization")  # as many without a file
    lists = tmp_path / "lists"
    lists.mkdir()
    header = "Category&VideoID&Quality&StartTime&EndTime"
    (lists / "Annotations.txt").write_text("\n".join([header, *AVE_ROWS]) + "\n")
    for split, order in AVE_ORDERS.items():
        (lists / f"{split}Set.txt").write_text("\n".join([header, *(AVE_ROWS[i] for i in order)]))
    assert datasets.create("ave", lists).samples("localization") == by_order


def test_oddities_are_named_and_nothing_is_repaired(tmp_path: Path) -> None:
    odd = [
        *AVE_ROWS,
        "Bark&fffffffffff&good&9&3",
        "Bark&ggggggggggg&good&5&12",
        "Bark&ddddddddddd&good&3&10",
    ]
    made = make_ave(tmp_path, odd)
    assert kinds(made) == [
        ("in no split", "Annotations.txt line    7"),
        ("in no split", "Annotations.txt line    8"),
        ("in no split", "Annotations.txt line    9"),
        ("no duration", "Annotations.txt line    2"),
        ("outside the clip", "Annotations.txt line    8"),
        ("repeated row", "Annotations.txt line    9"),
        ("reversed", "Annotations.txt line    7"),
        ("several rows", "Annotations.txt line    3"),
        ("several rows", "Annotations.txt line    4"),
        ("two splits", "train and val"),
    ]
    assert len(made.rows) == 9


def test_a_row_of_two_splits_stays_with_the_first(tmp_path: Path) -> None:
    made = make_ave(tmp_path)
    write_h5(tmp_path / "test_order.h5", "order", np.array([5, 3, 4]))
    assert {s.sample_id: s.split for s in made.samples("localization")}["0004"] == "train"
    assert ("repeated in splits", "test") in kinds(made)


def test_a_listed_row_without_annotation_is_named(tmp_path: Path) -> None:
    (tmp_path / "Annotations.txt").write_text("\n".join(AVE_ROWS))
    for split, order in AVE_ORDERS.items():
        (tmp_path / f"{split}Set.txt").write_text("\n".join(AVE_ROWS[i] for i in order))
    with (tmp_path / "valSet.txt").open("a") as file:
        file.write("\nBark&hhhhhhhhhhh&good&0&4\n")
    made = datasets.create("ave", tmp_path)
    assert ("unknown row", "valSet.txt line    2") in kinds(made)
    assert len(made.samples("localization")) == 6 + 178


def test_labels_of_seconds_by_hand(tmp_path: Path) -> None:
    found = segment_labels(make_ave(tmp_path).rows)
    assert found[0].tolist() == [0] * 10
    assert found[1].tolist() == [28] * 10
    assert found[2].tolist() == [28, 28, 1, 1, 1, 28, 28, 28, 28, 28]
    assert found[3].tolist() == [28, 28, 28, 2, 2, 2, 2, 2, 2, 2]


def test_released_labels_are_compared(tmp_path: Path) -> None:
    made = make_ave(tmp_path)
    one_hot = np.eye(29)[segment_labels(made.rows)]
    write_h5(tmp_path / "labels.h5", "avadataset", one_hot)
    write_h5(tmp_path / "prob_label.h5", "avadataset", one_hot.mean(1))
    write_h5(tmp_path / "labels_closs.h5", "avadataset", one_hot[:, :, :28].sum(2))
    category = np.eye(29)[[AVE_CLASSES.index(row.category) for row in made.rows]]
    write_h5(tmp_path / "mil_labels.h5", "avadataset", category)
    assert "other labels" not in {kind for kind, _ in kinds(made)}
    one_hot[3, 0] = np.eye(29)[2]
    (tmp_path / "labels.h5").unlink()
    write_h5(tmp_path / "labels.h5", "avadataset", one_hot)
    (tmp_path / "mil_labels.h5").unlink()
    write_h5(tmp_path / "mil_labels.h5", "avadataset", category[:4])
    assert [w for k, w in kinds(made) if k == "other labels"] == [
        "labels.h5 row 3",
        "mil_labels.h5",
    ]


def test_videos_are_found_by_id(tmp_path: Path) -> None:
    made = make_ave(tmp_path)
    (tmp_path / "videos").mkdir()
    for name in ("ccccccccccc.mp4", "ddddddddddd_30_40.mkv", "zzzzzzzzzzz.mp4", "notes.txt"):
        (tmp_path / "videos" / name).touch()
    assert made.videos() == {
        "ccccccccccc": tmp_path / "videos/ccccccccccc.mp4",
        "ddddddddddd": tmp_path / "videos/ddddddddddd_30_40.mkv",
    }


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("Bark&x&good&0", "has 4 fields: expected 5, separated by &"),
        ("Bork&x&good&0&4", "unknown class 'Bork': did you mean 'Bark'?"),
        ("Bark&x&good&0&end", "'0' to 'end': expected seconds"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, problem: str) -> None:
    made = make_ave(tmp_path, [*AVE_ROWS, row])
    (said,) = made.problems()
    assert said.startswith(f"line 7 of {tmp_path / 'Annotations.txt'}")
    assert problem in said


@pytest.mark.parametrize("order", [[0, 6], [-1]])
def test_an_order_beyond_the_rows_is_refused(tmp_path: Path, order: list[int]) -> None:
    made = make_ave(tmp_path)
    write_h5(tmp_path / "val_order.h5", "order", np.array(order))
    with pytest.raises(
        DataError, match=r"refers to row (6|-1), but Annotations\.txt has 6 rows: use"
    ):
        made.samples("localization")


def test_missing_files_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"no file .*train_order\.h5: download it with `avparse annotat"
    ):
        datasets.create("ave", tmp_path).samples("localization")
    (tmp_path / "trainSet.txt").touch()
    with pytest.raises(
        DataError, match=r"Annotations\.txt: download it with `avparse annotations ave"
    ):
        datasets.create("ave", tmp_path).samples("localization")


def test_wanted_pieces_begin_where_audioset_says(tmp_path: Path) -> None:
    made = make_ave(tmp_path)
    with pytest.raises(
        DataError, match="AVE's tables have no start times of clips: pass AudioSet's"
    ):
        made.wanted()
    starts = tmp_path / "segments.csv"
    starts.write_text(
        "# YTID, start_seconds, end_seconds, positive_labels\n"
        'ccccccccccc, 30.000, 40.000, "/m/09x0r,/t/dd00088"\n'
        'zzzzzzzzzzz, 5.000, 15.000, "/m/09x0r"\n'
    )
    assert made.wanted(starts) == [Wanted("ccccccccccc", 30.0, 10, "ccccccccccc.mp4")]
    starts.write_text("ccccccccccc, soon\n")
    with pytest.raises(DataError, match=r"line 1 of .*segments\.csv: expected YTID"):
        made.wanted(starts)
