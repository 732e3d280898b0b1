"""Frames with their presentation time, and that time without decoding them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import av
import numpy as np
from av.container import InputContainer

from avparse.media.sampling import Shown

_SEEK_MARGIN_S = 0.5
_SKIPPING = ("h264", "hevc")
"""Decoders that leave out frames one by one without a trace in the others."""


def timed(
    container: InputContainer,
    stream: Any,
    start_s: float,
    notes: list[str],
    needs: Callable[[float], bool] | None = None,
) -> Iterator[tuple[Any, float, float]]:
    """Decode a stream: frames with their time and length in seconds, 0 at ``start_s``.

    Args:
        notes: gets a line if packets are damaged.
        needs: whether the frame at a time is wanted; others that no frame refers to are skipped.
    """
    origin = _seek(container, start_s)
    decoder = stream.codec_context
    decoder.thread_count = 1
    usual = 1 / rate_of(stream) if stream.type == "video" else 0.0
    base = float(stream.time_base)
    expected = -start_s
    damaged = 0
    skips = needs and decoder.name in _SKIPPING
    try:
        for packet in _packets(container, stream):
            if needs and skips and packet.pts is not None:
                wanted = needs(float(packet.pts * base) - origin)
                decoder.skip_frame = "DEFAULT" if wanted else "NONREF"
            try:
                decoded = packet.decode()
            except MemoryError:
                raise
            except av.error.FFmpegError:  # of damage, decoders say all sorts of things
                # Where decoding begins in the middle, what comes before the clip may well not.
                damaged += packet.pts is None or float(packet.pts * base) >= origin
                continue
            for frame in decoded:
                time = expected if frame.time is None else frame.time - origin
                length = _length(frame, base, usual)
                expected = time + length
                yield frame, time, length
    finally:  # whoever has seen enough of a clip stops asking
        if damaged:
            notes.append(f"{damaged} damaged {stream.type} packets skipped")


def shown(container: InputContainer, stream: Any, start_s: float, until_s: float) -> Shown:
    """When a video stream's frames come on screen, from its packets alone.

    Args:
        start_s: where the clip begins, seconds after the file's first time stamp.
        until_s: frames from here on are left out, seconds from ``start_s``.
    """
    origin = _seek(container, start_s)
    base, rate = float(stream.time_base), rate_of(stream)
    found = []
    for number, packet in enumerate(_packets(container, stream)):
        if not packet.size or packet.is_discard:
            continue
        stamp = packet.pts if packet.pts is not None else packet.dts
        time = number / rate - start_s if stamp is None else float(stamp * base) - origin
        # Packets come in order of decoding, and are shown no sooner than they are decoded.
        if packet.dts is not None and float(packet.dts * base) - origin >= until_s:
            break
        if 0 <= time < until_s:
            length = float((packet.duration or 0) * base)
            found.append((time, min(length, until_s - time)))
    times, lengths = np.array(sorted(found), np.float64).reshape(-1, 2).T
    return Shown(times, lengths, rate)


def _packets(container: InputContainer, stream: Any) -> Iterator[Any]:
    """The packets of a stream."""
    # Where a stream turned up that was not there on opening, PyAV ends so.
    with suppress(IndexError):
        yield from container.demux(stream)


def rate_of(stream: Any) -> float:
    """Frames per second that a video stream declares; 25 where it declares nothing usable."""
    declared = float(stream.guessed_rate or stream.average_rate or 0)
    return declared if 0 < declared <= 1000 else 25.0


def _seek(container: InputContainer, start_s: float) -> float:
    """Go to just before the clip; returns the time stamp of its start, in seconds."""
    origin = (container.start_time or 0) / av.time_base + start_s
    if start_s > 0:
        # Where a file cannot be sought, decoding goes from its beginning.
        with suppress(av.error.FFmpegError):
            container.seek(int((origin - _SEEK_MARGIN_S) * av.time_base), backward=True)
    return origin


def _length(frame: Any, base: float, usual: float) -> float:
    if isinstance(frame, av.AudioFrame):
        return frame.samples / frame.sample_rate
    return frame.duration * base if frame.duration else usual
