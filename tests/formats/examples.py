"""Predictions of both tasks for two videos, as read from files of `avparse predict`."""

import numpy as np

from avparse.core.clips import Clip
from avparse.core.events import Event, Modality
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline, timelines

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL
CLASSES = ("Church bell", "Dög & <cat>")
CLIPS = [
    Clip("a_0_10", "a", 0.0, 10.0, 10),
    Clip("a_10_20", "a", 10.0, 5.5, 6),
    Clip("b_0_10", "b", 0.0, 3.0, 3),
]


def parsing() -> Predictions:
    """Video a: an audible bell in 8 to 12, and a dog audible in 9 to 11, visible in 10 to 15.5."""
    prob = np.full((3, 1, 10, 2, 2), 0.25)
    prob[0, 0, 8:, 0, 0] = prob[1, 0, :2, 0, 0] = 0.75
    prob[0, 0, 9:, 0, 1] = prob[1, 0, :1, 0, 1] = 0.75
    prob[1, 0, :, 1, 1] = 1.0
    arrays = {"segment_prob": prob, "clip_prob": np.ones((3, 1, 2))}
    return Predictions("han", "parsing", CLASSES, (1,), CLIPS, arrays)


def localization() -> Predictions:
    """Video a: an audio-visual dog in 0 to 10."""
    prob = np.full((3, 1, 10, 3), 0.125)
    prob[0, ..., 1] = prob[1:, ..., 2] = 0.75
    return Predictions("cmran", "localization", CLASSES, (1,), CLIPS, {"label_prob": prob})


def lines(predictions: Predictions) -> list[Timeline]:
    return timelines(predictions, 0.5)


PARSED = [
    Event(8.0, 12.0, A, CLASSES[0], 0.75),
    Event(9.0, 11.0, A, CLASSES[1], 0.75),
    Event(10.0, 11.0, AV, CLASSES[1], 0.75),
    Event(10.0, 15.5, V, CLASSES[1], 1.0),
]
"""The events of video a; b has none."""

LOCALIZED = [Event(0.0, 10.0, AV, CLASSES[1], 0.75)]
"""The same for localization."""
