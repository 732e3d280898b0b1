"""The sound of a clip, laid where its time stamps say."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from avparse.media.container import alone, best, open_media
from avparse.media.spans import ClipSpan, DecodedSeconds
from avparse.media.timing import sample_position, timed

_SILENT = "no audio stream: silence used"
_LARGEST_RATIO, _LARGEST_HZ = 1000, 192_000
_LOUDEST = 1e6
"""Float samples reach 1; beyond this they are damage, and so is what is no number."""
_TAIL_S = 0.1
"""Of sound after the clip: more than a resampling filter reaches."""


@dataclass(frozen=True)
class Sound:
    """The sound of one clip.

    Attributes:
        samples: (n,) float32 mono from ``lead_s`` before the clip to a little after it, silence
            where there is none; empty without an audio stream.
        rate_hz: the file's sample rate, or a usual one.
        lead_s: whole seconds of sound before the clip's start.
        end_s: when the last sample ends, seconds from the clip's start.
        seconds: of the clip, of which something was decoded.
        span: the first and the last second of the file of which something was decoded so far.
        missing: seconds of the clip of which, because of damage, nothing decodes.
        over: whether the sound ended before the clip did.
        notes: whatever is odd.
    """

    samples: NDArray[np.float32]
    rate_hz: int
    lead_s: int
    end_s: float
    seconds: frozenset[int] = frozenset()
    span: tuple[int, int] = (0, 0)
    missing: frozenset[int] = frozenset()
    over: bool = False
    notes: tuple[str, ...] = ()


def decode_sounds(path: Path, windows: Sequence[ClipSpan]) -> Iterator[Sound]:
    """Decode the sound of a video once, and give each clip its own as soon as it is complete.

    Args:
        windows: clips of the video, in time order; they may overlap.
    """
    with open_media(path) as container:
        stream: Any = best(container, "audio")
        if stream is None or not stream.codec_context.sample_rate:
            nothing = Sound(np.zeros(0, np.float32), 1, 0, 0.0, over=True, notes=(_SILENT,))
            yield from (nothing for _ in windows)
            return
        rate = _workable(stream.codec_context.sample_rate)
        decoded_seconds = DecodedSeconds()
        coming, open_ = deque(windows), deque[_Track]()
        start_s = windows[0].start_s - _lead(windows[0])
        for block, position in _blocks(container, stream, start_s, rate, decoded_seconds):
            end = position + len(block)
            while coming and (coming[0].start_s - _lead(coming[0])) * rate < end:
                yield from _ended(open_, position, decoded_seconds)
                open_.append(_Track(coming.popleft(), rate))
            yield from _ended(open_, position, decoded_seconds)
            if not open_ and not coming:
                return
            for track in open_:
                track.place(block, position)
        yield from (track.sound(decoded_seconds, over=True) for track in open_)
        yield from (_Track(window, rate).sound(decoded_seconds, over=True) for window in coming)


def peaks(container: InputContainer, seconds: int, count: int) -> NDArray[np.float32] | None:
    """The largest absolute sample in each of ``count`` equal parts of a video's first seconds.

    Args:
        container: just opened.
    Returns:
        (count,) in [0, 1], 0 where there is no sound; None if none decodes.
    """
    stream: Any = best(container, "audio")
    if stream is None or not stream.codec_context.sample_rate:
        return None
    alone(container, stream)
    rate = _workable(stream.codec_context.sample_rate)
    total = seconds * rate
    out, has_audio = np.zeros(count, np.float32), False
    for block, position in _joined(_blocks(container, stream, 0.0, rate, DecodedSeconds()), rate):
        has_audio = True
        if position >= total:
            break
        first, last = max(position, 0), min(position + len(block), total)
        if first < last:
            parts = np.arange(first * count // total, (last - 1) * count // total + 1)
            begins = np.maximum(-(-parts * total // count), first) - position
            maxima = np.maximum.reduceat(np.abs(block[: last - position]), begins)
            out[parts] = np.maximum(out[parts], maxima)
    return np.where(out < _LOUDEST, np.minimum(out, 1), 0).astype(np.float32) if has_audio else None


def _joined(
    blocks: Iterator[tuple[NDArray[np.float32], int]], least: int
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """The same in larger pieces, of at least so many samples where nothing is missing between."""
    held: list[NDArray[np.float32]] = []
    begins = end = 0
    for block, position in blocks:
        if held and (position != end or end - begins >= least):
            yield np.concatenate(held), begins
            held = []
        if not held:
            begins = position
        held.append(block)
        end = position + len(block)
    if held:
        yield np.concatenate(held), begins


def _ended(
    tracks: "deque[_Track]", position: int, decoded_seconds: DecodedSeconds
) -> Iterator[Sound]:
    """Close the tracks that end before a position."""
    while tracks and position >= tracks[0].last:
        yield tracks.popleft().sound(decoded_seconds)


def _lead(window: ClipSpan) -> int:
    """Whole seconds of sound before a clip, for the filters: one, but for the first clip."""
    return 1 if window.start_s >= 1 else 0


def _blocks(
    container: InputContainer,
    stream: Any,
    start_s: float,
    rate: int,
    decoded_seconds: DecodedSeconds,
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Mono samples, and the position of the first among the file's, by time stamp."""
    to_mono = _Mono(rate)
    position: int | None = None
    for frame, time, _ in timed(container, stream, start_s, decoded_seconds):
        with np.errstate(invalid="ignore"):
            block = to_mono(frame)
        position = sample_position(time, rate, position)
        yield block, position
        position += len(block)


