"""Where the models look, in the first clips of a few videos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse import predictions
from avparse.attention import Attention, of_video
from avparse.clips import Clip
from avparse.config import Settings
from avparse.errors import MediaError
from avparse.manifest import Entry
from avparse.media.sandbox import run_all
from avparse.media.stills import stills
from avparse.media.views import View
from avparse.predictions import Predictions
from avparse.progress import track
from avparse.report import looking
from avparse.report.page import Figure, Gallery, drawing

_VIDEOS = 3
_CLASSES = 3
ABOUT = (
    "Seeds averaged. Orange: cells that count more than if all counted alike. Blue: the darker, the"
    " more a second or a unit counts."
)

Pictures = dict[tuple[Entry, View | None], NDArray[np.uint8]]
"""Video and view -> (T, H, W, 3), a picture for each second."""


@dataclass(frozen=True)
class _Look:
    """What one experiment attends to in the first clip of a video."""

    experiment: str
    clip: Clip
    attention: Attention
    classes: dict[str, int]


def galleries(settings: Settings, results: Path, tested: Sequence[Entry]) -> list[Gallery]:
    """Stills of the first videos that some experiment attends to; none where no model can show it.

    Args:
        results: with ``predictions/{experiment}/{shard}.h5``.
        tested: labelled videos, in the order they are shown.
    """
    found: dict[Entry, list[_Look]] = {}
    for entry in tested:
        if len(found) < _VIDEOS and (looks := _looks(settings, results, entry)):
            found[entry] = looks
    pictures = _pictures(settings, found)
    drawn = [f for entry, looks in found.items() for f in _figures(entry, looks, pictures)]
    return [Gallery("Where the models look", ABOUT, drawn)] if drawn else []


def _looks(settings: Settings, results: Path, entry: Entry) -> list[_Look]:
    made = []
    for name, experiment in settings.experiments.items():
        path = results / "predictions" / name / f"{entry.shard}.h5"
        if experiment.dataset == entry.dataset and path.is_file():
            read = predictions.read([path], attention=True)
            rows = [row for row, c in enumerate(read.clips) if c.video_id == entry.video]
            if rows:
                first = min(rows, key=lambda row: read.clips[row].start_s)
                clips = [replace(clip, start_s=0.0) for clip in read.clips]
                found = of_video(replace(read, clips=clips), [first])  # as if the clip were all
                if found:
                    classes = _likeliest(read, first) if found.when is not None else {}
                    made.append(_Look(name, read.clips[first], found, classes))
    return made


def _likeliest(read: Predictions, row: int) -> dict[str, int]:
    """A few classes, the likeliest in any second first."""
    prob = read.arrays["segment_prob"][row].mean(0).max((0, 1))
    return {read.classes[i]: int(i) for i in np.argsort(-prob, kind="stable")[:_CLASSES]}


def _pictures(settings: Settings, found: Mapping[Entry, list[_Look]]) -> Pictures:
    """What models look at; a video that is gone or does not decode has none."""
    d = settings.decode
    wanted = {
        (entry, one.attention.view): (
            Path(entry.path), round(one.clip.start_s), one.clip.num_segments, one.attention.view
        )
        for entry, looks in found.items()
        for one in looks
        if one.attention.where is not None and Path(entry.path).is_file()
    }  # fmt: skip
    outcomes = run_all(
        stills, wanted.values(), settings.runtime.decode_workers, d.timeout_s, d.memory_mb
    )
    shown = track(outcomes, "report", len(wanted), "stills") if wanted else ()
    made = zip(wanted, shown, strict=True)
    return {which: found for which, (_, found) in made if not isinstance(found, MediaError)}


def _figures(entry: Entry, looks: list[_Look], pictures: Pictures) -> Iterable[Figure]:
    for view in dict.fromkeys(one.attention.view for one in looks):
        where = {
            one.experiment: one.attention.where
            for one in looks
            if one.attention.where is not None and one.attention.view == view
        }
        if where and (entry, view) in pictures:
            svg = looking.cells(pictures[entry, view], where)
            yield Figure(drawing(svg), f"{entry.video}: where")
    for one in looks:
        rows = dict(_rows(one))
        if rows:
            caption = f"{entry.video}: when, by {one.experiment}"
            yield Figure(drawing(looking.weights(rows)), caption)
    for one in looks:
        for relation in one.attention.relations:
            caption = f"{entry.video}: which seconds ask which, by {one.experiment}"
            yield Figure(drawing(looking.relation(relation)), caption, wide=False)


def _rows(one: _Look) -> Iterable[tuple[str, NDArray[np.floating]]]:
    """Seconds in pooling by class; units of a pyramid. Each kind by its own largest."""
    when, levels = one.attention.when, one.attention.levels
    for modality, how in enumerate(("heard", "seen")):
        if when is not None:
            for label, index in one.classes.items():
                yield f"{label}, {how}", when[:, modality, index] / when.max()
        if levels is not None:
            for unit in range(levels.shape[2]):
                yield f"unit {unit + 1}, {how}", levels[:, modality, unit] / levels.max()
