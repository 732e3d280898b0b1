"""Frames with their presentation time, and that time without decoding them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import av
import numpy as np
from av.container import InputContainer

from avparse.media.container import origin_of
from avparse.media.sampling import Shown
from avparse.media.sandbox import alive
from avparse.media.spans import DecodedSeconds

JITTER_S = 0.05
"""Audio time stamps that differ less than this from the running sample count are rounding."""
_SEEK_MARGIN_S = 0.5
_SKIPPING = ("h264", "hevc")
"""Decoders that leave out frames one by one without a trace in the others."""


def timed(
    container: InputContainer,
    stream: Any,
    start_s: float,
    decoded_seconds: DecodedSeconds,
    needs: Callable[[float], bool] | None = None,
) -> Iterator[tuple[Any, float, float]]:
    """Decode a stream: frames with their time and length, seconds of the file's time.

    Args:
        start_s: frames from a little before here on are of interest.
        decoded_seconds: records the seconds in which something decodes or is damaged.
        needs: whether the frame at a time is wanted; others that no frame refers to are skipped.
    """
    _seek(container, start_s)
    origin = origin_of(container)
    decoder = stream.codec_context
    if not decoder.is_open:
        decoder.thread_count = 1
    usual = 1 / rate_of(stream) if stream.type == "video" else 0.0
    base = float(stream.time_base)
    expected = 0.0
    skips = needs and decoder.name in _SKIPPING
    for packet in _packets(container, stream):
        stamp = packet.pts if packet.pts is not None else packet.dts
        due = expected if stamp is None else float(stamp * base) - origin
        if due < start_s:
            alive()
        if needs and skips and packet.pts is not None:
            decoder.skip_frame = "DEFAULT" if needs(due) else "NONREF"
        try:
            decoded = packet.decode()
        except MemoryError:  # libav's own, too
            raise
        except av.error.FFmpegError:  # of damage, decoders say all sorts of things
            decoded_seconds.saw(due, whole=False)
            continue
        for frame in decoded:
            time = expected if frame.time is None else frame.time - origin
            length = _length(frame, base, usual)
            expected = time + length
            decoded_seconds.saw(time, whole=not frame.is_corrupt)
            yield frame, time, length


def shown(container: InputContainer, stream: Any, start_s: float, until_s: float) -> Shown:
    """When a video stream's frames come on screen, from its packets alone.

    Args:
        start_s: frames from a little before here on are listed, seconds of the file's time.
        until_s: frames from here on are left out.
    """
    _seek(container, start_s)
    origin = origin_of(container)
    base, rate = float(stream.time_base), rate_of(stream)
    packets, goes_on = [], False
    for number, packet in enumerate(_packets(container, stream)):
        if not packet.size or packet.is_discard:
            continue
        stamp = packet.pts if packet.pts is not None else packet.dts
        time = number / rate if stamp is None else float(stamp * base) - origin
        # Packets come in order of decoding, and are shown no sooner than they are decoded.
        if packet.dts is not None and float(packet.dts * base) - origin >= until_s:
            goes_on = True
            break
        if time < until_s:
            packets.append((time, float((packet.duration or 0) * base)))
    times, lengths = np.array(sorted(packets), np.float64).reshape(-1, 2).T
    return Shown(times, lengths, rate, goes_on)


def _packets(container: InputContainer, stream: Any) -> Iterator[Any]:
    """The packets of a stream."""
    # Where a stream turned up that was not there on opening, PyAV ends so.
    with suppress(IndexError):
        yield from container.demux(stream)


def sample_position(time_s: float, rate_hz: int, expected: int | None) -> int:
    """The position of a frame's first sample, by its time stamp.

    Args:
        expected: where the samples before it end; it counts if the time stamp is close to it.
    """
    stamped = round(time_s * rate_hz)
    if expected is None or abs(stamped - expected) > JITTER_S * rate_hz:
        return stamped
    return expected


def rate_of(stream: Any) -> float:
    """Frames per second that a video stream declares; 25 where it declares nothing usable."""
    declared = float(stream.guessed_rate or stream.average_rate or 0)
    return declared if 0 < declared <= 1000 else 25.0


def _seek(container: InputContainer, start_s: float) -> None:
    """Go to just before a time; where a file cannot be sought, it is read from its beginning."""
    if start_s > 0:
        target = origin_of(container) + start_s - _SEEK_MARGIN_S
        with suppress(av.error.FFmpegError):
            container.seek(int(target * av.time_base), backward=True)


def _length(frame: Any, base: float, usual: float) -> float:
    if isinstance(frame, av.AudioFrame):
        return frame.samples / frame.sample_rate
    return frame.duration * base if frame.duration else usual
