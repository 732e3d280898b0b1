import re
from pathlib import Path

import pytest

from avparse.core.errors import DataError
from avparse.datasets.download.wanted import Wanted, by_video, read, write

HEADER = "video\tstart_s\tseconds\tfile\n"


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    pieces = [Wanted("-a_B3", 30.0, 10.0, "-a_B3.mp4"), Wanted("x", 2.125, 4.5, "x@2.mp4")]
    write(tmp_path / "wanted.tsv", pieces)
    assert read(tmp_path / "wanted.tsv") == pieces


@pytest.mark.parametrize(
    "video", ["", "../x", "a/b", "a b", "x.y", "ä", "x\x00", "x" * 65, "%(id)s", "http:", "$HOME"]
)
def test_hostile_ids_are_refused(tmp_path: Path, video: str) -> None:
    (tmp_path / "wanted.tsv").write_text(f"{HEADER}ok\t0\t10\tok.mp4\n{video}\t0\t10\tx.mp4\n")
    told = rf"row 3 of .*wanted\.tsv: invalid video id {re.escape(repr(video))}: use 1-64"
    with pytest.raises(DataError, match=told):
        read(tmp_path / "wanted.tsv")


@pytest.mark.parametrize(
    "file",
    ["", "x", ".mp4", ".x.mp4", "../x.mp4", "/tmp/x.mp4", "a/b.mp4", "a\\b.mp4", "x.mp4/", "x.sh"],
)
def test_results_cannot_leave_their_folder(tmp_path: Path, file: str) -> None:
    (tmp_path / "wanted.tsv").write_text(f"{HEADER}ok\t0\t10\t{file}\n")
    with pytest.raises(DataError, match=r"row 2 of .*wanted\.tsv: invalid file name"):
        read(tmp_path / "wanted.tsv")
    with pytest.raises(DataError, match="use a plain name"):
        Wanted("ok", 0, 10, file)


@pytest.mark.parametrize(
    ("start", "seconds"),
    [("-1", "10"), ("nan", "10"), ("inf", "10"), ("x", "10"), ("0", "0"), ("0", "nan"), ("0", "")],
)
def test_times_must_be_times(tmp_path: Path, start: str, seconds: str) -> None:
    (tmp_path / "wanted.tsv").write_text(f"{HEADER}ok\t{start}\t{seconds}\tok.mp4\n")
    with pytest.raises(DataError, match=r"row 2 of .*wanted\.tsv"):
        read(tmp_path / "wanted.tsv")


def test_pieces_of_one_video_come_together() -> None:
    a, b, c = Wanted("v", 0, 10, "a.mp4"), Wanted("w", 0, 10, "b.mp4"), Wanted("v", 10, 10, "c.mp4")
    assert by_video([a, b, c, a]) == {"v": (a, c), "w": (b,)}


def test_two_pieces_cannot_become_one_file() -> None:
    with pytest.raises(
        DataError, match=r"two segments have the file name a\.mp4 \(v at 0 s, w at 5 s\): rename"
    ):
        by_video([Wanted("v", 0, 10, "a.mp4"), Wanted("w", 5, 10, "a.mp4")])
