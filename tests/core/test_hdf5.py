from pathlib import Path

import h5py
import numpy as np
import pytest

from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.hdf5 import Shard, read_clips, read_rows, write_shard

ONE = Clip("a_0_10", "a", 0.0, 10.0, 10)
TWO = Clip("ä_10_20", "ä", 10.0, 3.25, 3, "no audio stream: silence used")


def array(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(4, 3)).astype(np.float32)


def write(path: Path, *clips: Clip, seed: int = 0, made: str = "test") -> None:
    with write_shard(path, {"stage": made, "n": [1, 2]}) as shard:
        for row, clip in enumerate(clips):
            shard.append(clip, {"x": array(seed + row)})


def test_clips_arrays_failures_and_provenance_come_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "00000.h5"
    pictures = np.arange(2 * 5 * 6 * 3, dtype=np.uint8).reshape(2, 5, 6, 3)
    with write_shard(path, {"stage": "test", "n": [1, 2]}) as shard:
        shard.append(ONE, {"x": array(0), "frames": pictures})
        shard.fail("bad.mp4", "moov atom not found: ü")
        shard.append(TWO, {"x": array(1), "frames": pictures + 1})
    with Shard(path) as read:
        assert read.clips == [ONE, TWO]
        assert read.failed == [("bad.mp4", "moov atom not found: ü")]
        assert read.provenance == {"stage": "test", "n": [1, 2]}
        assert read.names() == ["frames", "x"]
        assert read.array("x").dtype == np.float32
        np.testing.assert_array_equal(read.array("x")[1], array(1))
        np.testing.assert_array_equal(read.array("frames")[:], [pictures, pictures + 1])


def test_a_shard_where_all_failed(tmp_path: Path) -> None:
    with write_shard(tmp_path / "x.h5", {}) as shard:
        shard.fail("bad.mp4", "empty file")
    with Shard(tmp_path / "x.h5") as read:
        assert (read.clips, read.names()) == ([], [])
        assert read.failed == [("bad.mp4", "empty file")]


def test_a_broken_write_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stop"), write_shard(tmp_path / "x.h5", {}) as shard:
        shard.append(ONE, {"x": array(0)})
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_equal_shards_are_equal_byte_for_byte(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", ONE, TWO)
    write(tmp_path / "b.h5", ONE, TWO)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_rows_of_shards_go_where_they_are_wanted(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.h5" for i in range(3)]
    write(paths[0], TWO, ONE, made="first")  # rows from 0 and 1
    write(paths[1], made="empty")
    write(paths[2], ONE, TWO, seed=5, made="last")  # from 5 and 6
    clips, made = read_clips(paths)
    assert clips == [[TWO, ONE], [], [ONE, TWO]]
    assert [one["stage"] for one in made] == ["first", "empty", "last"]
    found = read_rows(paths, "x", [[None, 2], [], [1, 0]], 3)
    assert found is not None
    np.testing.assert_array_equal(found, [array(6), array(5), array(1)])


@pytest.mark.parametrize("seed", range(20))
def test_runs_of_rows_are_the_rows(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    path = tmp_path / "x.h5"
    write(path, *[ONE] * 9)
    chosen = sorted(rng.choice(9, int(rng.integers(1, 10)), replace=False))
    order = rng.permutation(len(chosen)) if seed % 2 else np.arange(len(chosen))
    places: list[int | None] = [None] * 9
    for row, place in zip(chosen, order, strict=True):
        places[row] = int(place)
    found = read_rows([path], "x", [places], len(chosen))
    assert found is not None
    for row, place in zip(chosen, order, strict=True):
        np.testing.assert_array_equal(found[place], array(int(row)))


def test_no_rows_of_no_clip(tmp_path: Path) -> None:
    write(tmp_path / "x.h5")
    assert read_clips([tmp_path / "x.h5"])[0] == [[]]
    assert read_rows([tmp_path / "x.h5"], "x", [[]], 0) is None


@pytest.mark.parametrize("content", [b"", b"no hdf5 at all", b"\x89HDF\r\n\x1a\n" + b"x" * 90])
def test_a_file_that_is_no_shard(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.h5"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"^cannot read {path}: delete it and run again \(.+\)"):
        Shard(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        Shard(tmp_path / "x.h5")
    assert str(caught.value) == f"no file {tmp_path / 'x.h5'}: run the stage that makes it"


def test_an_unfinished_shard(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w"):
        pass
    with pytest.raises(DataError, match=r"x\.h5 is not finished: delete it and run again$"):
        Shard(tmp_path / "x.h5")


def test_an_array_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path / "x.h5", ONE)
    with Shard(tmp_path / "x.h5") as shard, pytest.raises(DataError) as caught:
        shard.array("frames")
    assert str(caught.value) == f"no array 'frames' in {tmp_path / 'x.h5'}: found: ['x']"
