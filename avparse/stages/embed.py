"""embed: segments of a labelled data set as points of a plane, by each extractor's features."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse import datasets, features
from avparse.config import Settings
from avparse.embedding import plane
from avparse.featureset import ARRAY, feature_file
from avparse.files import write_tsv
from avparse.labels import LabelledClips, of_dataset
from avparse.progress import say, track
from avparse.scoring import SCORED
from avparse.store import Shard
from avparse.tables import EMBEDDING

_SEED = 0
NOTHING = "nothing"
"""The label of a segment without an event."""


def run(
    settings: Settings,
    name: str,
    extractors: Sequence[str],
    folder: Path,
    shards: Sequence[str],
    out: Path,
) -> None:
    """Write the points of a sample of segments, of one class each, from the scored splits.

    Args:
        name: of the data set.
        folder: with ``{extractor}/{shard}.h5``.
        out: table with a row for each extractor and segment.
    """
    dataset = datasets.load(settings.datasets[name])
    task = "parsing" if "parsing" in dataset.tasks else "localization"
    rows = []
    for extractor in track(extractors, f"embed {name}", len(extractors), "extractors"):
        axis = int(features.view(extractor, settings.extractors[extractor]) is not None)
        found: list[tuple[str, int, str, NDArray[np.floating]]] = []
        for shard in shards:
            with Shard(feature_file(folder, extractor, shard)) as opened:
                labels = of_dataset(dataset, opened.clips, settings.clips.seconds, task)
                for row, segments in _labelled(labels, axis, dataset.classes).items():
                    pooled = _pooled(opened.array(ARRAY)[row])
                    clip = opened.clips[row].clip_id
                    found += [(clip, t, label, pooled[t]) for t, label in segments]
        rows += _points(extractor, found, settings.report.points)
    write_tsv(out, EMBEDDING, rows)
    say(f"embed: {len(rows)} points of {', '.join(extractors)}")


def _labelled(
    labels: LabelledClips, axis: int, classes: Sequence[str]
) -> Mapping[int, list[tuple[int, str]]]:
    """Row of a clip -> its segments that hold one class of a modality, or none."""
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


def _pooled(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """(T, ..., D) features averaged over places: (T, D)."""
    return values.reshape(len(values), -1, values.shape[-1]).mean(1)


def _points(
    extractor: str, found: list[tuple[str, int, str, NDArray[np.floating]]], most: int
) -> list[dict[str, object]]:
    order = np.random.default_rng(_SEED).permutation(len(found))[:most]
    chosen = [found[number] for number in np.sort(order)]
    places = plane(np.array([vector for *_, vector in chosen])) if chosen else ()
    return [
        {"extractor": extractor, "clip": clip, "segment": t, "label": label}
        | {"x": f"{x:.3f}", "y": f"{y:.3f}"}
        for (clip, t, label, _), (x, y) in zip(chosen, places, strict=False)
    ]
