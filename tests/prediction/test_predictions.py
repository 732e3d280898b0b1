from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.core.hdf5 import write_shard
from avparse.prediction.predictions import Predictions, read
from avparse.prediction.timeline import timelines

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL
CLASSES = ("Bell", "Dog")


def clip(video: str, start: int = 0, segments: int = 3, duration: float | None = None) -> Clip:
    covered = float(segments) if duration is None else duration
    return Clip(f"{video}_{start}_{start + 3}", video, float(start), covered, segments)


def parsing(clips: list[Clip], segment: NDArray[np.floating], clip_prob: float = 1) -> Predictions:
    """One seed; ``segment`` is (N, T, 2) for Bell, Dog is never there."""
    both = np.stack((segment, np.zeros_like(segment)), axis=-1)
    gate = np.full((len(clips), 1, 2), clip_prob)
    arrays = {"clip_prob": gate, "segment_prob": both[:, None]}
    return Predictions("han", "parsing", CLASSES, (1,), clips, arrays)


def localization(
    clips: list[Clip], event: NDArray[np.floating], category: NDArray[np.floating]
) -> Predictions:
    with_background = np.pad(category, ((0, 0), (0, 1)))
    arrays = {"event_prob": event[:, None], "class_prob": with_background[:, None]}
    return Predictions("cmran", "localization", CLASSES, (1,), clips, arrays)


def test_audio_visual_and_both_by_hand() -> None:
    segment = np.array([[[0.75, 0.25], [0.5, 0.75], [0.25, 1.0]]])
    (found,) = timelines(parsing([clip("a")], segment), 0.5)
    assert (found.video_id, found.duration_s) == ("a", 3.0)
    assert found.events == (
        Event(0.0, 2.0, A, "Bell", 0.625),  # (0.75 + 0.5) / 2
        Event(1.0, 2.0, AV, "Bell", 0.5),  # the lesser of 0.5 and 0.75
        Event(1.0, 3.0, V, "Bell", 0.875),  # (0.75 + 1) / 2
    )
    assert list(found.rows()[0].items()) == [
        ("video", "a"), ("clip", "a_0_3"), ("modality", "audio"), ("label", "Bell"),
        ("onset", 0.0), ("offset", 2.0), ("score", 0.625),
    ]  # fmt: skip
    assert found.prob[A][:, 0].tolist() == [0.75, 0.5, 0.25]
    assert found.prob[V][:, 0].tolist() == [0.25, 0.75, 1.0]
    assert found.prob[AV][:, 0].tolist() == [0.25, 0.5, 0.25]


def test_a_class_that_the_clip_lacks_gives_no_event_but_is_shown() -> None:
    segment = np.full((1, 3, 2), 0.9)
    (found,) = timelines(parsing([clip("a")], segment, clip_prob=0.4), 0.5)
    assert found.events == ()
    assert found.prob[A][:, 0].tolist() == pytest.approx([0.9] * 3)


def test_attention_is_read_on_request(tmp_path: Path) -> None:
    made = parsing([clip("a"), clip("b")], np.zeros((2, 3, 2)))
    when = np.random.default_rng(0).random((2, 3, 2, 2))
    views = ("even1_squash_224_bilinear",) * 2
    replace(made, attention={"when": when}, views=views).write(tmp_path / "p.h5", {})
    plain, asked = read([tmp_path / "p.h5"]), read([tmp_path / "p.h5"], attention=True)
    assert plain.attention == {}
    assert set(plain.arrays) == set(asked.arrays) == {"clip_prob", "segment_prob"}
    np.testing.assert_allclose(asked.attention["when"], when, rtol=1e-3)
    assert asked.views == views