class _Track:
    """The samples of a clip, from its lead to its tail."""

    def __init__(self, window: ClipSpan, rate: int) -> None:
        self._window, self._rate = window, rate
        self._lead_s = _lead(window)
        self._first = round((window.start_s - self._lead_s) * rate)
        self._samples = np.zeros(
            round((window.seconds + self._lead_s + _TAIL_S) * rate), np.float32
        )
        self._end = round(window.start_s * rate)
        self.last = self._first + len(self._samples)

    def place(self, block: NDArray[np.float32], position: int) -> None:
        """Copy samples to where they belong, cutting off what falls outside."""
        at = position - self._first
        first, last = max(at, 0), min(at + len(block), len(self._samples))
        if first < last:
            self._samples[first:last] = block[first - at : last - at]
        self._end = position + len(block)

    def sound(self, decoded_seconds: DecodedSeconds, over: bool = False) -> Sound:
        """The clip."""
        end_s = self._end / self._rate - self._window.start_s
        missing = decoded_seconds.missing(self._window)
        notes = decoded_seconds.note(self._window, "sound")
        wild = ~(np.abs(self._samples) < _LOUDEST)
        if wild.any():
            self._samples[wild] = 0
            notes.append(f"{wild.sum()} samples of sound are no numbers: silence used")
        return Sound(
            self._samples,
            self._rate,
            self._lead_s,
            end_s,
            decoded_seconds.good(self._window),
            decoded_seconds.span or (0, 0),
            missing,
            over,
            tuple(notes),
        )


def _workable(rate_hz: int) -> int:
    """A rate that has much in common with 16 kHz; of a rare one like 44056, 48000.

    Filters between two rates grow with what they do not share: to gigabytes for 44099.
    """
    shared = math.gcd(rate_hz, 16000)
    usual = rate_hz <= _LARGEST_HZ and max(rate_hz, 16000) // shared <= _LARGEST_RATIO
    return rate_hz if usual else 48000


class _Mono:
    """Turns audio frames of any format into float mono at one rate."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._made: dict[str, Callable[[av.AudioFrame], list[av.AudioFrame]]] = {}

    def __call__(self, frame: av.AudioFrame) -> NDArray[np.float32]:
        if frame.format.name == "fltp" and frame.sample_rate == self._rate:
            planes = [
                np.frombuffer(bytes(plane), np.float32, frame.samples) for plane in frame.planes
            ]
            return sum(planes[1:], planes[0]) * np.float32(1 / len(planes))
        kind = f"{frame.format.name} {frame.layout.name} {frame.sample_rate}"
        if kind not in self._made:
            self._made[kind] = av.AudioResampler("fltp", frame.layout.name, self._rate).resample
        blocks = [f.to_ndarray().mean(0, dtype=np.float32) for f in self._made[kind](frame)]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
