"""The stretches of time that clips are cut from: what decodes a video once serves them in turn."""

import math
from dataclasses import dataclass, field

from avparse.core.clips import SEGMENT_S, Clip, clip_id


@dataclass(frozen=True)
class ClipSpan:
    """One clip in the time of its video.

    Attributes:
        start_s: where it begins, whole seconds after the file's first time stamp.
        seconds: its length.
        rest_s: how much of the video after it is no clip of its own; the published sampling
            rules count its frames too.
    """

    start_s: float
    seconds: int
    rest_s: float = 0.0

    @property
    def end_s(self) -> float:
        """Where it ends."""
        return self.start_s + self.seconds

    @property
    def until_s(self) -> float:
        """Where what it looks at ends."""
        return self.end_s + self.rest_s


@dataclass
class DecodedSeconds:
    """The seconds of a video in which something of a stream was decoded, or was damaged.

    Attributes:
        span: the first second and the last one in which something was decoded; None before.
    """

    span: tuple[int, int] | None = None
    _good: set[int] = field(default_factory=set)
    _bad: set[int] = field(default_factory=set)

    def saw(self, time: float, whole: bool) -> None:
        """Note what was there at a time, whole or damaged."""
        second = int(time)
        if not whole:
            self._bad.add(second)
        else:
            self._good.add(second)
            first, last = self.span or (second, second)
            self.span = min(first, second), max(last, second)

    def good(self, window: ClipSpan) -> frozenset[int]:
        """Seconds of a clip of which something was decoded, by number in the clip."""
        first = int(window.start_s)
        return frozenset(s for s in range(window.seconds) if s + first in self._good)

    def missing(self, window: ClipSpan) -> frozenset[int]:
        """Seconds of a clip of which, because of damage, nothing decodes."""
        first = int(window.start_s)
        damaged = {s for s in range(window.seconds) if s + first in self._bad}
        return frozenset(damaged - self.good(window))

    def note(self, window: ClipSpan, kind: str) -> list[str]:
        """A line if there is damage in a clip."""
        first = int(window.start_s)
        damaged = sum(s + first in self._bad for s in range(window.seconds))
        return [f"{kind} damaged in {damaged} of its seconds"] if damaged else []


def split(video_id: str, duration_s: float, clip_seconds: int, hop_seconds: int) -> list[Clip]:
    """Cut a video into clips; a rest shorter than half a segment is left off.

    Args:
        duration_s: length of the video in seconds, > 0.
        clip_seconds: T, the length of a clip.
        hop_seconds: from one clip's start to the next; less than ``clip_seconds`` overlaps them.
    Returns:
        At least one clip, in time order; the last ones may be covered only in part.
    """
    clips = []
    start = 0
    while True:
        covered = min(duration_s - start, float(clip_seconds))
        segments = max(1, math.floor(covered / SEGMENT_S + 0.5))
        clips.append(
            Clip(clip_id(video_id, start, clip_seconds), video_id, float(start), covered, segments)
        )
        reached = start + clip_seconds
        if duration_s - reached < SEGMENT_S / 2:
            return clips
        start += hop_seconds
