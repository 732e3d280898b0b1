import re
import tracemalloc
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import beeps, clock_frames
from numpy.typing import NDArray

from avparse.core.errors import MediaError
from avparse.media.container import probe
from avparse.media.decode import DecodedClip, decode_clip, decode_clips
from avparse.media.encode import write_video
from avparse.media.resample import to_16k
from avparse.media.spans import ClipSpan
from avparse.media.views import View

VIEW = View(2, 16)
Make = Callable[..., Path]


def decode(path: Path, start: float = 0, seconds: int = 10, *views: View) -> DecodedClip:
    return decode_clip(path, ClipSpan(start, seconds), views or (VIEW,))


def seconds_shown(clip: DecodedClip) -> list[int]:
    """Which second each frame of the view belongs to, by its brightness."""
    means = clip.frames[VIEW].mean((1, 2, 3))
    return [round((mean - 20) / 10) for mean in means]


def loud_seconds(samples: NDArray[np.int16]) -> list[int]:
    levels = np.abs(samples.reshape(-1, 16000).astype(float)).mean(1)
    return np.flatnonzero(levels > 1000).tolist()


@pytest.mark.parametrize("fps", [5, 12.5, 19.62, 29.97, 60])
def test_frames_are_those_on_screen_at_their_time(make_video: Make, fps: float) -> None:
    clip = decode(make_video(fps=fps))
    assert seconds_shown(clip) == [s for s in range(10) for _ in range(2)]
    assert clip.covered_s == pytest.approx(10, abs=0.2)


def test_variable_rate_is_sampled_by_time(make_video: Make) -> None:
    rng = np.random.default_rng(1)
    times = np.unique(np.concatenate((np.arange(10), rng.uniform(0, 10, 60))))
    assert seconds_shown(decode(make_video(times=times))) == [
        s for s in range(10) for _ in range(2)
    ]


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_sound_is_where_it_was_at_any_rate(make_video: Make, rate: int) -> None:
    clip = decode(make_video(rate=rate, at=(2, 7)))
    assert clip.sample_rate_hz == rate
    assert loud_seconds(to_16k(clip, 10)) == [2, 7]


