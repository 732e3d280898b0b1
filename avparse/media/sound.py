"""The sound of a clip, laid where its time stamps say."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from avparse.media.container import best, open_media
from avparse.media.timing import timed

_LARGEST_RATIO, _LARGEST_HZ = 1000, 192_000
_JITTER_S = 0.05
"""Time stamps that stray less than this from the running sample count are rounding."""
_LOUDEST = 1e6
"""Float samples reach 1; beyond this they are damage, and so is what is no number."""


def decode_sound(
    path: Path, start_s: float, seconds: float, notes: list[str]
) -> tuple[NDArray[np.float32], int, float]:
    """Mono samples, their rate (the file's, or a usual one), and when the last one ends."""
    with open_media(path) as container:
        stream: Any = best(container, "audio")
        if stream is None or not stream.codec_context.sample_rate:
            notes.append("no audio stream: silence used")
            return np.zeros(0, np.float32), 1, 0.0
        rate = _workable(stream.codec_context.sample_rate)
        samples = np.zeros(round(seconds * rate), np.float32)
        to_mono = _Mono(rate)
        position: int | None = None
        end = 0.0
        for frame, time, _ in timed(container, stream, start_s, notes):
            if time >= seconds:
                break
            with np.errstate(invalid="ignore"):
                block = to_mono(frame)
            stamped = round(time * rate)
            if position is None or abs(stamped - position) > _JITTER_S * rate:
                position = stamped
            _place(samples, block, position)
            position += len(block)
            end = position / rate
    wild = ~(np.abs(samples) < _LOUDEST)
    if wild.any():
        samples[wild] = 0
        notes.append(f"{wild.sum()} samples of sound are no numbers: silence used")
    return samples, rate, end


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


def _place(samples: NDArray[np.float32], block: NDArray[np.float32], position: int) -> None:
    """Copy ``block`` to ``position``, cutting off what falls outside."""
    first, last = max(position, 0), min(position + len(block), len(samples))
    if first < last:
        samples[first:last] = block[first - position : last - position]