def test_shards_differ_in_what_is_known_of_attention(tmp_path: Path) -> None:
    """Released features have no view, older shards no attention, failed ones no clips."""
    one = parsing([clip("a")], np.zeros((1, 3, 2)))
    when = {"when": np.ones((1, 3, 2, 2))}
    replace(one, attention=when, views=("even1_squash_224_bilinear",)).write(tmp_path / "a.h5", {})
    replace(one, clips=[clip("b")], attention=when).write(tmp_path / "b.h5", {})
    replace(one, clips=[clip("c")]).write(tmp_path / "c.h5", {})
    replace(one, clips=[], arrays={}).write(tmp_path / "d.h5", {})
    some = read([tmp_path / f"{name}.h5" for name in "abd"], attention=True)
    assert some.views == ("even1_squash_224_bilinear", "")
    assert len(some.attention["when"]) == 2
    every = read([tmp_path / f"{name}.h5" for name in "abcd"], attention=True)
    assert every.attention == {}
    assert len(every.clips) == 3


def test_only_some_clips() -> None:
    rng = np.random.default_rng(0)
    made = parsing([clip("a"), clip("b"), clip("c")], rng.random((3, 3, 2)))
    made = replace(made, attention={"when": rng.random((3, 3, 2, 2))}, views=("x", "y", "z"))
    found = made.only([2, 0])
    assert [c.video_id for c in found.clips] == ["c", "a"]
    assert found.views == ("z", "x")
    assert (found.arrays["segment_prob"] == made.arrays["segment_prob"][[2, 0]]).all()
    assert (found.attention["when"] == made.attention["when"][[2, 0]]).all()


def test_an_event_goes_on_over_a_cut() -> None:
    # Padding of the last clip is loud, and counts for nothing.
    audio = np.array([[0.0, 0.0, 1.0], [1.0, 0.5, 0.0], [0.0, 0.75, 1.0]])
    clips = [clip("a", 0), clip("a", 3), clip("a", 6, segments=2, duration=1.75)]
    segment = np.stack((audio, np.zeros_like(audio)), axis=-1)
    (found,) = timelines(parsing(clips, segment), 0.5)
    assert found.duration_s == 7.75
    assert found.events == (
        Event(2.0, 5.0, A, "Bell", 2.5 / 3),  # (1 + 1 + 0.5) / 3
        Event(7.0, 7.75, A, "Bell", 0.75),  # ends with the video
    )
    assert found.prob[A][:, 0].tolist() == [0, 0, 1, 1, 0.5, 0, 0, 0.75]


def test_the_order_of_clips_and_videos_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    clips = [clip(video, start) for video in ("b", "a", "c") for start in (0, 3, 6)]
    made = parsing(clips, rng.random((9, 3, 2)))
    order = rng.permutation(9)
    turned = Predictions(
        made.experiment,
        made.task,
        made.classes,
        made.seeds,
        [clips[i] for i in order],
        {name: array[order] for name, array in made.arrays.items()},
    )
    one, other = timelines(made, 0.5), timelines(turned, 0.5)
    assert [t.video_id for t in one] == ["a", "b", "c"]
    assert [(t.video_id, t.clips, t.events) for t in one] == [
        (t.video_id, t.clips, t.events) for t in other
    ]


def test_overlapping_clips_are_averaged() -> None:
    # Clips at 0 and 2 share second 2: audio (1 + 0.25) / 2, visual (0.25 + 0.5) / 2.
    segment = np.array(
        [[[0, 0], [0, 0], [1, 0.25]], [[0.25, 0.5], [0.75, 0.5], [0, 0]]], dtype=float
    )
    (found,) = timelines(parsing([clip("a", 0), clip("a", 2)], segment), 0.5)
    assert found.prob[A][:, 0].tolist() == [0, 0, 0.625, 0.75, 0]
    assert found.prob[V][:, 0].tolist() == [0, 0, 0.375, 0.5, 0]
    assert found.events == (
        Event(2.0, 4.0, A, "Bell", 0.6875),  # (0.625 + 0.75) / 2
        Event(3.0, 4.0, AV, "Bell", 0.5),
        Event(3.0, 4.0, V, "Bell", 0.5),
    )


def test_localization_by_hand() -> None:
    event = np.array([[0.25, 0.75, 1.0], [0.75, 0.5, 0.0]])
    category = np.array([[0.25, 0.75], [0.75, 0.25]])
    (found,) = timelines(localization([clip("a", 0), clip("a", 3)], event, category), 0.5)
    # Clip 0 is a Dog, clip 1 a Bell; a probability of just 0.5 is no event.
    assert found.events == (
        Event(1.0, 3.0, AV, "Dog", 0.875),
        Event(3.0, 4.0, AV, "Bell", 0.75),
    )
    assert list(found.prob) == [AV]
    assert found.prob[AV][1].tolist() == [0.75 * 0.25, 0.75 * 0.75]


