"""A few pictures and the loudness of a video, for people."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse.media.decode import decode_clip
from avparse.media.views import View
from avparse.media.windows import Window

_LONGEST_S = 600
_PICTURES = 12
_VIEW = View(1, 96, short_side=96)
_PEAKS_PER_S = 40


@dataclass(frozen=True)
class Preview:
    """What a video looks and sounds like.

    Attributes:
        seconds: how much of the video it covers.
        pictures: (P, 96, 96, 3) uint8, one for each P-th of ``seconds``.
        peaks: (seconds * 40,) largest absolute sample in each stretch, in [0, 1].
    """

    seconds: int
    pictures: NDArray[np.uint8]
    peaks: NDArray[np.float32]


def preview(task: tuple[Path, float]) -> Preview:
    """Decode the preview of a video.

    Args:
        task: the file and its length in seconds; only the first ten minutes are shown.
    Raises:
        MediaError: it does not decode.
    """
    path, duration_s = task
    seconds = max(1, math.ceil(min(duration_s, _LONGEST_S)))
    clip = decode_clip(path, Window(0.0, seconds), [_VIEW])
    frames = clip.frames[_VIEW]
    count = min(_PICTURES, seconds)
    chosen = ((np.arange(count) + 0.5) * seconds / count).astype(int)
    return Preview(seconds, frames[chosen], _peaks(clip.audio, clip.sample_rate_hz, seconds))


def _peaks(audio: NDArray[np.float32], rate: int, seconds: int) -> NDArray[np.float32]:
    bins = seconds * _PEAKS_PER_S
    if not len(audio):
        return np.zeros(bins, np.float32)
    stretch = max(1, rate // _PEAKS_PER_S)
    padded = np.zeros(bins * stretch, np.float32)
    usable = audio[: seconds * rate][: bins * stretch]
    padded[: len(usable)] = usable
    return np.abs(padded).reshape(bins, stretch).max(1)
