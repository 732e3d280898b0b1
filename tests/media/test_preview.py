from collections.abc import Callable
from pathlib import Path

import numpy as np

from avparse.media.preview import preview


def test_pictures_and_peaks_follow_the_video(make_video: Callable[..., Path]) -> None:
    shown = preview((make_video(seconds=6, at=(4,)), 6.0))
    assert shown.pictures.shape == (6, 96, 96, 3)
    assert np.all(np.diff(shown.pictures.mean((1, 2, 3))) > 5)
    loud = shown.peaks.reshape(6, -1).max(1) > 0.3
    assert loud.tolist() == [False, False, False, False, True, False]


def test_long_video_shows_twelve_pictures(make_video: Callable[..., Path]) -> None:
    assert len(preview((make_video(seconds=20), 20.0)).pictures) == 12
