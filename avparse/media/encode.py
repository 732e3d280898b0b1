"""Write H.264 and AAC in MP4, with any time stamps."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

from avparse.core.files import aside

TICKS_PER_S = 90000
"""Time base of H.264 streams."""
LAYOUTS = {1: "mono", 2: "stereo"}
"""Number of channels -> layout."""


def add_h264(container: OutputContainer, rate: int, **options: str) -> Any:
    """Add an H.264 stream (yuv420p, time base 1 / 90000 s); the caller sets its size.

    It is encoded in one thread: several videos are encoded at a time.

    Args:
        rate: nominal frames per second.
        options: of libx264, such as ``crf="23"``.
    """
    stream: Any = container.add_stream("libx264", rate=rate)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = 1
    stream.codec_context.time_base = stream.time_base = Fraction(1, TICKS_PER_S)
    if options:
        stream.options = options
    return stream


def add_aac(container: OutputContainer, rate_hz: int, channels: int) -> Any:
    """Add an AAC stream of one or two channels."""
    stream: Any = container.add_stream("aac", rate=rate_hz)
    stream.layout = LAYOUTS[channels]
    return stream


def write_video(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    times_s: Iterable[float],
    audio: NDArray[np.float32],
    sample_rate_hz: int,
) -> None:
    """Encode frames shown from given times, and sound.

    Args:
        frames: (H, W, 3) RGB, even sides, all alike.
        times_s: when each comes on screen, ascending.
        audio: (channels, n) samples in [-1, 1]; channels 1 or 2, or 0 for no audio track.
        sample_rate_hz: of the audio, one that AAC knows.
    """
    with aside(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        video = None
        sound = add_aac(container, sample_rate_hz, len(audio)) if len(audio) else None
        for picture, time in zip(frames, times_s, strict=True):
            if video is None:
                video = add_h264(container, 30, preset="veryfast", crf="23", bf="0")
                video.height, video.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.time_base = Fraction(1, TICKS_PER_S)
            frame.pts = round(time * TICKS_PER_S)
            container.mux(video.encode(frame))
        if video is not None:
            container.mux(video.encode(None))
        if sound is not None:
            write_audio(container, sound, audio, sample_rate_hz)


def write_audio(
    container: OutputContainer,
    stream: av.AudioStream,
    audio: NDArray[np.float32],
    sample_rate_hz: int,
) -> None:
    """Encode (channels, n) samples in [-1, 1] as the whole of a stream, from time 0."""
    block = 1024
    for first in range(0, audio.shape[1], block):
        piece = np.ascontiguousarray(audio[:, first : first + block])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=stream.layout.name)
        frame.sample_rate = sample_rate_hz
        frame.time_base = Fraction(1, sample_rate_hz)
        frame.pts = first
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
