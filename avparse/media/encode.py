"""Writing a video: H.264 and AAC in MP4, with any time stamps."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from avparse.core.files import aside

_TICKS = 90000


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
        sound = None
        if len(audio):
            sound = container.add_stream("aac", rate=sample_rate_hz)
            sound.layout = "mono" if len(audio) == 1 else "stereo"
        for picture, time in zip(frames, times_s, strict=True):
            if video is None:
                video = container.add_stream("libx264", rate=30)
                video.height, video.width = picture.shape[:2]
                video.pix_fmt = "yuv420p"
                video.codec_context.thread_count = 1
                video.codec_context.time_base = video.time_base = Fraction(1, _TICKS)
                video.options = {"preset": "veryfast", "crf": "23", "bf": "0"}
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.time_base = Fraction(1, _TICKS)
            frame.pts = round(time * _TICKS)
            container.mux(video.encode(frame))
        if video is not None:
            container.mux(video.encode(None))
        if sound is not None:
            write_audio(container, sound, audio, sample_rate_hz)


def write_audio(
    container: av.container.OutputContainer,
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