def test_overlapping_localizations_are_averaged() -> None:
    event = np.array([[0.0, 0.0, 1.0], [0.25, 1.0, 0.0]])
    category = np.array([[0.0, 1.0], [0.0, 1.0]])
    (found,) = timelines(localization([clip("a", 0), clip("a", 2)], event, category), 0.5)
    # Second 2: 1 in one clip, below the threshold in the other: (1 + 0) / 2 does not exceed 0.5.
    assert found.events == (Event(3.0, 4.0, AV, "Dog", 1.0),)
    assert found.prob[AV][:, 1].tolist() == [0, 0, 0.625, 1, 0]


def test_seeds_are_averaged_before_the_threshold() -> None:
    category = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.25, 0.75, 0.0]]])
    event = np.array([[[1.0, 0.25, 0.5], [0.5, 0.25, 0.0], [0.75, 0.25, 1.0]]])
    arrays = {"event_prob": event, "class_prob": category}
    made = Predictions("cmran", "localization", CLASSES, (1, 2, 3), [clip("a")], arrays)
    assert made.mean()["event_prob"].tolist() == [[0.75, 0.25, 0.5]]
    assert made.of_seed(1)["class_prob"].tolist() == [[0.0, 1.0, 0.0]]
    (found,) = timelines(made, 0.5)
    assert found.events == (Event(0.0, 1.0, AV, "Dog", 0.75),)


def test_the_clip_at_a_time_is_the_last_that_began() -> None:
    clips = [clip("a", 0), clip("a", 2), clip("a", 4)]
    (found,) = timelines(parsing(clips, np.zeros((3, 3, 2))), 0.5)
    assert [found.clip_at(t) for t in (0, 1.9, 2, 4, 6)] == [
        "a_0_3",
        "a_0_3",
        "a_2_5",
        "a_4_7",
        "a_4_7",
    ]


def test_write_and_read_shards(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one = parsing([clip("a"), clip("b")], rng.random((2, 3, 2)))
    none = parsing([], np.zeros((0, 3, 2)))
    two = parsing([clip("c", segments=2)], rng.random((1, 3, 2)))
    paths = [tmp_path / f"{i}.h5" for i in range(3)]
    for path, part in zip(paths, (one, none, two), strict=True):
        part.write(path, {"versions": {}})
    found = read(paths)
    assert (found.experiment, found.task, found.classes) == ("han", "parsing", CLASSES)
    assert found.seeds == (1,)
    assert found.clips == [*one.clips, *two.clips]
    for name, array in found.arrays.items():
        np.testing.assert_array_equal(array, np.concatenate([one.arrays[name], two.arrays[name]]))


def test_no_clip_gives_no_timeline(tmp_path: Path) -> None:
    parsing([], np.zeros((0, 3, 2))).write(tmp_path / "x.h5", {})
    assert timelines(read([tmp_path / "x.h5"]), 0.5) == []


def test_a_shard_of_another_stage_is_refused(tmp_path: Path) -> None:
    with write_shard(tmp_path / "x.h5", {"stage": "extract"}):
        pass
    with pytest.raises(DataError) as caught:
        read([tmp_path / "x.h5"])
    wanted = "holds no predictions: give files of `avparse predict`"
    assert str(caught.value) == f"{tmp_path / 'x.h5'} {wanted}"


def test_shards_of_two_experiments_are_refused(tmp_path: Path) -> None:
    parsing([clip("a")], np.zeros((1, 3, 2))).write(tmp_path / "a.h5", {})
    localization([clip("a")], np.zeros((1, 3)), np.zeros((1, 2))).write(tmp_path / "b.h5", {})
    with pytest.raises(
        DataError, match=r"predictions of several experiments: give the files of one$"
    ):
        read([tmp_path / "a.h5", tmp_path / "b.h5"])
