"""The frames of a clip, in every view that an extractor wants, in one pass over the video."""

from collections import deque
from collections.abc import Sequence
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
from avparse.media.timing import shown, timed
from avparse.media.views import View

_ROUNDING_S = 1e-6


def decode_pictures(
    path: Path,
    start_s: float,
    seconds: int,
    until_s: float,
    out: dict[View, NDArray[np.uint8]],
    notes: list[str],
) -> float:
    """Decode the frames of every view.

    Args:
        start_s: where the clip begins.
        seconds: length of a clip.
        until_s: the video's frames up to here belong to the clip, seconds from ``start_s``.
        out: for each view (F, size, size, 3), black; gets the frames, as RGB.
        notes: gets a line for whatever is odd.
    Returns:
        When the last frame leaves the screen, seconds from ``start_s``.
    """
    with open_media(path) as container:
        stream = best(container, "video")
        if stream is None:
            notes.append("no video stream: black frames used")
            return 0.0
        plan = shown(container, stream, start_s, until_s)
    if not out:
        return plan.end
    with open_media(path) as container:
        stream = best(container, "video")
        picker = _Picker(out, seconds, plan)
        end = 0.0
        for frame, time, length in timed(container, stream, start_s, notes, picker.needs):
            end = time + length
            picker.offer(frame, time)
            if picker.done() and end >= seconds:
                break
    picker.finish(notes)
    return end


@dataclass
class _Shot:
    """A frame that is wanted: the one on screen at ``time``, for some rows of some views."""

    time: float
    jpeg: JpegFiles | None
    rows: dict[View, list[int]] = field(default_factory=dict)


class _Picker:
    """Chooses, for each wanted time, the frame that is on screen then, and renders it."""

    def __init__(
        self,
        out: dict[View, NDArray[np.uint8]],
        seconds: int,
        plan: Shown,
    ) -> None:
        self._out = out
        self._wanted = deque(_shots(list(out), seconds, plan))
        shown = np.searchsorted(plan.times, [shot.time + _ROUNDING_S for shot in self._wanted])
        self._needed = {plan.times[max(i - 1, 0)] for i in shown if len(plan.times)}
        self._needed |= {*plan.times[:1], *plan.times[-1:]}
        self._reformatter = VideoReformatter()  # one keeps its tables from frame to frame
        self._frame: av.VideoFrame | None = None
        self._picture: Picture | None = None

    def offer(self, frame: av.VideoFrame, time: float) -> None:
        """Tell that ``frame`` comes on screen at ``time``: what was wanted before is settled."""
        if self._frame is None:
            self._show(frame)
        while self._wanted and self._wanted[0].time + _ROUNDING_S < time:
            self._take(self._wanted.popleft())
        self._show(frame)

    def needs(self, time: float) -> bool:
        """Whether the frame that comes on screen at ``time`` is wanted, or may still be there."""
        return time < 0 or time in self._needed

    def done(self) -> bool:
        """Whether nothing more is wanted."""
        return not self._wanted

    def finish(self, notes: list[str]) -> None:
        """Settle the rest with the last frame."""
        if self._frame is None:
            notes.append("no frame decodes: black frames used")
            return
        while self._wanted:
            self._take(self._wanted.popleft())

    def _show(self, frame: av.VideoFrame) -> None:
        self._frame, self._picture = frame, None

    def _take(self, shot: _Shot) -> None:
        assert self._frame is not None
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
