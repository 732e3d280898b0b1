"""Segment probabilities of each video as arrays in an HDF5 file.

    /<video>/<modality>   (S, C) float32, S seconds of the video, C classes
    attributes of /<video>: video (the id), duration_s
    attributes of /:        experiment, task, classes, segment_s

Group names are safe as file names and nearly always equal the video id. Probabilities are averaged
over seeds and taken before thresholding.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avparse.core.clips import SEGMENT_S
from avparse.core.hdf5 import write_tree
from avparse.formats.base import Export, plain_names
from avparse.prediction.predictions import LANES, Predictions
from avparse.prediction.timeline import Timeline


class Hdf5(Export):
    """One file with all videos."""

    target = "{experiment}.h5"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        named = dict(zip(plain_names(timelines), timelines, strict=True))
        arrays = {
            f"{name}/{modality}": timeline.prob[modality].astype(np.float32)
            for name, timeline in named.items()
            for modality in LANES[predictions.task]
        }
        attributes = {
            name: {"video": timeline.video_id, "duration_s": timeline.duration_s}
            for name, timeline in named.items()
        }
        top = {
            "experiment": predictions.experiment,
            "task": predictions.task,
            "classes": list(predictions.classes),
            "segment_s": SEGMENT_S,
        }
        write_tree(path, arrays, {"/": top, **attributes})
