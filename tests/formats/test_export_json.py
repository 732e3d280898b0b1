import json
from pathlib import Path

import examples
import jsonschema
import numpy as np
import pytest

from avparse import formats
from avparse.core.clips import Clip
from avparse.core.events import Event, Modality
from avparse.formats import EXPORTS
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline

CLIP = Clip("a_0_10", "a", 0.0, 7.23456, 7)
QUIET = Clip("b_0_10", "b", 0.0, 3.0, 3)
PREDICTIONS = Predictions("cmran", "localization", ("Glocke", "Dög"), (1,), [CLIP, QUIET], {})
BOTH = Modality.AUDIO_VISUAL
TIMELINES = [
    Timeline("a", 7.23456, (CLIP,), (Event(1.98765, 7.23456, BOTH, "Dög", 2 / 3),), {}),
    Timeline("b", 3.0, (QUIET,), (), {BOTH: np.zeros((3, 2))}),
]


def test_the_whole_document(tmp_path: Path) -> None:
    path = tmp_path / "events" / "cmran.json"
    EXPORTS.create("json").write(TIMELINES, PREDICTIONS, path)
    event = {
        "modality": "audio_visual",
        "label": "Dög",
        "onset_s": 1.988,
        "offset_s": 7.235,
        "score": 0.6667,
    }
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "format": "avparse-events",
        "version": 1,
        "experiment": "cmran",
        "task": "localization",
        "classes": ["Glocke", "Dög"],
        "videos": [
            {"video": "a", "duration_s": 7.235, "events": [event]},
            {"video": "b", "duration_s": 3.0, "events": []},
        ],
    }


def test_no_video(tmp_path: Path) -> None:
    EXPORTS.create("json").write([], PREDICTIONS, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["videos"] == []


def test_the_same_timelines_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("x.json", "y.json"):
        EXPORTS.create("json").write(TIMELINES, PREDICTIONS, tmp_path / name)
    assert (tmp_path / "x.json").read_bytes() == (tmp_path / "y.json").read_bytes()


@pytest.mark.parametrize("predictions", [examples.parsing(), examples.localization()])
def test_documents_fit_the_schema_that_the_package_has(
    predictions: Predictions, tmp_path: Path
) -> None:
    schema = json.loads((Path(formats.__file__).parent / "events.schema.json").read_text())
    check = jsonschema.Draft202012Validator(schema)
    check.check_schema(schema)
    EXPORTS.create("json").write(examples.lines(predictions), predictions, tmp_path / "x.json")
    document = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    check.validate(document)
    assert document["videos"][0]["events"]
    document["videos"][0]["events"][0]["modality"] = "smell"
    with pytest.raises(jsonschema.ValidationError, match="smell"):
        check.validate(document)
