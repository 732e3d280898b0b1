"""Thumbnails, stills and the loudness of a video, for pages that show it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from avparse.core.errors import MediaError
from avparse.media.container import alone, best, open_media, origin_of
from avparse.media.decode import decode_clip, nothing_at
from avparse.media.sound import peaks
from avparse.media.spans import ClipSpan, DecodedSeconds
from avparse.media.timing import rate_of, timed
from avparse.media.views import View

SIDE = 80
"""Of a picture, pixels: whole blocks of a JPEG file, so that neighbours in one do not mix."""
STILL_SIDE = 112
"""Of a still, pixels."""
_PICTURES, _PICTURE_S = 12, 5
"""So many pictures, or a second each if that is fewer, or so far apart if that is more."""
_PEAKS_PER_S, _MOST_PEAKS = 40, 24000
_LONGEST_SHAPE = 8
"""Pictures longer than this are squashed before the middle is cut out."""
_NEAR_S = 0.005
"""Time stamps in milliseconds leave such gaps between frames."""
_STRETCH_S = 600


@dataclass(frozen=True)
class Preview:
    """What a video looks and sounds like.

    Attributes:
        seconds: how much of the video it covers, from its beginning.
        times: (P,) when the pictures are on screen, seconds; one in each P-th of ``seconds``.
        pictures: (P, SIDE, SIDE, 3) uint8; black where there are none.
        peaks: (N,) largest absolute sample in each N-th of ``seconds``, in [0, 1]; 40 a second,
            fewer of videos longer than ten minutes.
    """

    seconds: int
    times: tuple[float, ...]
    pictures: NDArray[np.uint8]
    peaks: NDArray[np.float32]


def preview(task: tuple[Path, float], most: int = _PICTURES) -> Preview:
    """Look through a video, in memory that does not grow with its length.

    It goes from key frame to key frame where they are near enough, so that most is never decoded.

    Args:
        task: the file and its length in seconds.
        most: pictures of a long video.
    Raises:
        MediaError: nothing of it decodes.
    """
    path, duration_s = task
    seconds = max(1, math.ceil(duration_s))
    count = min(most, max(min(seconds, _PICTURES), seconds // _PICTURE_S))
    bins = min(_PEAKS_PER_S * seconds, _MOST_PEAKS)
    with open_media(path) as container:
        loud = peaks(container, seconds, bins)
        shots = _shots(container, seconds, count)
        pictures = _pictures(container, shots) if shots[0].key is not None else None
    if pictures is None:  # of what cannot be sought
        with open_media(path) as container:
            pictures = _pictures(container, shots)
    if pictures is None and loud is None:
        raise MediaError(nothing_at(path, 0), "is the file truncated?")
    if pictures is None:
        pictures = np.zeros((count, SIDE, SIDE, 3), np.uint8)
    if loud is None:
        loud = np.zeros(bins, np.float32)
    return Preview(seconds, tuple(shot.time for shot in shots), pictures, loud)


def patience(timeout_s: float, task: tuple[Path, float]) -> float:
    """How long :func:`preview` may take: the time for a clip, again for every ten minutes."""
    return timeout_s * math.ceil(max(task[1], 1) / _STRETCH_S)


@dataclass(frozen=True)
class _Shot:
    """A picture that is wanted: when it is on screen, and the last key frame before, if known."""

    time: float
    key: float | None


def _shots(container: InputContainer, seconds: int, count: int) -> list[_Shot]:
    """In the middle of each stretch, or on the key frame before that, if it is in the stretch."""
    stream = best(container, "video")
    each = seconds / count
    shots = []
    if stream is not None:
        alone(container, stream)
    for number in range(count):
        middle = (number + 0.5) * each
        key = None if stream is None else _key(container, stream, middle)
        near = key is not None and abs(key - middle) <= each / 2
        shots.append(_Shot(key if near and key is not None else middle, key))
    return shots


def _key(container: InputContainer, stream: Any, time: float) -> float | None:
    """When the key frame is shown that players begin with to show a time."""
    base, origin = float(stream.time_base), origin_of(container)
    try:
        container.seek(round((origin + time) / base), stream=stream, backward=True)
        packet = next(container.demux(stream))
    except (av.error.FFmpegError, StopIteration, IndexError):
        return None
    if packet.pts is None or not packet.is_keyframe:
        return None
    return float(packet.pts * base) - origin


def _pictures(container: InputContainer, shots: Sequence[_Shot]) -> NDArray[np.uint8] | None:
    """(P, SIDE, SIDE, 3); after the last frame it stays on screen. None if no frame decodes."""
    stream = best(container, "video")
    if stream is None:
        return None
    film, reformatter = _Film(container, stream), VideoReformatter()
    out, any_decoded = np.zeros((len(shots), SIDE, SIDE, 3), np.uint8), False
    for number, shot in enumerate(shots):
        frame = film.at(shot)
        if frame is not None:
            out[number], any_decoded = _small(frame, reformatter), True
        elif number:
            out[number] = out[number - 1]
    return out if any_decoded else None


class _Film:
    """The frames of a video that are on screen at given times, one after the other."""

    def __init__(self, container: InputContainer, stream: Any) -> None:
        self._container, self._stream = container, stream
        self._margin = 3 / rate_of(stream)
        self._wanted = 0.0
        self._frames = self._decoded()
        self._coming: tuple[av.VideoFrame, float, float] | None = None
        self._end = -math.inf  # when the last frame that was taken leaves the screen
        alone(container, stream)
        stream.codec_context.options = {"skip_loop_filter": "nokey"}  # unseen at this size

    def at(self, shot: _Shot) -> av.VideoFrame | None:
        """The frame that is on screen at a time; None if it is that of the last time."""
        self._wanted = shot.time
        if shot.key is not None and shot.key > self._end:
            self._jump(shot.key)
        shown = None
        while self._end <= shot.time + _NEAR_S:
            self._coming = self._coming or next(self._frames, None)
            late = self._coming and self._coming[1] > shot.time + _NEAR_S
            if not self._coming or (late and self._end > -math.inf):
                break
            shown, begins, length = self._coming
            self._end, self._coming = begins + length, None
        return shown

    def _jump(self, key: float) -> None:
        ticks = round((origin_of(self._container) + key) / float(self._stream.time_base))
        self._container.seek(ticks, stream=self._stream, backward=True)
        self._frames, self._coming, self._end = self._decoded(), None, -math.inf

    def _decoded(self) -> Iterator[tuple[av.VideoFrame, float, float]]:
        return timed(self._container, self._stream, 0.0, DecodedSeconds(), self._needs)

    def _needs(self, time: float) -> bool:
        return time > self._wanted - self._margin


def _small(frame: av.VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """The middle of a frame, upright: (SIDE, SIDE, 3) RGB."""
    shorter = min(frame.width, frame.height)
    width, height = (
        min(max(SIDE, round(SIDE * side / shorter)), _LONGEST_SHAPE * SIDE)
        for side in (frame.width, frame.height)
    )
    small = reformatter.reformat(frame, width, height, "rgb24", interpolation=Interpolation.AREA)
    pixels: NDArray[np.uint8] = small.to_ndarray()  # type: ignore[assignment]
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    return np.rot90(pixels[top : top + SIDE, left : left + SIDE], round(frame.rotation / 90) % 4)


def stills(task: tuple[Path, int, int, View | None]) -> NDArray[np.uint8]:
    """Decode the picture in the middle of each of some seconds.

    Args:
        task: the file, the first second, the number of seconds, and the view whose crop is
            shown; None shows the whole picture.
    Returns:
        (seconds, STILL_SIDE, STILL_SIDE, 3) uint8 RGB.
    Raises:
        MediaError: nothing of these seconds decodes.
    """
    path, start, seconds, view = task
    still = View(1, STILL_SIDE)
    if view and view.short_side:
        still = replace(still, short_side=round(STILL_SIDE * view.short_side / view.size))
    return decode_clip(path, ClipSpan(start, seconds), [still]).frames[still]
