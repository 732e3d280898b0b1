from pathlib import Path

import pytest

from avparse.core.hdf5 import write_shard
from avparse.media import frame_cache

MADE = {"clips": {"seconds": 10}}


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    """A shard without clips of one video."""
    (tmp_path / "a.mp4").write_text("one")
    path = tmp_path / "00000.h5"
    with write_shard(path, {**MADE, "videos": frame_cache.fingerprints({"a": tmp_path / "a.mp4"})}):
        pass
    return path


def test_frames_fit_the_very_same_videos(shard: Path) -> None:
    video = shard.parent / "a.mp4"
    assert frame_cache.fit(shard, {"a": video}, "audio", MADE)
    assert not frame_cache.fit(shard, {"b": video}, "audio", MADE)
    assert not frame_cache.fit(shard, {"a": video, "b": video}, "audio", MADE)
    assert not frame_cache.fit(shard.parent / "none.h5", {"a": video}, "audio", MADE)
    assert not frame_cache.fit(shard, {"a": video}, "audio", {"clips": {"seconds": 7}})
    video.write_text("another")
    assert not frame_cache.fit(shard, {"a": video}, "audio", MADE)


def test_damaged_frames_do_not_fit(shard: Path) -> None:
    shard.write_bytes(shard.read_bytes()[:100])
    assert not frame_cache.fit(shard, {"a": shard.parent / "a.mp4"}, "audio", MADE)


def test_the_last_reader_deletes(shard: Path) -> None:
    frame_cache.claim(shard, ["vgg19", "timm:x"])
    frame_cache.release(shard, "vgg19")
    frame_cache.release(shard, "vgg19")
    assert shard.exists()
    frame_cache.release(shard, "timm:x")
    assert not shard.exists()
    assert [path.name for path in shard.parent.iterdir()] == ["a.mp4"]


def test_without_readers_it_stays(shard: Path) -> None:
    frame_cache.claim(shard, [])
    frame_cache.release(shard, "vgg19")
    assert shard.exists()


def test_claims_are_those_of_the_last_decoding(shard: Path) -> None:
    frame_cache.claim(shard, ["vgg19", "vggish"])
    frame_cache.claim(shard, ["vggish"])
    frame_cache.release(shard, "vggish")
    assert not shard.exists()


def test_what_cannot_be_looked_at_has_no_fingerprint_but_its_path(tmp_path: Path) -> None:
    circle = tmp_path / "circle.mp4"
    circle.symlink_to(circle)
    for path in (tmp_path / "gone.mp4", tmp_path / ("long" * 70), circle):
        assert frame_cache.fingerprints({"a": path}) == {"a": [str(path)]}
