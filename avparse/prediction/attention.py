"""Attention weights of one video, with the clips joined on the video's time line."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.media.views import View
from avparse.prediction.grids import join
from avparse.prediction.predictions import Predictions


@dataclass(frozen=True)
class Relation:
    """Attention between the seconds of one clip.

    Attributes:
        start: second of the video at which the clip begins.
        weights: (2T, 2T), rows attend to columns: the T audio seconds first, then the T visual
            ones; T is the length of the clip.
    """

    start: int
    weights: NDArray[np.floating]


@dataclass(frozen=True)
class VideoAttention:
    """Attention of one experiment in a video of S segments, averaged over seeds.

    An array is None if the models have no such attention.

    Attributes:
        where: (S, h, w) spatial weights of each frame, relative to a uniform weight of 1.
        view: the view of the frames that the cells of ``where`` divide; None if unknown.
        when: (S, 2, C) temporal weights for each modality and class, relative to a uniform weight
            of 1 within the clip.
        levels: (S, 2, L) weights of the pyramid units, in (0, 1).
        relations: of each clip.
    """

    where: NDArray[np.floating] | None
    view: View | None
    when: NDArray[np.floating] | None
    levels: NDArray[np.floating] | None
    relations: tuple[Relation, ...]


def of_video(predictions: Predictions) -> VideoAttention:
    """Join the attention of the clips of one video.

    Args:
        predictions: of the clips of one video, in time order, read with their attention.
    """
    clips = predictions.clips
    maps = {name: array.astype(np.float64) for name, array in predictions.attention.items()}
    where, when, levels = (
        join(clips, maps[name]) if name in maps else None for name in ("where", "when", "levels")
    )
    if where is not None:
        side = math.isqrt(where.shape[1])
        where = (where * where.shape[1]).reshape(len(where), side, side)
    if when is not None:
        when *= maps["when"].shape[1]
    relations = zip(clips, maps.get("relation", ()), strict=False)  # none, or one for each clip
    key = predictions.views[0] if where is not None and predictions.views else ""
    view = View.parse(key) if key else None
    return VideoAttention(
        where, view, when, levels, tuple(_relation(clip, weights) for clip, weights in relations)
    )


def _relation(clip: Clip, weights: NDArray[np.floating]) -> Relation:
    """Leave out the padded seconds of the last clip."""
    real = np.arange(clip.num_segments)
    kept = np.concatenate((real, len(weights) // 2 + real))
    return Relation(round(clip.start_s), weights[np.ix_(kept, kept)])
