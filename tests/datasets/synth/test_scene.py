from collections import Counter

import pytest

from avparse.core.events import Event, Modality
from avparse.datasets.classes import BUNDLED_CLASSES
from avparse.datasets.synth.scene import CLIP_S, FRAME_RATES, SIZES, Scene, plan

A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL
COUNTS = {"train": 64, "val": 16, "test": 32}


def scene(*events: Event) -> Scene:
    return Scene("synth-00000", "train", "plain", events, 25.0, (320, 240), 16000, 1, 0)


def events_of(one: Scene, modality: Modality) -> dict[str, tuple[float, float]]:
    return {e.label: (e.onset_s, e.offset_s) for e in one.events if e.modality == modality}


def test_the_same_seed_gives_the_same_scenes() -> None:
    assert plan(COUNTS, 3) == plan(COUNTS, 3)
    assert [s.events for s in plan(COUNTS, 3)] != [s.events for s in plan(COUNTS, 4)]


def test_splits_ids_and_formats() -> None:
    scenes = plan(COUNTS, 0)
    assert Counter(s.split for s in scenes) == COUNTS
    assert len({s.video_id for s in scenes}) == 112
    assert {len(s.video_id) for s in scenes} == {11}
    assert {s.frame_rate for s in scenes} == set(FRAME_RATES)
    assert {s.size for s in scenes} == set(SIZES)
    assert {s.channels for s in scenes} == {1, 2}
    assert len({s.seed for s in scenes}) > 100


def test_background_clips_hold_no_event_and_move_nothing() -> None:
    scenes = plan({**COUNTS, "background": 5}, 3)
    assert scenes[:112] == plan(COUNTS, 3)
    assert [(s.split, s.kind, s.events) for s in scenes[112:]] == [("background", "empty", ())] * 5


@pytest.mark.parametrize("split", COUNTS)
def test_each_split_has_all_kinds_and_classes_alike(split: str) -> None:
    chosen = [s for s in plan(COUNTS, 1) if s.split == split]
    sixteenths = COUNTS[split] // 16
    assert Counter(s.kind for s in chosen) == {
        "plain": 9 * sixteenths,
        "extents": 2 * sixteenths,
        "audible": 2 * sixteenths,
        "visible": 2 * sixteenths,
        "overlap": sixteenths,
    }
    # Every scene has one main class, the only audio-visual one except where two overlap.
    mains = Counter(s.audio_visual()[0].label for s in chosen if s.kind != "overlap")
    assert max(mains.values()) <= 2 * sixteenths
    assert set(mains) <= set(BUNDLED_CLASSES)
    assert sum(mains.values()) == 15 * sixteenths


@pytest.mark.parametrize("seed", range(5))
def test_events_are_whole_seconds_within_the_clip(seed: int) -> None:
    for one in plan(COUNTS, seed):
        assert list(one.events) == sorted(one.events)
        assert len(one.events) == len({(e.modality, e.label) for e in one.events})
        for event in one.events:
            assert 0 <= event.onset_s < event.offset_s <= CLIP_S
            assert event.onset_s == int(event.onset_s)
            assert event.offset_s == int(event.offset_s)
            assert event.label in BUNDLED_CLASSES


@pytest.mark.parametrize("seed", range(3))
def test_kinds_are_what_they_say(seed: int) -> None:
    for one in plan(COUNTS, seed):
        heard, seen = events_of(one, A), events_of(one, V)
        shared, both = heard.keys() & seen.keys(), one.audio_visual()
        if one.kind == "plain":
            assert heard == seen
            assert len(heard) == 1
        if one.kind == "extents":
            ((label, span),) = heard.items()
            assert span != seen[label]
        if one.kind == "audible":
            assert (len(heard), len(seen), len(shared)) == (2, 1, 1)
        if one.kind == "visible":
            assert (len(heard), len(seen), len(shared)) == (1, 2, 1)
        if one.kind == "overlap":
            assert heard == seen
            assert len(both) == 2
            assert both[1].onset_s < both[0].offset_s


def test_audio_visual_by_hand() -> None:
    one = scene(
        Event(1, 5, A, "Bell"),
        Event(3, 7, V, "Bell"),
        Event(0, 2, A, "Drum"),
        Event(2, 4, V, "Drum"),
        Event(0, 9, A, "Horn"),
        Event(2, 6, A, "Bird"),
        Event(0, 4, V, "Bird"),
    )
    # Drum is seen only once it is no longer heard, Horn is never seen.
    assert one.audio_visual() == [Event(2, 4, AV, "Bird"), Event(3, 5, AV, "Bell")]
