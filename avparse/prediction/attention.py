"""What the models of an experiment attend to in one video, laid on its time line."""

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
    """Which seconds of a clip ask which.

    Attributes:
        start: second of the video that the clip begins with.
        weights: (2T, 2T) each heard, then each seen second asks the heard, then the seen ones;
            T as long as the clip is.
    """

    start: int
    weights: NDArray[np.floating]


@dataclass(frozen=True)
class Attention:
    """Of one video with S segments, seeds averaged; None is what the models do not have.

    Attributes:
        where: (S, h, w) how much each cell of the pictures counts, 1 if all did alike.
        view: the pictures whose cells those are; None if it is not known.
        when: (S, 2, C) how much each second of its clip counts for a class that is heard or seen,
            1 if all did alike.
        levels: (S, 2, L) how much each unit of a pyramid counts, in (0, 1).
        relations: of each clip.
    """

    where: NDArray[np.floating] | None
    view: View | None
    when: NDArray[np.floating] | None
    levels: NDArray[np.floating] | None
    relations: tuple[Relation, ...]


def of_video(predictions: Predictions) -> Attention:
    """Lay out what was attended to.

    Args:
        predictions: of the clips of one video, in time order, read with their attention.
    """
    clips = predictions.clips
    found = {name: array.astype(np.float64) for name, array in predictions.attention.items()}
    where, when, levels = (
        join(clips, found[name]) if name in found else None for name in ("where", "when", "levels")
    )
    if where is not None:
        side = math.isqrt(where.shape[1])
        where = (where * where.shape[1]).reshape(len(where), side, side)
    if when is not None:
        when *= found["when"].shape[1]
    relations = zip(clips, found.get("relation", ()), strict=False)  # none, or one for each
    key = predictions.views[0] if where is not None and predictions.views else ""
    view = View.parse(key) if key else None
    return Attention(
        where, view, when, levels, tuple(_relation(clip, weights) for clip, weights in relations)
    )


def _relation(clip: Clip, weights: NDArray[np.floating]) -> Relation:
    """Without the seconds that a last clip is padded with."""
    there = np.arange(clip.num_segments)
    kept = np.concatenate((there, len(weights) // 2 + there))
    return Relation(round(clip.start_s), weights[np.ix_(kept, kept)])