@pytest.mark.parametrize("rate", [44099, 2999, 1_600_000])
def test_a_rare_sample_rate_becomes_a_usual_one(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "rare.mkv"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=rate)
        sound.layout = "mono"
        samples = (beeps(4, rate, (2,)) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    clip = decode(path, 0, 4)
    assert clip.sample_rate_hz == 48000
    assert loud_seconds(to_16k(clip, 4)) == [2]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_samples_that_are_no_numbers_are_silence_and_said(tmp_path: Path) -> None:
    path = tmp_path / "wild.wav"
    wave = beeps(4, 16000, (2,))
    wave[:, 16000:16300] = np.repeat(np.float32([np.nan, np.inf, 3e38]), 100)
    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_f32le", rate=16000)
        sound.layout = "mono"
        frame = av.AudioFrame.from_ndarray(wave, format="flt", layout="mono")
        frame.sample_rate = 16000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    clip = decode(path, 0, 4)
    assert "300 samples of sound are no numbers: silence used" in clip.note
    assert loud_seconds(to_16k(clip, 4)) == [2]


def test_second_clip_of_a_longer_video(make_video: Make) -> None:
    path = make_video(seconds=14, at=(3, 12))
    clip = decode(path, start=10)
    assert clip.covered_s == pytest.approx(4, abs=0.2)
    assert seconds_shown(clip)[:8] == [10, 10, 11, 11, 12, 12, 13, 13]
    assert loud_seconds(to_16k(clip, 10)) == [2]


def test_a_clip_begins_with_the_frame_that_is_still_on_screen(tmp_path: Path) -> None:
    """Pictures that stay for 0.7 s; B-frames among them, which others do not refer to."""
    path = tmp_path / "slides.mkv"
    times = np.arange(0, 20, 0.7)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"bf": "3", "crf": "5"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, time in enumerate(times):
            grey = np.full((48, 64, 3), 20 + 7 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    for start in (0, 3, 6, 8, 10):
        found = decode(path, start, 4, View(4, 16)).frames[View(4, 16)].mean((1, 2, 3))
        shown = [np.searchsorted(times, start + (i + 0.5) / 4, "right") - 1 for i in range(16)]
        assert np.abs(found - (20 + 7 * np.array(shown))).max() < 3


def test_clips_meet_without_a_seam(make_video: Make) -> None:
    path = make_video(seconds=8, rate=44100, at=(3, 4))
    whole = to_16k(decode(path, 0, 8), 8)
    halves = [to_16k(decode(path, start, 4), 4) for start in (0, 4)]
    difference = np.abs(np.concatenate(halves).astype(int) - whole)
    assert difference.max() <= 1


def test_audio_that_starts_late_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("pcm_s16le", rate=16000)
        sound.layout = "mono"
        for number, picture in enumerate(clock_frames(np.arange(40) / 10, (64, 48))):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = (beeps(4, 16000, (2,))[:, 8000:] * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 16000, 8000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    assert loud_seconds(to_16k(decode(path, 0, 4), 4)) == [2]


def test_no_audio_is_silence_and_said(make_video: Make) -> None:
    clip = decode(make_video(audio=False))
    assert clip.note == "no audio stream: silence used"
    assert not to_16k(clip, 10).any()


@pytest.mark.parametrize(
    ("boxes", "note"),
    [
        ((b"avc1", b"avcC"), "no video stream: black frames used"),
        ((b"mp4a", b"esds"), "no audio stream: silence used"),
    ],
)
def test_of_two_streams_one_without_a_decoder_costs_that_one(
    make_video: Make, boxes: tuple[bytes, ...], note: str
) -> None:
    path = make_video()
    data = path.read_bytes()
    for box in boxes:
        data = data.replace(box, b"zzzz")
    path.write_bytes(data)
    assert probe(path).duration_s == pytest.approx(10, abs=0.2)
    assert decode(path).note == note


def test_a_stream_that_the_header_does_not_announce_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "surprise.flv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("flv", rate=10)
        sound = container.add_stream("libmp3lame", rate=44100)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound.layout = "mono"
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), "fltp", "mono")
        quiet.sample_rate, quiet.pts = 44100, 8 * 44100  # after what is looked at on opening
        container.mux(sound.encode(quiet))
        container.mux(sound.encode(None))
        for number, picture in enumerate(clock_frames(np.arange(120) / 10, (64, 48))):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    data = bytearray(path.read_bytes())
    data[4] = 1  # pictures alone
    path.write_bytes(data)
    assert seconds_shown(decode(path, 0, 12)) == [s for s in range(12) for _ in range(2)]


def test_audio_only_is_black_and_said(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    write_video(path, [], [], beeps(3, 16000, (1,)), 16000)
    clip = decode(path)
    assert "no video stream" in clip.note
    assert not clip.frames[VIEW].any()
    assert loud_seconds(to_16k(clip, 10)) == [1]


def test_short_video_repeats_its_last_frame(make_video: Make) -> None:
    clip = decode(make_video(seconds=3))
    assert clip.covered_s == pytest.approx(3, abs=0.2)
    assert seconds_shown(clip) == [0, 0, 1, 1] + [2] * 16


def test_several_views_in_one_pass_equal_each_alone(make_video: Make) -> None:
    path = make_video(fps=24)
    views = (View(1, 16, filter="point"), View(3, 16, short_side=20), VIEW)
    together = decode(path, 0, 10, *views)
    for view in views:
        alone = decode(path, 0, 10, view)
        assert np.array_equal(together.frames[view], alone.frames[view])


def test_rotation_flag_turns_the_left_to_the_top(tmp_path: Path) -> None:
    upright, turned = tmp_path / "a.mp4", tmp_path / "b.mp4"
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :32] = 200
    write_video(upright, [picture] * 10, np.arange(10) / 10, np.zeros((0, 0), np.float32), 16000)
    identity = _matrix(1, 0, 0, 1)
    data = upright.read_bytes()
    track = data.index(b"tkhd")
    turned.write_bytes(data[:track] + data[track:].replace(identity, _matrix(0, 1, -1, 0)))
    plain, rotated = (decode(p, 0, 1, View(1, 64)).frames[View(1, 64)] for p in (upright, turned))
    assert plain[0, :, :28].mean() > 180
    assert plain[0, :, 36:].mean() < 20
    assert np.abs(np.rot90(plain[0], -1).astype(int) - rotated[0]).mean() < 2


def _matrix(a: int, b: int, c: int, d: int) -> bytes:
    """The first two rows of a display matrix, as a track header holds them."""
    numbers = (a << 16, b << 16, 0, c << 16, d << 16, 0)
    return b"".join(n.to_bytes(4, "big", signed=True) for n in numbers)


@pytest.mark.parametrize("keep", [0.3, 0.6])
def test_a_file_cut_off_before_its_index_says_so(make_video: Make, keep: float) -> None:
    path = make_video()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(MediaError, match=r"clock\.mp4 is no readable video"):
        decode(path)


def test_damaged_packets_are_skipped_and_counted(make_video: Make) -> None:
    path = make_video(seconds=12, fps=25, size=(128, 96))
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 200
    rng = np.random.default_rng(0)
    for at in rng.integers(start, start + 1500, 300):
        data[at] = rng.integers(256)
    path.write_bytes(data)
    clip = decode(path)
    assert clip.frames[VIEW].shape == (20, 16, 16, 3)
    assert re.match(r"pictures damaged in \d+ of its seconds", clip.note)
    assert decode(path, start=10).note == ""


@pytest.mark.parametrize("content", [b"", b"no video at all", b"#EXTM3U\n#EXTINF:1,\nx.ts\n"])
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"odd\.mp4 is no readable video") as caught:
        decode(path)
    assert "\n" not in str(caught.value)


