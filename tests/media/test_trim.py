from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import beeps, clock_frames
from numpy.typing import NDArray

from avparse.core.errors import MediaError
from avparse.media.container import probe
from avparse.media.encode import write_video
from avparse.media.trim import trim

Make = Callable[..., Path]


def pictures(path: Path) -> tuple[list[float], list[float]]:
    """When each frame comes on screen, and which second of the source it shows."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    levels = [float(frame.to_ndarray(format="rgb24").mean()) for frame in frames]
    return [frame.time or 0.0 for frame in frames], [round((m - 20) / 10) for m in levels]


def sound(path: Path) -> tuple[NDArray[np.float32], int]:
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    return np.concatenate([frame.to_ndarray() for frame in frames], 1), frames[0].sample_rate


def beep(path: Path) -> tuple[float, float]:
    """When the tone begins and ends, seconds."""
    samples, rate = sound(path)
    loud = np.flatnonzero(np.abs(samples[0]) > 0.2)
    return loud[0] / rate, loud[-1] / rate


@pytest.mark.parametrize("start", [0, 2, 3, 2.35, 1.999])
def test_time_zero_of_a_piece_is_its_start(make_video: Make, tmp_path: Path, start: float) -> None:
    source = make_video(seconds=14, fps=20, rate=44100, at=(6,))
    assert trim(source, start, 10.0, tmp_path / "piece.mp4") == pytest.approx(10)
    times, seconds = pictures(tmp_path / "piece.mp4")
    assert len(times) == 200
    assert seconds == [int(start + time + 1e-3) for time in times]
    assert 0 <= times[0] < 0.051
    assert beep(tmp_path / "piece.mp4") == pytest.approx((6 - start, 7 - start), abs=0.002)
    assert probe(tmp_path / "piece.mp4").duration_s == pytest.approx(10, abs=0.05)


def test_a_source_that_ends_sooner_gives_a_shorter_piece(make_video: Make, tmp_path: Path) -> None:
    source = make_video(seconds=8, at=(7,))
    assert trim(source, 2.5, 10.0, tmp_path / "piece.mp4") == pytest.approx(5.5, abs=0.02)
    assert pictures(tmp_path / "piece.mp4")[1] == [2] * 5 + sorted([*range(3, 8)] * 10)
    assert beep(tmp_path / "piece.mp4")[0] == pytest.approx(4.5, abs=0.002)
    assert probe(tmp_path / "piece.mp4").duration_s == pytest.approx(5.5, abs=0.1)


def test_a_start_past_the_end_leaves_nothing(make_video: Make, tmp_path: Path) -> None:
    source = make_video(seconds=3)
    with pytest.raises(MediaError, match=r"no pictures at 30 s of .*clock\.mp4: does it end"):
        trim(source, 30, 10, tmp_path / "out" / "piece.mp4")
    assert not list((tmp_path / "out").iterdir())


def test_what_is_no_video_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.mp4").write_text("<html>")
    with pytest.raises(MediaError, match=r"page\.mp4 is no readable video"):
        trim(tmp_path / "page.mp4", 0, 10, tmp_path / "piece.mp4")
    write_video(tmp_path / "sound.mp4", [], [], beeps(3, 16000, (1,)), 16000)
    with pytest.raises(MediaError, match=r"sound\.mp4 has no pictures"):
        trim(tmp_path / "sound.mp4", 0, 10, tmp_path / "piece.mp4")
    assert not (tmp_path / "piece.mp4").exists()


def test_a_silent_source_gives_a_silent_piece(make_video: Make, tmp_path: Path) -> None:
    trim(make_video(audio=False), 1, 3, tmp_path / "piece.mp4")
    assert not probe(tmp_path / "piece.mp4").has_audio


def test_two_channels_stay_apart(tmp_path: Path) -> None:
    left, right = beeps(5, 48000, (2,)), beeps(5, 48000, (3,))
    times = np.arange(50) / 10
    frames = clock_frames(times, (64, 48))
    write_video(tmp_path / "a.mp4", frames, times, np.concatenate((left, right)), 48000)
    trim(tmp_path / "a.mp4", 0.5, 4, tmp_path / "piece.mp4")
    samples, rate = sound(tmp_path / "piece.mp4")
    starts = [np.flatnonzero(np.abs(one) > 0.2)[0] / rate for one in samples]
    assert starts == pytest.approx([1.5, 2.5], abs=0.002)


@pytest.mark.parametrize("rate", [11025, 44099])
def test_other_rates_codecs_and_odd_sides(tmp_path: Path, rate: int) -> None:
    with av.open(str(tmp_path / "odd.mkv"), "w") as container:
        video = container.add_stream("mjpeg", rate=10)
        video.width, video.height, video.pix_fmt = 65, 49, "yuvj420p"
        heard = container.add_stream("pcm_s16le", rate=rate)
        heard.layout = "mono"
        for number, picture in enumerate(clock_frames(np.arange(40) / 10, (65, 49))):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = number
            container.mux(video.encode(frame))
        samples = (beeps(4, rate, (2,)) * 32767).astype(np.int16)
        for first in range(0, samples.shape[1], 1000):
            block = np.ascontiguousarray(samples[:, first : first + 1000])
            tone = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            tone.sample_rate, tone.pts = rate, first
            container.mux(heard.encode(tone))
    trim(tmp_path / "odd.mkv", 1, 3, tmp_path / "piece.mp4")
    assert pictures(tmp_path / "piece.mp4")[1] == [1] * 10 + [2] * 10 + [3] * 10
    assert beep(tmp_path / "piece.mp4") == pytest.approx((1, 2), abs=0.005)
    with av.open(str(tmp_path / "piece.mp4")) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (64, 48)
