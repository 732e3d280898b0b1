"""One clip of a video: frames and samples by presentation time, never by count."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from avparse.errors import MediaError
from avparse.media.container import open_media
from avparse.media.views import View

_SEEK_MARGIN_S = 0.5
_AUDIO_JITTER_S = 0.05
"""Time stamps that stray less than this from the running sample count are rounding."""


@dataclass(frozen=True)
class DecodedClip:
    """The pictures and the sound of one clip.

    Attributes:
        frames: view key -> (F, size, size, 3) uint8 RGB.
        audio: (n,) float32 mono samples at ``sample_rate_hz``, from ``lead_s`` before the clip
            to a second after it, silence where there is none; empty without an audio stream.
        sample_rate_hz: of the source.
        lead_s: whole seconds of audio before the clip's start.
        covered_s: how much of the clip the file really covers.
        note: what was odd, or empty.
    """

    frames: dict[str, NDArray[np.uint8]]
    audio: NDArray[np.float32]
    sample_rate_hz: int
    lead_s: int
    covered_s: float
    note: str


@dataclass(frozen=True)
class ClipRequest:
    """Which clip to decode, and how.

    Attributes:
        path: the source video.
        start_s: the clip's start, whole seconds after the file's first time stamp.
        seconds: the clip's length.
        views: what to make of the frames.
    """

    path: Path
    start_s: float
    seconds: int
    views: tuple[View, ...]


def decode_clip(request: ClipRequest) -> DecodedClip:
    """Decode one clip of a file: every view of its frames, and its sound.

    Raises:
        MediaError: the file does not open, or nothing in this clip decodes.
    """
    path, start_s, seconds = request.path, request.start_s, request.seconds
    notes: list[str] = []
    frames, video_end = _pictures(request, notes)
    lead = 1 if start_s >= 1 else 0
    audio, rate, audio_end = _sound(path, start_s - lead, seconds + lead + 1, notes)
    covered = min(max(video_end, audio_end - lead), float(seconds))
    if covered <= 0:
        raise MediaError(f"nothing decodes at {start_s:g} s of {path}", "is the file truncated?")
    return DecodedClip(frames, audio, rate, lead, covered, "; ".join(notes))


def _pictures(request: ClipRequest, notes: list[str]) -> tuple[dict[str, NDArray[np.uint8]], float]:
    """The frames of every view, and when the last one leaves the screen."""
    picks = _Picks(request.views, request.seconds)
    with open_media(request.path) as container:
        stream = container.streams.best("video")
        if stream is None:
            notes.append("no video stream: black frames used")
            return picks.black(), 0.0
        end = 0.0
        for frame, time, length in _timed(container, stream, request.start_s, notes):
            end = time + length
            picks.offer(frame, time)
            if picks.done() and end >= request.seconds:
                break
    return picks.finish(notes), end


class _Picks:
    """Chooses, for each wanted time, the frame that is on screen then."""

    def __init__(self, views: Sequence[View], seconds: int) -> None:
        self._views = views
        self._frames = {
            view.key: np.zeros((seconds * view.rate, view.size, view.size, 3), np.uint8)
            for view in views
        }
        wanted = [
            (float(time), view, index)
            for view in views
            for index, time in enumerate(view.times(seconds))
        ]
        self._wanted = deque(sorted(wanted, key=lambda w: w[0]))
        self._shown: av.VideoFrame | None = None
        self._rendered: dict[str, NDArray[np.uint8]] = {}

    def offer(self, frame: av.VideoFrame, time: float) -> None:
        """Tell that ``frame`` comes on screen at ``time``: what was wanted before is settled."""
        if self._shown is None:
            self._show(frame)
        while self._wanted and self._wanted[0][0] < time:
            self._take()
        self._show(frame)

    def done(self) -> bool:
        return not self._wanted

    def finish(self, notes: list[str]) -> dict[str, NDArray[np.uint8]]:
        """Settle the rest with the last frame."""
        if self._shown is None:
            notes.append("no frame decodes: black frames used")
            return self._frames
        while self._wanted:
            self._take()
        return self._frames

    def black(self) -> dict[str, NDArray[np.uint8]]:
        return self._frames

    def _show(self, frame: av.VideoFrame) -> None:
        self._shown = frame
        self._rendered = {}

    def _take(self) -> None:
        _, view, index = self._wanted.popleft()
        if view.key not in self._rendered:
            assert self._shown is not None
            if "source" not in self._rendered:
                self._rendered["source"] = _upright(self._shown)
            self._rendered[view.key] = view.render(self._rendered["source"])
        self._frames[view.key][index] = self._rendered[view.key]


def _upright(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """(H, W, 3) RGB with the rotation flag applied (degrees counter-clockwise)."""
    picture: NDArray[np.uint8] = frame.to_ndarray(format="rgb24")  # type: ignore[assignment]
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def _timed(
    container: InputContainer, stream: Any, start_s: float, notes: list[str]
) -> Iterator[tuple[Any, float, float]]:
    """Frames of a stream with their time and length in seconds, 0 at ``start_s``."""
    origin = (container.start_time or 0) / av.time_base + start_s
    stream.codec_context.thread_count = 1
    if start_s > 0:
        container.seek(int((origin - _SEEK_MARGIN_S) * av.time_base), backward=True)
    usual = float(1 / stream.average_rate) if getattr(stream, "average_rate", None) else 0.0
    expected = -start_s
    damaged = 0
    for packet in container.demux(stream):
        try:
            decoded = packet.decode()
        except av.error.InvalidDataError:
            damaged += 1
            continue
        for frame in decoded:
            time = expected if frame.time is None else frame.time - origin
            length = _length(frame, usual)
            expected = time + length
            yield frame, time, length
    if damaged:
        notes.append(f"{damaged} damaged {stream.type} packets skipped")


def _length(frame: Any, usual: float) -> float:
    if isinstance(frame, av.AudioFrame):
        return frame.samples / frame.sample_rate
    if frame.duration and frame.time_base:
        return float(frame.duration * frame.time_base)
    return usual


def _sound(
    path: Path, start_s: float, seconds: int, notes: list[str]
) -> tuple[NDArray[np.float32], int, float]:
    """Mono samples, their rate, and when the last one ends (seconds from ``start_s``)."""
    with open_media(path) as container:
        stream: Any = container.streams.best("audio")
        if stream is None or not stream.codec_context.sample_rate:
            notes.append("no audio stream: silence used")
            return np.zeros(0, np.float32), 1, 0.0
        rate: int = stream.codec_context.sample_rate
        samples = np.zeros(seconds * rate, np.float32)
        to_mono = _Mono(rate)
        position: int | None = None
        end = 0.0
        for frame, time, _ in _timed(container, stream, start_s, notes):
            if time >= seconds:
                break
            block = to_mono(frame)
            stamped = round(time * rate)
            if position is None or abs(stamped - position) > _AUDIO_JITTER_S * rate:
                position = stamped
            _place(samples, block, position)
            position += len(block)
            end = position / rate
    return samples, rate, end


class _Mono:
    """Turns audio frames of any format into float mono at one rate."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._made: dict[str, Callable[[av.AudioFrame], list[av.AudioFrame]]] = {}

    def __call__(self, frame: av.AudioFrame) -> NDArray[np.float32]:
        kind = f"{frame.format.name} {frame.layout.name} {frame.sample_rate}"
        if kind not in self._made:
            self._made[kind] = av.AudioResampler("fltp", frame.layout.name, self._rate).resample
        blocks = [f.to_ndarray().mean(axis=0, dtype=np.float32) for f in self._made[kind](frame)]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _place(samples: NDArray[np.float32], block: NDArray[np.float32], position: int) -> None:
    """Copy ``block`` to ``position``, cutting off what falls outside."""
    first, last = max(position, 0), min(position + len(block), len(samples))
    if first < last:
        samples[first:last] = block[first - position : last - position]
