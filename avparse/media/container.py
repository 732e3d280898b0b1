"""Opening a stranger's file: streams picked as players do, nothing else on disk reachable."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import av
from av.container import InputContainer
from av.stream import Discard

from avparse.core.errors import MediaError

_MAX_PIXELS = 64_000_000
_MAX_DURATION_S = 24 * 3600
_STRETCH_S = 120.0

# A playlist dressed up as a video could name other files: only self-contained formats, only files.
_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpeg,mpegts,mpegvideo,"
    "asf,ogg,mxf,wav,mp3,aac,h264,hevc,ivf",
}


@dataclass(frozen=True)
class MediaInfo:
    """What a file says of itself.

    Attributes:
        duration_s: seconds from the first time stamp to the last.
        has_video, has_audio: whether there is such a stream.
        stretch_s: how long pieces of it should be to be decoded apart: each begins by decoding
            from the key frame before it, or from the beginning where a file cannot be sought.
    """

    duration_s: float
    has_video: bool
    has_audio: bool
    stretch_s: float


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a video; whatever libav says against it becomes a MediaError."""
    if not path.is_file():
        raise MediaError(f"no video file {path}", "check the path")
    try:
        with av.open(str(path), options=_OPTIONS, metadata_errors="replace") as container:
            yield container
    except MemoryError:  # libav's own, too
        raise MediaError(f"{path} needs too much memory", "raise decode.memory_mb") from None
    except av.error.FFmpegError as error:
        raise MediaError(f"{path} is no readable video", error.strerror or str(error)) from None


def best(container: InputContainer, kind: Literal["video", "audio"]) -> Any:
    """The stream that players pick; None if there is none, or no decoder for it."""
    stream = container.streams.best(kind)
    return stream if stream is not None and stream.codec_context is not None else None


def alone(container: InputContainer, stream: Any) -> None:
    """Have the packets of all other streams passed over, unread where the container allows it."""
    for other in container.streams:
        other.discard = Discard.default if other.index == stream.index else Discard.all


def origin_of(container: InputContainer) -> float:
    """The time stamp that a file begins with, in seconds."""
    return (container.start_time or 0) / av.time_base


def ffmpeg_versions() -> dict[str, str]:
    """Versions of the FFmpeg libraries that decode."""
    return {name: ".".join(map(str, numbers)) for name, numbers in av.library_versions.items()}


def probe(path: Path) -> MediaInfo:
    """Read a file's header.

    Raises:
        MediaError: it is no video, or has neither pictures nor sound, or no usable length.
    """
    with open_media(path) as container:
        video, audio = best(container, "video"), best(container, "audio")
        if video is None and audio is None:
            raise MediaError(f"{path} has neither video nor audio", "use another file")
        if video is not None and video.width * video.height > _MAX_PIXELS:
            raise MediaError(f"{path} declares an absurd picture size", "re-encode it")
        lengths = [
            float(s.duration * s.time_base)
            for s in (video, audio)
            if s is not None and s.duration and s.time_base
        ]
        declared = container.duration / av.time_base if container.duration else 0.0
        duration = max([declared, *lengths])
        if not 0 < duration < _MAX_DURATION_S:
            raise MediaError(f"{path} declares a length of {duration:g} s", "re-encode it")
        stretch = _stretch(container, duration)
        return MediaInfo(duration, video is not None, audio is not None, stretch)


def _stretch(container: InputContainer, duration_s: float) -> float:
    """Two minutes, if that is ten times what a piece in the middle would begin with."""
    if duration_s <= 2 * _STRETCH_S:
        return duration_s
    origin = origin_of(container)
    wanted = duration_s / 2
    try:
        container.seek(int((origin + wanted) * av.time_base), backward=True)
        stamps = (
            packet.pts and float(packet.pts * packet.time_base) for packet in container.demux()
        )
        reached = next((stamp - origin for stamp in stamps if stamp), 0.0)
    except av.error.FFmpegError:
        return duration_s
    return _STRETCH_S if 0 <= wanted - reached <= _STRETCH_S / 10 else duration_s
