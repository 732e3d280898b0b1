"""A picture for each second of a video, as an extractor sees it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse.media.decode import decode_clip
from avparse.media.views import View
from avparse.media.windows import Window

SIDE = 112


def stills(task: tuple[Path, int, int, View | None]) -> NDArray[np.uint8]:
    """Decode the pictures in the middle of seconds.

    Args:
        task: the file, the second to begin with, how many, and what is kept of a picture; all of
            it, where that is None.
    Returns:
        (seconds, 112, 112, 3)
    Raises:
        MediaError: it does not decode.
    """
    path, start, seconds, view = task
    wanted = View(1, SIDE)
    if view and view.short_side:
        wanted = replace(wanted, short_side=round(SIDE * view.short_side / view.size))
    found: NDArray[np.uint8] = decode_clip(path, Window(start, seconds), [wanted]).frames[wanted]
    return found
