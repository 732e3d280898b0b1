import numpy as np

from avparse.core.clips import Clip
from avparse.core.events import Event, Modality
from avparse.datasets.base import Sample
from avparse.datasets.labels import lay_out

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL
CLASSES = ("Bell", "Dog", "Car")
BACKGROUND = 3


def clip(video: str, start: float = 0, segments: int = 4) -> Clip:
    return Clip(f"{video}_{start:g}", video, float(start), float(segments), segments)


def test_parsing_truth_by_hand() -> None:
    sample = Sample(
        "s", "a", "val", ("Bell", "Dog"), (Event(0, 2, A, "Bell"), Event(1, 4, V, "Dog"))
    )
    found = lay_out([sample], [clip("a")], CLASSES, 4, "parsing")
    assert found.truth.shape == (1, 4, 2, 3)
    assert found.truth[0, :, 0].astype(int).tolist() == [[1, 0, 0], [1, 0, 0], [0] * 3, [0] * 3]
    assert found.truth[0, :, 1].astype(int).tolist() == [[0] * 3, [0, 1, 0], [0, 1, 0], [0, 1, 0]]
    assert found.clip_labels.tolist() == [[1, 1, 0]]
    assert found.clip_labels.dtype == np.float32
    assert found.scored.all()


def test_localization_truth_by_hand() -> None:
    samples = [
        Sample("s1", "a", "train", ("Dog",), (Event(1, 3, AV, "Dog"),)),
        Sample("s2", "a", "train", ("Bell",), (Event(0, 1, AV, "Bell"),)),
    ]
    found = lay_out(samples, [clip("a")], CLASSES, 4, "localization")
    # Two rows of one video: each knows its own event only.
    assert found.truth.tolist() == [[3, 1, 1, 3], [0, 3, 3, 3]]
    assert found.clip_labels.tolist() == [[0, 1, 0], [1, 0, 0]]
    assert found.rows.tolist() == [0, 0]


def test_weak_labels_alone_are_not_scored() -> None:
    found = lay_out(
        [Sample("s", "a", "train", ("Car", "Bell"), None)], [clip("a")], CLASSES, 4, "parsing"
    )
    assert found.clip_labels.tolist() == [[1, 0, 1]]
    assert not found.truth.any()
    assert not found.scored.any()


def test_a_short_video_keeps_the_labels_it_was_given() -> None:
    sample = Sample("s", "a", "val", ("Bell", "Car"), (Event(0, 2, A, "Bell"),))
    found = lay_out([sample], [clip("a")], CLASSES, 4, "parsing")
    assert found.clip_labels.tolist() == [[1, 0, 1]]


def test_weak_labels_alone_go_to_every_clip_of_the_video() -> None:
    clips = [clip("a"), clip("a", 4)]
    found = lay_out([Sample("s", "a", "train", ("Car",), None)], clips, CLASSES, 4, "parsing")
    assert found.clip_labels.tolist() == [[0, 0, 1], [0, 0, 1]]


def test_an_empty_sample_is_scored_where_strong_labels_say_so() -> None:
    found = lay_out([Sample("s", "a", "test", (), ())], [clip("a")], CLASSES, 4, "parsing")
    assert not found.clip_labels.any()
    assert found.scored.all()


def test_a_long_video_gives_each_clip_its_own_events() -> None:
    events = (Event(2, 6, AV, "Dog"), Event(8, 9, AV, "Car"))
    clips = [clip("a", 0), clip("a", 4), clip("a", 8, segments=2)]
    found = lay_out(
        [Sample("s", "a", "val", ("Dog", "Car"), events)], clips, CLASSES, 4, "localization"
    )
    # Seconds 0-4: Dog from 2; 4-8: Dog until 6; 8-10: Car at 8, and two segments of padding.
    assert found.truth.tolist() == [[3, 3, 1, 1], [1, 1, 3, 3], [2, 3, 3, 3]]
    assert found.clip_labels.tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert found.scored.astype(int).tolist() == [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0]]
    assert found.rows.tolist() == [0, 1, 2]


def test_overlapping_clips_see_the_same_event() -> None:
    clips = [clip("a", 0), clip("a", 2)]
    sample = Sample("s", "a", "val", ("Bell",), (Event(3, 5, A, "Bell"),))
    found = lay_out([sample], clips, CLASSES, 4, "parsing")
    assert found.truth[:, :, 0, 0].astype(int).tolist() == [[0, 0, 0, 1], [0, 1, 1, 0]]
    assert not found.truth[:, :, 1].any()


def test_samples_without_a_clip_are_left_out_and_rows_point_at_clips() -> None:
    samples = [
        Sample(v, v, s, ("Bell",), ()) for v, s in [("c", "train"), ("x", "val"), ("a", "val")]
    ]
    found = lay_out(samples, [clip("a"), clip("b"), clip("c")], CLASSES, 4, "parsing")
    assert found.rows.tolist() == [2, 0]
    assert found.splits.tolist() == ["train", "val"]
    assert found.where("val").tolist() == [1]
    assert found.where("test").tolist() == []


def test_no_labelled_clip_at_all() -> None:
    found = lay_out([], [clip("a")], CLASSES, 4, "localization")
    assert (len(found.rows), len(found.truth), found.clip_labels.shape) == (0, 0, (0, 3))


def test_permuting_the_clips_permutes_the_rows_only() -> None:
    names = ("a", "b", "c", "d")
    samples = [
        Sample(n, n, "val", (CLASSES[i % 3],), (Event(i, i + 1, A, CLASSES[i % 3]),))
        for i, n in enumerate(names)
    ]
    straight = lay_out(samples, [clip(n) for n in names], CLASSES, 4, "parsing")
    turned = lay_out(samples, [clip(n) for n in reversed(names)], CLASSES, 4, "parsing")
    assert turned.rows.tolist() == [3, 2, 1, 0]
    np.testing.assert_array_equal(straight.truth, turned.truth)
    np.testing.assert_array_equal(straight.clip_labels, turned.clip_labels)
