"""Check whether browsers play a video, and write a light copy of one that they do not."""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer, OutputContainer

from avparse.core.errors import MediaError
from avparse.core.files import aside
from avparse.media.container import best, open_media, origin_of
from avparse.media.encode import TICKS_PER_S, add_aac, add_h264
from avparse.media.timing import JITTER_S

_PLAYED = {
    "mp4": ({"h264", "av1", "vp9"}, {"aac", "mp3", "opus", "flac"}),
    "webm": ({"vp8", "vp9", "av1"}, {"opus", "vorbis"}),
}
"""Container -> pictures and sound that every common browser plays in it."""
_PLAYED_PIXELS = ("yuv420p", "yuvj420p")
_MOST_PIXELS_HIGH = 360
_MOST_FRAMES_PER_S = 30
_RATE_HZ = 44100
_FRAME = 1024
"""Samples in a frame of AAC."""
_LONGEST_HOLE_S = 3600
"""In the sound; a time stamp further ahead is damage, and its sound follows at once."""


def playable(path: Path) -> bool:
    """Whether browsers play a file, as its container and codecs tell.

    Raises:
        MediaError: it does not open.
    """
    with open_media(path) as container:
        names = container.format.name.split(",")
        kind = "webm" if path.suffix.lower() == ".webm" and "webm" in names else ""
        kind = "mp4" if "mp4" in names else kind
        if not kind:
            return False
        video, audio = best(container, "video"), best(container, "audio")
        pictures, sounds = _PLAYED[kind]
        visual_plays = video is None or (
            video.codec.canonical_name in pictures and video.codec_context.pix_fmt in _PLAYED_PIXELS
        )
        return visual_plays and (audio is None or audio.codec.canonical_name in sounds)


def write_proxy(task: tuple[Path, Path]) -> None:
    """Write a light H.264 and AAC copy in MP4: at most 360 lines, 30 frames a second.

    It has the time stamp of its source.

    Args:
        task: the video, and the file to write.
    Raises:
        MediaError: it does not open, or nothing in it decodes.
    """
    source, target = task
    changed = source.stat().st_mtime_ns if source.is_file() else 0
    with open_media(source) as container, aside(target) as temporary:
        if not _transcode(container, temporary):
            raise MediaError(f"nothing of {source} decodes", "re-encode it")
        os.utime(temporary, ns=(changed, changed))


def _transcode(container: InputContainer, path: Path) -> bool:
    """Write the best streams of a video as a light MP4; whether anything decoded."""
    streams = [s for s in (best(container, "video"), best(container, "audio")) if s is not None]
    origin = origin_of(container)
    fast = {"movflags": "faststart"}
    with av.open(str(path), "w", format="mp4", options=fast) as out:
        tracks = {s.index: (_Pictures if s.type == "video" else _Sound)(out, s) for s in streams}
        for frame, stream in _frames(container, streams):
            time = 0.0 if frame.time is None else frame.time - origin
            tracks[stream.index].add(frame, time)
        for track in tracks.values():
            track.finish()
    return any(track.count for track in tracks.values())


def _frames(container: InputContainer, streams: list[Any]) -> Iterator[tuple[Any, Any]]:
    """The frames of some streams as they come; damaged packets are passed over."""
    for packet in container.demux(streams):
        try:
            for frame in packet.decode():
                yield frame, packet.stream
        except av.error.InvalidDataError:
            continue


class _Pictures:
    """The picture track of a proxy."""

    def __init__(self, out: OutputContainer, source: Any) -> None:
        height = min(_MOST_PIXELS_HIGH, source.height)
        shape = Fraction(source.width, source.height) * (source.sample_aspect_ratio or 1)
        self._out = out
        self._stream = add_h264(out, _MOST_FRAMES_PER_S, preset="veryfast", crf="28", bf="0")
        self._stream.height = max(2, height // 2 * 2)
        self._stream.width = max(2, min(2 * _MOST_PIXELS_HIGH, round(height * shape)) // 2 * 2)
        self._last_s = -1.0
        self.count = 0

    def add(self, frame: Any, time_s: float) -> None:
        """Encode a picture, unless another is shown at nearly the same time."""
        if time_s < 0 or time_s < self._last_s + 0.9 / _MOST_FRAMES_PER_S:
            return
        plain = frame.reformat(self._stream.width, self._stream.height, "yuv420p")
        plain.pict_type = av.video.frame.PictureType.NONE
        plain.time_base = Fraction(1, TICKS_PER_S)
        plain.pts = round(time_s * TICKS_PER_S)
        self._out.mux(self._stream.encode(plain))
        self._last_s = time_s
        self.count += 1

    def finish(self) -> None:
        """Encode what the encoder still holds."""
        self._out.mux(self._stream.encode(None))


class _Sound:
    """The sound track of a proxy: mono, with silence from time 0 on wherever there is none."""

    def __init__(self, out: OutputContainer, source: Any) -> None:
        self._out = out
        self._stream = add_aac(out, _RATE_HZ, channels=1)
        self._stream.bit_rate = 64000
        self._resampler: av.AudioResampler | None = None
        self._format: tuple[str, str, int] | None = None
        self._held = av.AudioFifo()  # encoders want frames of one size
        self._written = self._encoded = 0
        self._end_s = 0.0
        self.count = 0

    def add(self, frame: Any, time_s: float) -> None:
        """Encode a piece of sound, unless there already is sound at that time."""
        ahead_s = time_s - self._end_s
        if ahead_s < -JITTER_S:
            return
        if JITTER_S < ahead_s < _LONGEST_HOLE_S:
            self._flush()
            self._silence(round(time_s * _RATE_HZ) - self._written)
            self._end_s = time_s
        audio_format = frame.format.name, frame.layout.name, frame.sample_rate
        if audio_format != self._format:
            self._flush()
            self._format = audio_format
            self._resampler = av.AudioResampler("fltp", "mono", _RATE_HZ)
        self._end_s += frame.samples / frame.sample_rate
        self.count += frame.samples
        frame.pts = None
        assert self._resampler is not None
        self._write(self._resampler.resample(frame))

    def finish(self) -> None:
        """Encode what the resampler, the queue and the encoder still hold."""
        self._flush()
        self._encode(self._held.read(partial=True))
        self._out.mux(self._stream.encode(None))

    def _flush(self) -> None:
        if self._resampler is not None:
            self._write(self._resampler.resample(None))
        self._resampler = self._format = None

    def _silence(self, samples: int) -> None:
        for first in range(0, samples, _RATE_HZ):
            nothing = np.zeros((1, min(_RATE_HZ, samples - first)), np.float32)
            frame = av.AudioFrame.from_ndarray(nothing, format="fltp", layout="mono")
            frame.sample_rate = _RATE_HZ
            self._write([frame])

    def _write(self, frames: list[Any]) -> None:
        for frame in frames:
            frame.pts = None
            self._written += frame.samples
            self._held.write(frame)
        while (ready := self._held.read(_FRAME)) is not None:
            self._encode(ready)

    def _encode(self, frame: Any) -> None:
        if frame is not None:
            frame.time_base, frame.pts = Fraction(1, _RATE_HZ), self._encoded
            self._encoded += frame.samples
            self._out.mux(self._stream.encode(frame))
