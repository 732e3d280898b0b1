import numpy as np
import pytest
from viewer_films import CLASSES, predictions

from avparse.core.events import Event, Modality
from avparse.datasets.base import Sample
from avparse.datasets.labels import lay_out
from avparse.evaluation.scoring import MAIN, score
from avparse.viewer.scores import of_videos

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL
EVENTS = {
    "parsing": {
        "clip": (Event(2, 6, A, "Dog"), Event(3, 5, V, "Rain")),
        "odd": (Event(0, 3, A, "Rain"),),
    },
    "localization": {"clip": (Event(2, 6, AV, "Dog"),), "odd": (Event(0, 3, AV, "Rain"),)},
}


@pytest.mark.parametrize("kind", ["han", "ma", "cmran", "avel"])
def test_the_mean_over_videos_is_the_score_of_the_split(kind: str) -> None:
    given = predictions(kind)
    strong = EVENTS[given.task]
    samples = [
        Sample(video, video, "test", tuple({e.label for e in events}), events)
        for video, events in strong.items()
    ]
    weak = Sample("old", "old", "test", ("Dog",), None)
    found = of_videos(given, [*samples, weak], CLASSES, 10, 0.5)
    assert set(found) == {"clip", "odd"}
    labels = lay_out(samples, given.clips, CLASSES, 10, given.task)
    whole = score(given.task, given.mean(), labels, np.arange(2), 0.5)[MAIN[given.task]]
    if given.task == "parsing":
        assert np.mean(list(found.values())) == pytest.approx(whole)
    else:  # of segments, and one video has fewer of them
        counts = labels.scored.sum(1)
        assert np.average([found["clip"], found["odd"]], weights=counts) == pytest.approx(whole)
