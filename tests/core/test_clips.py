import re

from hypothesis import given, settings
from hypothesis import strategies as st

from avparse.core.clips import Clip, clip_id, video_id
from avparse.media.spans import split


def test_id_tells_the_seconds_of_the_source() -> None:
    assert clip_id("a_b", 0, 10) == "a_b_0_10"
    assert clip_id("a_b", 7.0, 3) == "a_b_7_10"


def test_cut_a_video_of_25_seconds_into_tens() -> None:
    assert split("v", 25.0, 10, 10) == [
        Clip("v_0_10", "v", 0.0, 10.0, 10),
        Clip("v_10_20", "v", 10.0, 10.0, 10),
        Clip("v_20_30", "v", 20.0, 5.0, 5),
    ]


def test_cut_with_overlap_stops_once_the_end_is_reached() -> None:
    # 0-4, 2-6, 4-8 (covers 4.0-7.0); a clip at 6 would bring nothing new.
    found = split("v", 7.0, 4, 2)
    assert [(c.start_s, c.duration_s, c.num_segments) for c in found] == [
        (0, 4.0, 4),
        (2, 4.0, 4),
        (4, 3.0, 3),
    ]


def test_half_a_segment_is_kept_and_less_is_left_off() -> None:
    assert [c.num_segments for c in split("v", 10.49, 10, 10)] == [10]
    assert [c.num_segments for c in split("v", 10.5, 10, 10)] == [10, 1]
    # 3.4 seconds round to 3 segments, 3.5 to 4.
    assert [c.num_segments for c in split("v", 3.4, 10, 10)] == [3]
    assert [c.num_segments for c in split("v", 3.5, 10, 10)] == [4]


def test_the_shortest_video_is_one_clip_of_one_segment() -> None:
    assert split("v", 0.1, 10, 10) == [Clip("v_0_10", "v", 0.0, 0.1, 1)]


@settings(deadline=None)
@given(
    duration=st.floats(0.01, 300),
    clip_seconds=st.integers(1, 30),
    hop=st.integers(1, 30),
)
def test_cut_covers_the_whole_duration(duration: float, clip_seconds: int, hop: int) -> None:
    hop = min(hop, clip_seconds)
    found = split("v", duration, clip_seconds, hop)
    assert [c.start_s for c in found] == [i * hop for i in range(len(found))]
    assert len({c.clip_id for c in found}) == len(found)
    for clip in found:
        assert clip.duration_s == min(duration - clip.start_s, clip_seconds)
        assert 1 <= clip.num_segments <= clip_seconds
        assert abs(clip.num_segments - clip.duration_s) <= 0.5 or clip.num_segments == 1
    # Only a rest shorter than half a segment is lost, and no clip could have been spared.
    assert duration - (found[-1].start_s + clip_seconds) < 0.5
    assert all(duration - (c.start_s + clip_seconds) >= 0.5 for c in found[:-1])


def test_video_ids_by_hand() -> None:
    assert video_id("talk.mp4") == "talk"
    assert video_id("2024/day 1/talk.final.MKV") == "2024__day_1__talk.final"
    assert video_id("été.webm") == "_t_"
    assert video_id("..hidden.mp4") == "hidden"
    assert video_id(".mp4") == "video"
    assert video_id("no_extension") == "no_extension"


def test_a_clash_gets_a_hash_of_the_path() -> None:
    first = video_id("talk.mp4")
    second = video_id("talk.mkv", {first})
    third = video_id("talk.avi", {first, second})
    assert re.fullmatch(r"talk\+[0-9a-f]{8}", second)
    assert len({first, second, third}) == 3


def test_a_long_path_is_cut_and_stays_unlike_its_neighbour() -> None:
    one, two = video_id("x" * 300 + "1.mp4"), video_id("x" * 300 + "2.mp4")
    assert len(one) == len(two) == 120
    assert one != two


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=200), unique=True, max_size=8))
def test_video_ids_are_safe_and_distinct(paths: list[str]) -> None:
    taken: set[str] = set()
    for path in paths:
        found = video_id(path, taken)
        assert re.fullmatch(r"[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]{0,119}", found)
        assert found not in taken
        assert found == video_id(path, taken)
        taken.add(found)
