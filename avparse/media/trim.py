"""Cut one piece out of a video, as ``ffmpeg -ss START -i FILE -t SECONDS`` does."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from avparse.core.errors import MediaError
from avparse.core.files import aside
from avparse.media.container import best, open_media, probe
from avparse.media.encode import LAYOUTS, TICKS_PER_S, add_aac, add_h264, write_audio
from avparse.media.frames import turned
from avparse.media.spans import DecodedSeconds
from avparse.media.timing import rate_of, sample_position, timed

_ROUNDING_S = 1e-6
_AAC_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)


def trim(source: Path, start_s: float, seconds: float, out: Path) -> float:
    """Re-encode a piece of a video as H.264 and AAC in MP4; its time 0 is ``start_s``.

    Frames that came on screen before the start are left out, as ffmpeg does; sound is cut at the
    sample, and at most two channels of it are kept. A source that ends sooner gives a shorter
    piece.

    Args:
        start_s: where it begins, seconds after the source's first time stamp; need not be whole.
        seconds: its length.
        out: is whole or absent.
    Returns:
        How many seconds of it there are.
    Raises:
        MediaError: the source is no readable video, or has no pictures there.
    """
    if not probe(source).has_video:
        raise MediaError(f"{source} has no pictures", "use another file")
    sound, rate = _sound(source, start_s, seconds)
    with aside(out) as temporary:
        with av.open(str(temporary), "w", format="mp4") as result, open_media(source) as container:
            # A container's streams are fixed from the first packet on.
            audio = add_aac(result, rate, len(sound)) if sound.size else None
            end = _encode_pictures(container, start_s, seconds, result)
            if audio:
                write_audio(result, audio, sound, rate)
        if not end:
            raise MediaError(f"no pictures at {start_s:g} s of {source}", "does it end before?")
    return max(end, sound.shape[1] / rate)


def _encode_pictures(
    container: InputContainer, start_s: float, seconds: float, result: OutputContainer
) -> float:
    """Encode the frames of a piece; returns when the last one leaves the screen, 0 without any."""
    source = best(container, "video")
    stream = add_h264(result, round(rate_of(source)) or 1)
    reformatter = VideoReformatter()
    end = 0.0
    for frame, at_s, length in timed(container, source, start_s, DecodedSeconds()):
        time = at_s - start_s
        if time > seconds - _ROUNDING_S:
            break
        if time < -_ROUNDING_S:
            continue
        picture = turned(frame, reformatter)
        if not end:
            _adopt(stream.codec_context, picture, source)
        end = min(time + length, seconds)
        picture.time_base = Fraction(1, TICKS_PER_S)
        picture.pts = round(max(time, 0.0) * TICKS_PER_S)
        picture.duration = round((end - max(time, 0.0)) * TICKS_PER_S)
        picture.pict_type = 0  # the source's key frames need not be ours
        result.mux(stream.encode(picture))
    if end:
        result.mux(stream.encode(None))
    return end


def _adopt(encoder: Any, picture: av.VideoFrame, source: Any) -> None:
    """Set an encoder up for pictures like the first one; its sides must be even."""
    encoder.width, encoder.height = (max(s // 2 * 2, 2) for s in (picture.width, picture.height))
    if source.sample_aspect_ratio and not round(picture.rotation / 90) % 4:
        encoder.sample_aspect_ratio = source.sample_aspect_ratio
    for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
        setattr(encoder, name, getattr(picture, name))


def _sound(source: Path, start_s: float, seconds: float) -> tuple[NDArray[np.float32], int]:
    """(channels, n) samples from ``start_s`` to where the sound ends, and their rate in Hz.

    One or two channels; none where there is no sound.
    """
    with open_media(source) as container:
        stream: Any = best(container, "audio")
        if stream is None or not stream.codec_context.sample_rate:
            return np.zeros((0, 0), np.float32), 1
        declared = stream.codec_context.sample_rate
        rate = declared if declared in _AAC_RATES_HZ else 48000
        channels = min(stream.codec_context.channels, 2)
        samples = np.zeros((channels, round(seconds * rate)), np.float32)
        end = 0
        for block, position in _blocks(container, stream, start_s, seconds, rate, channels):
            first, last = max(position, 0), min(position + block.shape[1], samples.shape[1])
            if first < last:
                samples[:, first:last] = block[:, first - position : last - position]
                end = last
    return samples[:, :end], rate


def _blocks(
    container: InputContainer, stream: Any, start_s: float, seconds: float, rate: int, channels: int
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Resampled pieces of a stream, each with the sample after ``start_s`` that it begins at."""
    position = None
    for frame, at_s, _ in timed(container, stream, start_s, DecodedSeconds()):
        time = at_s - start_s
        if time >= seconds:
            break
        begin = sample_position(time, rate, position)
        if begin != position:
            position = begin
            resampler = av.AudioResampler("fltp", LAYOUTS[channels], rate)
        frame.pts = None
        for block in resampler.resample(frame):
            yield block.to_ndarray(), position  # type: ignore[misc]
            position += block.samples
