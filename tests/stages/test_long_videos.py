"""Videos of any length: one timeline each, whatever the cuts; padding is neither scored nor told.

Tones are found by the simplest of models: a second whose VGGish feature lies nearer to that of a
second with a tone than to that of one without.
"""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import beeps, clock_frames

from avparse.config.settings import Settings
from avparse.core.clips import Clip
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import STATUS
from avparse.features.reader import ARRAY
from avparse.media.encode import write_video
from avparse.media.views import View
from avparse.prediction.predictions import Predictions
from avparse.prediction.timeline import Timeline, timelines
from avparse.stages import decode, extract

Make = Callable[..., Path]


@pytest.fixture
def timeline(
    tmp_path: Path, random_weights: Callable[[str], Path]
) -> Callable[[Path, int], tuple[Timeline, list[Clip]]]:
    """Decodes, extracts and joins a video cut every so many seconds."""

    def run(video: Path, hop: int) -> tuple[Timeline, list[Clip]]:
        clips = {"seconds": 10, "hop_seconds": hop}
        settings = Settings.model_validate({"clips": clips, "extractors": {"vggish": {}}})
        frames, features = tmp_path / "frames.h5", tmp_path / "vggish.h5"
        videos = {"v": video}
        decode.run(settings, videos, [View(1, 16)], frames, tmp_path / "status.tsv")
        extract.run(settings, "vggish", videos, frames, random_weights("vggish"), features)
        with Shard(features) as shard:
            found, array = shard.clips, shard.array(ARRAY)[:]
        quiet, loud = array[0, 0], array[0, 2]  # a tone sounds in the third second of each video
        near = np.linalg.norm(array - loud, axis=-1) < np.linalg.norm(array - quiet, axis=-1)
        prob = np.zeros((len(found), 1, 10, 2, 1))
        prob[:, 0, :, 0, 0] = near
        arrays = {"segment_prob": prob, "clip_prob": np.ones((len(found), 1, 1))}
        made = Predictions("test", "parsing", ("Tone",), (0,), found, arrays)
        (line,) = timelines(made, 0.5)
        return line, found

    return run


@pytest.mark.parametrize("hop", [10, 5, 7])
def test_events_over_cuts_are_one(
    make_video: Make, timeline: Callable[[Path, int], tuple[Timeline, list[Clip]]], hop: int
) -> None:
    """95 s with tones from 8 to 23, from 48 to 51, and from 93 to the end."""
    loud = (2, *range(8, 23), *range(48, 51), 93, 94)
    line, clips = timeline(make_video(seconds=95, fps=5, at=loud), hop)
    assert len(clips) == {10: 10, 5: 18, 7: 14}[hop]
    assert [(e.onset_s, e.offset_s) for e in line.events] == [
        (2, 3),
        (8, 23),
        (48, 51),
        (93, pytest.approx(95, abs=0.05)),
    ]


def test_the_padding_of_a_short_video_holds_nothing(
    tmp_path: Path, timeline: Callable[[Path, int], tuple[Timeline, list[Clip]]]
) -> None:
    """3.4 s: three segments are real; the fourth is covered by less than half, and silent."""
    times = np.arange(34) / 10
    sound = beeps(4, 16000, (2,))[:, : int(3.4 * 16000)]
    write_video(tmp_path / "a.mp4", clock_frames(times, (64, 48)), times.tolist(), sound, 16000)
    line, (clip,) = timeline(tmp_path / "a.mp4", 10)
    assert (clip.num_segments, line.duration_s) == (3, pytest.approx(3.4, abs=0.1))
    assert [(e.onset_s, e.offset_s) for e in line.events] == [(2, 3)]


def test_a_video_that_ends_early_is_one_row_of_failures(tmp_path: Path) -> None:
    """Matroska declares its length first; the clips that were cut off are one failure."""
    video = tmp_path / "a.mkv"
    noise = np.random.default_rng(0).integers(0, 256, (300, 48, 64, 3), np.uint8)
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for picture in noise:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 4])
    settings = Settings.model_validate({"clips": {"seconds": 5, "hop_seconds": 5}})
    decode.run(settings, {"v": video}, [], tmp_path / "frames.h5", tmp_path / "status.tsv")
    *rows, last = read_tsv(tmp_path / "status.tsv", STATUS)
    assert [row["status"] for row in rows] == ["ok"] * len(rows)
    assert 2 <= len(rows) <= 4
    assert last["clip"] == f"v_{5 * len(rows)}_{5 * len(rows) + 5}"
    assert last["status"] == "failed"
    assert f"nothing decodes at {5 * len(rows)} s of {video} or after" in last["note"]