def test_a_clip_past_the_end_says_so(make_video: Make) -> None:
    with pytest.raises(MediaError, match="nothing decodes at 40 s"):
        decode(make_video(), start=40)


def encode(path: Path, seconds: int, **options: str) -> Path:
    """25 frames a second of growing brightness and B-frames among them; a rising tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(
            "libx264", rate=25, options={"bf": "2", "crf": "10", **options}
        )
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=44100)
        sound.layout = "mono"
        t = np.arange(44100 * seconds) / 44100
        wave = (0.3 * np.sin(2 * np.pi * (200 + 40 * t) * t)).astype(np.float32)
        for number in range(25 * seconds):
            grey = np.full((48, 64, 3), 20 + number // 5 % 200, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(video.encode(frame))
            piece = slice(number * 1764, (number + 1) * 1764)
            block = av.AudioFrame.from_ndarray(wave[None, piece], "fltp", "mono")
            block.sample_rate, block.pts = 44100, piece.start
            container.mux(sound.encode(block))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("hop", [2, 3, 4])
@pytest.mark.parametrize("name", ["a.mp4", "a.ts", "a.mkv"])
def test_clips_of_one_pass_are_those_decoded_alone(tmp_path: Path, name: str, hop: int) -> None:
    path = encode(tmp_path / name, 13, g="20")
    views = [View(8, 16), View(8, 16, sampling="llp"), View(16, 16, sampling="ave")]
    windows = [ClipSpan(start, 4) for start in range(0, 13 - 2, hop)]
    together = list(decode_clips(path, windows, views))
    assert len(together) == len(windows)
    for window, clip in zip(windows, together, strict=True):
        alone = decode_clip(path, window, views)
        assert clip is not None
        for view in views:
            assert np.array_equal(clip.frames[view], alone.frames[view]), (window, view)
        assert clip.covered_s == pytest.approx(alone.covered_s, abs=0.001)
        assert clip.note == alone.note
        if name != "a.mkv":  # whose time stamps are whole milliseconds, 44 samples
            # AAC fills in noise that depends on where decoding began.
            assert np.abs(to_16k(clip, 4).astype(int) - to_16k(alone, 4)).mean() < 1


def test_what_comes_after_the_end_is_nothing(make_video: Make) -> None:
    windows = [ClipSpan(start, 4) for start in (0, 4, 8, 12, 16)]
    clips = list(decode_clips(make_video(seconds=10), windows, [VIEW]))
    assert [clip and round(clip.covered_s) for clip in clips] == [4, 4, 2]


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_seconds_lost_to_damage_are_missing(tmp_path: Path, kind: str) -> None:
    """All packets of one stream from 3 to 6 s overwritten; the streams meet again after it."""
    path = encode(tmp_path / "a.mp4", 9, g="25")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for packet in container.demux(**{kind: 0}):
            if packet.size and 3 <= float(packet.pts * packet.time_base) < 6:
                data[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(data)
    clip = decode_clip(path, ClipSpan(0, 9), [View(8, 16)])
    assert set(clip.missing) >= {4} and set(clip.missing) <= {3, 4, 5, 6}
    assert clip.covered_s == pytest.approx(9, abs=0.1)
    assert "missing" in clip.note
    halves = list(decode_clips(path, [ClipSpan(0, 4), ClipSpan(4, 4)], [View(8, 16)]))
    lost = [
        {s + start for s in half.missing}
        for half, start in zip(halves, (0, 4), strict=True)
        if half
    ]
    assert set.union(*lost) == {s for s in clip.missing if s < 8}


@pytest.mark.parametrize("name", ["a.mkv", "a.ts"])
def test_seconds_that_the_demuxer_skips_are_missing(tmp_path: Path, name: str) -> None:
    """Where a container is damaged no packet arrives: both streams have a hole."""
    path = encode(tmp_path / name, 20, g="25")
    data = path.read_bytes()
    first, last = int(len(data) * 0.4), int(len(data) * 0.6)
    path.write_bytes(data[:first] + bytes(last - first) + data[last:])
    clip = decode_clip(path, ClipSpan(0, 20), [View(8, 16)])
    assert set(clip.missing) <= {7, 8, 9, 10, 11, 12}
    assert {9, 10} <= set(clip.missing)
    assert clip.covered_s == pytest.approx(20, abs=0.2)


def slides(folder: Path, times: Iterable[int], sound_s: int = 0) -> Path:
    """A picture at each of these seconds, each of another grey; and so many seconds of silence."""
    path = folder / "slides.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=1)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        sound = container.add_stream("pcm_s16le", rate=16000, layout="mono") if sound_s else None
        for time in times:
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 + time % 100, np.uint8))
            frame.pts, frame.time_base = 1000 * time, Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for second in range(sound_s):
            block = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), "s16", "mono")
            block.sample_rate, block.pts = 16000, 16000 * second
            container.mux(sound.encode(block))
    return path


def test_slides_are_no_damage(tmp_path: Path) -> None:
    """A picture every four seconds, with sound."""
    path = slides(tmp_path, range(0, 12, 4), sound_s=12)
    assert decode_clip(path, ClipSpan(0, 12), [VIEW]).missing == ()


def test_a_slide_that_stays_for_many_clips_fills_no_memory(tmp_path: Path) -> None:
    """One picture for 400 s: a hundred clips are complete at once, and made one at a time."""
    path = slides(tmp_path, (0, 1, 401, 402))
    view = View(16, 64)
    one = 4 * 16 * 64 * 64 * 3
    tracemalloc.start()
    shown = [
        clip.frames[view][:, 0, 0, 0].mean()
        for clip in decode_clips(path, [ClipSpan(start, 4) for start in range(0, 400, 4)], [view])
        if clip
    ]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(shown) == 100
    assert np.ptp(shown[1:]) < 1
    assert peak < 8 * one


def test_a_clip_without_a_frame_of_its_own_is_as_long_with_views_as_without(
    tmp_path: Path,
) -> None:
    path = slides(tmp_path, (0, 2, 25, 26))
    windows = [ClipSpan(0, 10), ClipSpan(10, 10), ClipSpan(20, 10)]
    with_views, without = (
        [clip and round(clip.covered_s, 3) for clip in decode_clips(path, windows, views)]
        for views in ([VIEW], [])
    )
    assert with_views == without
