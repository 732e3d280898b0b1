"""The main score of the task for each video."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from avparse.datasets.base import Sample
from avparse.datasets.labels import lay_out
from avparse.evaluation.scoring import MAIN, score
from avparse.prediction.predictions import Predictions


def of_videos(
    predictions: Predictions,
    samples: Sequence[Sample],
    classes: Sequence[str],
    num_segments: int,
    threshold: float,
) -> dict[str, float]:
    """Score the predictions of each video, averaged over seeds.

    The score is the segment-level Type@AV F-score in parsing, and the share of correctly labelled
    segments in localization. If every video is a single full clip, the mean over videos is the
    score of the averaged predictions on the split.

    Args:
        samples: of the data set; videos without event times are left out.
        num_segments: segments of a clip.
    Returns:
        Video id -> percent.
    """
    task = predictions.task
    labels = lay_out(samples, predictions.clips, classes, num_segments, task)
    arrays = predictions.mean()
    rows: dict[str, list[int]] = defaultdict(list)
    for index in np.flatnonzero(labels.scored.any(1)):
        rows[predictions.clips[labels.rows[index]].video_id].append(int(index))
    return {
        video: score(task, arrays, labels, np.array(chosen), threshold)[MAIN[task]]
        for video, chosen in rows.items()
    }
