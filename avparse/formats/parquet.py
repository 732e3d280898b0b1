"""Segment probabilities as a Parquet table, format 2.6, by pyarrow.

A row for every video, segment, modality and class, in that order; ``segment`` counts seconds of the
video. Probabilities are those before thresholds, averaged over seeds.
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

_WORD = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [
        ("video", _WORD),
        ("segment", pa.int32()),
        ("modality", _WORD),
        ("class", _WORD),
        ("prob", pa.float32()),
    ]
)
_VIDEOS = 1000
"""In one row group: some hundred thousand rows."""


class Parquet(Export):
    """One table of all videos."""

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
        _words(video, [timeline.video_id for timeline in timelines]),
        pa.array(segment, pa.int32()),
        _words(lane, [modality.value for modality in lanes]),
        _words(label, classes),
        pa.array(np.concatenate([block.ravel() for block in blocks]), pa.float32()),
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _words(indices: Any, words: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, pa.int32()), pa.array(words, pa.string())
    )
