"""Segment probabilities as a Parquet table, format 2.6, written with pyarrow.

The table has a row for every video, segment, modality and class, in that order; ``segment`` counts
seconds of the video. Probabilities are averaged over seeds and taken before thresholding.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from avparse.core.files import aside
from avparse.formats.base import Export
from avparse.prediction.predictions import LANES, Predictions
from avparse.prediction.timeline import Timeline

_CATEGORY = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [
        ("video", _CATEGORY),
        ("segment", pa.int32()),
        ("modality", _CATEGORY),
        ("class", _CATEGORY),
        ("prob", pa.float32()),
    ]
)
_VIDEOS = 1000
"""Videos in one row group, which has some hundred thousand rows."""


class Parquet(Export):
    """One table with all videos."""

    target = "{experiment}.parquet"

    def write(self, timelines: Sequence[Timeline], predictions: Predictions, path: Path) -> None:
        with aside(path) as temporary, pq.ParquetWriter(temporary, _SCHEMA) as file:
            for first in range(0, len(timelines), _VIDEOS):
                file.write_table(_table(timelines[first : first + _VIDEOS], predictions))


def _table(timelines: Sequence[Timeline], predictions: Predictions) -> pa.Table:
    lanes, classes = LANES[predictions.task], predictions.classes
    # Each (S, M, C): segments, modalities, classes.
    blocks = [np.stack([t.prob[lane] for lane in lanes], axis=1) for t in timelines]
    places = [np.indices(block.shape).reshape(3, -1) for block in blocks]
    video = np.repeat(np.arange(len(blocks)), [block.size for block in blocks])
    segment, lane, label = np.concatenate(places, axis=1)
    columns = [
        _categories(video, [timeline.video_id for timeline in timelines]),
        pa.array(segment, pa.int32()),
        _categories(lane, [modality.value for modality in lanes]),
        _categories(label, classes),
        pa.array(np.concatenate([block.ravel() for block in blocks]), pa.float32()),
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _categories(indices: Any, values: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, pa.int32()), pa.array(values, pa.string())
    )
