"""Generated videos, annotations and predictions, and a viewer of them."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from conftest import beeps, clock_frames
from numpy.typing import NDArray

from avparse.config.settings import Settings
from avparse.core.clips import Clip
from avparse.core.events import Event, Modality
from avparse.media.encode import write_video
from avparse.media.spans import split
from avparse.prediction.predictions import Predictions
from avparse.viewer import site
from avparse.viewer.pages import ExperimentPredictions
from avparse.viewer.videos import NEW, PageVideo

CLASSES = ("Dog", "Cat <b>&", "Rain", "never")
HOSTILE = '<script>alert(1)</script> "it\'s" 100% #1? 日本 é.mp4'
LENGTHS_S = {"clip": 9.6, "odd": 4, "long": 47.4, "old": 3, "gone": 10}
A, V, AV = Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL


def film(path: Path, seconds: float) -> Path:
    """A video whose frames encode the time; browsers cannot play it if it is an .avi."""
    times = np.arange(round(10 * seconds)) / 10
    frames = clock_frames(times % 20, (128, 96)).copy()
    frames[:, 20:76, 30:98, 1] = np.linspace(0, 255, len(times), dtype=np.uint8)[:, None, None]
    if path.suffix != ".avi":
        sound = beeps(round(seconds), 16000, (1, 2, 7))
        write_video(path, frames, times.tolist(), sound, 16000)
        return path
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def videos(folder: Path) -> list[PageVideo]:
    """A video with truth, one with an odd name, a long, an unplayable, and a missing one."""
    folder.mkdir(parents=True, exist_ok=True)
    odd = HOSTILE.replace("/", "|")
    found = {
        "clip": film(folder / "clip.mp4", LENGTHS_S["clip"]),
        "long": film(folder / "long.mp4", LENGTHS_S["long"]),
        "odd": film(folder / odd, LENGTHS_S["odd"]),
        "old": film(folder / "old.avi", LENGTHS_S["old"]),
        "gone": folder / "gone.mp4",
    }
    annotated = [Event(2, 6, A, "Dog"), Event(3, 5.5, V, "Dog"), Event(0, 4, V, "Rain")]
    truth = {
        "parsing": tuple(sorted([*annotated, Event(3, 5.5, AV, "Dog")])),
        "localization": (Event(3, 5, AV, "Dog"),),
    }
    made = [
        PageVideo("films/clip", "clip", ("clip",), "films", found["clip"], "test", truth, ("Dog",))
    ]
    titles = {"odd": HOSTILE}
    return made + [
        PageVideo(f"{NEW}/{name}", titles.get(name, f"{name}.mp4"), (name,), path=found[name])
        for name in ("gone", "long", "odd", "old")
    ]


def predictions(kind: str, seeds: Sequence[int] = (1, 2, 3), hop_s: int = 5) -> Predictions:
    """Probabilities that come and go in waves, of overlapping clips.

    Args:
        kind: of model: han, ma (a gate for each modality), cmran (relevance and class of a clip),
            or avel (the label of each segment).
    """
    cuts = [c for name, s in LENGTHS_S.items() for c in split(name, s, 10, hop_s)]
    rng = np.random.default_rng(len(kind))
    shape = len(cuts), len(seeds), 10, 2, len(CLASSES)
    wave = np.sin(
        np.arange(10)[:, None, None] / 2.2 + rng.uniform(0, 6, (*shape[:2], 1, *shape[3:]))
    )
    prob = np.clip(0.5 + 0.45 * wave + rng.normal(0, 0.08, shape), 0, 1).astype(np.float32)
    prob[..., 3] *= 0.009  # a class that is never likely
    arrays: dict[str, NDArray[np.float32]] = {
        "han": lambda: {"segment_prob": prob, "clip_prob": prob.mean((2, 3)) * 2.1},
        "ma": lambda: {"segment_prob": prob, "clip_prob": prob.mean(2) + 0.05},
        "cmran": lambda: {"event_prob": prob[..., 0, 0], "class_prob": _simplex(prob[:, :, 0, 0])},
        "avel": lambda: {"label_prob": _simplex(2 * prob[..., 0, :])},
    }[kind]()
    task = "parsing" if kind in ("han", "ma") else "localization"
    views = ("even1_crop256_224_bilinear" if kind == "cmran" else "",) * len(cuts)
    maps = attention(kind, cuts)
    return Predictions(kind, task, CLASSES, tuple(seeds), cuts, arrays, maps, views)


def attention(kind: str, cuts: Sequence[Clip]) -> dict[str, NDArray[np.float64]]:
    """Attention of HAN, CMRAN and AVEL; MA has none."""
    rng = np.random.default_rng(5)
    n = len(cuts)
    where = _shares(rng.random((n, 10, 49)) ** 4, -1)
    return {
        "han": {
            "when": _shares(rng.random((n, 10, 2, len(CLASSES))), 1),
            "levels": rng.random((n, 10, 2, 4)),
        },
        "cmran": {"where": where, "relation": _shares(rng.random((n, 20, 20)), -1)},
        "avel": {"where": where},
        "ma": {},
    }[kind]


def _shares(weights: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    out: NDArray[np.float64] = weights / weights.sum(axis, keepdims=True)
    return out


def _simplex(prob: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of all classes and background that add up to 1."""
    with_background = np.concatenate([prob, np.full_like(prob[..., :1], 0.4)], -1)
    out: NDArray[np.float32] = with_background / with_background.sum(-1, keepdims=True)
    return out


def experiments() -> list[ExperimentPredictions]:
    """Four experiments; all have a score for one video only."""
    scores = {"clip": 71.25}
    kinds = {"han": 0.5, "ma": 0.62, "cmran": 0.5, "avel": 0.3}
    return [
        ExperimentPredictions(
            predictions(kind, (1, 2, 3) if kind == "han" else (7,)), t, "films", scores
        )
        for kind, t in kinds.items()
    ]


def far(folder: Path, length_s: int = 150) -> Path:
    """The viewer of a long video whose thumbnails fill several rows; it grows brighter."""
    times = np.arange(length_s)
    frames = np.broadcast_to(times.astype(np.uint8)[:, None, None, None], (length_s, 96, 128, 3))
    folder.mkdir(parents=True, exist_ok=True)
    write_video(folder / "far.mp4", frames, times.tolist(), beeps(length_s, 16000, (100,)), 16000)
    cuts = split("far", length_s, 10, 10)
    arrays = {
        "segment_prob": np.full((len(cuts), 1, 10, 2, len(CLASSES)), 0.6, np.float32),
        "clip_prob": np.ones((len(cuts), 1, len(CLASSES)), np.float32),
    }
    found = Predictions("han", "parsing", CLASSES, (1,), cuts, arrays)
    video = PageVideo(f"{NEW}/far", "far.mp4", ("far",), path=folder / "far.mp4")
    site.write(Settings(), [video], [ExperimentPredictions(found, 0.5)], folder / "viewer")
    return folder / "viewer"


def build(folder: Path, settings: Settings | None = None) -> Path:
    """The viewer's folder, with the videos beside it."""
    site.write(settings or Settings(), videos(folder / "films"), experiments(), folder / "viewer")
    return folder / "viewer"
