"""A score for each video: what it adds to the main score of its task."""

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
    """Score the predictions of each video by itself, seeds averaged.

    Parsing: the segment-level F-score, averaged over sound, picture and both (Type@AV);
    localization: the share of segments with the right label. Where every video is one whole clip,
    their mean is what the averaged predictions score on a split.

    Args:
        samples: of the data set; videos without times are left out.
        num_segments: of a clip.
    Returns:
        Video id -> percent.
    """
    task = predictions.task
    labels = lay_out(samples, predictions.clips, classes, num_segments, task)
    arrays = predictions.mean()
    of_video: dict[str, list[int]] = defaultdict(list)
    for index in np.flatnonzero(labels.scored.any(1)):
        of_video[predictions.clips[labels.rows[index]].video_id].append(int(index))
    return {
        video: score(task, arrays, labels, np.array(chosen), threshold)[MAIN[task]]
        for video, chosen in of_video.items()
    }
