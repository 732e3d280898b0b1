"""Which frames of a clip stand for it: evenly in time, or by the published rules.

A rule says which frames are *written* (ticks), in order, and which of these the network sees
(picks). The published rules count frames, so they stretch over the whole clip; a clip that is
shorter than its nominal length is counted as if it went on at the same pace, so that seconds stay
seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avparse.media.spans import ClipSpan

_WHOLE_S = 0.5
"""A clip that lacks less than this is whole."""


@dataclass(frozen=True)
class Shown:
    """When frames come on screen.

    Attributes:
        times: (n,) seconds from the start of the clip or the file, increasing.
        lengths: (n,) seconds that the file says each stays; 0 where it does not.
        rate: frames per second that the stream declares.
        goes_on: whether more frames follow, which are not listed.
    """

    times: NDArray[np.float64]
    lengths: NDArray[np.float64]
    rate: float
    goes_on: bool = False

    @property
    def end(self) -> float:
        """When the last frame leaves the screen; 0 without any."""
        if not len(self.times):
            return 0.0
        return float(self.times[-1] + (self.lengths[-1] or 1 / self.rate))

    def seconds(self, window: ClipSpan) -> frozenset[int]:
        """The seconds of a clip in which frames come on screen, by number in the clip."""
        times = self.within(window).times
        return frozenset(np.floor(times[times < window.seconds]).astype(int).tolist())

    def end_of(self, window: ClipSpan) -> float:
        """When the last frame of a clip leaves the screen, seconds from its start.

        It may have come on before, and stays until the next one.
        """
        last = np.searchsorted(self.times, window.until_s) - 1
        if last < 0:
            return 0.0
        if last + 1 < len(self.times) or self.goes_on:
            return window.until_s - window.start_s
        return float(self.times[last] + (self.lengths[last] or 1 / self.rate) - window.start_s)

    def within(self, window: ClipSpan) -> "Shown":
        """The frames that come on screen in a clip, and when, from its start."""
        chosen = slice(*np.searchsorted(self.times, [window.start_s, window.until_s]))
        times = self.times[chosen] - window.start_s
        left = window.until_s - window.start_s - times
        return Shown(times, np.minimum(self.lengths[chosen], left), self.rate)

    def share(self, seconds: int) -> float:
        """How much of a clip of so many seconds there is; 1 if it is whole."""
        return 1.0 if self.end > seconds - _WHOLE_S else self.end / seconds


@dataclass(frozen=True)
class Sampling:
    """The frames of one clip.

    Attributes:
        ticks: (N,) times of the frames that are written: each is the frame on screen then.
        picks: (F,) which of them the network sees; what lies beyond the last is the last.
    """

    ticks: NDArray[np.float64]
    picks: NDArray[np.int64]


Rule = Callable[[Shown, int, int], Sampling]


def even(shown: Shown, rate: int, seconds: int) -> Sampling:
    """Evenly in time: the frame on screen at (i + 1/2) / rate; right for any video."""
    count = rate * seconds
    return Sampling((np.arange(count) + 0.5) / rate, np.arange(count))


def ave(shown: Shown, rate: int, seconds: int) -> Sampling:
    """As for AVE: frame ``int(l * interval + i / rate * interval)`` for the i-th of second l.

    ``interval`` is ``int(num_frames / seconds)``. Frames are counted, so a variable frame rate puts
    them elsewhere in time; a clip with less than a frame a second is sampled evenly.
    Source: Tian et al., ECCV 2018, the released features' sampling with rate 16.
    """
    if len(shown.times) < max(1, seconds * shown.share(seconds)):
        return even(shown, rate, seconds)
    interval = int(round(len(shown.times) / shown.share(seconds)) / seconds)
    second, nth = np.divmod(np.arange(rate * seconds), rate)
    return Sampling(shown.times, (second * interval + nth / rate * interval).astype(np.int64))


def llp(shown: Shown, rate: int, seconds: int) -> Sampling:
    """As for LLP: ``ffmpeg -r 8``, and of its N frames the 80 at ``round(linspace(0, N - 1, 80))``.

    Source: Tian et al., ECCV 2020, released preparation scripts.
    """
    if not len(shown.times):
        return even(shown, rate, seconds)
    ticks = shown.times[constant_rate(shown, rate)]
    whole = round(len(ticks) / shown.share(seconds))
    picks = np.rint(np.linspace(0, whole - 1, rate * seconds)).astype(np.int64)
    return Sampling(ticks, picks)


def constant_rate(shown: Shown, rate: int) -> list[int]:
    """The frame that ``ffmpeg -r RATE`` writes at each tick of a constant rate.

    A frame is dropped when it ends more than 1.1 ticks before the next tick to fill, and repeated
    when it reaches more than 1.1 ticks past it; hence the one or two frames more than time would
    ask for (measured: FFmpeg 5.1.9).
    """
    written: list[int] = []
    usual = min(rate / shown.rate, 1.0)
    for index, (time, length) in enumerate(zip(shown.times, shown.lengths, strict=True)):
        behind = time * rate - len(written)
        reach = behind + (np.rint(length * rate) or usual)
        if reach < -1.1:
            continue
        behind = 0.0 if behind < 0 < reach else behind
        repeats = int(np.rint(reach)) if reach > 1.1 else 1
        old = int(np.rint(behind - 0.6)) if reach > 1.1 and behind > 1.1 else 0
        written += [max(index - 1, 0)] * old + [index] * (repeats - old)
    return written


RULES: dict[str, Rule] = {"even": even, "ave": ave, "llp": llp}
"""By name, as in the settings."""
