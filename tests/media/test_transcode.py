from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avparse.core.errors import MediaError
from avparse.media.container import probe
from avparse.media.decode import decode_clip
from avparse.media.encode import write_audio
from avparse.media.spans import ClipSpan
from avparse.media.thumbnails import preview
from avparse.media.transcode import playable, write_proxy
from avparse.media.views import View


def transcoded(source: Path, target: Path, codec: str, pixels: str = "yuv420p") -> Path:
    """The pictures of a video in another container and codec, with a tone of its length."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        stream = out.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        sound = out.add_stream("libopus" if target.suffix == ".webm" else "aac", rate=48000)
        sound.layout = "mono"
        frames = [frame.to_ndarray(format="rgb24") for frame in given.decode(video=0)]
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        tone = np.sin(np.arange(48000 * len(frames) // 10 // 960 * 960) / 8, dtype=np.float32)
        if target.suffix != ".webm":
            write_audio(out, sound, tone[None] / 2, 48000)
        else:
            for first in range(0, len(tone), 960):
                piece = av.AudioFrame.from_ndarray(
                    tone[None, first : first + 960] / 2, format="flt", layout="mono"
                )
                piece.sample_rate, piece.pts = 48000, first
                out.mux(sound.encode(piece))
            out.mux(sound.encode(None))
    return target


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "wanted"),
    [
        ("a.mp4", "libx264", "yuv420p", True),
        ("a.mov", "libx264", "yuv420p", True),
        ("a.webm", "libvpx", "yuv420p", True),
        ("a.mp4", "libx264", "yuv444p", False),
        ("a.mp4", "mpeg4", "yuv420p", False),
        ("a.mkv", "libx264", "yuv420p", False),
        ("a.avi", "libx264", "yuv420p", False),
        ("a.ts", "libx264", "yuv420p", False),
    ],
)
def test_what_browsers_play(
    make_video: Callable[..., Path], name: str, codec: str, pixels: str, wanted: bool
) -> None:
    source = make_video("source.mp4", seconds=1)
    made = transcoded(source, source.with_name(name), codec, pixels)
    assert playable(made) is wanted


def test_sound_or_pictures_alone_are_played(make_video: Callable[..., Path]) -> None:
    assert playable(make_video(seconds=1, audio=False))


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "mpeg4"), ("a.ts", "libx264")])
def test_a_light_copy_is_played_and_looks_the_same(
    make_video: Callable[..., Path], tmp_path: Path, name: str, codec: str
) -> None:
    source = transcoded(make_video("source.mp4", seconds=4), tmp_path / name, codec)
    write_proxy((source, tmp_path / "light.mp4"))
    assert playable(tmp_path / "light.mp4")
    assert probe(tmp_path / "light.mp4").duration_s == pytest.approx(4, abs=0.2)
    view = View(1, 32)
    clips = [decode_clip(p, ClipSpan(0, 4), [view]) for p in (source, tmp_path / "light.mp4")]
    levels = [clip.frames[view].mean((1, 2, 3)) for clip in clips]
    assert np.abs(levels[0] - levels[1]).max() < 4
    assert np.abs(clips[1].audio).max() > 0.3


def gappy(path: Path, pieces: Sequence[float], hz: int) -> Path:
    """Ten seconds of pictures, with a second of tone from each of some times on."""
    with av.open(str(path), "w") as out:
        picture = out.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = out.add_stream("pcm_s16le", rate=hz)
        sound.layout = "mono"
        for _ in range(100):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            out.mux(picture.encode(frame))
        for begins in pieces:
            tone = np.sin(np.arange(hz) / hz * 2 * np.pi * 440) * 20000
            for first in range(0, hz, 1000):
                samples = tone[None, first : first + 1000].astype(np.int16)
                block = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
                block.sample_rate, block.pts = hz, round(begins * hz) + first
                block.time_base = Fraction(1, hz)
                out.mux(sound.encode(block))
        out.mux(picture.encode(None))
    return path


@pytest.mark.parametrize("hz", [44100, 16000])
@pytest.mark.parametrize("begins", [(0, 1, 5), (3.5, 7.2), (0, 2.02, 4.04, 6.06)])
def test_sound_stays_in_time_over_holes(tmp_path: Path, begins: tuple[float, ...], hz: int) -> None:
    source = gappy(tmp_path / "a.mkv", begins, hz)
    write_proxy((source, tmp_path / "light.mp4"))
    loud = [preview((p, 10.0)).peaks > 0.1 for p in (source, tmp_path / "light.mp4")]
    assert loud[0].sum() == pytest.approx(40 * len(begins), abs=len(begins))
    edges = [np.flatnonzero(np.diff(one.astype(int), prepend=0)) for one in loud]
    assert np.abs(edges[0] - edges[1]).max() <= 2


def test_sound_after_a_broken_time_stamp_follows_at_once(tmp_path: Path) -> None:
    source = gappy(tmp_path / "a.mkv", (0, 50_000), 16000)
    write_proxy((source, tmp_path / "light.mp4"))
    peaks = preview((tmp_path / "light.mp4", 10.0)).peaks.reshape(10, 40)
    assert (peaks > 0.1).mean(1).round().tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_a_copy_is_not_larger_than_a_page_shows(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    source = make_video(seconds=1, size=(1280, 720), fps=60)
    write_proxy((source, tmp_path / "light.mp4"))
    with av.open(str(tmp_path / "light.mp4")) as made:
        picture = made.streams.video[0]
        assert (picture.width, picture.height) == (640, 360)
        assert picture.frames <= 31


def test_what_does_not_decode_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.avi").write_bytes(b"RIFF" + bytes(2000))
    with pytest.raises(MediaError):
        write_proxy((tmp_path / "bad.avi", tmp_path / "light.mp4"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.avi"]
