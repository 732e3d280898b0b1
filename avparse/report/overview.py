"""Overview of a run: notices, data, features and failures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avparse import datasets, features
from avparse.config.settings import Settings
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import COVERAGE, TSNE
from avparse.datasets.videos import Entry
from avparse.report.page import Figure, Gallery, Table, drawing
from avparse.report.plots import charts

_MOST_FAILURES = 200
_MAPS = "t-SNE map of segments with one class or none. Nearby segments have similar features."


def notices_of_features(settings: Settings, extracted: bool) -> list[str]:
    """Notices on the features that affect how to read the scores."""
    notices = [
        f"Features of {name} as published with "
        f"{settings.datasets[name].kind.upper()}, not extracted by avparse."
        for name in settings.released
    ]
    if not extracted:
        return notices
    random = [name for name, e in settings.extractors.items() if e.weights == "random"]
    if random:
        notices.append(
            f"Random weights in {', '.join(random)}: the features separate simple "
            "classes, but are not those of any paper."
        )
    views = {name: features.view(name, e) for name, e in settings.extractors.items()}
    even = [f"{name} {v.rate}" for name, v in views.items() if v and v.sampling == "even"]
    if even:
        notices.append(
            f"Frames sampled evenly in time, unlike in AVE and LLP; per second: {', '.join(even)}."
        )
    return notices


def notices_of_experiments(settings: Settings) -> list[str]:
    """Notices on experiments whose scores need care."""
    notices = []
    for name, experiment in settings.experiments.items():
        if experiment.training.selection == "test":
            notices.append(
                f"{name} selected its epoch on the test split, so its score is optimistic."
            )
        if experiment.training.shuffle_labels:
            notices.append(f"{name} was trained on shuffled labels, as a sanity check.")
    return notices


def coverage(settings: Settings, counts: list[dict[str, str]]) -> Table:
    """A row for each data set, task and split, and the versions of annotation files."""
    table = [["data set", "task", "split", "samples available", "of"]]
    table += [[row[c] for c in COVERAGE] for row in counts if row["split"]]
    for name, source in settings.datasets.items():
        for file, version in datasets.load(source).versions().items():
            table.append([name, f"{file}: {version}", "", "", ""])
    return table


def failures(failed: list[dict[str, str]]) -> Table:
    """A row for each failed clip, limited to the first ones."""
    columns = ("clip", "stage", "reason")
    more = len(failed) - _MOST_FAILURES
    rest = [["", "", f"{more} more in results/failed.tsv"]] * (more > 0)
    return [[*columns], *([row[c] for c in columns] for row in failed[:_MOST_FAILURES]), *rest]


def maps(results: Path, settings: Settings, names: list[str]) -> list[Gallery]:
    """Draw the t-SNE map of each data set, with a figure for each extractor.

    Args:
        names: of the data sets.
    """
    galleries = []
    for name in names:
        points: dict[str, list[tuple[float, float, str]]] = {}
        for row in read_tsv(results / "tsne" / f"{name}.tsv", TSNE):
            point = (float(row["x"]), float(row["y"]), row["label"])
            points.setdefault(row["extractor"], []).append(point)
        figures = [
            Figure(drawing(charts.scatter(segments)), _caption(settings, extractor), wide=False)
            for extractor, segments in points.items()
        ]
        if figures:
            galleries.append(Gallery(f"Features of {name}", _MAPS, figures))
    return galleries


def _caption(settings: Settings, extractor: str) -> str:
    view = features.view(extractor, settings.extractors[extractor])
    return f"{extractor}: {'visual' if view else 'audio'} labels"


def extractors(results: Path, settings: Settings, entries: list[Entry]) -> Table:
    """A row for each extractor with the origin of its features."""
    table = [["extractor", "weights", "view", "precision", "torch"]]
    for folder in sorted((results / "features").glob("*")):
        files = (folder / f"{e.shard}.h5" for e in entries)
        path = next((file for file in files if file.is_file()), None)
        if folder.name in settings.extractors and path:
            with Shard(path) as shard:
                provenance = shard.provenance
            weights, version = _weights(provenance["weights"]), provenance["versions"]["torch"]
            table.append(
                [folder.name, weights, provenance["view"], provenance["precision"], version]
            )
    return table


def _weights(identity: Mapping[str, Any]) -> str:
    """A readable description of the weights of a network."""
    if identity["kind"] == "random":
        return f"random, seed {identity['seed']}"
    digests = " ".join(digest[:12] for digest in identity.get("sha256", ()))
    parts = (identity.get("source"), identity.get("licence"), digests and f"sha256 {digests}")
    return ", ".join(part for part in parts if part)
