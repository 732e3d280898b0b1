import errno
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from avparse.core.errors import MediaError
from avparse.media.container import open_media, probe


def test_probe_tells_length_and_streams(make_video: Callable[..., Path]) -> None:
    info = probe(make_video(seconds=4))
    assert info.duration_s == pytest.approx(4, abs=0.1)
    assert (info.has_video, info.has_audio) == (True, True)
    assert not probe(make_video("mute.mp4", audio=False)).has_audio


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"no video file .*gone\.mp4: check the path"):
        probe(tmp_path / "gone.mp4")


@pytest.mark.parametrize("error", [MemoryError(), av.error.MemoryError(errno.ENOMEM, "of libav")])
def test_too_little_memory_is_said(make_video: Callable[..., Path], error: Exception) -> None:
    with (
        pytest.raises(MediaError, match=r"clock\.mp4 needs too much memory"),
        open_media(make_video(seconds=1)),
    ):
        raise error


def test_a_playlist_cannot_name_other_files(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    secret = make_video("secret.mp4")
    lure = tmp_path / "lure.mp4"
    lure.write_text(f"ffconcat version 1.0\nfile {secret.name}\n")
    with pytest.raises(MediaError, match=r"lure\.mp4 is no readable video"):
        probe(lure)
