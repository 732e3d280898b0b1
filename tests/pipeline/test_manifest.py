import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avparse.core.errors import DataError
from avparse.datasets import videos
from avparse.datasets.videos import Entry
from avparse.pipeline import manifest

KNOWN = [
    Entry("b", "set/b.mp4", "bundled", "00000"),
    Entry("c", "set/c.mp4", "bundled", "00000"),
    Entry("talk", "raw/talk.mp4", "", "00001"),
]


def test_a_first_manifest_by_hand() -> None:
    # Data sets by name, then dropped-in videos; each begins a shard of its own.
    found = manifest.extend(
        [],
        {"z": {"q": "z/q.mp4"}, "a": {"3": "a/3.mp4", "1": "a/1.mp4", "2": "a/2.mp4"}},
        ["y.mp4", "x.mp4"],
        "raw",
        shard_size=2,
    )
    assert found == [
        Entry("1", "a/1.mp4", "a", "00000"),
        Entry("2", "a/2.mp4", "a", "00000"),
        Entry("3", "a/3.mp4", "a", "00001"),
        Entry("q", "z/q.mp4", "z", "00002"),
        Entry("x", "raw/x.mp4", "", "00003"),
        Entry("y", "raw/y.mp4", "", "00003"),
    ]


def test_a_new_video_that_sorts_first_lands_in_a_new_shard() -> None:
    labelled = {"bundled": {"a": "set/a.mp4", "b": "set/b.mp4", "c": "set/c.mp4"}}
    found = manifest.extend(KNOWN, labelled, ["talk.mp4", "aaa.mp4"], "raw", 10)
    assert found == [
        *KNOWN,
        Entry("a", "set/a.mp4", "bundled", "00002"),
        Entry("aaa", "raw/aaa.mp4", "", "00003"),
    ]


def test_a_video_that_is_gone_keeps_its_row() -> None:
    assert manifest.extend(KNOWN, {"bundled": {}}, [], "raw", 10) == KNOWN


def test_dropped_videos_of_one_name_get_different_ids() -> None:
    found = manifest.extend(KNOWN, {"new": {"x": "new/x.mp4"}}, ["talk.mkv", "x.mp4"], "raw", 10)
    ids = [entry.video for entry in found]
    assert len(set(ids)) == len(ids) == 6
    assert "x" in ids
    assert ids[-2].startswith("talk+")
    assert ids[-1].startswith("x+")


def test_a_labelled_video_under_a_second_path_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        manifest.extend(KNOWN, {"bundled": {"b": "other/b.mp4"}}, [], "raw", 10)
    assert str(caught.value) == (
        "video 'b' of data set bundled is already known under another path: "
        "give every video its own name"
    )


def test_two_data_sets_may_share_a_video() -> None:
    found = manifest.extend(KNOWN, {"other": {"b": "other/b.mp4"}}, [], "raw", 10)
    assert found[-1] == Entry("b", "other/b.mp4", "other", "00002")


NAMES = st.lists(st.sampled_from([f"{c}{i}.mp4" for c in "abAé" for i in range(6)]), unique=True)


@settings(deadline=None)
@given(first=NAMES, second=NAMES, labelled=NAMES, size=st.integers(1, 4), later=st.integers(1, 4))
def test_rows_never_move(
    first: list[str], second: list[str], labelled: list[str], size: int, later: int
) -> None:
    sets = {"set": {f"id-{name}": f"set/{name}" for name in labelled}}
    old = manifest.extend([], {}, first, "raw", size)
    new = manifest.extend(old, sets, [*first, *second], "raw", later)
    assert new[: len(old)] == old
    assert manifest.extend(new, sets, [*second, *first], "raw", size) == new
    assert len({entry.video for entry in new}) == len({entry.path for entry in new}) == len(new)
    assert {e.path for e in new} == {f"raw/{n}" for n in first + second} | set(sets["set"].values())
    listing = manifest.Listing(new)
    for shard in listing.shards():
        members = listing.of_shard[shard]
        assert len(members) <= (size if members[0] in old else later)
        assert len({entry.dataset for entry in members}) == 1
        assert len({entry in old for entry in members}) == 1


def test_write_and_read(tmp_path: Path) -> None:
    path = tmp_path / "manifest.tsv"
    assert manifest.read(path) == []
    manifest.write(path, KNOWN)
    assert path.read_text().splitlines()[:2] == [
        "video\tpath\tdataset\tshard",
        "b\tset/b.mp4\tbundled\t00000",
    ]
    assert manifest.read(path) == KNOWN


def test_shards_and_counts() -> None:
    listing = manifest.Listing(KNOWN)
    assert listing.shards() == ["00000", "00001"]
    assert listing.shards("bundled") == ["00000"]
    assert listing.shards("") == ["00001"]
    assert listing.shards("unknown") == []
    assert listing.of_shard["00000"] == KNOWN[:2]


def test_listing_finds_videos_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.MP4", "a b/c.webm", "notes.txt", ".hid.mp4", ".dir/x.mp4", "mp4", "ü.mkv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "folder.mp4").mkdir()
    assert videos.listing(tmp_path) == ["a b/c.webm", "b.MP4", "ü.mkv"]


def test_listing_without_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        videos.listing(tmp_path / "raw")
    assert str(caught.value) == (
        f"no raw folder {tmp_path / 'raw'}: create it, or set 'raw: null' in the settings"
    )


@pytest.mark.parametrize("name", ["a\nb.mp4", "a\tb.mp4", "{shard}.mp4", "<b>.mp4"])
def test_a_name_that_no_table_or_rule_can_carry(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(DataError) as caught:
        videos.listing(tmp_path)
    assert str(caught.value) == (
        f"unsupported file name {name!a} in {tmp_path}: "
        "rename it without control characters, {}, <> or bytes that are not UTF-8"
    )


def test_odd_spaces_in_a_name_survive_the_table(tmp_path: Path) -> None:
    raw, listed = tmp_path / "raw", tmp_path / "manifest.tsv"
    raw.mkdir()
    for name in ("a  b.mov", "Recording 9.41\u202fAM.mov", " \u3000c.mov"):
        (raw / name).touch()
    for _ in range(3):
        found = videos.listing(raw)
        known = manifest.read(listed)
        manifest.write(listed, manifest.extend(known, {}, found, str(raw), 32))
    entries = manifest.read(listed)
    assert len(entries) == 3
    assert all(Path(entry.path).is_file() for entry in entries)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.mp4")).touch()
    with pytest.raises(DataError, match="bytes that are not UTF-8"):
        videos.listing(tmp_path)


def test_a_data_sets_own_video_in_the_raw_folder_is_listed_once() -> None:
    entries = manifest.extend([], {"own": {"a": "raw/a.mp4"}}, ["a.mp4", "b.mp4"], "raw", 3)
    assert [(e.video, e.dataset) for e in entries] == [("a", "own"), ("b", "")]


@given(st.sets(st.integers(0, 99999), max_size=30), st.booleans())
def test_bash_makes_the_paths_of_braces_again(numbers: set[int], dense: bool) -> None:
    found = {n % 40 for n in numbers} if dense else numbers
    paths = [f"a/timm:x.y/{number:05d}.h5" for number in found] + ["a/llp.h5", "--shard=00003"]
    command = ["bash", "-c", f"printf '%s\\n' {' '.join(manifest.braces(paths))}"]
    expanded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert sorted(expanded.splitlines()) == sorted(paths)


def test_thousands_of_shards_are_few_words() -> None:
    paths = [f"results/status/{number:05d}.tsv" for number in range(8000)]
    assert manifest.braces(paths) == ["results/status/{00000..07999}.tsv"]
