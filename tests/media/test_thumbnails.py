import tracemalloc
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import beeps, clock_frames

from avparse.core.errors import MediaError
from avparse.media.encode import write_audio, write_video
from avparse.media.thumbnails import SIDE, Preview, patience, preview

Make = Callable[..., Path]


def seconds_seen(shown: Preview) -> list[float]:
    """The second that each picture was made in, by its brightness."""
    levels: list[float] = np.rint((shown.pictures.mean((1, 2, 3)) - 20) / 10).tolist()
    return levels


def filmed(path: Path, codec: str, seconds: int = 10, fps: int = 25, **options: str) -> Path:
    """A clock, with the options of an encoder."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number, picture in enumerate(clock_frames(np.arange(seconds * fps) / fps, (64, 48))):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_pictures_and_peaks_follow_the_video(make_video: Make) -> None:
    shown = preview((make_video(seconds=6, at=(4,)), 6.0))
    assert shown.pictures.shape == (6, SIDE, SIDE, 3)
    assert seconds_seen(shown) == [0, 1, 2, 3, 4, 5]
    loud = shown.peaks.reshape(6, -1).max(1) > 0.3
    assert loud.tolist() == [False, False, False, False, True, False]


def test_long_video_shows_twelve_pictures_or_more_if_wanted(make_video: Make) -> None:
    path = make_video(seconds=20)
    assert len(preview((path, 20.0)).pictures) == 12
    assert len(preview((path, 20.0), 144).pictures) == 12


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.h264"])
@pytest.mark.parametrize("apart", ["1", "7", "40", "999"])
def test_pictures_are_of_their_time_wherever_key_frames_are(
    tmp_path: Path, name: str, apart: str
) -> None:
    """With frames that come out of order, and frames that nothing refers to."""
    shown = preview((filmed(tmp_path / name, "libx264", g=apart, bf="3"), 10.0))
    assert seconds_seen(shown) == list(range(10))
    assert [int(time) for time in shown.times] == list(range(10))


@pytest.mark.parametrize(
    ("name", "codec"), [("a.avi", "mpeg4"), ("a.mpg", "mpeg2video"), ("a.webm", "libvpx-vp9")]
)
def test_of_other_codecs_too(tmp_path: Path, name: str, codec: str) -> None:
    assert seconds_seen(preview((filmed(tmp_path / name, codec, g="40"), 10.0))) == list(range(10))


def test_what_is_on_screen_for_long_is_shown_for_long(make_video: Make) -> None:
    path = make_video(times=np.array([0.0, 3.2, 9.8]))
    assert seconds_seen(preview((path, 10.0))) == [0, 0, 0, 3, 3, 3, 3, 3, 3, 3]


def test_the_last_picture_stays(make_video: Make) -> None:
    assert seconds_seen(preview((make_video(seconds=4), 8.0))) == [0, 1, 2, 3, 3, 3, 3, 3]


def test_the_middle_is_shown_upright(tmp_path: Path) -> None:
    frame = np.zeros((48, 200, 3), np.uint8)
    frame[:24, 76:124] = 200
    frame[:, :60] = 255
    write_video(tmp_path / "wide.mp4", [frame] * 10, np.arange(10) / 10, np.zeros((0, 0)), 16000)
    (picture,) = preview((tmp_path / "wide.mp4", 1.0)).pictures
    assert np.abs(picture[5:35].astype(int) - 200).mean() < 10
    assert picture[45:].mean() < 10


def test_all_of_a_long_video_is_shown_in_little_memory(tmp_path: Path) -> None:
    """A quarter of an hour that beeps in its 4th and its 891st second."""
    times = np.arange(900.0)
    frames = np.broadcast_to(
        (times / 4).astype(np.uint8)[:, None, None, None], (len(times), 48, 64, 3)
    )
    path = tmp_path / "long.mp4"
    write_video(path, frames, times.tolist(), beeps(900, 8000, (3, 890)), 8000)
    preview((path, 10.0))
    tracemalloc.start()
    shown = preview((path, 900.0), 144)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6e6
    assert (shown.seconds, len(shown.pictures), len(shown.peaks)) == (900, 144, 24000)
    levels = shown.pictures.mean((1, 2, 3))
    assert np.abs(levels - np.array(shown.times) / 4).max() < 3
    assert np.array_equal(np.floor(np.array(shown.times) / 900 * 144), np.arange(144))
    loud = (np.flatnonzero(shown.peaks > 0.3) + 0.5) * 900 / 24000
    assert {int(time) for time in loud} == {3, 890}


def test_sound_alone_has_peaks_and_black_pictures(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        sound = out.add_stream("aac", rate=16000)
        sound.layout = "mono"
        write_audio(out, sound, beeps(5, 16000, (2,)), 16000)
    shown = preview((tmp_path / "a.mp4", 5.0))
    assert not shown.pictures.any()
    assert np.flatnonzero(shown.peaks.reshape(5, -1).max(1) > 0.3).tolist() == [2]


def test_pictures_alone_are_silent(make_video: Make) -> None:
    shown = preview((make_video(seconds=3, audio=False), 3.0))
    assert seconds_seen(shown) == [0, 1, 2]
    assert shown.peaks.tolist() == [0] * 120


def test_sound_that_is_no_numbers_is_silence(tmp_path: Path) -> None:
    samples = np.full((1, 16000), 0.25, np.float32)
    samples[0, 8000:8400] = np.nan
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        sound = out.add_stream("pcm_f32le", rate=16000)
        sound.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="mono")
        frame.sample_rate = 16000
        out.mux(sound.encode(frame))
    peaks = preview((tmp_path / "a.wav", 1.0)).peaks
    assert peaks.tolist() == [0.25] * 20 + [0] + [0.25] * 19


def test_what_is_left_of_a_damaged_video_is_shown(make_video: Make) -> None:
    path = make_video(at=(1, 9))
    data = bytearray(path.read_bytes())
    first, last = data.index(b"mdat"), data.index(b"moov")
    damaged = slice(first + (last - first) // 3, first + (last - first) // 2)
    data[damaged] = bytes(damaged.stop - damaged.start)
    path.write_bytes(data)
    shown = preview((path, 10.0))
    assert seconds_seen(shown)[:2] == [0, 1]
    loud = np.flatnonzero(shown.peaks.reshape(10, -1).max(1) > 0.3).tolist()
    assert {1, 9} <= set(loud)


def test_what_does_not_decode_is_said(tmp_path: Path, make_video: Make) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    with pytest.raises(MediaError, match="is no readable video"):
        preview((tmp_path / "bad.mp4", 10.0))
    cut = filmed(tmp_path / "cut.ts", "libx264")
    cut.write_bytes(cut.read_bytes()[:400])
    with pytest.raises(MediaError):
        preview((cut, 10.0))


def test_a_long_video_may_take_longer() -> None:
    assert [patience(60, (Path("a"), s)) for s in (0.0, 10.0, 600.0, 3600.0)] == [60, 60, 60, 360]
