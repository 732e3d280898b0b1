"""The attention figures of the report, by video and experiment."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import clock_frames
from drawn import images
from numpy.typing import NDArray

from avparse.config.settings import Settings
from avparse.core.clips import Clip
from avparse.datasets.videos import Entry
from avparse.media.encode import write_video
from avparse.media.thumbnails import STILL_SIDE, stills
from avparse.media.views import View
from avparse.pipeline import validate
from avparse.prediction import predictions
from avparse.prediction.predictions import Predictions
from avparse.report import attention
from avparse.report.page import Gallery

CLASSES = ("Bell", "Dog", "Rain", "Car")
RNG = np.random.default_rng(3)
MAPS: dict[str, dict[str, NDArray[np.floating]]] = {
    "cmran": {"where": RNG.random((6, 4, 49)), "relation": RNG.random((6, 8, 8))},
    "han": {"when": RNG.random((6, 4, 2, 4))},
    "linear_llp": {},
}
TASKS = {"cmran": "localization", "han": "parsing", "linear_llp": "parsing"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three experiments have predictions of a video of two clips, and of four of one."""
    found = validate.load({"experiments": {m: {"model": m, "dataset": "bundled"} for m in MAPS}})
    cuts = [Clip("a_4", "a", 4.0, 3.0, 3), Clip("a_0", "a", 0.0, 4.0, 4)]
    cuts += [Clip(f"{video}_0", video, 0.0, 4.0, 4) for video in "bcde"]
    prob = np.zeros((6, 1, 4, 2, 4), np.float32)
    prob[..., 2], prob[..., 3], prob[..., 0] = 0.9, 0.5, 0.1
    for name, maps in MAPS.items():
        views = ("even1_squash_224_bilinear" if "where" in maps else "",) * 6
        made = Predictions(
            name, TASKS[name], CLASSES, (1,), cuts, {"segment_prob": prob}, maps, views
        )
        made.write(tmp_path / f"predictions/{name}/00000.h5", {})
    times = np.arange(80) / 10
    silence = np.zeros((0, 0), np.float32)
    frames = clock_frames(times, (64, 48)).copy()
    frames[:, :, :6] = frames[:, :, -6:] = 255
    write_video(tmp_path / "a.mp4", frames, times.tolist(), silence, 16000)
    return found


def entries(folder: Path, videos: str) -> list[Entry]:
    return [Entry(v, str(folder / f"{v}.mp4"), "bundled", "00000") for v in videos]


def galleries(settings: Settings, folder: Path, videos: str) -> list[Gallery]:
    """The galleries of videos, from predictions that were read without attention."""
    found = {
        name: predictions.read([predictions.prediction_file(folder, name, "00000")])
        for name in settings.experiments
    }
    return attention.galleries(settings, folder, found, entries(folder, videos))


def captions(settings: Settings, folder: Path, videos: str) -> list[str]:
    found = galleries(settings, folder, videos)
    return [figure.caption for gallery in found for figure in gallery.figures]


def test_each_kind_of_attention_is_shown_once_for_a_video(
    settings: Settings, tmp_path: Path
) -> None:
    assert captions(settings, tmp_path, "a") == [
        "a: spatial attention",
        "a: temporal attention, han",
        "a: attention between seconds, cmran",
    ]


def test_the_first_clip_is_drawn(settings: Settings, tmp_path: Path) -> None:
    (gallery,) = galleries(settings, tmp_path, "a")
    pictures = images(str(gallery.figures[0].svg))[0]
    middle = pictures[len(pictures) // 2, :, 0].astype(int)
    places = (np.arange(4) + 0.5) * len(middle) / 4
    assert [middle[int(x)] for x in places] == pytest.approx([20, 30, 40, 50], abs=3)
    rows = str(gallery.figures[1].svg)
    shown = [f"{label}, {how}" for how in ("audio", "visual") for label in ("Rain", "Car", "Bell")]
    assert [row for row in shown if row in rows] == shown
    assert "Dog" not in rows  # the least likely class


def test_a_missing_video_still_has_figures_without_frames(
    settings: Settings, tmp_path: Path
) -> None:
    assert captions(settings, tmp_path, "b") == [
        "b: temporal attention, han",
        "b: attention between seconds, cmran",
    ]


def test_a_first_clip_need_not_begin_with_the_video(settings: Settings, tmp_path: Path) -> None:
    for path in (tmp_path / "predictions").glob("*/00000.h5"):
        read = predictions.read([path], attention=True)
        attention_of = {name: array[:1] for name, array in read.attention.items()}
        arrays = {name: array[:1] for name, array in read.arrays.items()}
        replace(read, clips=read.clips[:1], arrays=arrays, attention=attention_of).write(path, {})
    (gallery,) = galleries(settings, tmp_path, "a")
    assert gallery.figures[0].caption == "a from 4 s: spatial attention"


def test_a_few_videos_are_enough(settings: Settings, tmp_path: Path) -> None:
    found = captions(settings, tmp_path, "xabcde")
    assert {caption[0] for caption in found} == set("abc")


def test_models_without_attention_make_no_section(settings: Settings, tmp_path: Path) -> None:
    only = settings.model_copy(
        update={"experiments": {"linear_llp": settings.experiments["linear_llp"]}}
    )
    assert galleries(only, tmp_path, "a") == []


def test_stills_show_the_view_of_the_extractor(settings: Settings, tmp_path: Path) -> None:
    whole = stills((tmp_path / "a.mp4", 2, 3, None))
    assert whole.shape == (3, STILL_SIDE, STILL_SIDE, 3)
    cropped = stills((tmp_path / "a.mp4", 2, 3, View(2, 224, 256)))
    assert cropped.shape == whole.shape
    assert (whole[:, :, [0, -1]] > 200).all()  # the margins
    assert (cropped < 100).all()
    first = stills((tmp_path / "a.mp4", 0, 3, None))
    means = [float(pictures.mean()) for pictures in (*first, *whole)]
    assert means == sorted(means)  # the film grows brighter
    assert means[-1] > means[0]
