"""The frames of a clip, in every view that an extractor wants, in one pass over the video."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from avparse.media.container import best, open_media
from avparse.media.geometry import Picture, render
from avparse.media.jpeg import JpegFiles
from avparse.media.sampling import RULES, Shown
from avparse.media.spans import ClipSpan, DecodedSeconds
from avparse.media.timing import shown, timed
from avparse.media.views import View

_ROUNDING_S = 1e-6
_AHEAD_S = 2.0
"""Packets are read before the frames that come on screen first: clips are planned this early."""


@dataclass(frozen=True)
class Pictures:
    """The frames of one clip.

    Attributes:
        frames: for each view (F, size, size, 3) uint8 RGB; black where there is no picture.
        end_s: when the last frame leaves the screen, seconds from the clip's start.
        seconds: of the clip, in which frames come on screen.
        missing: seconds of the clip of which, because of damage, no frame decodes.
        over: whether the video ended before the clip did.
        notes: whatever is odd.
    """

    frames: dict[View, NDArray[np.uint8]]
    end_s: float
    seconds: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    over: bool = False
    notes: tuple[str, ...] = ()


def decode_pictures(
    path: Path, windows: Sequence[ClipSpan], views: Sequence[View]
) -> Iterator[Pictures]:
    """Decode a video once, and give each clip its views as soon as they are complete.

    Args:
        windows: clips of the video, in time order; they may overlap.
    """
    with open_media(path) as container:
        stream = best(container, "video")
        if stream is None:
            note = ("no video stream: black frames used",)
            for window in windows:
                yield Pictures(_black(views, window.seconds), 0.0, over=True, notes=note)
            return
        plan = shown(container, stream, windows[0].start_s, windows[-1].until_s)
    if not views:
        for window in windows:
            over = plan.end < window.end_s
            yield Pictures({}, plan.end_of(window), plan.seconds(window), over=over)
        return
    with open_media(path) as container:
        stream = best(container, "video")
        decoded_seconds = DecodedSeconds()
        reel = _Reel(windows, views, plan)
        for frame, time, length in timed(
            container, stream, windows[0].start_s, decoded_seconds, reel.needs
        ):
            for picker in reel.offer(frame, time, time + length):
                yield picker.pictures(decoded_seconds)
            if reel.over():
                break
        yield from (picker.pictures(decoded_seconds, over=True) for picker in reel.rest())


def _black(views: Sequence[View], seconds: int) -> dict[View, NDArray[np.uint8]]:
    return {view: np.zeros(view.shape(seconds), np.uint8) for view in views}


class _Reel:
    """Hands the frames of a video to the clips that are under way."""

    def __init__(self, windows: Sequence[ClipSpan], views: Sequence[View], plan: Shown) -> None:
        self._coming = deque(windows)
        self._views = views
        self._plan = plan
        self._open: deque[_Picker] = deque()
        self._last: tuple[av.VideoFrame, float, float] | None = None

    def needs(self, time: float) -> bool:
        """Whether the frame that comes on screen at ``time`` is wanted, or may still be there."""
        self._begin(time + _AHEAD_S)
        return any(picker.needs(time) for picker in self._open)

    def offer(self, frame: av.VideoFrame, time: float, end: float) -> Iterator["_Picker"]:
        """Tell that ``frame`` is on screen from ``time`` to ``end``; gives the clips it completes.

        Each before the next one renders anything: a frame may stay on screen for many clips.
        """
        self._begin(time)
        self._last = frame, time, end
        for _ in range(len(self._open)):
            picker = self._open.popleft()
            picker.offer(frame, time, end)
            if picker.done():
                yield picker
            else:
                self._open.append(picker)

    def over(self) -> bool:
        """Whether no clip wants any more."""
        return not self._open and not self._coming

    def rest(self) -> Iterator["_Picker"]:
        """The clips that the video ended in or before."""
        while not self.over():
            if not self._open:
                self._begin(self._coming[0].start_s)
            yield self._open.popleft()

    def _begin(self, time: float) -> None:
        """Open the clips that have begun at a time, with the frame that is still on screen."""
        while self._coming and self._coming[0].start_s <= time:
            picker = _Picker(self._coming.popleft(), self._views, self._plan)
            if self._last:
                picker.offer(*self._last)
            self._open.append(picker)


@dataclass
class _Shot:
    """A frame that is wanted: the one on screen at ``time``, for some rows of some views."""

    time: float
    jpeg: JpegFiles | None
    rows: dict[View, list[int]] = field(default_factory=dict)


class _Picker:
    """Chooses, for each wanted time of a clip, the frame that is on screen then; renders it."""

    def __init__(self, window: ClipSpan, views: Sequence[View], plan: Shown) -> None:
        self._window = window
        self._views = views
        self._out: dict[View, NDArray[np.uint8]] = {}
        own = plan.within(window)
        self._wanted = deque(_shots(views, window.seconds, own))
        wanted = [window.start_s + shot.time + _ROUNDING_S for shot in self._wanted]
        places = [max(i - 1, 0) for i in np.searchsorted(plan.times, wanted)]
        first, last = np.searchsorted(plan.times, [window.start_s, window.until_s])
        if first < last:
            places += [first, last - 1]
        self._seconds = plan.seconds(window)
        self._needed = {plan.times[i] for i in places if i < len(plan.times)}
        self._reformatter = VideoReformatter()  # one keeps its tables from frame to frame
        self._frame: av.VideoFrame | None = None
        self._picture: Picture | None = None
        self._end = 0.0

    def needs(self, time: float) -> bool:
        return time in self._needed

    def offer(self, frame: av.VideoFrame, time: float, end: float) -> None:
        """Tell that ``frame`` comes on screen: what was wanted before is settled."""
        if self._frame is None:
            self._show(frame)
        self._end = end - self._window.start_s
        while self._wanted and self._window.start_s + self._wanted[0].time + _ROUNDING_S < time:
            self._take(self._wanted.popleft())
        self._show(frame)

    def done(self) -> bool:
        """Whether nothing more is wanted."""
        return not self._wanted and self._end >= self._window.seconds

    def pictures(self, decoded_seconds: DecodedSeconds, over: bool = False) -> Pictures:
        """The clip; what is still wanted shows the last frame."""
        notes = decoded_seconds.note(self._window, "pictures")
        if self._frame is None:
            notes.append("no frame decodes: black frames used")
        while self._wanted and self._frame is not None:
            self._take(self._wanted.popleft())
        missing = decoded_seconds.missing(self._window)
        out = self._out or _black(self._views, self._window.seconds)
        return Pictures(out, self._end, self._seconds, missing, over, tuple(notes))

    def _show(self, frame: av.VideoFrame) -> None:
        self._frame, self._picture = frame, None

    def _take(self, shot: _Shot) -> None:
        assert self._frame is not None
        self._out = self._out or _black(self._views, self._window.seconds)
        if shot.jpeg:
            picture = Picture(shot.jpeg.through(turned(self._frame, self._reformatter)))
        else:
            if self._picture is None:
                self._picture = Picture(_upright(self._frame, self._reformatter))
            picture = self._picture
        for view, rows in shot.rows.items():
            self._out[view][rows] = render(view, picture)


def _shots(views: Sequence[View], seconds: int, plan: Shown) -> list[_Shot]:
    """Every frame that some view wants, in time order; views with the same frames share them."""
    shots: dict[tuple[object, ...], _Shot] = {}
    files: dict[tuple[str, int, bool], JpegFiles] = {}
    for view in views:
        sampling = RULES[view.sampling](plan, view.rate, seconds)
        written = range(len(sampling.ticks)) if view.jpeg else []
        if view.jpeg:
            files.setdefault(view.source, JpegFiles(view.rate))
        last = len(sampling.ticks) - 1
        rows: dict[int, list[int]] = {tick: [] for tick in written}
        for row, tick in enumerate(sampling.picks):
            rows.setdefault(min(int(tick), last), []).append(row)
        for tick, chosen in rows.items():
            key = (view.source, tick)
            shot = shots.setdefault(key, _Shot(sampling.ticks[tick], files.get(view.source)))
            if chosen:
                shot.rows[view] = chosen
    return sorted(shots.values(), key=lambda shot: shot.time)


def _upright(frame: av.VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """(H, W, 3) RGB with the rotation flag applied (degrees counter-clockwise)."""
    planar = reformatter.reformat(frame, format="rgb24")
    picture: NDArray[np.uint8] = planar.to_ndarray()  # type: ignore[assignment]
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def turned(frame: av.VideoFrame, reformatter: VideoReformatter) -> av.VideoFrame:
    """The frame itself, or a new one if its rotation flag asks for it."""
    if not round(frame.rotation / 90) % 4:
        return frame
    return av.VideoFrame.from_ndarray(_upright(frame, reformatter), format="rgb24")
