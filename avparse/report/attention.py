"""Where the models look, in the first clips of a few videos."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse.config.settings import Settings
from avparse.core.clips import Clip
from avparse.core.errors import MediaError
from avparse.core.progress import track
from avparse.datasets.videos import Entry
from avparse.media.sandbox import run_all
from avparse.media.thumbnails import stills
from avparse.media.views import View
from avparse.prediction import predictions
from avparse.prediction.attention import Attention, of_video
from avparse.prediction.predictions import Predictions
from avparse.report.page import Figure, Gallery, drawing
from avparse.report.plots import attention as plots

_VIDEOS = 3
_CLASSES = 3
_ABOUT = (
    "Seeds averaged. Orange: the parts of a picture that count more than their even share. Blue:"
    " the darker, the more a second counts, or a unit of the pyramid."
)

Still = tuple[Path, int, int, View | None]
"""What pictures are made of: see :func:`avparse.media.thumbnails.stills`."""


@dataclass(frozen=True)
class _Look:
    """What one experiment attends to in the first clip of a video, from the clip's first second."""

    experiment: str
    entry: Entry
    clip: Clip
    attention: Attention
    classes: dict[str, int]

    @property
    def still(self) -> Still:
        """What the pictures it looks at are made of."""
        start, seconds = round(self.clip.start_s), self.clip.num_segments
        return Path(self.entry.path), start, seconds, self.attention.view

    def caption(self, what: str) -> str:
        """What a figure shows, and from when on if that is not the beginning."""
        start = round(self.clip.start_s)
        return f"{self.entry.video}{f' from {start} s' if start else ''}: {what}"


def galleries(settings: Settings, results: Path, tested: Sequence[Entry]) -> list[Gallery]:
    """Stills of the first videos that some experiment attends to; none where no model can show it.

    Args:
        results: the folder of all results.
        tested: labelled videos, in the order they are shown.
    """
    read = cache(partial(predictions.read, attention=True))  # a shard holds many videos
    found: list[list[_Look]] = []
    for entry in tested:
        if len(found) < _VIDEOS and (looks := _looks(settings, results, entry, read)):
            found.append(looks)
    pictures = _pictures(settings, [look for looks in found for look in looks])
    drawn = [figure for looks in found for figure in _figures(looks, pictures)]
    return [Gallery("Where the models look", _ABOUT, drawn)] if drawn else []


def _looks(
    settings: Settings, results: Path, entry: Entry, read: Callable[[tuple[Path]], Predictions]
) -> list[_Look]:
    made = []
    for name, experiment in settings.experiments.items():
        path = predictions.prediction_file(results, name, entry.shard)
        if experiment.dataset != entry.dataset or not path.is_file():
            continue
        said = read((path,))
        rows = [row for row, clip in enumerate(said.clips) if clip.video_id == entry.video]
        if rows and said.attention:
            first = said.only([min(rows, key=lambda row: said.clips[row].start_s)])
            (clip,) = first.clips
            found = of_video(replace(first, clips=[replace(clip, start_s=0.0)]))
            made.append(_Look(name, entry, clip, found, _likeliest(first)))
    return made


def _likeliest(said: Predictions) -> dict[str, int]:
    """A few classes of a clip, the likeliest in any second first."""
    if "segment_prob" not in said.arrays:
        return {}
    prob = said.mean()["segment_prob"].max((0, 1, 2))
    return {said.classes[i]: int(i) for i in np.argsort(-prob, kind="stable")[:_CLASSES]}


def _pictures(settings: Settings, looks: Sequence[_Look]) -> dict[Still, NDArray[np.uint8]]:
    """What models look at: (T, H, W, 3); nothing of a video that is gone or does not decode."""
    d = settings.decode
    every = dict.fromkeys(one.still for one in looks if one.attention.where is not None)
    wanted = [still for still in every if still[0].is_file()]
    outcomes = run_all(stills, wanted, settings.runtime.decode_workers, d.timeout_s, d.memory_mb)
    shown = track(outcomes, "report", len(wanted), "stills") if wanted else ()
    return {still: made for still, made in shown if not isinstance(made, MediaError)}


def _figures(
    looks: Sequence[_Look], pictures: Mapping[Still, NDArray[np.uint8]]
) -> Iterator[Figure]:
    for still in dict.fromkeys(one.still for one in looks):
        alike = [one for one in looks if one.still == still]
        where = {
            one.experiment: one.attention.where for one in alike if one.attention.where is not None
        }
        if where and still in pictures:
            svg = plots.cells(pictures[still], where)
            yield Figure(drawing(svg), alike[0].caption("where"))
    for one in looks:
        rows = dict(_rows(one))
        if rows:
            svg = plots.weights(rows)
            yield Figure(drawing(svg), one.caption(f"when, by {one.experiment}"))
    for one in looks:
        for relation in one.attention.relations:
            caption = one.caption(f"which seconds ask which, by {one.experiment}")
            yield Figure(drawing(plots.relation(relation)), caption, wide=False)


def _rows(one: _Look) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """Seconds in pooling by class, and units of a pyramid; the largest of each kind is 1."""
    when, levels = one.attention.when, one.attention.levels
    if when is not None:
        when = _scaled(when[..., list(one.classes.values())])
    if levels is not None:
        levels = _scaled(levels)
    for modality, how in enumerate(("heard", "seen")):
        if when is not None:
            for place, label in enumerate(one.classes):
                yield f"{label}, {how}", when[:, modality, place]
        if levels is not None:
            for unit in range(levels.shape[2]):
                yield f"unit {unit + 1}, {how}", levels[:, modality, unit]


def _scaled(weights: NDArray[np.floating]) -> NDArray[np.floating]:
    """By the largest; of a clip of which nothing is left, all are 0."""
    return weights / (weights.max() or 1.0)
