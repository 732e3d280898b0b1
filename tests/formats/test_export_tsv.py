from pathlib import Path

import numpy as np

from avparse.core.clips import Clip
from avparse.core.events import Event, Modality
from avparse.core.files import read_tsv
from avparse.formats import EXPORTS
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL
CLIPS = (Clip("a_0_10", "a", 0.0, 10.0, 10), Clip("a_10_20", "a", 10.0, 5.5, 6))
EVENTS = (
    Event(8.0, 12.0, A, "Church bell", 2 / 3),
    Event(10.0, 15.5, V, "Dog", 1.0),
    Event(11.0, 12.0, AV, "Dog", 0.51239),
)
TIMELINES = [
    Timeline("a", 15.5, CLIPS, EVENTS, {A: np.zeros((16, 2))}),
    Timeline("b", 3.0, (Clip("b_0_10", "b", 0.0, 3.0, 3),), (), {A: np.zeros((3, 2))}),
]
PREDICTIONS = Predictions("han", "parsing", ("Church bell", "Dog"), (1, 2), list(CLIPS), {})


def test_the_whole_table(tmp_path: Path) -> None:
    path = tmp_path / "events" / "han.tsv"
    EXPORTS.create("tsv").write(TIMELINES, PREDICTIONS, path)
    assert path.read_text(encoding="utf-8") == (
        "video\tclip\tmodality\tlabel\tonset\toffset\tscore\n"
        "a\ta_0_10\taudio\tChurch bell\t8.000\t12.000\t0.6667\n"
        "a\ta_10_20\tvisual\tDog\t10.000\t15.500\t1.0000\n"
        "a\ta_10_20\taudio_visual\tDog\t11.000\t12.000\t0.5124\n"
    )


def test_the_table_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "han.tsv"
    EXPORTS.create("tsv").write(TIMELINES, PREDICTIONS, path)
    columns = ("onset", "offset", "modality", "label", "score")
    for row, event in zip(read_tsv(path, columns), EVENTS, strict=True):
        assert float(row["onset"]) == event.onset_s
        assert float(row["offset"]) == event.offset_s
        assert abs(float(row["score"]) - event.score) <= 5e-5
        assert (Modality(row["modality"]), row["label"]) == (event.modality, event.label)


def test_no_event_leaves_the_header(tmp_path: Path) -> None:
    path = tmp_path / "han.tsv"
    EXPORTS.create("tsv").write([], PREDICTIONS, path)
    assert path.read_text() == "video\tclip\tmodality\tlabel\tonset\toffset\tscore\n"
