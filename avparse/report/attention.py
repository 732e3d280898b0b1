"""Where the models look, in the first clips of a few videos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    drawn = [f for one, looks in _pictured(settings, found) for f in _figures(one, looks)]
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
                found = of_video(read, [first])
                if found:
                    classes = _likeliest(read, first) if found.when is not None else {}
                    made.append(_Look(name, read.clips[first], found, classes))
    return made


def _likeliest(read: Predictions, row: int) -> dict[str, int]:
    """A few classes, the likeliest in any second first."""
    prob = read.arrays["segment_prob"][row].mean(0).max((0, 1))
    return {read.classes[i]: int(i) for i in np.argsort(-prob, kind="stable")[:_CLASSES]}


Pictured = tuple[Entry, dict[View | None, NDArray[np.uint8]]]


def _pictured(
    settings: Settings, found: Mapping[Entry, list[_Look]]
) -> Iterable[tuple[Pictured, list[_Look]]]:
    """Each video with its pictures, as each view shows them."""
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
    pictures: dict[Entry, dict[View | None, NDArray[np.uint8]]] = {entry: {} for entry in found}
    for (entry, view), (_, made) in zip(wanted, shown, strict=True):
        if not isinstance(made, MediaError):
            pictures[entry][view] = made
    return [((entry, pictures[entry]), looks) for entry, looks in found.items()]


def _figures(pictured: Pictured, looks: list[_Look]) -> Iterable[Figure]:
    entry, pictures = pictured
    for view, shown in pictures.items():
        where = {
            one.experiment: one.attention.where[: len(shown)]
            for one in looks
            if one.attention.where is not None and one.attention.view == view
        }
        yield Figure(drawing(looking.cells(shown, where)), f"{entry.video}: where")
    for one in looks:
        rows = dict(_rows(one))
        if rows:
            yield Figure(
                drawing(looking.weights(rows)), f"{entry.video}: when, by {one.experiment}"
            )
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
