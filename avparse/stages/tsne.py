"""tsne: project segments of a labelled data set to two dimensions, by each extractor's features."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse import datasets, features
from avparse.config.settings import Settings
from avparse.core.files import write_tsv
from avparse.core.hdf5 import Shard
from avparse.core.progress import say, track
from avparse.core.tables import TSNE
from avparse.datasets.labels import LabelledClips, lay_out
from avparse.evaluation.scoring import SCORED
from avparse.features.reader import ARRAY, feature_file
from avparse.report.tsne import plane

_SEED = 0
NOTHING = "nothing"
"""The label of a segment without an event."""


@dataclass(frozen=True)
class Segment:
    """A segment: the file and row of its clip's features, and its label."""

    path: Path
    row: int
    clip: str
    segment: int
    label: str


def run(
    settings: Settings,
    name: str,
    extractors: Sequence[str],
    folder: Path,
    shards: Sequence[str],
    out: Path,
) -> None:
    """Write the points of a random sample of segments with at most one class, of val and test.

    Args:
        name: of the data set.
        folder: with ``{extractor}/{shard}.h5``.
        out: table with a row for each extractor and segment.
    """
    dataset = datasets.load(settings.datasets[name])
    task = "parsing" if "parsing" in dataset.tasks else "localization"
    samples = dataset.samples(task)
    rows = []
    for extractor in track(extractors, f"tsne {name}", len(extractors), "extractors"):
        axis = int(features.view(extractor, settings.extractors[extractor]) is not None)
        labelled: list[Segment] = []
        for shard in shards:
            path = feature_file(folder, extractor, shard)
            with Shard(path) as opened:
                clips = opened.clips
            labels = lay_out(samples, clips, dataset.classes, settings.clips.seconds, task)
            for row, segments in _labelled(labels, axis, dataset.classes).items():
                clip = clips[row].clip_id
                labelled += [Segment(path, row, clip, t, label) for t, label in segments]
        rows += _points(extractor, labelled, settings.report.points)
    write_tsv(out, TSNE, rows)
    say(f"tsne: {len(rows)} points of {', '.join(extractors)}")


def _labelled(
    labels: LabelledClips, axis: int, classes: Sequence[str]
) -> Mapping[int, list[tuple[int, str]]]:
    """Row of a clip -> number and label of its segments with at most one class of a modality."""
    out: dict[int, list[tuple[int, str]]] = {}
    for split in SCORED:
        for index in labels.scorable(split):
            truth = labels.truth[index]
            if truth.ndim == 1:
                truth = np.eye(len(classes) + 1, dtype=bool)[truth][:, :-1]
            else:
                truth = truth[:, axis]
            out[int(labels.rows[index])] = [
                (int(t), classes[int(truth[t].argmax())] if truth[t].any() else NOTHING)
                for t in np.flatnonzero(labels.scored[index] & (truth.sum(1) <= 1))
            ]
    return out


def _points(extractor: str, labelled: Sequence[Segment], most: int) -> list[dict[str, object]]:
    """A row for each sampled segment. Sampling precedes reading, which saves time and memory."""
    order = np.random.default_rng(_SEED).permutation(len(labelled))[:most]
    chosen = [labelled[number] for number in np.sort(order)]
    points = plane(np.array(list(_vectors(chosen)))) if chosen else ()
    return [
        {"extractor": extractor, "clip": s.clip, "segment": s.segment, "label": s.label}
        | {"x": f"{x:.3f}", "y": f"{y:.3f}"}
        for s, (x, y) in zip(chosen, points, strict=False)
    ]


def _vectors(segments: Sequence[Segment]) -> Iterator[NDArray[np.floating]]:
    """The features of segments in file order, averaged over spatial maps: (D,) each."""
    for path, of_file in groupby(segments, lambda s: s.path):
        with Shard(path) as opened:
            for row, of_clip in groupby(of_file, lambda s: s.row):
                values = opened.array(ARRAY)[row]
                pooled = values.reshape(len(values), -1, values.shape[-1]).mean(1)
                yield from (pooled[s.segment] for s in of_clip)
