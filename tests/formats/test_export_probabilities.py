"""Probabilities of segments, as tables and arrays."""

from dataclasses import replace
from pathlib import Path

import examples
import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest

from avparse.formats import EXPORTS
from avparse.prediction.predictions import LANES, Predictions

BOTH = pytest.mark.parametrize(
    "predictions", [examples.parsing(), examples.localization()], ids=lambda p: p.task
)


def export(name: str, folder: Path, predictions: Predictions) -> Path:
    made = EXPORTS.create(name)
    path: Path = made.path(folder, predictions.experiment)
    made.write(examples.lines(predictions), predictions, path)
    return path


@BOTH
def test_parquet_has_a_row_for_every_probability(predictions: Predictions, tmp_path: Path) -> None:
    table = pq.read_table(export("parquet", tmp_path, predictions))
    assert table.column_names == ["video", "segment", "modality", "class", "prob"]
    rows = iter(table.to_pylist())
    for timeline in examples.lines(predictions):
        length = len(next(iter(timeline.prob.values())))
        for segment in range(length):
            for modality in LANES[predictions.task]:
                for label, prob in zip(
                    predictions.classes, timeline.prob[modality][segment], strict=True
                ):
                    assert next(rows) == {
                        "video": timeline.video_id,
                        "segment": segment,
                        "modality": modality.value,
                        "class": label,
                        "prob": prob,
                    }
    assert next(rows, None) is None


def test_parquet_goes_on_after_a_row_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pq.read_table(export("parquet", tmp_path, examples.parsing()))
    monkeypatch.setattr("avparse.formats.parquet._VIDEOS", 1)
    path = export("parquet", tmp_path, examples.parsing())
    assert pq.ParquetFile(path).num_row_groups == 2
    assert pq.read_table(path).to_pylist() == whole.to_pylist()


@BOTH
def test_hdf5_has_arrays_on_the_time_line(predictions: Predictions, tmp_path: Path) -> None:
    with h5py.File(export("hdf5", tmp_path, predictions)) as file:
        assert file.attrs["task"] == predictions.task
        assert list(file.attrs["classes"]) == list(predictions.classes)
        assert file.attrs["segment_s"] == 1
        assert list(file) == ["a", "b"]
        assert file["a"].attrs["duration_s"] == 15.5
        for timeline in examples.lines(predictions):
            group = file[timeline.video_id]
            assert set(group) == set(LANES[predictions.task])
            for modality, prob in timeline.prob.items():
                np.testing.assert_array_equal(group[modality][:], prob.astype(np.float32))


def test_odd_ids_are_attributes_of_plain_groups(tmp_path: Path) -> None:
    odd = "../../x <b>"
    clips = [replace(clip, video_id=odd) for clip in examples.CLIPS[:2]]
    arrays = {name: array[:2] for name, array in examples.parsing().arrays.items()}
    with h5py.File(
        export("hdf5", tmp_path, replace(examples.parsing(), clips=clips, arrays=arrays))
    ) as file:
        [name] = file
        assert "/" not in name
        assert file[name].attrs["video"] == odd
        assert set(file[name]) == {"audio", "visual", "audio_visual"}
